"""`tongbao pay track|confirm|cancel|answer|return|release|refuse`: after a payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.acting import Sending, act
from tongbao.cli.client.connect import client
from tongbao.cli.client.looking import looks, moment
from tongbao.cli.client.sending import sends
from tongbao.cli.shell.options import KINDS, decimals_of, money, show_costs
from tongbao.cli.shell.output import minor_units, output
from tongbao.cli.shell.units import fail_zero
from tongbao.kernel.wording import message

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents_corridors import PaymentTrack

Uetr = Annotated[str, typer.Argument(metavar="UETR")]
By = Annotated[str, typer.Option("--by", help="Party that acts.")]
Reason = Annotated[str, typer.Option(help="ISO 20022 reason code.")]
Note = Annotated[str, typer.Option(help="In words.")]
Treatment = Annotated[
    str, typer.Option(help="original_rate, current_rate or beneficiary_currency.")
]
STEPS = {
    "accepted": message("accepted"), "held": message("held"),
    "envelope": message("travel-rule envelope attached"),
    "released": message("released"), "cleared": message("cleared, waits for its payer"),
    "settled": message("settled"),
    "credited": message("credited to the end customer"),
    "refused": message("refused"), "ended": message("ended at its deadline"),
    "cancelled": message("cancelled"), "returned": message("returned"),
    "returned_part": message("returned in part"),
    "cancellation_asked": message("cancellation asked"),
    "cancellation_accepted": message("cancellation accepted"),
    "cancellation_rejected": message("cancellation rejected"),
}  # fmt: skip
"""Steps of a payment in words."""
TREATMENTS = {
    "original_rate": message("original rate"), "current_rate": message("current rate"),
    "beneficiary_currency": message("beneficiary's currency"),
}  # fmt: skip
"""How a payment is given back."""


def register(pay: typer.Typer) -> None:
    """Add the commands to the group `pay`."""
    for name, command in (
        ("track", track), ("confirm", confirm), ("cancel", cancel),
        ("answer", answer), ("return", return_payment), ("release", release), ("refuse", refuse),
        ("execute", execute),
    ):  # fmt: skip
        pay.command(name)(command)


@looks
def track(ledger: Client, uetr: Uetr) -> None:
    """Each step of a payment, with times and charges: abroad to the end customer's credit; within
    the ledger it settles at once."""
    from tongbao.cli.commands.pay import domestic
    from tongbao.sdk.answers import Problem

    decimals = decimals_of(ledger)
    try:
        found = domestic.abroad_or_within(ledger, uetr)
    except Problem as problem:
        settled = domestic.settled_under(ledger, uetr) if problem.status == 404 else []
        if not settled:
            raise
        domestic.show_settled(uetr, settled, decimals)
        return
    if domestic.is_within(found):
        domestic.show(ledger, found, decimals)
        return
    output.result(msgspec.to_builtins(found), lambda: show_track(found, decimals))


def show_track(found: PaymentTrack, decimals: dict[str, int]) -> None:
    """A payment for people: facts, steps with the time between them, charges, returns."""
    facts = {
        output.text("payment"): found.uetr,
        output.text("state"): output.text(STEPS.get(found.state, found.state)),
        output.text("from"): found.payer, output.text("to"): found.payee,
        output.text("corridor"): f"{found.corridor} ({found.bearer})",
        output.text("debited"): money(found.debited_minor, found.send_asset, decimals),
        output.text("credited"): money(found.credited_minor, found.receive_asset, decimals),
        output.text("held for"): " ".join(found.held_for),
        output.text("purpose"): f"{found.purpose} {found.remittance}".strip(),
    }  # fmt: skip
    output.facts("", {name: value for name, value in facts.items() if value})
    rows, before = [], found.accepted_at_ms
    for one in found.steps:
        words = output.text(STEPS.get(one.step, one.step))
        rows.append([moment(one.at_ms), _after(one.at_ms - before), words, one.by, one.reason,
                     one.note])  # fmt: skip
        before = one.at_ms
    columns = ["time (UTC)", "after", "step", "by", "reason", "note"]
    output.table(output.text("Steps"), columns, rows)
    if found.charges:
        lines = [
            [output.text(KINDS.get(c.kind, c.kind)), c.receiver,
             money(c.amount_minor, c.asset, decimals)]
            for c in found.charges
        ]  # fmt: skip
        output.table(output.text("Charged"), ["charge", "receiver", "amount"], lines)
    if found.returns:
        lines = [
            [
                r.return_uetr,
                _treated(r.treatment),
                money(r.received_minor, r.asset, decimals),
                r.reason,
            ]
            for r in found.returns
        ]
        columns = ["UETR", "treatment", "came back", "reason"]
        output.table(output.text("Returns"), columns, lines)


def _treated(treatment: str) -> str:
    return output.text(TREATMENTS.get(treatment, treatment))


def _after(ms: int) -> str:
    if ms < 1_000:
        return f"+{ms} ms"
    return f"+{ms / 1000:.1f} s" if ms < 120_000 else f"+{ms // 60_000} min"


def _part(amount: str, decimals: dict[str, int], asset: str) -> int:
    """The amount that was typed, in minor units of the asset; 0 where none was typed."""
    if not amount:
        return 0
    return minor_units(amount, decimals[asset], asset, "--amount") or fail_zero("--amount")


def _bank(ledger: Client, account: str) -> str:
    """Who keeps an account."""
    return ledger.accounts.show(account).servicer or account.partition("/")[0]


@sends("party")
def confirm(
    uetr: Uetr,
    by: By = "",
    amount: Annotated[str, typer.Option(help="What the customer got; default: all.")] = "",
    *,
    how: Sending,
) -> None:
    """The beneficiary's bank says that the end customer has the money."""
    from tongbao.cli.commands.pay import domestic
    from tongbao.modules.corridors import ConfirmCredit

    with client(how.url, how.home) as ledger:
        found = domestic.abroad_or_within(ledger, uetr)
        if domestic.is_within(found):
            domestic.confirm(found)
            return
        who = by or _bank(ledger, found.payee)
        decimals = decimals_of(ledger)
    minor = _part(amount, decimals, found.receive_asset)
    act([ConfirmCredit(found.uetr, who, minor)], how._replace(party=who))


