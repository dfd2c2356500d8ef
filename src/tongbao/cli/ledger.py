"""`tongbao account|party|asset|tx|block|events`: look at the ledger of a running node."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from tongbao.cli.connect import DEFAULT_HOME, Home, Url, client, node_url
from tongbao.cli.light import TrustGiven, Witnesses, show_proven
from tongbao.cli.output import amount_text, output

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="How many rows at most.")]
account = typer.Typer(help="Accounts and what they hold.", no_args_is_help=True)
party = typer.Typer(help="Parties, their keys, policies and proposals.", no_args_is_help=True)
asset = typer.Typer(help="Assets and their supply.", no_args_is_help=True)
tx = typer.Typer(help="Transactions.", no_args_is_help=True)
block = typer.Typer(help="Blocks.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for name, group in (
        ("account", account), ("party", party), ("asset", asset), ("tx", tx), ("block", block),
    ):  # fmt: skip
        app.add_typer(group, name=name)
    app.command()(status)
    app.command()(codes)


def moment(time_ms: int) -> str:
    """Block time in UTC, for people; a dash where only blocks that are not here know it."""
    if not time_ms:
        return "-"
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def listed(
    title: str, columns: dict[str, Callable[[Any], str]], rows: Iterable[Any], limit: int
) -> None:
    """A list as a table or as `items`; `columns` say how each shows a row."""
    found = list(itertools.islice(rows, limit))
    output.result(
        {"items": [msgspec.to_builtins(row) for row in found]},
        lambda: output.table(
            title, list(columns), [[show(row) for show in columns.values()] for row in found]
        ),
    )


def shown(title: str, document: Any) -> None:
    """One document as named facts."""
    plain = msgspec.to_builtins(document)
    facts = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in plain.items()
        if value not in ("", None, [], {})
    }
    output.result(plain, lambda: output.facts(title, facts))


class Decimals:
    """How amounts of each asset are written."""

    def __init__(self, ledger: Any) -> None:
        """Ask the ledger once."""
        self._known = {one.asset: one.decimals for one in ledger.assets()}

    def text(self, amount: str, asset_id: str) -> str:
        """An amount of an asset as people write it."""
        return amount_text(int(amount), self._known.get(asset_id, 0))


@account.command("list")
def accounts(
    party_id: Annotated[str, typer.Option("--party", help="Only this party's.")] = "",
    identifier: Annotated[str, typer.Option(help="The one with this IBAN or number.")] = "",
    limit: Limit = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """List accounts."""
    with client(url, home) as ledger:
        rows = ledger.accounts(party=party_id or None, identifier=identifier or None)
        columns: dict[str, Callable[[Any], str]] = {
            "account": lambda a: a.account, "title": lambda a: a.title_local or a.title,
            "servicer": lambda a: a.servicer, "state": lambda a: a.state,
            "numbers": lambda a: " ".join(a.identifiers),
        }  # fmt: skip
        listed(output.text("Accounts", "账户"), columns, rows, limit)


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
        found = ledger.account(account_id)
        held = list(ledger.holdings(account_id))
        decimals = Decimals(ledger)
    rows = [
        [one.asset, *(decimals.text(x, one.asset) for x in
         (one.posted_minor, one.reserved_minor, one.available_minor)), " ".join(one.flags)]
        for one in held
    ]  # fmt: skip
    value = {**msgspec.to_builtins(found), "holdings": [msgspec.to_builtins(h) for h in held]}

    def show() -> None:
        facts = {"account": found.account, "title": f"{found.title} {found.title_local}".strip(),
                 "servicer": found.servicer, "state": found.state,
                 "numbers": " ".join(found.identifiers)}  # fmt: skip
        output.facts("", facts)
        columns = ["asset", "posted", "reserved", "available", "flags"]
        output.table(output.text("Holdings", "持仓"), columns, rows)

    output.result(value, show)


@account.command("entries")
def entries(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    asset_id: Annotated[str, typer.Option("--asset", help="Only this asset.")] = "",
    limit: Limit = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Debits and credits of an account, oldest first."""
    with client(url, home) as ledger:
        decimals = Decimals(ledger)
        rows = ledger.entries(account_id, asset=asset_id or None)
        columns: dict[str, Callable[[Any], str]] = {
            "time (UTC)": lambda e: moment(e.time_ms),
            "amount": lambda e: decimals.text(e.amount_minor, e.asset),
            "balance": lambda e: decimals.text(e.balance_minor, e.asset),
            "asset": lambda e: e.asset, "with": lambda e: e.counterparty,
            "reference": lambda e: e.payee_reference, "block": lambda e: str(e.height),
        }  # fmt: skip
        listed(account_id, columns, rows, limit)


