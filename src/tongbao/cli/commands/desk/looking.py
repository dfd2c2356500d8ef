"""`tongbao desk list|show|follow|limits`: what stands on the desk, and how each payment ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.looking import (
    Columns,
    Decimals,
    Limit,
    listed,
    looks,
    moment,
    say_rest,
    stretch,
)
from tongbao.cli.shell.output import amount_text, output
from tongbao.files import write_private
from tongbao.kernel.wording import message
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.desk import DeskAct, DeskFile

Name = Annotated[str, typer.Argument(metavar="FILE", help="The file's name at the desk, D-....")]
PAUSE_SECONDS = 0.3


_ACTS = {
    "upload": message("upload", "act"),
    "check": message("check", "act"),
    "repair": message("repair", "act"),
    "sign": message("sign", "act"),
    "release": message("release", "act"),
    "cancel": message("cancel", "act"),
}


def register_looking(desk: typer.Typer) -> None:
    """Add the commands that only look."""
    desk.command("list")(list_files)
    for command in (show, follow, limits):
        desk.command()(command)


@looks
def list_files(
    ledger: Client,
    state: Annotated[str, typer.Option(help="Only these: open, released, done or cancelled.")] = "",
    party: Annotated[str, typer.Option(help="Only this party's.")] = "",
    limit: Limit = 50,
) -> None:
    """Files on the desk, newest first."""
    from tongbao.sdk import desk as sdk

    if party:
        ledger.parties.show(party)  # refuses one that is not there, and names its neighbours
    columns: Columns = {
        "file": lambda f: f.file, "party": lambda f: f.party, "name": lambda f: f.name,
        "state": lambda f: f.state, "payments": lambda f: str(f.payments), "of them": _states,
        "total": _totals,
        "uploaded (UTC)": lambda f: moment(f.created_at_ms),
    }  # fmt: skip
    rows = ledger.walk(sdk.files(state=state or None, party=party or None))
    least = ["uploaded (UTC)", "of them", "party"]
    listed(output.text("Files"), columns, rows, limit, least)


@looks
def show(
    ledger: Client,
    name: Name,
    state: Annotated[str, typer.Option(help="Only payments in this state.")] = "",
    limit: Limit = 50,
) -> None:
    """One file with its payments, batches, and who did what."""
    from tongbao.sdk import desk as sdk

    found = ledger.call(sdk.file(name))
    walked = ledger.walk(sdk.payments(name, state=state or None))
    payments, rest = stretch(walked, limit)
    batches = list(ledger.walk(sdk.batches(name)))
    acts = list(ledger.walk(sdk.acts(name)))
    decimals = Decimals(ledger)
    value = {
        **msgspec.to_builtins(found),
        "items": [msgspec.to_builtins(one) for one in payments],
        **rest,
        "batches": [msgspec.to_builtins(one) for one in batches],
        "acts": [msgspec.to_builtins(one) for one in acts],
    }

    def tell() -> None:
        tell_file(found)
        rows = [
            [str(p.item), p.end_to_end_id, p.creditor, p.creditor_account,
             decimals.money(p.amount_minor, p.currency), p.state,
             p.reason, output.text(Both(p.text, p.text_zh))]
            for p in payments
        ]  # fmt: skip
        columns = ["item", "end-to-end id", "creditor", "account", "amount", "state", "reason",
                   "why"]  # fmt: skip
        least = ["account", *(["creditor"] if any(p.text for p in payments) else [])]
        output.table(output.text("Payments"), columns, rows, least)
        if rest.get("next_cursor"):
            say_rest(len(payments), rest)
        rows = [
            [str(b.batch), b.reference, str(b.payments),
             ", ".join(f"{decimals.text(v, k)} {k}" for k, v in b.totals.items()), b.state,
             f"{len(b.signed_by)}/{b.keys_needed}", str(b.height or ""),
             output.text(Both(b.text, b.text_zh))]
            for b in batches
        ]  # fmt: skip
        columns = ["batch", "reference", "payments", "total", "state", "signed", "block", "why"]
        output.table(output.text("Batches"), columns, rows)
        rows = [
            [moment(a.at_ms), a.label, _act(a.action), str(a.item or ""), a.path,
             _change(a)]
            for a in acts
        ]  # fmt: skip
        columns = ["time (UTC)", "who", "act", "item", "path", "change"]
        output.table(output.text("Acts"), columns, rows)

    output.result(value, tell)


def follow(
    name: Name,
    out: Annotated[
        Path | None, typer.Option(help="Folder for pain.002 and camt.054 at the end.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0, help="How long at most; 0 is for ever.")] = 0,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Watch a file until each payment has come to its end; write the answers."""
    from tongbao.sdk import desk as sdk

    written: dict[str, str] = {}
    with client(url, home) as ledger:
        found = ledger.call(sdk.file(name))
        with output.progress(name, found.payments) as step:
            for found in sdk.follow(ledger, name, pauses=_pauses(seconds)):
                states = found.states
                ended = ("settled", "rejected", "refused", "cancelled")
                step(sum(states.get(one, 0) for one in ended))
        if out is not None:
            written = _answers(ledger, found, out)
    value = {**msgspec.to_builtins(found), "written": written}

    def tell() -> None:
        tell_file(found)
        for path in written.values():
            output.say("  {path}", path=path)

    output.result(value, tell)
    if found.state not in ("done", "cancelled"):
        raise SystemExit(1)


