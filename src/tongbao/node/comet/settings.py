"""`node.toml`: the one file of a network node that an operator edits.

The engine's own configuration is written anew from it at every start, so that no address stands in
two places.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from tongbao.node.home import HomeFault
from tongbao.node.pruning import LEAST_KEPT

FILE = "node.toml"
LEAST_INTERVAL = 10
"""Blocks between snapshots: two are kept, and a node that joins has to fetch one while it is here.
Ten blocks are seconds on a busy chain: for trying out, not for a network of any size."""
Address = Annotated[str, msgspec.Meta(pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$")]
PEER = re.compile(r"^[0-9a-f]{40}@[^@,\s]+:\d{1,5}$")
"""Node id @ host : port."""
Peer = Annotated[str, msgspec.Meta(pattern=PEER.pattern)]
Milliseconds = Annotated[int, msgspec.Meta(ge=1, le=600_000)]


class Gateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where clients reach this node."""

    listen: Address = "127.0.0.1:8420"
    read_model: str = ""
    """SQLAlchemy URL; empty: SQLite in the node's folder."""
    tls_cert: str = ""
    """Certificate in PEM, and beside it its key; empty: no TLS."""
    tls_key: str = ""
    behind_proxy: bool = False
    """A proxy that terminates TLS stands before `listen`, and nobody else reaches it."""


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How nodes reach one another."""

    listen: Address = "0.0.0.0:26656"
    external: str = ""
    """Address that others dial, where it is not the one listened on."""
    persistent: tuple[Peer, ...] = ()
    """Nodes to keep a connection to: node id @ host : port."""
    one_machine: bool = False
    """Several nodes share an address: private addresses and duplicates are taken."""
    inbound: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 40
    outbound: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 10


class EngineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The engine beside this node. Times: docs/decisions/engine-settings.md."""

    rpc: Address = "127.0.0.1:26657"
    metrics: Address = "127.0.0.1:26660"
    program: str = ""
    """The engine's binary; empty: TONGBAO_ENGINE, PATH, the installed one."""
    propose_ms: Milliseconds = 2_000
    vote_ms: Milliseconds = 1_000
    step_ms: Milliseconds = 500
    """How much longer each further round waits."""
    commit_ms: Milliseconds = 200
    idle_block_ms: Milliseconds = 5_000
    log_level: str = "error"
    more: dict[str, str | int | bool] = {}
    """Further settings of the engine by name, such as "p2p.send_rate"."""


class StateSyncFrom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Start from a snapshot of others; used while the ledger here is empty."""

    servers: tuple[str, ...] = ()
    """RPC addresses of two engines or more, whose headers the light client compares."""
    trust_height: int = 0
    trust_hash: str = ""
    """Hash of the block at that height, hex, as verified by `tongbao network join`."""
    trust_period_s: int = 7 * 86_400
    tokens_file: str = ""
    """File with `ADDRESS TOKEN` lines for those of the servers that ask for an API token."""


class NodeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    gateway: Gateway = Gateway()
    peers: Peers = Peers()
    engine: EngineSettings = EngineSettings()
    state_sync: StateSyncFrom = StateSyncFrom()
    snapshot_interval: Annotated[int, msgspec.Meta(ge=0)] = 1_000
    """Blocks between snapshots for nodes that join; 0 makes none."""
    keep_blocks: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Blocks that this node keeps at least, its ledger and its engine; 0 keeps all (archive)."""
    scrub_minutes: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    """The node reads its own store again once in so long; 0 never."""

    def __post_init__(self) -> None:
        """Refuse to keep so few that nothing could be proven, or fetched."""
        if 0 < self.snapshot_interval < LEAST_INTERVAL:
            raise ValueError(f"snapshot_interval is 0 (none) or at least {LEAST_INTERVAL}")
        if 0 < self.keep_blocks < LEAST_KEPT:
            raise ValueError(f"keep_blocks is 0 (all) or at least {LEAST_KEPT}")


def read_settings(home: Path) -> NodeSettings:
    """The settings of the node in a folder; HomeFault says which entry is wrong."""
    path = home / FILE
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), NodeSettings)
    except FileNotFoundError as fault:
        raise HomeFault("{path} is missing: not a network node's folder", path=path) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as fault:
        raise HomeFault("{path}: {fault}", path=path, fault=fault) from fault


