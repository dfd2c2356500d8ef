"""What a node says of the network around it, as typed values."""

from __future__ import annotations

from tongbao.sdk.documents import Document


class NetworkValidator(Document, frozen=True):
    """One who signs blocks."""

    name: str
    address: str
    """As headers name it: first 20 bytes of the key's SHA-256, hex."""
    public: str
    """Ed25519 public key, hex."""
    power: int


class NetworkPeer(Document, frozen=True):
    """A node that is connected."""

    id: str
    name: str
    address: str
    outbound: bool
    """Whether the asked node dialled."""


class NetworkStatus(Document, frozen=True):
    """The network as one node sees it."""

    chain: str
    engine: str
    """`solo`, or `cometbft`."""
    engine_version: str
    """As the engine says it itself; empty for `solo`."""
    node: str
    """The node's id among its peers; empty for `solo`."""
    address: str
    """host:port at which other nodes reach this one; empty for `solo`."""
    height: int
    """Newest block that was applied here."""
    app_hash: str
    """State root after it, hex."""
    engine_height: int
    """Newest block that the engine has."""
    syncing: bool
    """Whether older blocks are still being fetched."""
    validators: tuple[NetworkValidator, ...]
    """Who signs blocks by the newest state; a change counts two blocks later."""
    peers: tuple[NetworkPeer, ...] = ()
    mempool: int = 0
    """Transactions that wait for a block."""
    mempool_bytes: int = 0
    validator: str = ""
    """Address of the key that signs here, hex; it has power only where `validators` has it."""
    snapshot_height: int = 0
    """Newest snapshot that a joining node can start from; 0 where there is none."""
    oldest_block: int = 0
    """The block from which on this node has all; older ones were pruned."""
    fault: str = ""
    """Why the engine did not answer; empty where it did."""
