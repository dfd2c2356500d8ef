"""`tongbao node`: run the node in a folder, alone or beside the engine of a network."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, running_node
from tongbao.cli.client.wallets import PassphraseFile, passphrase
from tongbao.cli.commands.node.dev import AcceptClock, run_solo, tell_halted
from tongbao.cli.commands.node.engine import EnginePath
from tongbao.cli.shell.output import EXIT_HALTED, EXIT_USAGE, output

if TYPE_CHECKING:
    from tongbao.daemon.network import RunningNetworkNode
    from tongbao.gateway.server import Tls
    from tongbao.node.comet.install import Inside

node = typer.Typer(help="Run a node.", no_args_is_help=True)
LogLevel = Annotated[str, typer.Option(help="debug, info, warning or error.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(node, name="node")


@node.command("start")
def start(
    home: Home = DEFAULT_HOME,
    host: Annotated[str, typer.Option(help="Alone: address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Alone: TCP port; 0 takes a free one.")
    ] = 8420,
    read_model: Annotated[
        str, typer.Option(help="Alone: SQLAlchemy URL; default: SQLite in HOME.")
    ] = "",
    scrub_minutes: Annotated[
        float, typer.Option(min=0, help="Alone: read the store again this often; 0 never.")
    ] = 60.0,
    keep_blocks: Annotated[
        int,
        typer.Option(
            min=0, help="Alone: forget blocks below the newest so many; 0 keeps all (archive)."
        ),
    ] = 0,
    accept_clock: AcceptClock = False,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="Alone: a proxy that terminates TLS stands before --host, and nobody else"
            " reaches it.",
        ),
    ] = False,
    tls_cert: Annotated[
        Path | None, typer.Option(help="Alone: certificate in PEM; the node then speaks TLS.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="Alone: the certificate's private key in PEM.")
    ] = None,
    engine_path: EnginePath = None,
    log_level: LogLevel = "info",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Start the node in a folder, in the foreground.

    A folder with node.toml is a network node: its addresses stand there, and the engine beside it
    is started, watched and stopped with it. Any other folder is a chain of its own.

    Ends with status 3 where the node finds that its store was altered, as it starts or while it
    runs.
    """
    from tongbao.node.comet.settings import is_network_node
    from tongbao.node.pruning import LEAST_KEPT

    secret = passphrase("validator", home / "wallet", passphrase_file)
    if is_network_node(home):
        _run_network_node(home, secret, engine_path, log_level)
    else:
        began = time.perf_counter()
        if 0 < keep_blocks < LEAST_KEPT:
            output.fail("--keep-blocks is 0 (all) or at least {least_kept}", least_kept=LEAST_KEPT)
        options = {
            "host": host, "read_model_url": read_model, "keep_blocks": keep_blocks,
            "accept_clock": accept_clock, "tls": _tls(tls_cert, tls_key),
        }  # fmt: skip
        _require_safe(host, behind_proxy or tls_cert is not None)
        level = known_level(log_level)
        run_solo(home, secret, port, began, "", False, level, scrub_minutes, **options)


def _tls(certificate: Path | None, key: Path | None) -> Tls | None:
    from tongbao.gateway.server import Tls

    if (certificate is None) != (key is None):
        output.fail("--tls-cert and --tls-key go together", None, EXIT_USAGE)  # fmt: skip
    return None if certificate is None or key is None else Tls(certificate, key)


def _require_safe(host: str, tls: bool) -> None:
    """Other machines reach a node through TLS alone."""
    from tongbao.gateway.server import is_loopback

    if is_loopback(host) or tls:
        return
    output.fail(
        "--host {host} is open to other machines: it needs TLS: --tls-cert FILE and"
        " --tls-key FILE, or a proxy that terminates it, stated by --behind-proxy; see"
        " docs/tutorials/deploying.md",
        None,
        EXIT_USAGE,
        host=host,
    )


@node.command("id")
def show_id(home: Home = DEFAULT_HOME) -> None:
    """How other nodes name a network node, and what its settings say of addresses."""
    from tongbao.node.comet.nodekey import node_id
    from tongbao.node.comet.settings import read_settings
    from tongbao.node.home import NodeHome

    settings = read_settings(home)
    own = node_id(NodeHome(home))
    genesis = NodeHome(home).genesis()
    peers = settings.peers
    facts = {
        "name": settings.name, "chain": genesis.chain, "genesis": genesis.digest(), "node": own,
        "peer": f"{own}@{peers.external or peers.listen}", "gateway": settings.gateway.listen,
    }  # fmt: skip
    output.result(facts, lambda: output.facts(settings.name, facts))


def known_level(level: str) -> str:
    """A level of logging; ends the command where it is none."""
    from tongbao.cli.shell.logs import LEVELS

    if level not in LEVELS:
        known = ", ".join(LEVELS)
        output.fail("--log-level is one of: {known}", known=known)
    return level


def chosen_engine(home: Path, option: Path | None) -> Inside:
    """The engine for a node; ends the command with a clear sentence where it will not do."""
    from tongbao.node.comet.install import TARGETS, EngineMissing, find, inspect
    from tongbao.node.comet.settings import read_settings

    program = read_settings(home).engine.program
    try:
        found = find(option or (Path(program) if program else None))
        inside = inspect(found.path)
    except EngineMissing as missing:
        output.fail("{fault}", fault=missing)
    if inside.version not in TARGETS and found.source in ("path", "installed"):
        known = ", ".join(TARGETS)
        output.fail(
            "{path} is CometBFT {version}; this release runs beside {known}. Name it with"
            " --engine-path if you mean it",
            path=inside.path,
            version=inside.version,
            known=known,
        )
    return inside


def _run_network_node(home: Path, secret: bytes, engine_path: Path | None, log_level: str) -> None:
    from tongbao.cli.shell.logs import set_up_logs
    from tongbao.daemon.network import running_network_node
    from tongbao.gateway.server import ServerFault
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.protocols import UnknownProtocol
    from tongbao.node.application import StorageFault, StoreBusy
    from tongbao.node.home import DamagedFile, HomeFault
    from tongbao.node.snapshot import SnapshotFault
    from tongbao.readmodel import ReadModelFault
    from tongbao.sdk.tokens import TokenFault

    set_up_logs(known_level(log_level))
    if running_node(home) is not None:
        output.fail("a node runs in {home} already", home=home)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        inside = chosen_engine(home, engine_path)
        with running_network_node(home, secret, inside) as up:
            _announce(up, inside)
            _wait(up, stop)
    except UnknownProtocol as fault:
        output.fail("{home}: {fault}", None, EXIT_HALTED, home=home, fault=fault)
    except (StorageFault, DamagedFile) as fault:
        output.fail("{home}: {fault}", None, EXIT_HALTED, home=home, fault=fault)
    except (
        HomeFault, SnapshotFault, ReadModelFault, ServerFault, StoreBusy, TokenFault, Refusal,
        OSError,
    ) as fault:  # fmt: skip
        output.fail("{home}: {fault}", home=home, fault=fault)
    output.say("Stopped cleanly.")


def _announce(up: RunningNetworkNode, inside: Inside) -> None:
    chain, name = up.application.genesis.chain, up.settings.name
    output.say(
        "{name} of {chain} listens on {url}, peers on {listen}; engine CometBFT {version}",
        name=name,
        chain=chain,
        url=up.url,
        listen=up.settings.peers.listen,
        version=inside.version,
    )


def _wait(up: RunningNetworkNode, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        if up.engine.fault is not None:
            tell_halted(up.engine.fault)
