"""The travel rule (FATF Recommendation 16): who pays and who is paid, sealed to those entitled.

Data follow IVMS 101 (interVASP Messaging Standard 101.2023). They are sealed to each recipient by
HPKE (RFC 9180, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM) with its published key; the
ledger carries nothing but the SHA-256 of the whole envelope.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from tongbao.kernel.hashing import content_digest
from tongbao.kernel.wording import WordedFault
from tongbao.keyfiles import KeyFault, read_key, write_key

VERSION = "101.2023"
SUITE_NAME = "HPKE-X25519-HKDF-SHA256-AES128GCM"
MAX_ENVELOPE = 64 * 1024
MAX_RECIPIENTS = 8
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)


class TravelRuleFault(WordedFault):
    """An envelope or key that cannot be used."""


class Person(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An originator or beneficiary."""

    name: str
    account: str
    country: str
    """ISO 3166-1 alpha-2: of residence, or of registration."""
    kind: str = "legal"
    """`legal` or `natural`."""
    first_name: str = ""
    """Of a natural person, whose `name` is the family name."""
    identifier: str = ""
    """LEI, or a national identifier."""
    identifier_type: str = "LEIX"
    """IVMS nationalIdentifierTypeCode."""
    address: str = ""
    """One line, where the address has no parts."""
    town: str = ""
    department: str = ""
    sub_department: str = ""
    street: str = ""
    building_number: str = ""
    building_name: str = ""
    floor: str = ""
    unit: str = ""
    post_box: str = ""
    room: str = ""
    postcode: str = ""
    town_location: str = ""
    district: str = ""
    subdivision: str = ""
    """State, province or county of the country."""
    care_of: str = ""
    address_lines: tuple[str, ...] = ()
    """Beside the parts, not instead of them."""


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data for one recipient."""

    party: str
    ciphertext: bytes


class SealedEnvelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes along with a payment, outside the ledger."""

    ivms: str
    suite: str
    uetr: str
    sealed: tuple[Sealed, ...]


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(SealedEnvelope).decode


# ---- who ----------------------------------------------------------------------------------------


def new_nonce() -> str:
    """What keeps a digest from being guessed: 32 hex digits, known to bank and screening party."""
    return secrets.token_hex(16)


def subject_digest(person: Person, nonce: str) -> str:
    """The digest by which the ledger knows somebody: SHA-256 of nonce and person, hex.

    The same nonce gives the same digest, so that one screening result serves many payments.
    """
    if len(nonce) < 32:
        raise TravelRuleFault("a nonce has at least 32 hex digits: names are easily guessed")
    return content_digest(nonce.encode() + b"\0" + _ENCODE(person)).hex()


def ivms(originator: Person, beneficiary: Person) -> dict[str, Any]:
    """The two ends as IVMS 101 writes them."""
    return {
        "originator": {
            "originatorPersons": [_person(originator)], "accountNumber": [originator.account],
        },
        "beneficiary": {
            "beneficiaryPersons": [_person(beneficiary)], "accountNumber": [beneficiary.account],
        },
        "payloadMetadata": {"payloadVersion": VERSION},
    }  # fmt: skip


def _person(person: Person) -> dict[str, Any]:
    reported: dict[str, Any] = {"geographicAddress": [_address(person)]}
    if person.identifier:
        reported["nationalIdentification"] = {
            "nationalIdentifier": person.identifier,
            "nationalIdentifierType": person.identifier_type,
        }  # fmt: skip
    if person.kind == "natural":
        name = {"primaryIdentifier": person.name, "nameIdentifierType": "LEGL"}
        name |= {"secondaryIdentifier": person.first_name} if person.first_name else {}
        return {"naturalPerson": {
            "name": [{"nameIdentifier": [name]}], **reported, "countryOfResidence": person.country,
        }}  # fmt: skip
    name = {"legalPersonName": person.name, "legalPersonNameIdentifierType": "LEGL"}
    return {"legalPerson": {
        "name": {"nameIdentifier": [name]}, **reported, "countryOfRegistration": person.country,
    }}  # fmt: skip


_PARTS = (
    ("department", "department"), ("subDepartment", "sub_department"), ("streetName", "street"),
    ("buildingNumber", "building_number"), ("buildingName", "building_name"), ("floor", "floor"),
    ("postBox", "post_box"), ("room", "room"), ("postcode", "postcode"), ("townName", "town"),
    ("townLocationName", "town_location"), ("districtName", "district"),
    ("countrySubDivision", "subdivision"), ("country", "country"),
)  # fmt: skip


