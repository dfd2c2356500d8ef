"""How a command finds the ledger: a running node over HTTP, or the files of a stopped one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
import typer

from tongbao.cli.client import tokens
from tongbao.cli.client.wallets import DEMONSTRATION
from tongbao.cli.shell.output import EXIT_HALTED, EXIT_USAGE, output
from tongbao.kernel.wording import Text
from tongbao.sdk.quantities import shown
from tongbao.words import Both

if TYPE_CHECKING:
    import httpx

    from tongbao.node.application import Application
    from tongbao.sdk import Client

DEFAULT_HOME = Path(".tongbao")
Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="TONGBAO_URL",
        help="Address of a node; default: the one running in --home or .tongbao.",
    ),
]
Home = Annotated[Path, typer.Option("--home", envvar="TONGBAO_HOME", help="The node's folder.")]


def running_node(home: Path) -> dict[str, Any] | None:
    """What a node running in a folder says of itself, or None where none runs."""
    from tongbao.node.presence import running_in

    return running_in(home)


def node_url(url: str, home: Path = DEFAULT_HOME, *, engine: bool = False) -> str:
    """The address to talk to; ends the command with a clear sentence where there is none."""
    if url:
        given = given_url("--url", url, engine=engine)
        tokens.learn_from_logins(given)
        return given
    where, reply = _found(home)
    if reply is None:
        start = _how_to_start(home)
        output.fail(
            "no node is running in {home}: start one with `{start}`, or give --url",
            home=home,
            start=start,
        )
    address = str(reply["url"])
    tokens.learn_from_home(address, where)
    return address


def _how_to_start(home: Path) -> str:
    """What to type so that a node runs in a folder: a network, a node's own folder, or neither."""
    if (home / "network.json").exists():
        return f"tongbao network up {home}"
    demonstration = (home / "wallet" / DEMONSTRATION).exists()
    if (home / "node.toml").exists() or ((home / "genesis.json").exists() and not demonstration):
        return f"tongbao node start --home {home}"
    return "tongbao dev" if home == DEFAULT_HOME else f"tongbao dev --home {home}"


def _transport_to(address: str, url: str, home: Path) -> httpx.BaseTransport | None:
    """Towards a node of this machine that speaks TLS, its own certificate; None for any other."""
    from tongbao.sdk.transport import pinned_transport

    reply = None if url or not address.startswith("https:") else _found(home)[1]
    file = str((reply or {}).get("certificate", ""))
    if not file:
        return None
    try:
        return pinned_transport(Path(file))
    except (OSError, ValueError) as fault:
        output.fail("{file}: {fault}", file=file, fault=fault)


def given_url(option: str, url: str, *, engine: bool = False) -> str:
    """An address as somebody typed it, without its token; ends the command where it is none.

    With `engine`, the RPC of an engine may stand there as well (`engine+http://...`).
    """
    try:
        parts = urlsplit(url.removeprefix("engine+") if engine else url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not url.isprintable() or " " in url:
        output.fail(
            "{option}: {url} is not the address of a node: e.g. http://127.0.0.1:8080",
            None,
            EXIT_USAGE,
            option=option,
            url=shown(url),
        )
    return tokens.bare(url)


def _found(home: Path) -> tuple[Path, dict[str, Any] | None]:
    """The node that runs in a folder, or one of the network there, and its own folder."""
    homes = [home, *_homes_of_network(home)]
    running = ((one, running_node(one)) for one in homes)
    return next((pair for pair in running if pair[1] is not None), (home, None))


def _homes_of_network(folder: Path) -> list[Path]:
    """The nodes' folders of a network, as `tongbao network init` made it."""
    try:
        known = msgspec.json.decode((folder / "network.json").read_bytes())
        return [folder / str(one["home"]) for one in known["nodes"]]
    except (OSError, msgspec.DecodeError, KeyError, TypeError):
        return []


@contextmanager
def client(url: str, home: Path = DEFAULT_HOME) -> Iterator[Client]:
    """A client of the running node; problems end the command with their sentence."""
    import httpx

    from tongbao.cli.shell.near import neighbours, way
    from tongbao.sdk import Client, Problem

    address = node_url(url, home)
    hint = Text("")
    try:
        transport = _transport_to(address, url, home)
        with Client(address, token=tokens.token_of(address), transport=transport) as ledger:
            try:
                yield ledger
            except Problem as problem:
                hint = neighbours(ledger, problem) or tokens.hint(problem.name)
                raise
    except Problem as problem:
        answer = {"code": problem.code, "name": problem.name}
        reported = problem.document.detail_zh
        whole = f"{reported}（{problem.name}，{problem.code}）" if reported else str(problem)
        more = hint or way(problem.name)
        output.fail("{problem}{more}", answer, problem=Both(str(problem), whole), more=more)
    except httpx.HTTPError as fault:
        output.fail("{address}: {fault}", address=address, fault=fault)


@contextmanager
def refusals() -> Iterator[None]:
    """A Refusal inside ends the command with its sentence."""
    from tongbao.kernel.codes import Refusal

    try:
        yield
    except Refusal as refusal:
        code = refusal.code
        answer = {"code": int(code), "name": code.name, "values": dict(refusal.values)}
        output.fail("{fault}", answer, fault=refusal)


@contextmanager
def ledger_files(home: Path) -> Iterator[Application]:
    """The ledger in a node's folder, opened while no node runs there."""
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.protocols import UnknownProtocol
    from tongbao.modules import protocols
    from tongbao.node.application import StorageFault, StoreBusy
    from tongbao.node.home import DamagedFile, HomeFault
    from tongbao.node.opening import open_application

    if not (home / "genesis.json").exists() and not (home / "ledger").exists():
        output.fail("{home} holds no genesis.json: not a node's folder", home=home)
    if nodes := _homes_of_network(home):
        output.fail(
            "{home} holds the nodes of a network: name one, e.g. --home {nodes}",
            home=home,
            nodes=nodes[0],
        )
    if running_node(home) is not None:
        output.fail("a node is running in {home}: stop it first", home=home)
    try:
        app = open_application(home, protocols(), make=False)
    except UnknownProtocol as fault:
        output.fail("{home}: {fault}", home=home, fault=fault)
    except (StorageFault, DamagedFile) as fault:
        output.fail("{home}: {fault}", None, EXIT_HALTED, home=home, fault=fault)
    except (HomeFault, StoreBusy, Refusal) as fault:
        output.fail("{home}: {fault}", home=home, fault=fault)
    try:
        yield app
    finally:
        app.state.close()
