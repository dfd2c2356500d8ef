"""`tongbao network`: make a network of several nodes, run it, look at it, join one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.connect import given_url, refusals
from tongbao.cli.client.tokens import let_in
from tongbao.cli.client.wallets import PassphraseFile, passphrase
from tongbao.cli.commands.network.continuing import continuing, give_ledgers
from tongbao.cli.commands.network.found import found
from tongbao.cli.commands.node.dev import SCENARIOS, play
from tongbao.cli.commands.node.engine import EnginePath
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.cli.commands.network.up import NodeProcess
    from tongbao.kernel.genesis import Genesis, GenesisValidator
    from tongbao.modules.governance import Terms
    from tongbao.node.comet.network import NetworkMap, Place

network = typer.Typer(help="A network of several nodes.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(help="The network's folder.")]
FIRST_PORT = 8420
PORTS_APART = 10
PEERS_PORT, RPC_PORT, METRICS_PORT = 26_656, 26_657, 26_660


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from tongbao.cli.commands.network import found_own  # noqa: F401 - adds its commands to `found`

    network.add_typer(found, name="found")
    app.add_typer(network, name="network")


# ---- init ----------------------------------------------------------------------------------------


@network.command("init")
def init(
    folder: Folder,
    validators: Annotated[int, typer.Option(min=1, max=100, help="How many nodes.")] = 4,
    names: Annotated[str, typer.Option(help="Parties that run them: a,b,...")] = "",
    hosts: Annotated[
        str, typer.Option(help="Their machines, comma between; default: all on this one.")
    ] = "",
    port: Annotated[
        int, typer.Option(min=0, max=60_000, help="First port on one machine; 0: free ones.")
    ] = FIRST_PORT,
    chain: Annotated[str, typer.Option(help="Name of the chain.")] = "tongbao-demo-1",
    founding: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False,
                     help="Founding file, JSON: actions and more; default: the demonstration."),
    ] = None,
    power: Annotated[int, typer.Option(min=1, max=1_000_000, help="Voting power of each.")] = 10,
    window: Annotated[
        str,
        typer.Option(help="Of the demonstration: time within which less than a third of the power"
                     " moves, e.g. 30s, 12h, 7d; default: a day."),
    ] = "",
    from_snapshot: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False,
                     help="Continue the chain of this snapshot: parties, balances, used names."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:  # fmt: skip
    """Make a network for trying out: every node's keys, genesis and settings, all in one place.

    Institutions that do not trust one another each make their own keys: `tongbao network found`.

    Without a founding file it is the demonstration consortium, and passphrases stand in the
    folder. With one, the passphrase of the validators' keys comes from you and is kept nowhere.
    From a snapshot the network continues another chain under a new name, with heights going on.
    """
    from tongbao.cli.commands.network.files import write_beside
    from tongbao.node.comet.network import make_network
    from tongbao.node.home import HomeFault

    terms = _terms(window, own=founding is not None or from_snapshot is not None)
    places = _places(folder, names, hosts, validators, port, founding, passphrase_file)
    try:
        if from_snapshot is None:
            make = _founding(chain, founding, power, terms)
        else:
            make = continuing(from_snapshot, chain, founding, power)
        known = make_network(folder, places, make, one_machine=not hosts)
        if from_snapshot is not None:
            give_ledgers(from_snapshot, folder, known)
        elif founding is None:
            _make_wallet(folder, [place.name for place in places])
    except (HomeFault, OSError) as fault:
        output.fail("{folder}: {fault}", folder=folder, fault=fault)
    write_beside(folder, known)
    _tell_made(folder, known)


def _places(
    folder: Path, names: str, hosts: str, validators: int, port: int, founding: Path | None,
    passphrase_file: Path | None,
) -> list[Place]:  # fmt: skip
    from tongbao.node.comet.network import Place, Ports
    from tongbao.node.comet.ports import free_ports
    from tongbao.scenarios.founding import make_passphrase

    chosen = [one.strip() for one in names.split(",")] if names else _default_names(validators)
    machines = [one.strip() for one in hosts.split(",")] if hosts else ["127.0.0.1"] * len(chosen)
    if len(machines) != len(chosen) or (names and len(chosen) != validators and validators != 4):
        output.fail(
            "{count} names, {count_2} hosts, {validators} validators: these differ",
            count=len(chosen),
            count_2=len(machines),
            validators=validators,
        )
    if (folder / "network.json").exists():
        output.fail("{folder} holds a network already", folder=folder)
    shared = passphrase("validator", folder, passphrase_file) if founding else b""
    places = []
    free = free_ports(4 * len(chosen)) if not (hosts or port) else []
    for place, (name, host) in enumerate(zip(chosen, machines, strict=True)):
        if hosts:
            ports = Ports(FIRST_PORT, PEERS_PORT, RPC_PORT, METRICS_PORT)
        elif port:
            first = port + PORTS_APART * place
            ports = Ports(first, first + 1, first + 2, first + 3)
        else:
            ports = Ports(*free[4 * place : 4 * place + 4])
        if founding or passphrase_file:
            secret = shared or passphrase("validator", folder, passphrase_file)
        else:
            secret = make_passphrase(folder / name / "wallet")
        places.append(Place(name, host, ports, secret))
    return places


def _default_names(count: int) -> list[str]:
    """The demonstration's members; a validator is called like the party that votes for it."""
    from tongbao.scenarios.consortium import MEMBERS

    members = [member.id for member in MEMBERS]
    return [members[n] if n < len(members) else f"operator-{n + 1}" for n in range(count)]


