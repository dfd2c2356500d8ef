"""`tongbao rtgs` and `tongbao settle`: queues that save liquidity, batches that settle whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.looking import (
    Columns,
    Decimals,
    EitherSide,
    Limit,
    facts_of,
    listed,
    looks,
    moment,
)
from tongbao.cli.shell.contents import growing
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message

if TYPE_CHECKING:
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents_settlement import SettlementBatch


def _queue_actions(extra: typer.Typer) -> None:
    """Add what changes a queue; the module loads only then."""
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


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rtgs, name="rtgs")
    app.add_typer(settle, name="settle")


# ---- queues --------------------------------------------------------------------------------------


@rtgs.command("queues")
@looks
def queues(ledger: Client, limit: Limit = 50) -> None:
    """List queues with their rules."""
    from tongbao.sdk import settlement

    columns: Columns = {
        "queue": lambda q: q.queue, "operator": lambda q: q.operator,
        "assets": lambda q: " ".join(a.asset for a in q.assets),
        "settles most": lambda q: _words(q.objective), "waiting": lambda q: str(q.waiting),
        "settled": lambda q: str(q.settled),
        "netting": lambda q: f"{q.netting_every_ms // 1000} s" if q.netting_every_ms else "",
    }  # fmt: skip
    title = output.text("Queues")
    listed(title, columns, ledger.walk(settlement.queues()), limit)


@rtgs.command("queue")
@looks
def queue(
    ledger: Client,
    queue_id: Queue,
    payer: Annotated[str, typer.Option(help="Only this account's.")] = "",
    asset: Annotated[str, typer.Option(help="Only this asset.")] = "",
    party: EitherSide = "",
    limit: Limit = 50,
) -> None:
    """What waits in a queue, in its order, each with its position."""
    from tongbao.sdk import settlement

    decimals = Decimals(ledger)
    columns: Columns = {
        "position": lambda p: str(p.position), "priority": lambda p: str(p.priority),
        "payer": lambda p: p.payer, "payee": lambda p: p.payee,
        "amount": lambda p: decimals.money(p.amount_minor, p.asset),
        "pair": lambda p: p.pair, "payment": lambda p: p.payment,
    }  # fmt: skip
    rows = ledger.walk(settlement.waiting(queue_id, payer or None, asset or None, party or None))
    title = output.text("Waiting in {queue_id}", queue_id=queue_id)
    listed(title, columns, rows, limit, ["payment", "pair"], "payment")


@rtgs.command("payments")
@looks
def payments(
    ledger: Client,
    queue_id: Annotated[str, typer.Option("--queue", help="Only this queue's.")] = "",
    account: Annotated[str, typer.Option(help="Only those that this account pays or gets.")] = "",
    party: EitherSide = "",
    state: Annotated[str, typer.Option(help="waiting, settled, cancelled or rejected.")] = "",
    run: Annotated[str, typer.Option("--run", help="Only what this run settled.")] = "",
    limit: Limit = 50,
) -> None:
    """Payments that were submitted to queues, newest first."""
    from tongbao.sdk import settlement

    decimals = Decimals(ledger)
    columns: Columns = {
        "payer": lambda p: p.payer, "payee": lambda p: p.payee,
        "amount": lambda p: decimals.money(p.amount_minor, p.asset),
        "state": lambda p: p.state, "time (UTC)": lambda p: moment(p.submitted_at_ms),
        "how": lambda p: _words(p.how) or p.reason,
        "run": lambda p: p.run, "payment": lambda p: p.payment,
    }  # fmt: skip
    filters = (queue_id or None, account or None, state or None, run or None)
    rows = ledger.walk(settlement.payments(*filters, party=party or None))
    title = output.text("Payments in queues")
    listed(title, columns, rows, limit, ["payment", "run", "how"], "payment")


@rtgs.command("show")
@looks
def payment_show(
    ledger: Client,
    payment: Annotated[str, typer.Argument(metavar="PAYMENT")],
) -> None:
    """One payment: where it waits, or how it ended."""
    from tongbao.sdk import settlement

    plain = msgspec.to_builtins(ledger.call(settlement.payment(payment)))
    facts = facts_of({**plain, "how": _words(plain["how"])}, Decimals(ledger))
    output.result(plain, lambda: output.facts("", facts))


@rtgs.command("runs")
@looks
def runs(ledger: Client, queue_id: Queue, limit: Limit = 20) -> None:
    """Runs of the netting, newest first: how many payments and how much value each settled."""
    from tongbao.sdk import settlement

    assets, decimals = ledger.call(settlement.queue(queue_id)).assets, Decimals(ledger)

    def amount(value: str) -> str:
        """In units of the one asset; amounts of two, or weighed ones, are no amount of money."""
        one = assets[0]
        return decimals.money(value, one.asset) if len(assets) == one.weight == 1 else ""

    columns: Columns = {
        "run": lambda r: r.run, "time (UTC)": lambda r: moment(r.started_at_ms),
        "why": lambda r: _words(r.kind), "settles most": lambda r: _words(r.objective),
        "state": lambda r: r.state, "settled": lambda r: str(r.count),
        "amount": lambda r: amount(r.value),
        "left": lambda r: str(r.left), "rejected": lambda r: str(r.rejected),
    }  # fmt: skip
    rows = ledger.walk(settlement.runs(queue_id))
    title = output.text("Netting of {queue_id}", queue_id=queue_id)
    least = ["settles most", "state", "why", "time (UTC)"]
    listed(title, columns, rows, limit, least)


@rtgs.command("limits")
@looks
def limits(ledger: Client, queue_id: Queue, limit: Limit = 50) -> None:
    """What participants allow a queue; `set-limits` changes one's own."""
    from tongbao.sdk import settlement

    decimals = Decimals(ledger)

    def amount(name: str) -> Callable[[Any], str]:
        return lambda row: decimals.text(getattr(row, name), row.asset)

    columns: Columns = {
        "account": lambda r: r.account, "asset": lambda r: r.asset,
        "multilateral": amount("multilateral_minor"),
        "kept for urgent": amount("urgent_reserve_minor"),
        "bilateral": lambda r: ", ".join(
            f"{other}: {decimals.text(most, r.asset)}" for other, most in r.bilateral.items()
        ),
    }  # fmt: skip
    rows = ledger.walk(settlement.limits(queue_id))
    listed(output.text("Limits of accounts"), columns, rows, limit)


