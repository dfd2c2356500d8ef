"""What the ledger says of a payment abroad, in the words of banks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tongbao.iso20022.currencies import MINOR_UNITS, Money
from tongbao.iso20022.interbank.answering import transaction_status
from tongbao.iso20022.interbank.inquiries import CancellationStatus, GroupStatus, StatusReport
from tongbao.iso20022.interbank.model import (
    FxTreatment,
    Original,
    PaymentReturn,
    Reason,
    ReturnMessage,
    fx_reason,
)
from tongbao.iso20022.model import (
    TRANSFER_RECEIVED,
    TRANSFER_SENT,
    Account,
    AccountStatement,
    Entry,
    EntryDetail,
    PaymentStatus,
    Proprietary,
    Remittance,
    Status,
)
from tongbao.iso20022.reasons import group_status
from tongbao.iso20022.xml.writing import iso_time
from tongbao.paymentfiles.answer import iso_instant
from tongbao.paymentfiles.banking.accounts import account_of
from tongbao.paymentfiles.banking.naming import servicer_reference
from tongbao.paymentfiles.banking.orders import Order, OrderRefused
from tongbao.sdk.answers import Problem
from tongbao.sdk.currencies import money
from tongbao.sdk.documents_corridors import CostLine, PaymentTrack
from tongbao.sdk.documents_corridors import PaymentReturn as Returned
from tongbao.sdk.fx import currency_of

NOT_PROVIDED = "NOTPROVIDED"
Known = Callable[[str], Account]
_STATUS = {
    "settled": Status.SETTLED, "credited": Status.CREDITED, "returned": Status.SETTLED,
    "held": Status.PENDING, "cleared": Status.PENDING,
}  # fmt: skip
_REASONS = {
    "COSTS_DIFFER": "AM09", "OVER_LIMIT": "AM02", "OVER_DAY_LIMIT": "AM02",
    "CORRIDOR_CLOSED": "TM01", "PURPOSE_NOT_ALLOWED": "NARR", "UETR_USED": "DUPL",
    "UETR_TAKEN": "DUPL", "RETURN_ABOVE_REST": "AM02",
    "INSUFFICIENT_FUNDS": "AM04", "PAYER_BLOCKED": "AC06", "PAYEE_BLOCKED": "AC06",
    "NOT_SERVED": "AG01", "NOT_IN_FORCE": "AG01", "BELOW_COSTS": "AM02",
}  # fmt: skip
"""Refusals of the ledger as ISO status reasons; NARR, shown in words, where the list has none."""


def status(track: PaymentTrack, path: str) -> PaymentStatus:
    """A payment's status: ACSC, ACCC with the end customer, PDNG while it waits, else RJCT."""
    last = track.steps[-1]
    at = iso_instant(track.accepted_at_ms)
    reference = servicer_reference(track.uetr)
    paid = int(track.debited_minor) > 0
    known = Status.SETTLED if paid and track.state == "cancelled" else _STATUS.get(track.state)
    if known in (Status.SETTLED, Status.CREDITED):
        return PaymentStatus(path, known, accepted_at=at, servicer_reference=reference)
    if known is Status.PENDING:
        words = tuple(track.held_for) or (last.note,)
        return PaymentStatus(path, known, "NARR", words, reference, at)
    code = last.reason if len(last.reason) == 4 else "NARR"
    return PaymentStatus(path, Status.REJECTED, code, tuple(filter(None, (last.step, last.note))))


def refused_status(path: str, fault: OrderRefused | Problem) -> PaymentStatus:
    """A transfer that could not be ordered, or that the ledger refused: RJCT with the reason."""
    if isinstance(fault, OrderRefused):
        return PaymentStatus(path, Status.REJECTED, fault.reason, (str(fault),))
    code = _REASONS.get(fault.name, "NARR")
    return PaymentStatus(path, Status.REJECTED, code, (f"{fault.name} {fault.code}", fault.detail))


def reason_of(name: str) -> str:
    """The ISO status reason of a refusal by its name."""
    return _REASONS.get(name, "NARR")