@sends("party")
def cancel(
    uetr: Uetr,
    by: By = "",
    reason: Reason = "CUST",
    note: Note = "",
    *,
    how: Sending,
) -> None:
    """Ask to cancel a payment (camt.056): payer, payee, or the bank of one of them."""
    from tongbao.cli.commands.pay import domestic
    from tongbao.modules.corridors import AskCancellation

    with client(how.url, how.home) as ledger:
        found = domestic.abroad_or_within(ledger, uetr)
    if domestic.is_within(found):
        act([domestic.cancelling(found, reason, note)], how._replace(party=by or how.party))
        return
    who = by or found.payer.partition("/")[0]
    act([AskCancellation(found.uetr, who, reason, note)], how._replace(party=who))


@sends("party")
def answer(
    uetr: Uetr,
    accept: Annotated[bool, typer.Option("--accept/--reject", help="The answer (camt.029).")],
    by: By = "",
    reason: Reason = "CUST",
    note: Note = "",
    treatment: Treatment = "original_rate",
    *,
    how: Sending,
) -> None:
    """Answer a request to cancel; accepting a settled payment returns all of it at once."""
    from tongbao.cli.commands.pay import domestic
    from tongbao.modules.corridors import AnswerCancellation

    with client(how.url, how.home) as ledger:
        found = domestic.abroad_or_within(ledger, uetr)
        if domestic.is_within(found):
            action = domestic.answering(found, reason, note, accept=accept)
            act([action], how._replace(party=by or how.party))
            return
        paid = found.state in ("settled", "credited")
        back = returning(ledger, found, treatment, 0) if accept and paid else None
    who = by or found.payee.partition("/")[0]
    act([AnswerCancellation(found.uetr, who, accept, reason, note, back)], how._replace(party=who))


