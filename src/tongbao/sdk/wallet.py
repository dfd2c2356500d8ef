"""The wallet: Ed25519 keys in a folder, encrypted at rest. Private keys never leave it.

    wallet/
      bank-north--maker.pem     PKCS#8, encrypted with a passphrase, mode 0600
      bank-north--maker.json    what others may know: party, label, suite, public key, key id

Nothing here prints or logs; errors name files and keys, never a passphrase or a private key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.files import write_private
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import Key, key_id
from tongbao.kernel.signing import SIGN_PREFIX, signed_bytes
from tongbao.kernel.transaction import Signature
from tongbao.kernel.wording import WordedFault
from tongbao.keyfiles import (
    Hardened,
    KeyFault,
    harden,
    open_key,
    read_key,
    write_key,
)

Passphrase = bytes | Callable[[str], bytes]
"""The passphrase, or a function that asks for it: it is given the key's name."""
_NAME = re.compile(r"[A-Za-z0-9_.](?:-?[A-Za-z0-9_.])*")


class WalletFault(WordedFault):
    """A key is missing, is there already, or cannot be opened."""


class PublicKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What others may know of a key; the json file beside it."""

    party: str
    label: str
    """Desk or device: `maker`, `checker`, ..."""
    suite: str
    public: bytes
    id: str
    """Key id, as the ledger names it."""

    @property
    def name(self) -> str:
        """`party--label`, the file's name."""
        return f"{self.party}--{self.label}"

    def ledger_key(self, *, scopes: tuple[str, ...] = ("*",), weight: int = 1) -> Key:
        """As it is registered on the ledger."""
        return Key(self.suite, self.public, scopes=scopes, weight=weight, label=self.label)


