"""A node running in this process: ledger, engine, read model, gateway, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from tongbao.gateway.bounds.limits_file import read_limits
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.kept import DESK, KEYS, check_kept, mark_kept, open_kept, seal_kept
from tongbao.gateway.server import GatewayServer, Tls, is_loopback
from tongbao.gateway.services import NodeServices
from tongbao.gateway.viewers.access import Access
from tongbao.gateway.viewers.provider import Tokens, read_provider
from tongbao.kernel.blocks import BlockRecord
from tongbao.modules import protocols
from tongbao.node.application import Application
from tongbao.node.backup_asked import BackupsAsked
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.node.memory import search_rarely
from tongbao.node.opening import open_application
from tongbao.node.presence import Presence
from tongbao.node.pruning import Floor, Pruner
from tongbao.node.scrub import PERIOD_S, Scrubber
from tongbao.node.signed import SignedBlocks
from tongbao.node.solo import SoloEngine
from tongbao.readmodel import ReadModel, SqlQueries
from tongbao.sdk.tokens import PEOPLE_FILE

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RunningNode:
    """What a started node offers."""

    home: NodeHome
    url: str
    application: Application
    engine: SoloEngine
    read_model: ReadModel


@contextmanager
def running(
    path: Path,
    passphrase: bytes,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    read_model_url: str = "",
    scrub_s: float = PERIOD_S,
    keep_blocks: int = 0,
    accept_clock: bool = False,
    tls: Tls | None = None,
) -> Iterator[RunningNode]:
    """Start the node in a folder; stop it cleanly at the end, what was accepted finished first.

    It reads its store again once in `scrub_s` seconds; 0 never. `accept_clock` says that the
    machine's clock is right although it is far from the ledger's.
    """
    home = NodeHome(path)
    key = ValidatorKey.load(home.validator_file, passphrase)
    rules = protocols()
    check_kept(path)
    application = open_application(path, rules)
    with ExitStack() as parts:
        parts.callback(application.state.close)
        open_kept(path)
        parts.callback(seal_kept, path)
        signed = SignedBlocks(home, application.genesis, key.public)
        parts.callback(signed.close)
        signed.check(application)
        database = read_model_url or f"sqlite:///{home.readmodel_file}"
        read_model = ReadModel(database, rules, application.genesis.digest())
        parts.callback(read_model.close)
        engine = SoloEngine(application, key, accept_clock=accept_clock, note=signed.note)
        search_rarely()
        queries = _lists(read_model, application, engine)
        engine.start()
        parts.callback(engine.stop)
        pruner = pruning(application, keep_blocks, engine.subscribe, lambda: read_model.height + 1)
        services = NodeServices(application, engine, queries, origin=_origin(home))
        settings = settings_in(home)
        if is_loopback(host) and (path / PEOPLE_FILE).exists():
            settings = replace(settings, demonstration=path)
        server = GatewayServer(services, settings, host=host, port=port, tls=tls)
        mark_kept(path)
        scrubber = Scrubber(application, home.genesis_file, engine.halt, scrub_s)
        asked = BackupsAsked(application, home)
        if pruner is not None:
            parts.callback(pruner.stop)
        server.start()
        parts.callback(server.stop)
        scrubber.start()
        parts.callback(scrubber.stop)
        asked.start()
        parts.callback(asked.stop)
        reply = {
            "url": server.url, "pid": os.getpid(), "chain": application.genesis.chain,
            **how_to_call(tls),
        }  # fmt: skip
        with Presence(path, reply):
            try:
                yield RunningNode(home, server.url, application, engine, read_model)
            finally:
                asked.stop()  # before node.json is removed: whoever asked waits for the answer


def _lists(read_model: ReadModel, application: Application, engine: SoloEngine) -> SqlQueries:
    """The lists, following the chain; where it goes on from another one, they begin with the
    state."""
    read_model.reconcile(application)
    founding = application.genesis.founding_height
    if founding and read_model.height < founding:
        read_model.begin_with_state(application)
    read_model.follow(application, engine.subscribe)
    return SqlQueries(read_model)


def how_to_call(tls: Tls | None) -> dict[str, str]:
    """For commands on this machine: the file that shows them the node."""
    return {} if tls is None else {"certificate": str(tls.certificate.absolute())}


def settings_in(home: NodeHome) -> Settings:
    """The gateway's settings for the node in a folder. HomeFault where its limits or its tokens
    cannot be read.

    Large bodies lie in the folder while they come: the system's own place for temporary files is
    often memory.
    """
    limits = read_limits(home.path)
    provider = read_provider(home.path)
    spool = home.path / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    return Settings(
        idempotency_file=home.path / KEYS, desk_file=home.path / DESK,
        access=Access(home.path), limits=limits, spool=spool,
        provider=None if provider is None else Tokens(provider),
    )  # fmt: skip


def _origin(home: NodeHome) -> Path | None:
    return home.origin if home.origin.exists() else None


def pruning(
    application: Application,
    keep: int,
    subscribe: Callable[[Callable[[BlockRecord], None]], None],
    *floors: Floor,
) -> Pruner | None:
    """A pruner at work; None where every block is kept."""
    if not keep:
        return None
    pruner = Pruner(application, keep, *floors)
    subscribe(pruner.on_block)
    pruner.start()
    return pruner
