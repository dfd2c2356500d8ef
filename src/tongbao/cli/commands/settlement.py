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
    from tongbao.cli.client.derived import add_lists, add_rows
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
    add_lists(extra, module.MODULE, {
        "queues": "queue", "payments": "queued_payment", "limits": "queue_limit",
        "bilateral": "bilateral_limit",
    })  # fmt: skip
    add_rows(extra, module.MODULE, {"show": "queued_payment"})


def _batch_actions(extra: typer.Typer) -> None:
    """Add what changes a settlement batch; the module loads only then."""
    from tongbao.cli.client.derived import add_lists
    from tongbao.cli.client.verbs import add_commands
    from tongbao.modules import settlement as module

    add_lists(extra, module.MODULE, {"list": "settlement_batch"})
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
_WORDS = (
    message("count", "objective"), message("value", "objective"),
    message("demand", "kind"), message("timer", "kind"), message("close", "kind"),
    message("entry", "how"), message("release", "how"), message("offset", "how"),
    message("pair", "how"), message("netting", "how"),
)  # fmt: skip
"""What a netting settles the most of, why it ran, how a payment settled."""


def _given(**filters: str) -> dict[str, Any]:
    return {name: value or None for name, value in filters.items()}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rtgs, name="rtgs")
    app.add_typer(settle, name="settle")


# ---- queues --------------------------------------------------------------------------------------


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
    rows = ledger.settlement.queued_payments(in_line=True, **asked)
    title = output.text("Waiting in {queue_id}", queue_id=queue_id)
    listed(title, columns, rows, limit, ["payment", "pair"], "payment")


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
    settles = {one.queue: one.assets for one in ledger.settlement.queues()}

    def amount(run: Row) -> str:
        """In units of the one asset; amounts of two, or weighed ones, are no amount of money."""
        assets = settles[run.queue]
        [one, *others] = assets
        alone = not others and one["weight"] == 1
        return decimals.money(run.value, one["asset"]) if alone else ""

    columns: Columns = {
        "run": lambda r: r.run, "time (UTC)": lambda r: moment(r.started_at_ms),
        "why": lambda r: output.word(r.kind, "kind"),
        "settles most": lambda r: output.word(r.objective, "objective"),
        "state": lambda r: r.state, "settled": lambda r: str(r.count), "amount": amount,
        "left": lambda r: str(r.left), "rejected": lambda r: str(r.rejected),
    }  # fmt: skip
    asked = _given(queue=queue_id, state=state)
    rows = ledger.settlement.netting_runs(oldest_first=oldest_first, **asked)
    least = ["settles most", "state", "why", "time (UTC)"]
    listed(output.text("Netting"), columns, rows, limit, least)


# ---- batches -------------------------------------------------------------------------------------


@settle.command("show")
@looks
def batch_show(
    ledger: Client,
    batch: Annotated[str, typer.Argument(metavar="BATCH")],
) -> None:
    """One batch: its legs, who has to name an account or approve, and what stands in the way."""
    found = ledger.settlement.settlement_batch(batch)
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