def _address(person: Person) -> dict[str, Any]:
    """IVMS 101 Address: every part, and the free lines.

    Constraint C8: an addressLine, or a streetName with a buildingName or a buildingNumber; a
    street alone is a line as well. What IVMS has no name for (unit, care of) is a line too.
    """
    address: dict[str, Any] = {"addressType": "HOME" if person.kind == "natural" else "BIZZ"}
    address |= {name: getattr(person, part) for name, part in _PARTS if getattr(person, part)}
    lines = [line for line in (person.address, *person.address_lines) if line]
    lines += [f"{word} {text}" for word, text in (("unit", person.unit), ("c/o", person.care_of))
              if text]  # fmt: skip
    numbered = person.building_number or person.building_name
    if person.street and not numbered and not lines:
        lines = [person.street]
    return address | ({"addressLine": lines} if lines else {})


# ---- sealing -------------------------------------------------------------------------------------


def seal(payload: Mapping[str, Any], uetr: str, recipients: Mapping[str, bytes]) -> bytes:
    """The envelope: the payload sealed to each recipient's raw X25519 public key."""
    if not 1 <= len(recipients) <= MAX_RECIPIENTS:
        raise TravelRuleFault(
            "an envelope has 1 to {max_recipients} recipients", max_recipients=MAX_RECIPIENTS
        )
    plain = _ENCODE(payload)
    sealed = tuple(
        Sealed(party, _SUITE.encrypt(plain, _public(public), info=_info(uetr, party)))
        for party, public in sorted(recipients.items())
    )
    raw = _ENCODE(SealedEnvelope(VERSION, SUITE_NAME, uetr, sealed))
    if len(raw) > MAX_ENVELOPE:
        raise TravelRuleFault(
            "an envelope has at most {max_envelope} bytes", max_envelope=MAX_ENVELOPE
        )
    return raw


def open_sealed(raw: bytes, party: str, private: X25519PrivateKey) -> dict[str, Any]:
    """What an envelope says to a party; TravelRuleFault where it is damaged or for others."""
    envelope = read_envelope(raw)
    mine = next((one for one in envelope.sealed if one.party == party), None)
    if mine is None:
        raise TravelRuleFault("the envelope is not sealed to {party}", party=party)
    try:
        plain = _SUITE.decrypt(mine.ciphertext, private, info=_info(envelope.uetr, party))
        reply: dict[str, Any] = msgspec.json.decode(plain, type=dict[str, Any])
    except (InvalidTag, ValueError, msgspec.DecodeError) as fault:
        raise TravelRuleFault("the envelope does not open with this key, or was changed") from fault
    return reply


def read_envelope(raw: bytes) -> SealedEnvelope:
    """What anybody may see of an envelope: for which payment, sealed to whom."""
    if len(raw) > MAX_ENVELOPE:
        raise TravelRuleFault(
            "an envelope has at most {max_envelope} bytes", max_envelope=MAX_ENVELOPE
        )
    try:
        envelope = _DECODE(raw)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise TravelRuleFault("not an envelope: {fault}", fault=fault) from fault
    if envelope.suite != SUITE_NAME:
        raise TravelRuleFault("suite {suite} is not known", suite=envelope.suite[:60])
    return envelope


def envelope_digest(raw: bytes) -> str:
    """What the ledger carries of an envelope: its SHA-256, hex."""
    return content_digest(raw).hex()


def _info(uetr: str, party: str) -> bytes:
    """Binds the ciphertext to the payment and the recipient."""
    return b"tongbao travel rule\0" + uetr.encode() + b"\0" + party.encode()


def _public(raw: bytes) -> X25519PublicKey:
    try:
        return X25519PublicKey.from_public_bytes(raw)
    except ValueError as fault:
        raise TravelRuleFault("a sealing key has 32 bytes") from fault


# ---- keys ----------------------------------------------------------------------------------------


def create_key(path: Path, passphrase: bytes) -> bytes:
    """A new sealing key in a file, encrypted at rest; its raw public half."""
    if not passphrase:
        raise TravelRuleFault("a sealing key needs a passphrase: keys are encrypted at rest")
    private = X25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        write_key(path, private, passphrase)
    except FileExistsError as fault:
        raise TravelRuleFault(
            "{path} is there already: a key is never overwritten", path=path
        ) from fault
    return private.public_key().public_bytes_raw()


def load_key(path: Path, passphrase: bytes) -> X25519PrivateKey:
    """A sealing key from its file."""
    try:
        private = read_key(path, passphrase)
    except KeyFault as fault:
        raise TravelRuleFault("{path} cannot be opened: wrong passphrase?", path=path) from fault
    if not isinstance(private, X25519PrivateKey):
        raise TravelRuleFault("{path} does not hold an X25519 key", path=path)
    return private