def _make_wallet(folder: Path, names: list[str]) -> None:
    from tongbao.scenarios.consortium import MEMBERS, NEWCOMERS, network_members
    from tongbao.scenarios.founding import make_wallet

    extra = [one for one in network_members(names) if one not in (*MEMBERS, *NEWCOMERS)]
    make_wallet(folder, extra)


def _terms(window: str, *, own: bool) -> Terms:
    """The terms of the demonstration; a genesis of somebody's own has them in its actions."""
    from tongbao.modules.governance import FoundGovernance, Terms
    from tongbao.sdk.quantities import BadQuantity, parse_duration_ms

    if not window:
        return Terms()
    if own:
        output.fail(
            "--window is for the demonstration: a founding file has its terms in governance.found"
        )
    try:
        window_ms = parse_duration_ms(window)
    except BadQuantity as fault:
        output.fail_quantity("--window", fault)
    terms = Terms(window_ms=window_ms)
    with refusals():
        FoundGovernance(terms).check()
    return terms


def _founding(
    chain: str, file: Path | None, power: int, terms: Terms
) -> Callable[[tuple[GenesisValidator, ...]], Genesis]:
    from tongbao.kernel.codes import Refusal
    from tongbao.node.clock import utc_ms
    from tongbao.node.comet.founding import founded_by
    from tongbao.scenarios import markets
    from tongbao.scenarios.consortium import network_genesis

    def make(signers: tuple[GenesisValidator, ...]) -> Genesis:
        seated = tuple(msgspec.structs.replace(one, power=power) for one in signers)
        if file is None:
            now_ms = utc_ms()
            return network_genesis(chain, seated, now_ms, terms, markets.founded(now_ms))
        try:
            return founded_by(file.read_bytes(), chain, seated, utc_ms())
        except Refusal as refusal:
            output.fail("{place}: {fault}", place=file, fault=refusal)

    return make


def _tell_made(folder: Path, known: NetworkMap) -> None:
    value = {"folder": str(folder), **msgspec.to_builtins(known)}
    rows = [[one.name, str(folder / one.home), one.url, one.peer] for one in known.nodes]

    def show() -> None:
        title = output.text("Network {chain}", chain=known.chain)
        output.table(title, ["node", "folder", "gateway", "peer"], rows)
        output.say(
            "Genesis {genesis}: compare it with the others.\nTry it here: tongbao network"
            " up {folder}. On machines of their own: copy each folder there, then tongbao"
            " node start --home FOLDER.",
            genesis=known.genesis,
            folder=folder,
        )

    output.result(value, show)


# ---- up ------------------------------------------------------------------------------------------


