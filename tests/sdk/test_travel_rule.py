"""Travel-rule envelopes: who is entitled reads them, nobody else, and no byte can be changed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tongbao.sdk import travel_rule
from tongbao.sdk.travel_rule import Person, TravelRuleFault

BUYER = Person(
    "Alster GmbH", "alster/main", "DE", identifier="529900T8BM49AURSDO55", town="Hamburg"
)
SELLER = Person(
    "Li", "mingda/main", "CN", kind="natural", first_name="Na", address="1 Nanshan Road"
)
UETR = "7d3c1d0a-5f0b-4c7e-9a61-0f7b2a9c5d11"
KEYS = {party: X25519PrivateKey.generate() for party in ("bank-a", "bank-b", "watch")}
PUBLIC = {party: key.public_key().public_bytes_raw() for party, key in KEYS.items()}


def sealed() -> bytes:
    return travel_rule.seal(travel_rule.ivms(BUYER, SELLER), UETR, PUBLIC)


def test_each_recipient_reads_the_same_and_nobody_else_does() -> None:
    raw = sealed()
    reply = [travel_rule.open_sealed(raw, party, key) for party, key in KEYS.items()]
    assert reply[0] == reply[1] == reply[2] == travel_rule.ivms(BUYER, SELLER)
    name = reply[0]["originator"]["originatorPersons"][0]["legalPerson"]["name"]
    assert name["nameIdentifier"][0]["legalPersonName"] == "Alster GmbH"
    with pytest.raises(TravelRuleFault, match="not sealed to bank-c"):
        travel_rule.open_sealed(raw, "bank-c", X25519PrivateKey.generate())
    with pytest.raises(TravelRuleFault, match="does not open"):
        travel_rule.open_sealed(raw, "bank-a", KEYS["bank-b"])
    assert b"Alster" not in raw


def test_an_envelope_is_of_one_payment_and_no_byte_of_it_can_be_changed() -> None:
    envelope = travel_rule.read_envelope(sealed())
    other = msgspec.structs.replace(envelope, uetr=UETR.replace("7d", "8d"))
    with pytest.raises(TravelRuleFault, match="does not open"):
        travel_rule.open_sealed(msgspec.json.encode(other), "bank-a", KEYS["bank-a"])
    first = envelope.sealed[0]
    forged = bytes([first.ciphertext[0] ^ 1]) + first.ciphertext[1:]
    changed = msgspec.structs.replace(
        envelope, sealed=(msgspec.structs.replace(first, ciphertext=forged), *envelope.sealed[1:])
    )
    with pytest.raises(TravelRuleFault, match="does not open"):
        travel_rule.open_sealed(msgspec.json.encode(changed), first.party, KEYS[first.party])
    assert travel_rule.envelope_digest(sealed()) != travel_rule.envelope_digest(sealed())


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[" * 200_000, b'{"ivms":1}', sealed() + b"x", b"x" * 70_000],
    ids=["empty", "no members", "deep", "wrong type", "trailing", "large"],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(raw: bytes) -> None:
    with pytest.raises(TravelRuleFault):
        travel_rule.read_envelope(raw)


def test_an_unknown_suite_and_a_short_key_are_refused() -> None:
    envelope = msgspec.structs.replace(travel_rule.read_envelope(sealed()), suite="other")
    with pytest.raises(TravelRuleFault, match="suite other"):
        travel_rule.read_envelope(msgspec.json.encode(envelope))
    with pytest.raises(TravelRuleFault, match="32 bytes"):
        travel_rule.seal({}, UETR, {"bank-a": b"short"})
    with pytest.raises(TravelRuleFault, match="recipients"):
        travel_rule.seal({}, UETR, {})
    with pytest.raises(TravelRuleFault, match="at most"):
        travel_rule.seal({"x": "y" * 70_000}, UETR, PUBLIC)


def test_a_digest_hides_a_name_and_is_the_same_again() -> None:
    nonce = travel_rule.new_nonce()
    digest = travel_rule.subject_digest(BUYER, nonce)
    assert digest == travel_rule.subject_digest(BUYER, nonce)
    assert digest != travel_rule.subject_digest(BUYER, travel_rule.new_nonce())
    assert digest != travel_rule.subject_digest(SELLER, nonce)
    with pytest.raises(TravelRuleFault, match="nonce"):
        travel_rule.subject_digest(BUYER, "short")


def test_a_sealing_key_is_kept_encrypted_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "bank.sealing.pem"
    public = travel_rule.create_key(path, b"secret")
    assert travel_rule.load_key(path, b"secret").public_key().public_bytes_raw() == public
    assert b"ENCRYPTED" in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(TravelRuleFault, match="wrong passphrase"):
        travel_rule.load_key(path, b"other")
    with pytest.raises(TravelRuleFault, match="never overwritten"):
        travel_rule.create_key(path, b"secret")
    with pytest.raises(TravelRuleFault, match="needs a passphrase"):
        travel_rule.create_key(tmp_path / "other.pem", b"")