def is_network_node(home: Path) -> bool:
    """Whether the node in a folder runs beside an engine."""
    return (home / FILE).exists()


def toml_value(value: object) -> str:
    """A value as TOML writes it; JSON spells all that stands here in the same way."""
    return msgspec.json.encode(value).decode()


def settings_text(settings: NodeSettings) -> str:
    """The file with a word about each entry."""
    gateway, peers, engine, sync = (
        settings.gateway, settings.peers, settings.engine, settings.state_sync,
    )  # fmt: skip
    return _TEMPLATE.format(
        name=toml_value(settings.name), listen=toml_value(gateway.listen),
        read_model=toml_value(gateway.read_model),
        tls_cert=toml_value(gateway.tls_cert), tls_key=toml_value(gateway.tls_key),
        proxy=toml_value(gateway.behind_proxy),
        p2p=toml_value(peers.listen), external=toml_value(peers.external),
        persistent=_lines(peers.persistent), one=toml_value(peers.one_machine),
        rpc=toml_value(engine.rpc), metrics=toml_value(engine.metrics),
        program=toml_value(engine.program), servers=_lines(sync.servers),
        height=sync.trust_height, hash=toml_value(sync.trust_hash), period=sync.trust_period_s,
        sync_tokens=toml_value(sync.tokens_file),
        snapshots=settings.snapshot_interval, keep=settings.keep_blocks,
        scrub=toml_value(settings.scrub_minutes),
        propose=engine.propose_ms, vote=engine.vote_ms, step=engine.step_ms,
        commit=engine.commit_ms, idle=engine.idle_block_ms, level=toml_value(engine.log_level),
    )  # fmt: skip


def _lines(values: tuple[str, ...]) -> str:
    return "[" + "".join(f"\n    {toml_value(one)}," for one in values) + ("\n]" if values else "]")


_TEMPLATE = """\
# One node of a network. Addresses are what differs between machines; the engine's own
# configuration is written from this file at every start.
name = {name}
# Blocks between snapshots for nodes that join (0: none; else 10 or more), and how many blocks this
# node keeps at least, in its ledger and its engine (0: all, an archive). Those since the older of
# the two newest snapshots stay in any case.
snapshot_interval = {snapshots}
keep_blocks = {keep}
# The node reads its own store again once in so many minutes, and stops where a byte was altered
# (0: never).
scrub_minutes = {scrub}

[gateway]
# Where clients reach this node. Who is known to it stands in access.jsonl (`tongbao access`).
listen = {listen}
# With an address that other machines reach: either these two, or a proxy that terminates TLS and
# is stated here.
tls_cert = {tls_cert}
tls_key = {tls_key}
behind_proxy = {proxy}
# Limits of connections, bodies and requests: limits.toml beside this file.
# SQLAlchemy URL of the read model; empty: SQLite in this folder.
read_model = {read_model}

[peers]
# Where other nodes reach this one, and what to tell them where that is another address.
listen = {p2p}
external = {external}
# Nodes to keep a connection to: id@host:port. `tongbao node id` prints this node's own.
persistent = {persistent}
# Several nodes on one machine, for trying out.
one_machine = {one}

[engine]
# Loopback addresses of the engine's RPC and of its metrics.
rpc = {rpc}
metrics = {metrics}
# The engine's binary; empty: TONGBAO_ENGINE, PATH, then `tongbao engine install`.
program = {program}
# Milliseconds: how long to wait for a proposal and for votes, how much longer in each further
# round, how long after a block for the last votes, how often an empty block is made.
propose_ms = {propose}
vote_ms = {vote}
step_ms = {step}
commit_ms = {commit}
idle_block_ms = {idle}
log_level = {level}

[state_sync]
# Start from a snapshot of other nodes while the ledger here is empty.
servers = {servers}
trust_height = {height}
trust_hash = {hash}
trust_period_s = {period}
# Where they ask for API tokens: a file with one line "ADDRESS TOKEN" for each, for its owner alone.
tokens_file = {sync_tokens}
"""