@network.command("up")
def up(
    folder: Folder,
    scenario: Annotated[str, typer.Option(help=f"Play a story: {', '.join(SCENARIOS)}.")] = "",
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop when it is up and the story has been played.")
    ] = False,
    engine_path: EnginePath = None,
    log_level: Annotated[str, typer.Option(help="Of the nodes' logs.")] = "info",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Run every node of a network's folder on this machine; Ctrl-C stops them all."""
    from tongbao.cli.commands.network.up import all_nodes, wait_until_ready, watch
    from tongbao.cli.commands.node.node import chosen_engine
    from tongbao.node.comet.network import read_map

    if scenario and scenario not in SCENARIOS:
        known_stories = ", ".join(SCENARIOS)
        output.fail(
            "there is no scenario {scenario}: {known_stories}",
            scenario=scenario,
            known_stories=known_stories,
        )
    known = read_map(folder)
    inside = chosen_engine(folder / known.nodes[0].home, engine_path)
    let_in(folder, known)
    more = ["--engine-path", inside.path, "--log-level", log_level]
    if passphrase_file is not None:
        more += ["--passphrase-file", str(passphrase_file.absolute())]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with all_nodes(folder, known, more) as nodes:
        seconds = wait_until_ready(nodes, stop)
        if not stop.is_set():
            story = play(known.nodes[0].url, folder, scenario) if scenario else None
            _tell_up(folder, known, nodes, seconds, story)
            if not leave:
                watch(nodes, stop)
    failed = [one.entry.name for one in nodes if one.process.returncode != 0]
    if failed:
        named = ", ".join(failed)
        output.fail("did not stop cleanly: {named}", named=named)
    output.say("Stopped cleanly.")


def _tell_up(
    folder: Path,
    known: NetworkMap,
    nodes: list[NodeProcess],
    seconds: float,
    story: dict[str, Any] | None,
) -> None:
    from tongbao.cli.commands.network.status import collect, show_status

    status = collect([one.url for one in known.nodes], [one.name for one in known.nodes])
    value: dict[str, Any] = {
        "folder": str(folder), "ready_seconds": round(seconds, 2),
        "pids": {one.entry.name: one.process.pid for one in nodes}, **status,
    }  # fmt: skip
    if story is not None:
        value["story"] = story

    def show() -> None:
        show_status(status)
        for entry in known.nodes:
            output.say("  {name}: {url}", name=entry.name, url=entry.url)
        output.say(
            "{count} nodes ready in {seconds} s. Logs: {folder}/NODE/node.log. Any of"
            " them answers: tongbao --help, with --url {url}",
            "green",
            count=len(nodes),
            seconds=f"{seconds:.1f}",
            folder=folder,
            url=known.nodes[0].url,
        )

    output.result(value, show)


# ---- status --------------------------------------------------------------------------------------


@network.command("status")
def status(
    folder: Annotated[Path | None, typer.Argument(help="The network's folder.")] = None,
    url: Annotated[
        list[str] | None, typer.Option("--url", help="A node's address; may be given again.")
    ] = None,
) -> None:
    """Height, role, power, peers, lag, agreement, mempool and versions of every node.

    Ends with status 1 where nodes disagree about the ledger, or where those that answer cannot
    make a block: it takes more than two thirds of the power.
    """
    from tongbao.cli.commands.network.status import collect, show_status
    from tongbao.node.comet.network import read_map

    urls = [given_url("--url", one) for one in url or ()]
    names = list(urls)
    if folder is not None:
        known = read_map(folder)
        let_in(folder, known)
        urls += [one.url for one in known.nodes]
        names += [one.name for one in known.nodes]
    if not urls:
        output.fail("name a network's folder, or --url")
    found = collect(urls, names)
    output.result(found, lambda: show_status(found))
    if not found["healthy"]:
        raise SystemExit(1)


# ---- join ----------------------------------------------------------------------------------------


@network.command("join")
def join(
    folder: Annotated[Path, typer.Argument(help="The new node's folder.")],
    source: Annotated[
        list[str], typer.Option("--from", metavar="URL", help="A node of the network; more: again.")
    ],
    name: Annotated[str, typer.Option(help="The party that runs the node.")],
    genesis: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The genesis, from a member you trust."),
    ] = None,
    digest: Annotated[str, typer.Option(help="Or its digest, as a member gave it to you.")] = "",
    host: Annotated[str, typer.Option(help="This machine, as other nodes dial it.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=60_000, help="First of four ports; 0: free ones.")
    ] = 0,
    power: Annotated[int, typer.Option(min=1, help="Voting power to ask for.")] = 10,
    replay: Annotated[
        bool, typer.Option("--replay", help="Execute every block instead of a snapshot.")
    ] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Prepare a node's folder for a chain that runs, and say what its members have to vote on.

    The genesis has to be the one you were given. The newest block is verified from it by the
    light client, and has to be the same on every node that is named.
    """
    from tongbao.cli.commands.network.join import prepare
    from tongbao.node.comet.network import Ports
    from tongbao.node.comet.ports import free_ports

    ports = Ports(port, port + 1, port + 2, port + 3) if port else Ports(*free_ports(4))
    secret = passphrase("validator", folder / "wallet", passphrase_file)
    prepare(folder, name, source, genesis, digest, host, ports, power, replay, secret)