def ledger_reason(reasons: Sequence[Reason], missing: str) -> str:
    """The code of a message's first reason: NARR where it is none of the list, so that no
    proprietary one becomes a code that it is not; `missing` where there is none."""
    code = reasons[0].code if reasons else ""
    if not code:
        return missing
    return "NARR" if isinstance(code, Proprietary) or len(code) > 4 else str(code)


def require_same(order: Order, known: PaymentTrack) -> None:
    """Refuse (AM05) what comes under the UETR of another payment."""
    sent = known.instructed_minor if known.exact == "send" else known.debited_minor
    ledger = (known.payer, known.payee, known.send_asset, int(sent), known.payee_reference)
    ordered = (order.payer, order.payee, order.send_asset, order.send_minor, order.reference)
    words = (known.bearer, known.purpose, known.remittance)
    # A payment within the ledger that was not ordered by a message bears other words.
    reported = (order.bearer, order.purpose, order.remittance) if known.corridor else words
    if (ledger, words) != (ordered, reported):
        raise OrderRefused("AM05", "another payment is known under {uetr}", uetr=known.uetr)


def require_same_return(returned: Money, reason: str, known: Returned, track: PaymentTrack) -> None:
    """Refuse (AM05) another return under the id of a known one."""
    arrived = returned.currency == currency_of(track.receive_asset)
    amount = known.returned_minor if arrived else known.received_minor
    if (int(amount), known.reason) != (returned.amount_minor, reason):
        raise OrderRefused(
            "AM05",
            "another return is known under this id: {return_uetr}",
            return_uetr=known.return_uetr,
        )


def return_status(path: str, uetr: str, state: Status) -> PaymentStatus:
    """A return that was settled, under our own reference."""
    return PaymentStatus(path, state, servicer_reference=servicer_reference(uetr))


# ---- notices -------------------------------------------------------------------------------------


def debit_notice(
    track: PaymentTrack, decimals: Mapping[str, int], known: Known = account_of
) -> AccountStatement:
    """The part of a camt.054 for the payer: what left the account, and the charges in it.

    `known` says how messages identify an account, e.g. by its IBAN.
    """
    return _notice(track, decimals, known, credit=False)


def credit_notice(
    track: PaymentTrack, decimals: Mapping[str, int], known: Known = account_of
) -> AccountStatement:
    """The part of a camt.054 for the payee: what came in, and the charges taken from it."""
    return _notice(track, decimals, known, credit=True)


def _notice(
    track: PaymentTrack, decimals: Mapping[str, int], known: Known, *, credit: bool
) -> AccountStatement:
    asset = track.receive_asset if credit else track.send_asset
    account = track.payee if credit else track.payer
    amount = int(track.credited_minor if credit else track.debited_minor)
    settled = next(one for one in track.steps if one.step == "settled")
    at = iso_instant(settled.at_ms)
    lines = [one for one in track.charges if one.asset == asset]
    detail = EntryDetail(
        end_to_end_id=track.payee_reference or NOT_PROVIDED, uetr=track.uetr,
        amount_minor=amount, credit=credit, debtor_account=known(track.payer),
        creditor_account=known(track.payee), purpose=track.purpose,
        remittance=Remittance((track.remittance,) if track.remittance else ()),
        additional=_charges(lines, decimals),
    )  # fmt: skip
    entry = Entry(
        amount, credit, at, at, code=TRANSFER_RECEIVED if credit else TRANSFER_SENT,
        servicer_reference=servicer_reference(track.uetr), details=(detail,),
    )  # fmt: skip
    return AccountStatement(
        servicer_reference(track.uetr, "CR" if credit else "DR"), known(account), _currency(asset),
        decimals[asset], created_at=at, entries=(entry,),
    )  # fmt: skip


def _charges(lines: list[CostLine], decimals: Mapping[str, int]) -> str:
    reported = [
        f"{c.kind} {money(int(c.amount_minor), c.asset, decimals[c.asset])} to {c.receiver}"
        for c in lines
    ]
    return ("charges: " + "; ".join(reported))[:500] if reported else ""


def _currency(asset: str) -> str:
    """The ISO currency that messages name an asset by."""
    code = currency_of(asset)
    if code not in MINOR_UNITS:
        raise OrderRefused(
            "AM03", "{asset} stands for no ISO currency: no message can name it", asset=asset
        )
    return code


# ---- cancellations and returns -------------------------------------------------------------------


