"""What a node can say of the network it is part of."""

from __future__ import annotations

from typing import NamedTuple


class Peer(NamedTuple):
    """A node that this one is connected to."""

    id: str
    name: str
    address: str
    outbound: bool
    """Whether this node dialled."""


class NetworkView(NamedTuple):
    """The engine beside a node, as it sees the network."""

    engine: str
    """`cometbft`."""
    engine_version: str
    """As the engine says it itself."""
    node_id: str
    address: str
    """host:port at which other nodes reach this one."""
    height: int
    """Newest block that the engine has."""
    syncing: bool
    """Whether it still fetches older blocks from others."""
    peers: tuple[Peer, ...]
    mempool: int
    """Transactions that wait for a block."""
    mempool_bytes: int
    validator: str = ""
    """Address of the key that signs here, hex."""
    snapshot_height: int = 0
    """Newest snapshot for nodes that join; 0 where there is none."""