@account.command("holds")
def holds(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    state: Annotated[str, typer.Option(help="open, posted or released.")] = "",
    limit: Limit = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """What an account has set aside for payees."""
    with client(url, home) as ledger:
        decimals = Decimals(ledger)
        columns: dict[str, Callable[[Any], str]] = {
            "hold": lambda h: h.hold, "payee": lambda h: h.payee, "asset": lambda h: h.asset,
            "remains": lambda h: decimals.text(h.remaining_minor, h.asset),
            "amount": lambda h: decimals.text(h.amount_minor, h.asset),
            "until (UTC)": lambda h: moment(h.due_at_ms), "state": lambda h: h.state,
        }  # fmt: skip
        found = ledger.holds(account_id, state or None)
        listed(output.text("Holds", "预留"), columns, found, limit)


@party.command("proposals")
def proposals(
    party_id: Annotated[str, typer.Argument(metavar="PARTY")],
    state: Annotated[
        str, typer.Option(help="open, executed, rejected, expired or withdrawn.")
    ] = "",
    limit: Limit = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """What waits for a party's approval, or did."""
    with client(url, home) as ledger:
        columns: dict[str, Callable[[Any], str]] = {
            "proposal": lambda p: p.proposal, "state": lambda p: p.state,
            "actions": lambda p: " ".join(a.get("type", "?") for a in p.actions),
            "approvals": lambda p: str(len(p.approvals)),
            "until (UTC)": lambda p: moment(p.expires_at_ms), "note": lambda p: p.note,
        }  # fmt: skip
        found = ledger.proposals(party_id, state or None)
        listed(output.text("Proposals", "提议"), columns, found, limit)


@party.command("list")
def parties(
    role: Annotated[str, typer.Option(help="Only those with this role.")] = "",
    limit: Limit = 50,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """List parties."""
    with client(url, home) as ledger:
        columns: dict[str, Callable[[Any], str]] = {
            "party": lambda p: p.party, "name": lambda p: f"{p.name} {p.name_local}".strip(),
            "roles": lambda p: " ".join(p.roles), "LEI": lambda p: p.lei,
            "state": lambda p: p.state,
        }  # fmt: skip
        listed(output.text("Parties", "参与方"), columns, ledger.parties(role or None), limit)


@party.command("show")
def party_show(
    party_id: Annotated[str, typer.Argument(metavar="PARTY")],
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """One party with its keys and policies."""
    with client(url, home) as ledger:
        found = msgspec.to_builtins(ledger.party(party_id))
        found["keys"] = [msgspec.to_builtins(key) for key in ledger.keys(party_id)]
        found["policies"] = [msgspec.to_builtins(one) for one in ledger.policies(party_id)]

    def show() -> None:
        plain = {k: str(v) for k, v in found.items() if k not in ("keys", "policies") and v}
        output.facts("", plain)
        rows = [[k["key"], k["label"], " ".join(k["scopes"]), k["state"]] for k in found["keys"]]
        output.table(output.text("Keys", "密钥"), ["key", "label", "scopes", "state"], rows)
        rows = [[p["scope"], str(p["keys"]), str(p["weight"])] for p in found["policies"]]
        output.table(output.text("Policies", "审批策略"), ["scope", "keys", "weight"], rows)

    output.result(found, show)


@asset.command("list")
def assets(limit: Limit = 50, home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """List assets."""
    with client(url, home) as ledger:
        columns: dict[str, Callable[[Any], str]] = {
            "asset": lambda a: a.asset, "name": lambda a: a.name, "issuer": lambda a: a.issuer,
            "kind": lambda a: a.kind,
            "outstanding": lambda a: amount_text(int(a.supply_minor), a.decimals),
            "state": lambda a: a.state,
        }  # fmt: skip
        listed(output.text("Assets", "资产"), columns, ledger.assets(), limit)


@asset.command("show")
def asset_show(
    asset_id: Annotated[str, typer.Argument(metavar="ASSET")],
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """One asset."""
    with client(url, home) as ledger:
        shown(asset_id, ledger.asset(asset_id))


@tx.command("list")
def transactions(
    of: Annotated[str, typer.Option("--party", help="Only those named by this party.")] = "",
    code: Annotated[int, typer.Option(help="Only this code; 0 is what was done.")] = -1,
    limit: Limit = 20,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """List transactions, newest first."""
    with client(url, home) as ledger:
        columns: dict[str, Callable[[Any], str]] = {
            "time (UTC)": lambda t: moment(t.time_ms), "party": lambda t: t.party,
            "reference": lambda t: t.reference, "actions": lambda t: ", ".join(t.types),
            "code": lambda t: str(t.code), "digest": lambda t: t.digest[:16],
        }  # fmt: skip
        rows = ledger.transactions(of or None, None if code < 0 else code)
        listed(output.text("Transactions", "交易"), columns, rows, limit)


@tx.command("show")
def tx_show(
    transaction: Annotated[str, typer.Argument(help="Digest (hex), or PARTY:REFERENCE.")],
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """One transaction with what became of it."""
    with client(url, home) as ledger:
        if ":" in transaction:
            of, _, reference = transaction.partition(":")
            found = ledger.transaction_named(of, reference)
        else:
            found = ledger.transaction(transaction)
        shown(transaction, found)


@tx.command("events")
def events(
    party_id: Annotated[str, typer.Option("--party", help="Only what concerns this party.")] = "",
    kind: Annotated[str, typer.Option(help="Type or module, e.g. payments.")] = "",
    since: Annotated[str, typer.Option(help="Event id to go on from; 0 is the beginning.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Stop after so many; 0 never stops.")] = 0,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Watch what happens, one line an event, until Ctrl-C."""
    with client(url, home) as ledger:
        stream = ledger.events(since or None, party=party_id or None, event=kind or None)
        for item in itertools.islice(stream, limit or None):
            plain = msgspec.to_builtins(item)
            if output.json:
                typer.echo(msgspec.json.encode(plain).decode())
            else:
                typer.echo(f"{item.id}  {moment(item.time_ms)}  {item.event}  {item.data}")


@block.command("list")
def blocks(limit: Limit = 20, home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """List blocks, newest first."""
    with client(url, home) as ledger:
        columns: dict[str, Callable[[Any], str]] = {
            "height": lambda b: str(b.height), "time (UTC)": lambda b: moment(b.time_ms),
            "transactions": lambda b: str(b.transactions), "hash": lambda b: b.hash[:16],
            "state root": lambda b: b.app_hash[:16],
        }  # fmt: skip
        listed(output.text("Blocks", "区块"), columns, ledger.blocks(), limit)


@block.command("show")
def block_show(height: int, home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """One block."""
    with client(url, home) as ledger:
        shown(str(height), ledger.block(height))


def status(home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """Where the running node stands."""
    with client(url, home) as ledger:
        shown("", ledger.status())


def codes(home: Home = DEFAULT_HOME) -> None:
    """Every refusal code with what it says and whether to try again."""
    from tongbao.modules import protocols

    found = [
        {"code": number, "name": code.name, "retry": code.retry.value, "en": code.en, "zh": code.zh}
        for number, code in sorted(protocols().newest.codes.items())
    ]
    rows = [
        [str(one["code"]), str(one["name"]), str(one["retry"]), str(one[output.language])]
        for one in found
    ]
    title = output.text("Refusal codes", "拒绝码")
    columns = ["code", "name", "retry", "says"]
    output.result({"items": found}, lambda: output.table(title, columns, rows))
