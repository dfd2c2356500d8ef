"""`tongbao desk`: payment files with maker and checker; each act is signed by a key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.acting import Sending
from tongbao.cli.client.connect import client
from tongbao.cli.client.sending import signs
from tongbao.cli.client.wallets import open_wallet
from tongbao.cli.commands.desk.looking import Name, register_looking, tell_file
from tongbao.cli.shell.output import output
from tongbao.sdk.quantities import BadQuantity, parse_moment_ms
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.sdk.desk import DeskClient, DeskFile

desk = typer.Typer(
    help="Payment files: upload, check, repair, approve, release, follow.", no_args_is_help=True
)
As = Annotated[
    str, typer.Option("--as", help="Who acts: PARTY/LABEL of a key in the wallet, hengtong/maker.")
]
At = Annotated[
    str | None,
    typer.Option("--at", help="Time: 2026-12-01T09:30+08:00, UTC without an offset, or +2h."),
]
_FILE_ITEM = re.compile(r"[^/]+/[0-9]{1,9}")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    register_looking(desk)
    app.add_typer(desk, name="desk")


# ---- acting --------------------------------------------------------------------------------------


@desk.command("upload")
@signs
def upload(
    path: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    who: As,
    sign: Annotated[
        bool, typer.Option("--sign/--no-sign", help="Sign the batches as their maker.")
    ] = True,
    *,
    how: Sending,
) -> None:
    """Hand a pain.001 in: it is checked at once, and nothing moves."""
    with _desk(how, who) as person:
        found = person.upload(path.read_bytes(), path.name)
        if sign and found.state == "open" and found.states.get("ready"):
            found = person.sign(found)
    _reported(found)


@desk.command("check")
@signs
def check(
    name: Name,
    who: As,
    at: At = None,
    sign: Annotated[
        bool, typer.Option("--sign/--no-sign", help="Sign what comes out as its maker.")
    ] = True,
    *,
    how: Sending,
) -> None:
    """Check again against the ledger as it stands; --at plans the file for a later time."""
    moment = _time(at)
    with _desk(how, who) as person:
        found = person.check(_file(person, name), moment)
        if sign and found.states.get("ready"):
            found = person.sign(found)
    _reported(found)


@desk.command("repair")
@signs
def repair(
    item: Annotated[str, typer.Argument(metavar="FILE/ITEM", help="E.g. D-4f0c21a9be77/12.")],
    changes: Annotated[
        list[str],
        typer.Option("--set", help="PATH=VALUE below the payment, e.g. CdtrAcct/Id/IBAN=DE89..."),
    ],
    who: As,
    sign: Annotated[bool, typer.Option("--sign/--no-sign", help="Sign as the new maker.")] = True,
    *,
    how: Sending,
) -> None:
    """Change one payment. Signatures are taken away; who changed it does not approve it."""
    name, _, number = item.partition("/")
    if not _FILE_ITEM.fullmatch(item) or not all("=" in one for one in changes):
        output.fail("write FILE/ITEM and --set PATH=VALUE")
    wanted = dict(one.split("=", 1) for one in changes)
    with _desk(how, who) as person:
        found = person.repair(_file(person, name), int(number), wanted)
        if sign and found.states.get("ready"):
            found = person.sign(found)
    _reported(found)


@desk.command("approve")
@signs
def approve(name: Name, who: As, *, how: Sending) -> None:
    """Sign every batch as the second person, within this key's limit."""
    with _desk(how, who) as person:
        found = person.sign(_file(person, name))
    _reported(found)


@desk.command("release")
@signs
def release(name: Name, who: As, at: At = None, *, how: Sending) -> None:
    """Let the file go, now or --at a time; each batch not before its requested date."""
    moment = _time(at)
    with _desk(how, who) as person:
        found = person.release(_file(person, name), moment)
    _reported(found)


@desk.command("cancel")
@signs
def cancel(name: Name, who: As, *, how: Sending) -> None:
    """Take back what has not been sent."""
    with _desk(how, who) as person:
        found = person.cancel(_file(person, name))
    _reported(found)


@desk.command("limit")
@signs
def limit(
    key: Annotated[str, typer.Argument(help="Label of the party's key, or a key id.")],
    currency: Annotated[str, typer.Argument(help="E.g. CNY.")],
    amount: Annotated[str, typer.Argument(help="In the currency's units; `none` takes it away.")],
    who: Annotated[
        str, typer.Option("--as", help="PARTY/LABEL,LABEL: two keys sign, hengtong/maker,checker.")
    ],
    *,
    how: Sending,
) -> None:
    """Set what a key may approve of a currency in one file."""
    from tongbao.cli.shell.output import amount_text, minor_units
    from tongbao.sdk.wallet import WalletFault

    with _desk(how, who) as person:
        most, reply = -1, ""
        if amount != "none":
            decimals = person.client.assets.show(currency).decimals
            most = minor_units(amount, decimals, currency, "AMOUNT")
            reply = f"{amount_text(most, decimals)} {currency}"
        try:
            name = person.wallet.public(f"{person.party}--{key}").id
        except WalletFault:
            name = key
        reported = person.limit(name, currency, most)
    output.result(
        msgspec.to_builtins(reported),
        lambda: output.say(
            "Key {key} may approve {most} in one file."
            if reply
            else "Key {key} may approve no {currency} in one file.",
            "green",
            key=reported.key,
            most=reply,
            currency=currency,
        ),
    )


# ---- parts ---------------------------------------------------------------------------------------


@contextmanager
def _desk(how: Sending, who: str) -> Iterator[DeskClient]:
    """The desk for one person; what is refused ends the command with every finding."""
    from tongbao.sdk import Problem
    from tongbao.sdk.desk import DeskClient
    from tongbao.sdk.wallet import WalletFault

    party, _, label = who.partition("/")
    with client(how.url, how.home) as ledger:
        try:
            purse = open_wallet(how.home, how.wallet, how.passphrase_file)
            yield DeskClient(ledger, purse, party, label)
        except WalletFault as fault:
            output.fail("{fault}", fault=fault)
        except Problem as problem:
            if problem.document.errors:
                _findings(problem.document.errors)
            text = problem.document.detail_zh or str(problem)
            more = {"code": problem.code, "name": problem.name,
                    "findings": list(problem.document.errors)}  # fmt: skip
            output.fail(Both(f"{problem}", text), more)


def _findings(errors: tuple[dict[str, Any], ...]) -> None:
    if output.json:
        return
    rows = [
        [str(one.get("line", "")), str(one.get("path", "")), str(one.get("value", "")),
         str(one.get("rule", "")),
         output.text(Both(str(one.get("reason", "")), str(one.get("reason_zh", ""))))]
        for one in errors[:20]
    ]  # fmt: skip
    title = output.text("Why the file is refused")
    output.table(title, ["line", "path", "value", "rule", "reason"], rows)


def _file(person: DeskClient, name: str) -> DeskFile:
    from tongbao.sdk import desk as sdk

    return person.client.call(sdk.file(name))


def _reported(found: DeskFile) -> None:
    output.result(msgspec.to_builtins(found), lambda: tell_file(found))


def _time(written: str | None) -> int:
    """A time that somebody wrote, in UTC milliseconds; 0 for none."""
    from tongbao.node.clock import utc_ms

    if not written:
        return 0
    try:
        return parse_moment_ms(written, utc_ms())
    except BadQuantity as fault:
        output.fail_quantity("--at", fault)
