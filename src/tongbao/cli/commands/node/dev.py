"""`tongbao dev`: the embedded node with a demonstration consortium, in one command."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, client, running_node
from tongbao.cli.shell.output import EXIT_HALTED, EXIT_REFUSED, amount_text, output
from tongbao.words import Both

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tongbao.daemon.solo import RunningNode
    from tongbao.kernel.money import Holding
    from tongbao.kernel.views import ReadView
    from tongbao.modules.parties import Party
    from tongbao.scenarios.stage import Stage

Port = Annotated[int, typer.Option(min=0, max=65_535, help="TCP port; 0 takes a free one.")]
AcceptClock = Annotated[
    bool,
    typer.Option(
        "--accept-clock",
        help="Alone: the machine's clock is right although the ledger is far behind it.",
    ),
]
MOST_PARTIES, MOST_ASSETS = 30, 3
"""What the first screen shows."""
SCENARIOS = ("payroll", "gridlock", "remit")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(dev)


def dev(
    home: Home = DEFAULT_HOME,
    reset: Annotated[bool, typer.Option("--reset", help="Begin anew: remove the folder.")] = False,
    scenario: Annotated[str, typer.Option(help=f"Play a story: {', '.join(SCENARIOS)}.")] = "",
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop when it is up and the story has been played.")
    ] = False,
    port: Port = 8420,
    accept_clock: AcceptClock = False,
) -> None:
    """Start the embedded node with the demonstration consortium; Ctrl-C stops it."""
    if scenario and scenario not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        output.fail("there is no scenario {scenario}: {known}", scenario=scenario, known=known)
    began = time.perf_counter()
    # What the node needs is loaded while the keys are hardened, which leaves a core free.
    threading.Thread(target=_load, daemon=True).start()
    secret = _prepare(home, reset)
    run_solo(home, secret, port, began, scenario, leave, accept_clock=accept_clock)


def _load() -> None:
    with contextlib.suppress(Exception):  # whoever imports it next tells the fault
        import tongbao.daemon.solo  # noqa: F401


def _prepare(home: Path, reset: bool) -> bytes:
    """Make the demonstration where it is not there, whole or not at all; its passphrase."""
    from tongbao.node.home import HomeFault
    from tongbao.scenarios import founding

    if running_node(home) is not None:
        output.fail("a node runs in {home} already", home=home)
    try:
        if reset and home.exists():
            if any(home.iterdir()) and not founding.is_demonstration(home):
                output.fail("{home} is not a demonstration's folder: not removed", home=home)
            founding.remove(home)
        if founding.needs_founding(home) or (home / founding.RESETTING).exists():
            with output.steps() as step:
                founding.set_up(home, step)
        elif not (home / "wallet").is_dir():
            output.fail(
                "{home} is a node's folder but no demonstration: use `tongbao node start`",
                home=home,
            )
        return founding.passphrase_of(home)
    except HomeFault as fault:
        output.fail("{home}: {fault}", None, EXIT_HALTED, home=home, fault=fault)
    except OSError as fault:
        output.fail(
            "{home}: the folder cannot be made: {strerror} ({filename})",
            home=home,
            strerror=fault.strerror,
            filename=fault.filename,
        )


def run_solo(
    home: Path,
    secret: bytes,
    port: int,
    began: float,
    scenario: str,
    leave: bool,
    log_level: str = "",
    scrub_minutes: float = 60.0,
    **options: Any,
) -> None:
    """Run the node of a chain of its own until it is stopped."""
    from tongbao.cli.shell.logs import set_up_logs
    from tongbao.daemon.solo import running
    from tongbao.gateway.server import ServerFault
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.protocols import UnknownProtocol
    from tongbao.node.application import StorageFault, StoreBusy
    from tongbao.node.clock import ClockRefused
    from tongbao.node.composer import CannotSign
    from tongbao.node.home import DamagedFile, HomeFault
    from tongbao.node.snapshot import SnapshotFault
    from tongbao.readmodel import ReadModelFault

    set_up_logs("warning" if output.json or not log_level else log_level)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        period_s = scrub_minutes * 60
        with running(home, secret, port=0 if leave else port, scrub_s=period_s, **options) as up:
            ready = time.perf_counter() - began
            story = play(up.url, up.home.path, scenario) if scenario else None
            _announce(up, ready, story)
            if not leave:
                _wait(up, stop)
            elif up.engine.fault is not None:
                tell_halted(up.engine.fault)
    except (UnknownProtocol, ClockRefused) as fault:
        output.fail("{home}: {fault}", None, EXIT_HALTED, home=home, fault=fault)
    except (StorageFault, DamagedFile, SnapshotFault) as fault:
        output.fail("{home}: {fault}", None, EXIT_HALTED, home=home, fault=fault)
    except (
        HomeFault,
        ReadModelFault,
        ServerFault,
        CannotSign,
        StoreBusy,
        Refusal,
        OSError,
    ) as fault:
        output.fail("{home}: {fault}", home=home, fault=fault)
    output.say("Stopped cleanly.")


def _wait(up: RunningNode, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        if up.engine.fault is not None:
            tell_halted(up.engine.fault)


def tell_halted(fault: BaseException) -> NoReturn:
    """End the command with why the node did.

    Where its engine alone gave up, a service manager may try again; else somebody has to look.
    """
    from tongbao.node.altered import StoreAltered
    from tongbao.node.comet.process import EngineEnded

    facts = {"altered": fault.facts()} if isinstance(fault, StoreAltered) else None
    status = EXIT_REFUSED if isinstance(fault, EngineEnded) else EXIT_HALTED
    output.fail("the node halted: {fault}", facts, status, fault=fault)


def play(url: str, folder: Path, scenario: str) -> dict[str, Any]:
    """Play a story on a running node with the wallet below `folder`."""
    from tongbao.scenarios import gridlock, payroll, remit
    from tongbao.scenarios.founding import passphrase_of
    from tongbao.scenarios.stage import Stage, StoryFault
    from tongbao.sdk.wallet import Wallet

    stories: dict[str, Callable[[Stage], dict[str, Any]]] = {
        "payroll": payroll.play, "gridlock": gridlock.play, "remit": remit.play,
    }  # fmt: skip
    files = folder / "files"
    files.mkdir(exist_ok=True)
    wallet = Wallet(folder / "wallet", passphrase_of(folder))
    with client("", folder) as ledger:
        try:
            genesis = (folder / "genesis.json").read_bytes()
            return stories[scenario](Stage(ledger, wallet, files, genesis, output))
        except StoryFault as fault:
            output.fail("{scenario}: {fault}", scenario=scenario, fault=fault)


def _announce(up: RunningNode, ready: float, story: dict[str, Any] | None) -> None:
    """The first screen: taken from the ledger itself, so that it never waits for the lists."""
    from itertools import islice

    from tongbao.modules.parties import PARTIES

    view = up.application.view()
    parties = [party for _, party in islice(view.scan(PARTIES), MOST_PARTIES)]
    held = {one.id: dict(view.holdings(f"{one.id}/main")) for one in parties}
    value: dict[str, Any] = {
        "url": up.url, "home": str(up.home.path), "chain": up.application.genesis.chain,
        "height": up.application.tip.height, "ready_seconds": round(ready, 2),
        "accounts": {
            f"{party}/main": str(assets["CNY"].posted)
            for party, assets in held.items() if "CNY" in assets
        },
        "balances": {
            f"{party}/main": {asset: str(one.posted) for asset, one in assets.items()}
            for party, assets in held.items() if assets
        },
    }  # fmt: skip
    if story is not None:
        value["story"] = story

    def show() -> None:
        output.say("In the browser: {url}/console/", "green", url=up.url)
        _show_parties(view, parties, held)
        output.say(
            "Listening on {url} (its API: {url}/docs), ready in {ready} s. Folder: {path}",
            "green",
            url=up.url,
            ready=f"{ready:.1f}",
            path=up.home.path,
        )
        _suggest(up.home.path)

    output.result(value, show)


def _show_parties(
    view: ReadView, parties: Sequence[Party], held: Mapping[str, Mapping[str, Holding]]
) -> None:
    from tongbao.modules.assets import require_asset

    every = sorted({asset for assets in held.values() for asset in assets})
    assets = every[:MOST_ASSETS]
    decimals = {asset: require_asset(view, asset).decimals for asset in assets}
    rows = [
        [one.id, output.text(Both(one.name, one.name_local or one.name)),
         *(amount_text(holding.posted, decimals[asset])
           if (holding := held[one.id].get(asset)) and holding.posted else ""
           for asset in assets),
         ", ".join(one.roles)]
        for one in parties
    ]  # fmt: skip
    title = output.text("Parties, and what is in the account PARTY/main of each")
    output.table(title, ["party", "name", *assets, "roles"], rows, ["roles", "name"])
    if len(parties) == MOST_PARTIES or len(every) > MOST_ASSETS:
        output.say("Others: tongbao balances")


def _suggest(home: Path) -> None:
    from tongbao.scenarios.founding import is_demonstration

    if not is_demonstration(home):
        return
    programs = Path(sys.executable).parent
    if programs.is_relative_to(Path.cwd()):
        programs = programs.relative_to(Path.cwd())
    first = [] if shutil.which("tongbao") == str(programs / "tongbao") else [
        f'export PATH="$PWD/{programs}:$PATH"' if not programs.is_absolute()
        else f'export PATH="{programs}:$PATH"'
    ]  # fmt: skip
    if home != DEFAULT_HOME:
        first.append(f"export TONGBAO_HOME={home.absolute()}")
    output.say(
        "Ask as somebody: --as PARTY, e.g. --as mingda (people.tokens has everybody's token)."
    )
    output.say("Try, in another terminal:")
    for line in (
        *first,
        "tongbao pay send hengtong/main mingda/main 1250.50 CNY --remittance INV-17",
        "tongbao find INV-17",
        "tongbao account entries mingda/main",
        "tongbao balances hengtong",
        "tongbao fx quote 1000 EUR --to CNY",
        "tongbao receipt get DIGEST -o receipt.json",
    ):
        output.say("  {line}", line=line)