@sends("party")
def return_payment(
    uetr: Uetr,
    amount: Annotated[str, typer.Option(help="Of what was credited; default: all left.")] = "",
    treatment: Treatment = "original_rate",
    reason: Reason = "FOCR",
    note: Note = "",
    *,
    how: Sending,
) -> None:
    """Give a payment back, whole or in part, with its FX treatment stated (pacs.004)."""
    from tongbao.cli.commands.pay import domestic
    from tongbao.modules.corridors import ReturnPayment

    with client(how.url, how.home) as ledger:
        found = domestic.abroad_or_within(ledger, uetr)
        decimals = decimals_of(ledger)
        if domestic.is_within(found):
            minor = _part(amount, decimals, found.asset)
            act([domestic.returning(found, minor, reason, note)], how)
            return
        minor = _part(amount, decimals, found.receive_asset)
        if not int(found.credited_minor):
            output.fail(
                "{uetr} is {state}: nothing was credited, so nothing can be returned",
                uetr=found.uetr,
                state=output.value("state", found.state),
            )
        back = returning(ledger, found, treatment, minor)
    who = found.payee.partition("/")[0]
    act([ReturnPayment(found.uetr, back, reason, note)], how._replace(party=who))


def returning(ledger: Client, found: PaymentTrack, treatment: str, amount: int) -> Any:
    """How an amount goes back by the best route of now; ends the command where none leads there."""
    from tongbao.sdk.returning import CannotReturn, return_terms

    try:
        return return_terms(ledger, found, treatment, amount)
    except CannotReturn as fault:
        output.fail(
            "{fault}; --treatment beneficiary_currency gives it back unconverted", fault=fault
        )


@sends("party")
def release(
    uetr: Uetr,
    by: By,
    note: Annotated[str, typer.Option(help="Why, in words.")],
    *,
    how: Sending,
) -> None:
    """Let a held payment go on: a screener of its corridor, or a supervisor."""
    from tongbao.modules.corridors import ReleasePayment

    act([ReleasePayment(uetr, by, note)], how._replace(party=by))


@sends("party")
def execute(
    uetr: Uetr,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    *,
    how: Sending,
) -> None:
    """Settle a cleared payment on the costs of now, which are shown and confirmed first."""
    from tongbao.modules.corridors import ExecutePayment
    from tongbao.sdk.fx import pay_abroad, reference_of

    with client(how.url, how.home) as ledger:
        found = ledger.corridors.track(uetr)
        decimals = decimals_of(ledger)
        amount = int(found.instructed_minor)
        exact_send = found.exact == "send"
        options = ledger.corridors.options(
            found.send_asset, found.receive_asset, send=amount if exact_send else 0,
            receive=0 if exact_send else amount, bearer=found.bearer, payer=found.payer,
            payee=found.payee, corridor=found.corridor,
        )  # fmt: skip
    if not options.options:
        output.fail("no way carries that payment now")
    option = options.options[0]
    if not output.json:
        show_costs(options, option, decimals, reference_of(options))
    question = output.text("Settle at exactly these costs?")
    if not (yes or how.dry_run or (not output.json and typer.confirm(question))):
        output.fail("Nothing was signed.")
    new = pay_abroad(options, option, found.payer, found.payee, found.uetr)
    action = ExecutePayment(found.uetr, new.limit_minor, new.costs, new.route)
    act([action], how._replace(party=found.payer.partition("/")[0]))


@sends("party")
def refuse(
    uetr: Uetr,
    by: By,
    note: Annotated[str, typer.Option(help="Why, in words.")],
    reason: Reason = "RR04",
    *,
    how: Sending,
) -> None:
    """Refuse a held payment: its money is free again."""
    from tongbao.modules.corridors import RefusePayment

    act([RefusePayment(uetr, by, note, reason)], how._replace(party=by))
