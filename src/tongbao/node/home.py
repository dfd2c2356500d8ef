"""A node's folder: what lies where, and the validator's key, encrypted at rest.

genesis.json     what everyone agrees on
validator.pem    Ed25519 key that signs blocks (PKCS#8, encrypted with the passphrase)
node_key.pem     key that names a network node to its peers, likewise; node_key.json has its id
ledger/          the store: blocks, state, index
origin/          where the chain continues another: the snapshot of that one
readmodel.db     lists in SQL; may be dropped and rebuilt
last_signed.json the block that a chain's one validator signed last: node/signed.py
node.json        written while the node runs: address, process id
node.token       by which commands of whoever may read the folder ask as the node itself
access.jsonl     digests of tokens that the operator gave; sessions.jsonl those of logins
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Genesis, read_genesis
from tongbao.kernel.wording import WordedFault
from tongbao.keyfiles import Hardened, KeyFault, read_key, write_key


class HomeFault(WordedFault):
    """The folder is not a usable node folder."""


class DamagedFile(HomeFault):
    """A file of the folder is not as it was written, and cannot be made again from others."""


class ValidatorKey:
    """The key that signs blocks."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Keep the private key; it is never shown."""
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature."""
        return self._private.sign(message)

    @staticmethod
    def create(path: Path, passphrase: bytes | Hardened) -> ValidatorKey:
        """A new key, written encrypted and readable by its owner alone."""
        private = Ed25519PrivateKey.generate()
        write_key(path, private, passphrase)
        return ValidatorKey(private)

    @staticmethod
    def load(path: Path, passphrase: bytes) -> ValidatorKey:
        """Read and decrypt a key file."""
        return ValidatorKey(read_node_key(path, passphrase))


def read_node_key(path: Path, passphrase: bytes) -> Ed25519PrivateKey:
    """Read and decrypt a key file of the node's; a DamagedFile says why not and what to do."""
    try:
        private = read_key(path, passphrase)
    except FileNotFoundError as fault:
        raise DamagedFile(
            "{path} is missing: put back its copy; a backup holds one", path=path
        ) from fault
    except OSError as fault:
        raise DamagedFile(
            "{path} cannot be read: {strerror}", path=path, strerror=fault.strerror
        ) from fault
    except KeyFault as fault:
        raise DamagedFile(
            "{path} cannot be decrypted: wrong passphrase, or a damaged file? Then put"
            " back its copy; a backup holds one",
            path=path,
        ) from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise DamagedFile("{path} does not hold an Ed25519 key", path=path)
    return private


@dataclass(frozen=True)
class NodeHome:
    """Paths inside a node's folder."""

    path: Path

    @property
    def genesis_file(self) -> Path:
        """What everyone agrees on."""
        return self.path / "genesis.json"

    @property
    def validator_file(self) -> Path:
        """The key that signs blocks."""
        return self.path / "validator.pem"

    @property
    def node_key_file(self) -> Path:
        """The key that names a network node to its peers."""
        return self.path / "node_key.pem"

    @property
    def node_id_file(self) -> Path:
        """What others may know of that key."""
        return self.path / "node_key.json"

    @property
    def ledger(self) -> Path:
        """The store."""
        return self.path / "ledger"

    @property
    def origin(self) -> Path:
        """The snapshot of the chain that this one continues; absent for most."""
        return self.path / "origin"

    @property
    def readmodel_file(self) -> Path:
        """Lists in SQL."""
        return self.path / "readmodel.db"

    @property
    def last_signed_file(self) -> Path:
        """What the validator of a chain of its own signed last."""
        return self.path / "last_signed.json"

    def exists(self) -> bool:
        """Whether a ledger was set up here."""
        return self.genesis_file.exists()

    def genesis(self) -> Genesis:
        """Read the genesis; HomeFault where the folder has none."""
        try:
            return read_genesis(self.genesis_file.read_bytes())
        except FileNotFoundError as fault:
            if self.ledger.exists():
                raise DamagedFile(
                    "{genesis_file} is missing beside a ledger: put back a copy of it; a"
                    " backup holds one, and every member of a network has the same",
                    genesis_file=self.genesis_file,
                ) from fault
            raise HomeFault(
                "{path} holds no genesis.json: not a node's folder", path=self.path
            ) from fault
        except OSError as fault:
            raise DamagedFile(
                "{genesis_file} cannot be read: {strerror}",
                genesis_file=self.genesis_file,
                strerror=fault.strerror,
            ) from fault
        except Refusal as fault:
            why = fault.code.text(fault.values)
            raise DamagedFile(
                "{genesis_file} is damaged ({why}): put back a copy of it; a backup holds"
                " one, and every member of a network has the same",
                genesis_file=self.genesis_file,
                why=why,
            ) from fault
