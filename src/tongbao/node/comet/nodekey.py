"""The key that names a node to its peers: encrypted at rest, handed to the engine as it starts.

It signs no block and moves nothing, but who has it can pretend to be the node. The engine reads it
from its standard input, so it never lies open on a disk.
"""

from __future__ import annotations

import base64

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import _core
from tongbao.files import write_private
from tongbao.kernel.wording import Text, message
from tongbao.keyfiles import write_key
from tongbao.node.home import DamagedFile, HomeFault, NodeHome, read_node_key

HANDED_OVER = "/dev/stdin"
"""Where the engine finds it."""


class _Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`node_key.json`: what others may know, readable without the passphrase."""

    id: str
    public: bytes


class NodeKey:
    """An Ed25519 key with the id that peers know it by."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        """Keep the private key."""
        self._private = private
        self.public = private.public_key().public_bytes_raw()
        self.id = peer_id(self.public)

    @staticmethod
    def generate() -> NodeKey:
        """A new key that is not written anywhere."""
        return NodeKey(Ed25519PrivateKey.generate())

    @staticmethod
    def create(home: NodeHome, passphrase: bytes) -> NodeKey:
        """A new key in a node's folder; never over one that is there."""
        if home.node_key_file.exists():
            raise HomeFault(
                "{node_key_file} exists: a node's key is never overwritten",
                node_key_file=home.node_key_file,
            )
        key = NodeKey.generate()
        write_key(home.node_key_file, key._private, passphrase)
        key._publish(home)
        return key

    def _publish(self, home: NodeHome) -> None:
        known = msgspec.json.encode(_Known(self.id, self.public))
        whole = msgspec.json.format(known, indent=2)
        if not home.node_id_file.exists() or home.node_id_file.read_bytes() != whole:
            write_private(home.node_id_file, whole)

    @staticmethod
    def load(home: NodeHome, passphrase: bytes) -> NodeKey:
        """Read and decrypt the key of a node's folder; what others may know of it is written anew
        where it is not there any more."""
        key = NodeKey(read_node_key(home.node_key_file, passphrase))
        key._publish(home)
        return key

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature."""
        return self._private.sign(message)

    def engine_form(self) -> bytes:
        """The file that the engine expects; it holds the private key."""
        pair = base64.b64encode(self._private.private_bytes_raw() + self.public).decode()
        return msgspec.json.encode(
            {"priv_key": {"type": "tendermint/PrivKeyEd25519", "value": pair}}
        )


ANEW = message("`tongbao node start` writes it anew")


def peer_id(public: bytes) -> str:
    """The id by which peers know the node with this public key."""
    return _core.validator_address(public).hex()


def node_id(home: NodeHome) -> str:
    """The id of the node in a folder; needs no passphrase."""
    path = home.node_id_file
    try:
        known = msgspec.json.decode(path.read_bytes(), type=_Known)
    except FileNotFoundError as fault:
        raise HomeFault("{path} is missing: not a network node's folder", path=path) from fault
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise DamagedFile(
            "{path} does not name a node key ({fault}). {anew}",
            path=path,
            fault=fault,
            anew=Text(ANEW),
        ) from fault
    if len(known.public) != 32 or peer_id(known.public) != known.id:
        raise DamagedFile(
            "{path} does not name a node key (another id). {anew}", path=path, anew=Text(ANEW)
        )
    return known.id