def cancellation_answer(track: PaymentTrack | None) -> tuple[CancellationStatus, Reason]:
    """What camt.029 says of a request: accepted, rejected with the reason, or pending."""
    if track is None:
        return CancellationStatus.REJECTED, Reason("NOOR")
    answers = [one for one in track.steps if one.step.startswith("cancellation_")]
    if track.state == "cancelled":
        return CancellationStatus.CANCELLED, Reason()
    if answers and answers[-1].step == "cancellation_rejected":
        last = answers[-1]
        return CancellationStatus.REJECTED, Reason(last.reason, (last.note,) if last.note else ())
    if answers and answers[-1].step == "cancellation_accepted":
        # The payee gave back a part; the rest stays where it is.
        return CancellationStatus.PARTIALLY, Reason("", ("a part was returned",))
    if track.state == "returned":
        return CancellationStatus.REJECTED, Reason("ARDT")
    if track.state in ("refused", "ended"):
        return CancellationStatus.REJECTED, Reason("NARR", (f"the payment is {track.state}",))
    return CancellationStatus.PENDING, Reason()


def payment_return(track: PaymentTrack, returned: Returned) -> PaymentReturn:
    """A return of the ledger as a pacs.004 says it, its FX treatment stated."""
    received = Money(_currency(returned.asset), int(returned.received_minor))
    original = Money(_currency(track.receive_asset), int(track.arrived_minor))
    treatment = FxTreatment(returned.treatment)
    if track.send_asset == track.receive_asset:
        treatment = FxTreatment.NONE
    notes = (returned.note,) if returned.note else ()
    return PaymentReturn(
        Original(end_to_end_id=track.payee_reference or NOT_PROVIDED, uetr=track.uetr), received,
        return_id=servicer_reference(returned.return_uetr), original_settlement=original,
        original_settlement_date=iso_instant(track.accepted_at_ms)[:10],
        settlement_date=iso_instant(returned.at_ms)[:10], charge_bearer=track.bearer,
        reasons=(fx_reason(returned.reason, treatment, *notes),),
    )  # fmt: skip


def answer_returns(
    read: ReturnMessage,
    statuses: Sequence[PaymentStatus],
    *,
    message_id: str,
    created_at: datetime,
) -> StatusReport:
    """The pacs.002 that answers a pacs.004: each return by its RtrId, shown as OrgnlTxId."""
    whole = GroupStatus(
        Original(read.message_id, read.message, read.created_at), str(len(read.returns)),
        read.control_sum, group_status(one.status for one in statuses) if statuses else "RJCT",
        () if statuses else (Reason("NOOR"),),
    )  # fmt: skip
    reported = tuple(
        transaction_status(replace(one.original, transaction_id=one.return_id or
                                   one.original.transaction_id), status)
        for one, status in zip(read.returns, statuses, strict=True)
    )  # fmt: skip
    return StatusReport(
        "", message_id, iso_time(created_at), read.instructed_agent, read.instructing_agent,
        (whole,), reported,
    )  # fmt: skip


def with_messages(
    report: StatusReport, asked: Iterable[Original], found: Mapping[str, Sequence[PaymentTrack]]
) -> StatusReport:
    """A report that tells of whole messages as well: each of their payments, or that none is
    known (NOOR)."""
    groups, reported = [], list(report.transactions)
    for original in asked:
        tracks = found.get(original.message_id, ())
        answers = [status(one, "") for one in tracks]
        state = group_status(one.status for one in answers) if answers else "RJCT"
        why = () if answers else (Reason("NOOR", ("the message is not known here",)),)
        groups.append(GroupStatus(original, status=state, reasons=why))
        for track, answer in zip(tracks, answers, strict=True):
            name = Original(
                original.message_id, original.message, original.created_at, uetr=track.uetr,
                end_to_end_id=track.payee_reference or NOT_PROVIDED,
            )  # fmt: skip
            reported.append(transaction_status(name, answer))
    return replace(report, groups=(*report.groups, *groups), transactions=tuple(reported))


def reasons_in(report: StatusReport) -> set[str]:
    """Every reason code of a report."""
    reported = [one.reasons for one in report.groups] + [one.reasons for one in report.transactions]
    return {reason.code for reasons in reported for reason in reasons}
