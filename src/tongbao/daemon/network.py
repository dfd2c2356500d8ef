"""A network node in this process, and the engine beside it.

The order of stopping is that of starting, backwards: nobody is answered by half a node.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from msgspec.structs import replace

from tongbao.daemon.lists import AllBlocks
from tongbao.daemon.solo import how_to_call, pruning, settings_in
from tongbao.files import write_private
from tongbao.gateway.kept import check_kept, mark_kept, open_kept, seal_kept
from tongbao.gateway.server import GatewayServer, Tls, is_loopback
from tongbao.gateway.services import NodeServices
from tongbao.modules import protocols
from tongbao.node.application import Application
from tongbao.node.comet.engine import CometEngine
from tongbao.node.comet.files import EnginePaths, engine_config
from tongbao.node.comet.install import Inside
from tongbao.node.comet.node import CometNode, CometSettings
from tongbao.node.comet.nodekey import HANDED_OVER, NodeKey
from tongbao.node.comet.process import EngineProcess
from tongbao.node.comet.settings import NodeSettings, read_settings
from tongbao.node.comet.standstill import Standstill
from tongbao.node.home import HomeFault, NodeHome, ValidatorKey
from tongbao.node.memory import search_rarely
from tongbao.node.opening import open_application
from tongbao.node.presence import Presence
from tongbao.node.scrub import Scrubber
from tongbao.node.verify import verify_newest
from tongbao.node.view import NetworkView
from tongbao.readmodel import ReadModel, SqlQueries
from tongbao.sdk.tokens import Tokens, read_tokens

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RunningNetworkNode:
    """What a started network node offers."""

    home: NodeHome
    url: str
    settings: NodeSettings
    application: Application
    engine: CometEngine
    process: EngineProcess


@contextmanager
def running_network_node(
    path: Path, passphrase: bytes, inside: Inside
) -> Iterator[RunningNetworkNode]:
    """Start the node in a folder with an engine; stop both at the end, in order."""
    home = NodeHome(path.absolute())
    settings = read_settings(home.path)
    tls = gateway_tls(home, settings)
    key = ValidatorKey.load(home.validator_file, passphrase)
    node_key = NodeKey.load(home, passphrase)
    check_kept(home.path)
    application = open_application(home.path, protocols())
    try:
        open_kept(home.path)
        log.info("store.verified", **verify_newest(application)._asdict())
        node, process = _beside_engine(
            home, settings, application, key, node_key, Path(inside.path)
        )
        database = settings.gateway.read_model or f"sqlite:///{home.readmodel_file}"
        read_model = ReadModel(database, application.protocols, application.genesis.digest())
        blocks = AllBlocks(application, settings.state_sync, _tokens(home, settings))
        try:
            queries = _lists(read_model, blocks, application, node)
            server = _gateway(home, settings, application, node, queries, inside)
            scrub_s = settings.scrub_minutes * 60
            scrubber = Scrubber(application, home.genesis_file, node.engine.halt, scrub_s)
            floors = [node.floor] + ([] if queries is None else [lambda: read_model.height + 1])
            pruner = pruning(application, settings.keep_blocks, node.engine.subscribe, *floors)
            still = Standstill(node.rpc, lambda: application.tip.height, process.restart)
            search_rarely()
            node.start()
            process.start()
            still.start()
            scrubber.start()
            try:
                server.start()
                with _presence(home, server.url, process.pid, application, inside, tls):
                    yield RunningNetworkNode(
                        home, server.url, settings, application, node.engine, process
                    )
            finally:
                scrubber.stop()
                server.stop()
                still.stop()
                if pruner is not None:
                    pruner.stop()
                process.stop()
                node.stop()
        finally:
            read_model.close(blocks.close)
            seal_kept(home.path)
    finally:
        application.state.close()


def _beside_engine(
    home: NodeHome,
    settings: NodeSettings,
    application: Application,
    key: ValidatorKey,
    node_key: NodeKey,
    program: Path,
) -> tuple[CometNode, EngineProcess]:
    paths = EnginePaths(home)
    paths.make()
    paths.forget_idle_key()
    if not paths.genesis.exists():
        raise HomeFault(
            "{genesis} is missing: make the folder with `tongbao network`", genesis=paths.genesis
        )
    syncing = application.tip.height == application.genesis.founding_height
    tokens, sync = _tokens(home, settings), settings.state_sync
    servers = tuple(map(tokens.with_token, sync.servers))
    known = replace(settings, state_sync=replace(sync, servers=servers))
    config = engine_config(known, syncing=syncing, node_key=HANDED_OVER)
    write_private(paths.config, config.encode())
    node = CometNode(
        home,
        application,
        key,
        CometSettings(
            paths.socket("abci.sock"), paths.socket("signer.sock"),
            f"http://{settings.engine.rpc}", settings.snapshot_interval, settings.keep_blocks,
        ),
    )  # fmt: skip
    return node, EngineProcess(program, paths, node.engine.halt, node_key.engine_form())


def _tokens(home: NodeHome, settings: NodeSettings) -> Tokens:
    """What the nodes are shown that this one starts from."""
    file = settings.state_sync.tokens_file
    return read_tokens(home.path / file) if file else Tokens()


def _gateway(
    home: NodeHome,
    settings: NodeSettings,
    application: Application,
    node: CometNode,
    queries: SqlQueries | None,
    inside: Inside,
) -> GatewayServer:
    host, _, port = settings.gateway.listen.rpartition(":")

    def look() -> NetworkView:
        # What the linker recorded: a release of the engine may state another version than its own.
        return node.look()._replace(engine_version=inside.version)

    services = NodeServices(application, node.engine, queries, node.rpc.relay, look, home.origin)
    chosen = settings_in(home)
    tls = gateway_tls(home, settings)
    server = GatewayServer(services, chosen, host=host.strip("[]"), port=int(port), tls=tls)
    mark_kept(home.path)
    return server


def gateway_tls(home: NodeHome, settings: NodeSettings) -> Tls | None:
    """How the gateway speaks TLS. HomeFault where others would reach it in the clear."""
    gateway = settings.gateway
    if bool(gateway.tls_cert) != bool(gateway.tls_key):
        raise HomeFault("node.toml: gateway.tls_cert and gateway.tls_key go together")
    host = gateway.listen.rpartition(":")[0].strip("[]")
    private = bool(gateway.tls_cert) or gateway.behind_proxy
    if not is_loopback(host) and not private:
        raise HomeFault(
            "node.toml: gateway.listen {listen} is open to other machines: it needs TLS:"
            " gateway.tls_cert with gateway.tls_key, or a proxy that terminates it, stated by"
            " gateway.behind_proxy = true",
            listen=gateway.listen,
        )
    if not gateway.tls_cert:
        return None
    return Tls(home.path / gateway.tls_cert, home.path / gateway.tls_key)


def _lists(
    read_model: ReadModel, blocks: AllBlocks, application: Application, node: CometNode
) -> SqlQueries:
    """The lists, following the chain; where it goes on from another one, they begin with the
    state."""
    founding = application.genesis.founding_height
    if founding and read_model.height < founding:
        read_model.begin_with_state(application)
    read_model.reconcile(blocks)
    read_model.follow(blocks, node.engine.subscribe)
    return SqlQueries(read_model)


def _presence(
    home: NodeHome,
    url: str,
    engine_pid: int,
    application: Application,
    inside: Inside,
    tls: Tls | None,
) -> Presence:
    reply = {
        "url": url, "pid": os.getpid(), "chain": application.genesis.chain,
        "engine_pid": engine_pid, "engine": inside.version, **how_to_call(tls),
    }  # fmt: skip
    presence = Presence(home.path, reply)
    log.info("node.started", **reply, height=application.tip.height)
    return presence