class Wallet:
    """Keys in a folder."""

    def __init__(
        self, folder: Path, passphrase: Passphrase = b"", hardened: Hardened | None = None
    ) -> None:
        """A wallet in `folder`, which is made at the first key.

        `hardened` is the passphrase for writing, where it was hardened already. Keys
        stay decrypted in memory only while the object lives and once they were used.
        """
        self.folder = folder
        self._passphrase = passphrase
        self._open: dict[str, Ed25519PrivateKey] = {}
        self._written: tuple[bytes, Hardened] | None = None
        if hardened is not None and isinstance(passphrase, bytes):
            self._written = (content_digest(passphrase), hardened)

    def __repr__(self) -> str:
        """Without secrets."""
        return f"Wallet({str(self.folder)!r})"

    # ---- the folder ----------------------------------------------------------------------------

    def create(self, party: str, label: str = "main") -> PublicKey:
        """A new key."""
        return self.add(party, label, Ed25519PrivateKey.generate())

    def add(self, party: str, label: str, private: Ed25519PrivateKey) -> PublicKey:
        """Put an existing private key into the folder, encrypted."""
        for name in (party, label):
            if len(name) > 64 or not _NAME.fullmatch(name):
                raise WalletFault("{name} cannot be part of a key's name", name=f"{name!r}")
        raw = private.public_key().public_bytes_raw()
        public = PublicKey(party, label, "ed25519", raw, key_id("ed25519", raw))
        passphrase = self._ask(public.name)
        if not passphrase:
            raise WalletFault(
                "key {name} needs a passphrase: keys are encrypted at rest", name=public.name
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._file(public.name, "pem")
        shown = msgspec.json.format(msgspec.json.encode(public), indent=2)
        try:
            write_key(path, private, self._hardened(passphrase))
            write_private(self._file(public.name, "json"), shown, new=True)
        except FileExistsError as fault:
            raise WalletFault(
                "{path} is there already: a key is never overwritten", path=path
            ) from fault
        self._open[public.name] = private
        return public

    def import_pem(self, party: str, label: str, pem: bytes, passphrase: bytes | None) -> PublicKey:
        """Take over a private key from PEM; `passphrase` opens it, the wallet's own closes it."""
        try:
            private = open_key(pem, passphrase)
        except KeyFault as fault:
            raise WalletFault("the PEM cannot be opened: wrong passphrase?") from fault
        if not isinstance(private, Ed25519PrivateKey):
            raise WalletFault("the PEM does not hold an Ed25519 key")
        return self.add(party, label, private)

    def keys(self, party: str | None = None) -> tuple[PublicKey, ...]:
        """The keys of the folder, or of one party, by name; needs no passphrase."""
        found = [self._public(path) for path in sorted(self.folder.glob("*--*.json"))]
        return tuple(key for key in found if party in (None, key.party))

    def public(self, name: str) -> PublicKey:
        """The public half of `party--label`."""
        path = self._file(name, "json")
        if not path.exists():
            near = self._near(name)
            raise WalletFault(
                "there is no key {name} in {folder}; there are: {near}",
                name=name,
                folder=self.folder,
                near=near,
            )
        return self._public(path)

    def _near(self, name: str) -> str:
        """The keys that there are of the same party, or else of anybody."""
        known = sorted(f"{one.party}--{one.label}" for one in self.keys())
        own = f"{name.partition('--')[0]}--"
        return ", ".join(([one for one in known if one.startswith(own)] or known)[:8]) or "-"

    def export_public(self, name: str) -> bytes:
        """The public key in PEM (SubjectPublicKeyInfo)."""
        public = self.public(name).public
        return (serialization.load_der_public_key(_SPKI_PREFIX + public)).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    # ---- signing -------------------------------------------------------------------------------

    def sign(
        self, body: bytes, keys: Iterable[PublicKey | str], *, namer: str = ""
    ) -> tuple[Signature, ...]:
        """Sign a body with keys of the folder, by value or name.

        `namer` is the party that names the transaction, by default the body's own; signatures of
        other parties say whose they are.
        """
        namer = namer or msgspec.json.decode(body, type=_Named).party
        return tuple(self._signature(body, key, namer) for key in keys)

    def sign_message(
        self, message: bytes, keys: Iterable[PublicKey | str]
    ) -> tuple[Signature, ...]:
        """Sign bytes that are no transaction: they carry the prefix of another protocol."""
        if message.startswith(SIGN_PREFIX):
            raise WalletFault("that is a transaction: use `sign`")
        return tuple(self._signed(message, key, "") for key in keys)

    def _signature(self, body: bytes, key: PublicKey | str, namer: str) -> Signature:
        return self._signed(signed_bytes(body), key, namer)

    def _signed(self, message: bytes, key: PublicKey | str, namer: str) -> Signature:
        public = self.public(key) if isinstance(key, str) else key
        private = self._private(public.name)
        if private.public_key().public_bytes_raw() != public.public:
            raise WalletFault(
                "key {name}: the private key is not the public one's", name=public.name
            )
        signature = private.sign(message)
        party = "" if public.party == namer else public.party
        return Signature(public.suite, public.public, signature, party)

    def lock(self) -> None:
        """Forget the decrypted keys."""
        self._open.clear()
        self._written = None

    def _private(self, name: str) -> Ed25519PrivateKey:
        private = self._open.get(name)
        if private is None:
            private = self._open[name] = self._load(name)
        return private

    def _load(self, name: str) -> Ed25519PrivateKey:
        path = self._file(name, "pem")
        try:
            private = read_key(path, self._ask(name))
        except FileNotFoundError as fault:
            near = self._near(name)
            raise WalletFault(
                "there is no key {name} in {folder}; there are: {near}",
                name=name, folder=self.folder, near=near,
            ) from fault  # fmt: skip
        except KeyFault as fault:
            raise WalletFault(
                "key {name} cannot be opened: wrong passphrase?", name=name
            ) from fault
        if not isinstance(private, Ed25519PrivateKey):
            raise WalletFault("key {name} is not an Ed25519 key", name=name)
        return private

    def _hardened(self, passphrase: bytes) -> Hardened:
        """Derived once for all keys that this object writes with one passphrase."""
        digest = content_digest(passphrase)
        if self._written is None or self._written[0] != digest:
            self._written = (digest, harden(passphrase))
        return self._written[1]

    def _ask(self, name: str) -> bytes:
        return self._passphrase(name) if callable(self._passphrase) else self._passphrase

    def _file(self, name: str, kind: str) -> Path:
        if not all(_NAME.fullmatch(part) for part in name.split("--", 1)):
            raise WalletFault("{name} is not a key's name: party--label", name=f"{name!r}")
        return self.folder / f"{name}.{kind}"

    def _public(self, path: Path) -> PublicKey:
        try:
            key = msgspec.json.decode(path.read_bytes(), type=PublicKey)
        except msgspec.DecodeError as fault:
            raise WalletFault("{name} is damaged: {fault}", name=path.name, fault=fault) from fault
        if key.name != path.stem or key.id != key_id(key.suite, key.public):
            raise WalletFault("{name} does not describe its key", name=path.name)
        return key


class _Named(msgspec.Struct):
    party: str


_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410)."""
