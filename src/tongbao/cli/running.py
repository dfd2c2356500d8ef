"""A node running in this process: ledger, engine, read model, gateway, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tongbao.gateway.server import GatewayServer
from tongbao.gateway.services import NodeServices
from tongbao.gateway.settings import Settings
from tongbao.kernel.blocks import BlockRecord
from tongbao.modules import protocols
from tongbao.node.application import Application, open_application
from tongbao.node.home import NodeHome, ValidatorKey, write_private
from tongbao.node.memory import search_rarely
from tongbao.node.pruning import Floor, Pruner
from tongbao.node.scrub import PERIOD_S, Scrubber
from tongbao.node.solo import SoloEngine
from tongbao.readmodel import ReadModel, SqlQueries


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
) -> Iterator[RunningNode]:
    """Start the node in a folder; stop it cleanly at the end, what was accepted finished first.

    It reads its store again once in `scrub_s` seconds; 0 never. `accept_clock` says that the
    machine's clock is right although it is far from the ledger's.
    """
    home = NodeHome(path)
    key = ValidatorKey.load(home.validator_file, passphrase)
    rules = protocols()
    application = open_application(path, rules)
    database = read_model_url or f"sqlite:///{home.readmodel_file}"
    read_model = ReadModel(database, rules, application.genesis.digest())
    engine = SoloEngine(application, key, accept_clock=accept_clock)
    search_rarely()
    engine.start()
    try:
        read_model.follow(application, engine.subscribe)
        pruner = pruning(application, keep_blocks, engine.subscribe, lambda: read_model.height + 1)
        services = NodeServices(application, engine, SqlQueries(read_model))
        settings = Settings(idempotency_file=path / "idempotency.db", desk_file=path / "desk.db")
        server = GatewayServer(services, settings, host=host, port=port)
        scrubber = Scrubber(application, home.genesis_file, engine.halt, scrub_s)
        server.start()
        scrubber.start()
        try:
            said = {"url": server.url, "pid": os.getpid(), "chain": application.genesis.chain}
            write_private(home.running_file, msgspec.json.encode(said))
            yield RunningNode(home, server.url, application, engine, read_model)
        finally:
            home.running_file.unlink(missing_ok=True)
            scrubber.stop()
            server.stop()
            if pruner is not None:
                pruner.stop()
    finally:
        engine.stop()
        read_model.close()
        application.state.close()


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