# ---- batches -------------------------------------------------------------------------------------


@settle.command("list")
@looks
def batches(
    ledger: Client,
    party: Annotated[str, typer.Option(help="Only those that concern this party.")] = "",
    state: Annotated[str, typer.Option(help="open, complete, settled or cancelled.")] = "",
    limit: Limit = 50,
) -> None:
    """Settlement batches, newest first."""
    from tongbao.sdk import settlement

    columns: Columns = {
        "title": lambda b: b.title, "proposer": lambda b: b.proposer, "state": lambda b: b.state,
        "legs": lambda b: str(len(b.instructions)), "missing": lambda b: str(_missing(b)),
        "until (UTC)": lambda b: moment(b.deadline_at_ms), "batch": lambda b: b.batch,
    }  # fmt: skip
    rows = ledger.walk(settlement.batches(party or None, state or None))
    title = output.text("Settlement batches")
    listed(title, columns, rows, limit, ["batch"], "batch")


def _missing(batch: SettlementBatch) -> int:
    """Accounts and approvals that an open batch still waits for."""
    if batch.state != "open":
        return 0
    return sum(
        (not leg.delivers) + (not leg.receives) + (not leg.delivery_approved)
        + (batch.receivers_approve and not leg.receipt_approved)
        for leg in batch.instructions
    )  # fmt: skip


@settle.command("show")
@looks
def batch_show(
    ledger: Client,
    batch: Annotated[str, typer.Argument(metavar="BATCH")],
) -> None:
    """One batch: its legs, who has to name an account or approve, and what stands in the way."""
    from tongbao.sdk import settlement

    found = ledger.call(settlement.batch(batch))
    decimals = Decimals(ledger)
    yes, no = output.text("yes"), output.text("no")
    rows = [
        [str(leg.number), f"{leg.sender} {leg.delivers}", f"{leg.receiver} {leg.receives}",
         decimals.money(leg.amount_minor, leg.asset),
         yes if leg.delivery_approved else no,
         (yes if leg.receipt_approved else no) if found.receivers_approve else ""]
        for leg in found.instructions
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
        output.table(output.text("Legs"), columns, rows)

    output.result(msgspec.to_builtins(found), show)
