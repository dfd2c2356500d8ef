"""`tongbao rtgs` and `tongbao settle`: queues that save liquidity, batches that settle whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.looking import (
    Columns,
    Decimals,
    EitherSide,
    Limit,
    OfAsset,
    OldestFirst,
    facts_of,
    listed,
    looks,
    moment,
)
from tongbao.cli.shell.contents import growing
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents import Row


def _queue_actions(extra: typer.Typer) -> None:
    """Add what changes a queue, and what its participants allow; the module loads only then."""
    from tongbao.cli.client.derived import list_of
    from tongbao.cli.client.verbs import add_commands
    from tongbao.modules import settlement as module

    add_commands(
        extra,
        {
            "define": module.DefineQueue, "submit": module.SubmitPayment,
            "cancel": module.CancelPayment, "reorder": module.ReorderPayment,
            "priority": module.ChangePriority, "set-limits": module.SetQueueLimits,
            "run": module.RunNetting,
        },
    )  # fmt: skip
    records = {one.name: one for one in module.MODULE.records}
    for name, record in (("limits", "queue_limit"), ("bilateral", "bilateral_limit")):
        extra.command(name, help=records[record].meaning)(list_of(records[record]))


def _batch_actions(extra: typer.Typer) -> None:
    """Add what changes a settlement batch; the module loads only then."""
    from tongbao.cli.client.verbs import add_commands
    from tongbao.modules import settlement as module

    add_commands(
        extra,
        {
            "batch": module.ProposeBatch, "amend": module.AmendBatch,
            "withdraw": module.WithdrawBatch, "allocate": module.Allocate,
            "approve": module.ApproveBatch, "revoke": module.RevokeApproval,
            "now": module.SettleBatch,
        },
    )  # fmt: skip


rtgs = typer.Typer(
    cls=growing(_queue_actions),
    help="Queues: submit, look, reorder, cancel, limit, net.",
    no_args_is_help=True,
)
settle = typer.Typer(
    cls=growing(_batch_actions),
    help="Settlement batches: legs that settle together or not at all.",
    no_args_is_help=True,
)
Queue = Annotated[str, typer.Argument(metavar="QUEUE")]
OfQueue = Annotated[str, typer.Argument(metavar="[QUEUE]", help="Only this queue's.")]
OfAccount = Annotated[str, typer.Option("--account", help="Only this account's.")]
OfPayer = Annotated[str, typer.Option("--payer", help="Only what this account pays.")]
_WORDS = {
    "count": message("count", "netting"),
    "value": message("value", "netting"),
    "demand": message("demand", "netting"),
    "timer": message("timer", "netting"),
    "close": message("close", "netting"),
    "entry": message("entry", "netting"),
    "release": message("release", "netting"),
    "offset": message("offset", "netting"),
    "pair": message("pair", "netting"),
    "netting": message("netting", "netting"),
}
"""What a netting aims at, why it ran, how a payment settled."""


def _words(english: str) -> str:
    return output.word(_WORDS.get(english, english), "netting")


def _given(**filters: str) -> dict[str, Any]:
    return {name: value or None for name, value in filters.items()}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rtgs, name="rtgs")
    app.add_typer(settle, name="settle")


# ---- queues --------------------------------------------------------------------------------------


@rtgs.command("queues")
@looks
def queues(
    ledger: Client, party: EitherSide = "", oldest_first: OldestFirst = False, limit: Limit = 50
) -> None:
    """List queues with their rules."""
    columns: Columns = {
        "queue": lambda q: q.queue, "operator": lambda q: q.operator,
        "assets": lambda q: " ".join(one["asset"] for one in q.assets),
        "settles most": lambda q: _words(q.objective), "waiting": lambda q: str(q.waiting),
        "settled": lambda q: str(q.settled),
        "netting": lambda q: f"{q.netting_every_ms // 1000} s" if q.netting_every_ms else "",
    }  # fmt: skip
    found = ledger.rows("queues", oldest_first=oldest_first, **_given(party=party))
    listed(output.text("Queues"), columns, found, limit)


@rtgs.command("queue")
@looks
def queue(
    ledger: Client,
    queue_id: Queue,
    payer: OfPayer = "",
    account: OfAccount = "",
    asset: OfAsset = "",
    party: EitherSide = "",
    limit: Limit = 50,
) -> None:
    """What waits in a queue, in its order, each with its position."""
    decimals = Decimals(ledger)
    columns: Columns = {
        "position": lambda p: str(p.position), "priority": lambda p: str(p.priority),
        "payer": lambda p: p.payer, "payee": lambda p: p.payee,
        "amount": lambda p: decimals.money(p.amount_minor, p.asset),
        "pair": lambda p: p.pair, "payment": lambda p: p.payment,
    }  # fmt: skip
    asked = _given(queue=queue_id, payer=payer, account=account, asset=asset, party=party)
    rows = ledger.rows("queued_payments", in_line=True, **asked)
    title = output.text("Waiting in {queue_id}", queue_id=queue_id)
    listed(title, columns, rows, limit, ["payment", "pair"], "payment")


@rtgs.command("payments")
@looks
def payments(
    ledger: Client,
    queue_id: Annotated[str, typer.Option("--queue", help="Only this queue's.")] = "",
    account: Annotated[str, typer.Option(help="Only those that this account pays or gets.")] = "",
    payer: OfPayer = "",
    asset: OfAsset = "",
    party: EitherSide = "",
    state: Annotated[str, typer.Option(help="waiting, settled, cancelled or rejected.")] = "",
    run: Annotated[str, typer.Option("--run", help="Only what this run settled.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """Payments that were submitted to queues, newest first."""
    decimals = Decimals(ledger)
    columns: Columns = {
        "payer": lambda p: p.payer, "payee": lambda p: p.payee,
        "amount": lambda p: decimals.money(p.amount_minor, p.asset),
        "state": lambda p: p.state, "time (UTC)": lambda p: moment(p.created_at_ms),
        "how": lambda p: _words(p.how) or p.reason,
        "run": lambda p: p.run, "payment": lambda p: p.payment,
    }  # fmt: skip
    asked = _given(
        queue=queue_id, account=account, payer=payer, asset=asset, party=party, state=state,
        run=run,
    )  # fmt: skip
    rows = ledger.rows("queued_payments", oldest_first=oldest_first, **asked)
    title = output.text("Payments in queues")
    listed(title, columns, rows, limit, ["payment", "run", "how"], "payment")


@rtgs.command("show")
@looks
def payment_show(
    ledger: Client,
    payment: Annotated[str, typer.Argument(metavar="PAYMENT")],
) -> None:
    """One payment: where it waits, or how it ended."""
    found = ledger.row("queued_payments", payment)
    facts = facts_of({**found, "how": _words(found.how)}, Decimals(ledger))
    output.result(dict(found), lambda: output.facts("", facts))


@rtgs.command("runs")
@looks
def runs(
    ledger: Client,
    queue_id: OfQueue = "",
    state: Annotated[str, typer.Option(help="working or ended.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 20,
) -> None:
    """Runs of the netting, newest first: how many payments and how much value each settled."""
    decimals = Decimals(ledger)
    settles = {one.queue: one.assets for one in ledger.rows("queues")}

    def amount(run: Row) -> str:
        """In units of the one asset; amounts of two, or weighed ones, are no amount of money."""
        assets = settles[run.queue]
        [one, *others] = assets
        alone = not others and one["weight"] == 1
        return decimals.money(run.value, one["asset"]) if alone else ""

    columns: Columns = {
        "run": lambda r: r.run, "time (UTC)": lambda r: moment(r.started_at_ms),
        "why": lambda r: _words(r.kind), "settles most": lambda r: _words(r.objective),
        "state": lambda r: r.state, "settled": lambda r: str(r.count), "amount": amount,
        "left": lambda r: str(r.left), "rejected": lambda r: str(r.rejected),
    }  # fmt: skip
    asked = _given(queue=queue_id, state=state)
    rows = ledger.rows("netting_runs", oldest_first=oldest_first, **asked)
    least = ["settles most", "state", "why", "time (UTC)"]
    listed(output.text("Netting"), columns, rows, limit, least)


# ---- batches -------------------------------------------------------------------------------------


@settle.command("list")
@looks
def batches(
    ledger: Client,
    party: Annotated[str, typer.Option(help="Only those that concern this party.")] = "",
    state: Annotated[str, typer.Option(help="open, complete, settled or cancelled.")] = "",
    oldest_first: OldestFirst = False,
    limit: Limit = 50,
) -> None:
    """Settlement batches, newest first."""
    columns: Columns = {
        "title": lambda b: b.title, "proposer": lambda b: b.proposer, "state": lambda b: b.state,
        "legs": lambda b: str(len(b.instructions)), "missing": lambda b: str(_missing(b)),
        "until (UTC)": lambda b: moment(b.deadline_at_ms), "batch": lambda b: b.batch,
    }  # fmt: skip
    asked = _given(party=party, state=state)
    rows = ledger.rows("settlement_batches", oldest_first=oldest_first, **asked)
    title = output.text("Settlement batches")
    listed(title, columns, rows, limit, ["batch"], "batch")


def _missing(batch: Row) -> int:
    """Accounts and approvals that an open batch still waits for."""
    if batch.state != "open":
        return 0
    return sum(
        (not leg["delivers"]) + (not leg["receives"]) + (not leg["delivery_approved"])
        + (batch.receivers_approve and not leg["receipt_approved"])
        for leg in batch.instructions
    )  # fmt: skip


@settle.command("show")
@looks
def batch_show(
    ledger: Client,
    batch: Annotated[str, typer.Argument(metavar="BATCH")],
) -> None:
    """One batch: its legs, who has to name an account or approve, and what stands in the way."""
    found = ledger.row("settlement_batches", batch)
    decimals = Decimals(ledger)
    yes, no = output.text("yes"), output.text("no")

    def row(number: int) -> list[str]:
        leg = found.instructions[number]
        step = leg["step"]
        received = yes if leg["receipt_approved"] else no
        return [
            str(number), f"{step['sender']} {leg['delivers']}",
            f"{step['receiver']} {leg['receives']}",
            decimals.money(step["amount_minor"], step["asset"]),
            yes if leg["delivery_approved"] else no, received if found.receivers_approve else "",
        ]  # fmt: skip

    def show() -> None:
        facts = {
            "batch": found.batch, "title": found.title, "state": output.value("state", found.state),
            "until (UTC)": moment(found.deadline_at_ms),
            "settles at (UTC)": moment(found.settle_at_ms) if found.settle_at_ms else "",
            "reason": found.reason,
        }  # fmt: skip
        output.facts("", {name: value for name, value in facts.items() if value})
        columns = ["leg", "delivers", "receives", "amount", "approved", "received"]
        rows = [row(number) for number in range(len(found.instructions))]
        output.table(output.text("Legs"), columns, rows)

    output.result(dict(found), show)
