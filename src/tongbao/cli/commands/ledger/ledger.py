"""`tongbao account|party|asset|tx|block|events`: look at the ledger of a running node."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client, node_url
from tongbao.cli.client.groups import module_group
from tongbao.cli.client.looking import (
    Columns,
    Decimals,
    EitherSide,
    Limit,
    OfAsset,
    OldestFirst,
    listed,
    looks,
    moment,
    remitted,
    shown,
)
from tongbao.cli.commands.light.following import TrustGiven, Witnesses, show_proven
from tongbao.cli.shell.output import output
from tongbao.words import sentence

if TYPE_CHECKING:
    from tongbao.sdk import Client

account = module_group("accounts", "Accounts and what they hold.", {"limits": "account_limit"})
tx = typer.Typer(help="Transactions.", no_args_is_help=True)
block = typer.Typer(help="Blocks.", no_args_is_help=True)
From = Annotated[str, typer.Option("--from", help="First day, or a time with zone.")]
To = Annotated[str, typer.Option("--to", help="Last day, or a time with zone.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from tongbao.cli.commands.ledger import envelopes
    from tongbao.cli.commands.ledger.registers import asset, party

    for name, group in (
        ("account", account), ("party", party), ("asset", asset), ("tx", tx), ("block", block),
    ):  # fmt: skip
        app.add_typer(group, name=name)
    envelopes.register(tx)
    app.command()(status)
    app.command()(codes)


@account.command("list")
@looks
def accounts(
    ledger: Client,
    party_id: Annotated[str, typer.Option("--party", help="Only this party's.")] = "",
    identifier: Annotated[str, typer.Option(help="The one with this IBAN or number.")] = "",
    state: Annotated[str, typer.Option(help="open, frozen or closed.")] = "",
    limit: Limit = 50,
) -> None:
    """List accounts."""
    rows = ledger.accounts.list(
        party=party_id or None, identifier=identifier or None, state=state or None
    )
    columns: Columns = {
        "account": lambda a: a.account, "title": lambda a: a.title_local or a.title,
        "servicer": lambda a: a.servicer, "state": lambda a: a.state,
        "numbers": lambda a: " ".join(a.identifiers),
    }  # fmt: skip
    listed(output.text("Accounts"), columns, rows, limit)


@account.command("show")
def account_show(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    home: Home = DEFAULT_HOME,
    url: Url = "",
    proof: Annotated[
        bool, typer.Option("--proof", help="Verify every balance; needs --trust.")
    ] = False,
    trust: TrustGiven = "",
    witness: Witnesses = None,
) -> None:
    """One account with what it holds."""
    if proof:
        show_proven(account_id, trust, node_url(url, home), witness or [])
        return
    with client(url, home) as ledger:
        found = ledger.accounts.show(account_id)
        held = list(ledger.accounts.holdings(account=account_id))
        decimals = Decimals(ledger)
    rows = [
        [one.asset, *(decimals.text(x, one.asset) for x in
         (one.posted_minor, one.reserved_minor, one.available_minor)), " ".join(one.flags)]
        for one in held
    ]  # fmt: skip
    value = {**msgspec.to_builtins(found), "holdings": [msgspec.to_builtins(h) for h in held]}

    def show() -> None:
        facts = {"account": found.account, "title": f"{found.title} {found.title_local}".strip(),
                 "servicer": found.servicer, "state": output.value("state", found.state),
                 "numbers": " ".join(found.identifiers)}  # fmt: skip
        output.facts("", facts)
        columns = ["asset", "posted", "reserved", "available", "flags"]
        output.table(output.text("Holdings"), columns, rows)

    output.result(value, show)


@account.command("entries")
@looks
def entries(
    ledger: Client,
    whose: Annotated[str, typer.Argument(metavar="ACCOUNT|PARTY")],
    asset_id: OfAsset = "",
    since: From = "",
    until: To = "",
    kind: Annotated[
        str, typer.Option(help="Only what this moved, e.g. payments.transferred.")
    ] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """Debits and credits of an account, or of all accounts of a party, newest first."""
    from tongbao.cli.commands.ledger.statements import stretch

    decimals = Decimals(ledger)
    begin, end = stretch((since, until))
    rows = ledger.accounts.entries(
        account=whose if "/" in whose else None, party=None if "/" in whose else whose,
        asset=asset_id or None, event=kind or None, since_ms=begin, until_ms=end,
        oldest_first=oldest_first,
    )  # fmt: skip
    columns: Columns = {
        "time (UTC)": lambda e: moment(e.time_ms),
        **({} if "/" in whose else {"account": lambda e: e.account}),
        "amount": lambda e: decimals.text(e.amount_minor, e.asset), "asset": lambda e: e.asset,
        "balance": lambda e: decimals.text(e.balance_minor, e.asset),
        "with": lambda e: e.counterparty, "reference": lambda e: e.payee_reference,
        "remittance": remitted, "block": lambda e: str(e.block_height),
    }  # fmt: skip
    least = ["block", "reference", "balance", "remittance"]
    listed(whose, columns, rows, limit, least, "remittance")


@account.command("statement")
def statement(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    asset_id: OfAsset = "",
    since: From = "",
    until: To = "",
    form: Annotated[
        str, typer.Option("--format", help="camt.053, camt.052, csv or xlsx.")
    ] = "camt.053",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """An account's statement: balances of the period's ends, and what moved between them."""
    from tongbao.cli.commands.ledger.statements import write_statement

    with client(url, home) as ledger:
        write_statement(ledger, account_id, asset_id, (since, until), form, out)


def _of(account: str, party: str, asset: str) -> dict[str, str | None]:
    return {"account": account or None, "party": party or None, "asset": asset or None}


@account.command("holds")
@looks
def holds(
    ledger: Client,
    account_id: Annotated[str, typer.Argument(metavar="[ACCOUNT]")] = "",
    party_id: EitherSide = "",
    asset_id: OfAsset = "",
    state: Annotated[str, typer.Option(help="open, posted or released.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """What is set aside for payees: by or for an account, by or for a party, or all; newest
    first."""
    decimals = Decimals(ledger)
    columns: Columns = {
        "until (UTC)": lambda h: moment(h.due_at_ms), "payer": lambda h: h.payer,
        "payee": lambda h: h.payee,
        "remains": lambda h: decimals.money(h.remaining_minor, h.asset),
        "amount": lambda h: decimals.text(h.amount_minor, h.asset), "state": lambda h: h.state,
        "opened (UTC)": lambda h: moment(h.created_at_ms),
        "reference": lambda h: h.payee_reference, "hold": lambda h: h.hold,
    }  # fmt: skip
    asked = {"state": state or None, **_of(account_id, party_id, asset_id)}
    found = ledger.payments.holds(oldest_first=oldest_first, **asked)
    least = ["reference", "opened (UTC)", "hold", "amount"]
    listed(output.text("Holds"), columns, found, limit, least, "hold")


@account.command("scheduled")
@looks
def scheduled(
    ledger: Client,
    account_id: Annotated[str, typer.Argument(metavar="[ACCOUNT]")] = "",
    party_id: EitherSide = "",
    asset_id: OfAsset = "",
    state: Annotated[str, typer.Option(help="waiting, paid, refused or cancelled.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """Transfers ordered for later, by or for an account or a party, with what became of them."""
    decimals = Decimals(ledger)
    columns: Columns = {
        "due (UTC)": lambda s: moment(s.due_at_ms), "payer": lambda s: s.payer,
        "payee": lambda s: s.payee, "amount": lambda s: decimals.money(s.amount_minor, s.asset),
        "state": lambda s: s.state, "remittance": remitted,
        "reason": lambda s: s.reason, "scheduled transfer": lambda s: s.schedule,
    }  # fmt: skip
    asked = {"state": state or None, **_of(account_id, party_id, asset_id)}
    found = ledger.payments.scheduled_transfers(oldest_first=oldest_first, **asked)
    least = ["reason", "scheduled transfer", "remittance"]
    title = output.text("Scheduled transfers")
    listed(title, columns, found, limit, least, "scheduled transfer")


@tx.command("list")
@looks
def transactions(
    ledger: Client,
    party_id: EitherSide = "",
    code: Annotated[int, typer.Option(help="Only this code; 0 is what was done.")] = -1,
    oldest_first: OldestFirst = False,
    limit: Limit = 20,
) -> None:
    """List transactions, newest first; of a party: those that it named, and that concern it."""
    columns: Columns = {
        "time (UTC)": lambda t: moment(t.time_ms), "party": lambda t: t.party,
        "reference": lambda t: t.reference, "actions": lambda t: ", ".join(t.types),
        "code": lambda t: str(t.code), "digest": lambda t: t.digest,
    }  # fmt: skip
    only = None if code < 0 else code
    rows = ledger.transactions(party_id or None, only, oldest_first=oldest_first)
    listed(output.text("Transactions"), columns, rows, limit, ["digest", "actions"])


@tx.command("show")
@looks
def tx_show(
    ledger: Client,
    transaction: Annotated[str, typer.Argument(help="Digest (hex), or PARTY:REFERENCE.")],
) -> None:
    """One transaction with what became of it."""
    if ":" in transaction:
        of, _, reference = transaction.partition(":")
        found = ledger.transaction_named(of, reference)
    else:
        found = ledger.transaction(transaction)
    shown(transaction, found)


@tx.command("events")
@looks
def events(
    ledger: Client,
    party_id: Annotated[str, typer.Option("--party", help="Only what concerns this party.")] = "",
    account_id: Annotated[
        str, typer.Option("--account", help="Only what concerns this account.")
    ] = "",
    kind: Annotated[str, typer.Option(help="Type or module, e.g. payments.")] = "",
    since: Annotated[str, typer.Option(help="Event id to go on from; 0 is the beginning.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Stop after so many; 0 never stops.")] = 0,
) -> None:
    """Watch what happens, one line an event, until Ctrl-C."""
    stream = ledger.events(
        since or None, party=party_id or None, account=account_id or None, event=kind or None
    )
    for item in islice(stream, limit or None):
        plain = msgspec.to_builtins(item)
        if output.json:
            typer.echo(msgspec.json.encode(plain).decode())
        else:
            typer.echo(f"{item.id}  {moment(item.time_ms)}  {item.event}  {item.data}")


@block.command("list")
@looks
def blocks(ledger: Client, limit: Limit = 20) -> None:
    """List blocks, newest first."""
    columns: Columns = {
        "height": lambda b: str(b.height), "time (UTC)": lambda b: moment(b.time_ms),
        "transactions": lambda b: str(b.transactions), "hash": lambda b: b.hash,
        "state root": lambda b: b.app_hash,
    }  # fmt: skip
    listed(output.text("Blocks"), columns, ledger.blocks(), limit, ["state root", "hash"])


@block.command("show")
@looks
def block_show(ledger: Client, height: int) -> None:
    """One block."""
    shown(str(height), ledger.block(height))


@looks
def status(ledger: Client) -> None:
    """Where the running node stands."""
    shown("", ledger.status())


def codes(home: Home = DEFAULT_HOME) -> None:
    """Every refusal code with what it says and whether to try again."""
    from tongbao.modules import protocols

    found = [
        {"code": number, "name": code.name, "retry": code.retry.value, "en": code.english,
         "zh": sentence(code.template, {}, "zh")}
        for number, code in sorted(protocols().newest.codes.items())
    ]  # fmt: skip
    rows = [[str(one[key]) for key in ("code", "name", "retry", output.language)] for one in found]
    title, columns = output.text("Refusal codes"), ["code", "name", "retry", "says"]
    output.result({"items": found}, lambda: output.table(title, columns, rows))