@looks
def limits(
    ledger: Client,
    party: Annotated[str, typer.Option(help="Only this party's.")] = "",
) -> None:
    """What keys may approve."""
    from tongbao.sdk import desk as sdk

    if party:
        ledger.parties.show(party)
    decimals = Decimals(ledger)
    columns: Columns = {
        "party": lambda one: one.party, "key": lambda one: one.key,
        "currency": lambda one: one.currency,
        "may approve": lambda one: decimals.text(one.most_minor, one.currency),
    }  # fmt: skip
    listed(output.text("Limits"), columns, ledger.walk(sdk.limits(party or None)))


def tell_file(found: DeskFile) -> None:
    """What a person needs to know of a file, and what to do next."""
    output.say(
        "{file} ({name}): {state}, {count} payments: {states}",
        "green" if found.state in ("released", "done") else None,
        file=found.file, name=found.name, state=output.value("state", found.state),
        count=found.payments, states=_states(found),
    )  # fmt: skip
    if found.totals:
        output.say("  total: {totals}", totals=_totals(found))
    if found.release_at_ms:
        at = moment(found.release_at_ms)
        output.say("  goes from {at} UTC on", at=at)
    for en, zh in zip(found.missing, found.missing_zh, strict=True):
        output.say("  still needed: {what}", "yellow", what=Both(en, zh))
    if found.state == "open" and found.states.get("refused"):
        output.say(
            "  refused payments: tongbao desk show {file} --state refused",
            "yellow",
            file=found.file,
        )
    _tell_next(found)


def _tell_next(found: DeskFile) -> None:
    """What comes next, as it is typed."""
    name, party = found.file, found.party
    if found.state == "open" and found.states.get("ready"):
        if found.missing:
            command = f"tongbao desk approve {name} --as {party}/LABEL"
            output.say(
                "  next, by another person than {uploaded_label}: {command}",
                uploaded_label=found.uploaded_label,
                command=command,
            )
        else:
            command = f"tongbao desk release {name} --as {party}/{found.uploaded_label}"
            output.say("  next: {command}", command=command)
    if found.state == "released":
        command = f"tongbao desk follow {name} --out FOLDER"
        output.say("  next: {command}", command=command)


def _totals(found: DeskFile) -> str:
    """What it pays, per currency and in units: two currencies are never added."""
    from tongbao.iso20022.currencies import MINOR_UNITS

    return ", ".join(
        f"{amount_text(int(total), MINOR_UNITS.get(currency, 0))} {currency}"
        for currency, total in sorted(found.totals.items())
    )


def _act(action: str) -> str:
    return output.word(_ACTS.get(action, action), "act")


def _change(act: DeskAct) -> str:
    if act.path:
        return f"{act.old} -> {act.new}"
    return f"{moment(int(act.new))} UTC" if act.action == "release" and act.new else act.new


def _states(found: DeskFile) -> str:
    return output.text(", ").join(
        output.text("{count} {state}", count=count, state=output.value("state", state))
        for state, count in sorted(found.states.items())
    )


def _answers(ledger: Client, found: DeskFile, folder: Path) -> dict[str, str]:
    from tongbao.sdk import desk as sdk

    folder.mkdir(parents=True, exist_ok=True)
    kinds = ["pain.002", *(["camt.054"] if found.states.get("settled") else [])]
    written: dict[str, str] = {}
    for kind in kinds:
        path = folder / f"{found.file}.{kind}.xml"
        write_private(path, ledger.call(sdk.document(found.file, kind)))
        written[kind] = str(path)
    return written


def _pauses(seconds: float) -> Iterator[float]:
    """Sleep between looks, at most so long in all."""
    ends = time.monotonic() + seconds if seconds else None
    while ends is None or time.monotonic() < ends:
        time.sleep(PAUSE_SECONDS)
        yield PAUSE_SECONDS
