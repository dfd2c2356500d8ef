"""What the ledger says of a payment abroad, in the words of banks."""

from __future__ import annotations

from collections.abc import Mapping

from tongbao.gateway.banking.orders import OrderRefused
from tongbao.gateway.desk.answer import iso_instant
from tongbao.gateway.iso20022.currencies import MINOR_UNITS, Money
from tongbao.gateway.iso20022.inquiries import CancellationStatus
from tongbao.gateway.iso20022.interbank import (
    FxTreatment,
    Original,
    PaymentReturn,
    Reason,
    fx_reason,
)
from tongbao.gateway.iso20022.model import (
    TRANSFER_RECEIVED,
    TRANSFER_SENT,
    Account,
    AccountStatement,
    Entry,
    EntryDetail,
    PaymentStatus,
    Remittance,
    Status,
)
from tongbao.sdk.answers import Problem
from tongbao.sdk.currencies import money
from tongbao.sdk.documents_corridors import Charge, PaymentTrack
from tongbao.sdk.documents_corridors import PaymentReturn as Returned
from tongbao.sdk.fx import currency_of

NOT_PROVIDED = "NOTPROVIDED"
_STATUS = {
    "settled": Status.SETTLED, "credited": Status.CREDITED, "returned": Status.SETTLED,
    "held": Status.PENDING, "cleared": Status.PENDING,
}  # fmt: skip
_REASONS = {
    "COSTS_DIFFER": "AM09", "OVER_LIMIT": "AM02", "OVER_DAY_LIMIT": "AM02",
    "CORRIDOR_CLOSED": "TM01", "PURPOSE_NOT_ALLOWED": "NARR", "UETR_USED": "DUPL",
    "INSUFFICIENT_FUNDS": "AM04", "PAYER_BLOCKED": "AC06", "PAYEE_BLOCKED": "AC06",
    "NOT_SERVED": "AG01", "NOT_IN_FORCE": "AG01", "BELOW_COSTS": "AM02",
}  # fmt: skip
"""Refusals of the ledger as ISO status reasons; NARR, told in words, where the list has none."""


def status(track: PaymentTrack, path: str) -> PaymentStatus:
    """A payment's status: ACSC, ACCC with the end customer, PDNG while it waits, else RJCT."""
    last = track.steps[-1]
    at = iso_instant(track.accepted_at_ms)
    reference = f"B{track.steps[0].height}/{track.uetr[:8]}"
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


# ---- notices -------------------------------------------------------------------------------------


def debit_notice(track: PaymentTrack, decimals: Mapping[str, int]) -> AccountStatement:
    """The part of a camt.054 for the payer: what left the account, and the charges in it."""
    return _notice(track, decimals, credit=False)


def credit_notice(track: PaymentTrack, decimals: Mapping[str, int]) -> AccountStatement:
    """The part of a camt.054 for the payee: what came in, and the charges taken from it."""
    return _notice(track, decimals, credit=True)


def _notice(track: PaymentTrack, decimals: Mapping[str, int], *, credit: bool) -> AccountStatement:
    asset = track.receive_asset if credit else track.send_asset
    account = track.payee if credit else track.payer
    amount = int(track.credited_minor if credit else track.debited_minor)
    settled = next(one for one in track.steps if one.step == "settled")
    at = iso_instant(settled.at_ms)
    lines = [one for one in track.charges if one.asset == asset]
    detail = EntryDetail(
        end_to_end_id=track.payee_reference or NOT_PROVIDED, uetr=track.uetr,
        amount_minor=amount, credit=credit, debtor_account=Account(other_id=track.payer),
        creditor_account=Account(other_id=track.payee), purpose=track.purpose,
        remittance=Remittance((track.remittance,) if track.remittance else ()),
        additional=_charges(lines, decimals),
    )  # fmt: skip
    entry = Entry(
        amount, credit, at, at, code=TRANSFER_RECEIVED if credit else TRANSFER_SENT,
        servicer_reference=f"B{settled.height}/{track.uetr[:8]}", details=(detail,),
    )  # fmt: skip
    return AccountStatement(
        f"NTFN-{settled.height}-{track.uetr[:8]}", Account(other_id=account), _currency(asset),
        decimals[asset], created_at=at, entries=(entry,),
    )  # fmt: skip


def _charges(lines: list[Charge], decimals: Mapping[str, int]) -> str:
    told = [
        f"{c.kind} {money(int(c.amount_minor), c.asset, decimals[c.asset])} to {c.receiver}"
        for c in lines
    ]
    return ("charges: " + "; ".join(told))[:500] if told else ""


def _currency(asset: str) -> str:
    """The ISO currency that messages name an asset by."""
    code = currency_of(asset)
    if code not in MINOR_UNITS:
        raise OrderRefused("AM03", f"{asset} stands for no ISO currency: no message can name it")
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
        return_id=returned.return_uetr.replace("-", "")[:35], original_settlement=original,
        original_settlement_date=iso_instant(track.accepted_at_ms)[:10],
        settlement_date=iso_instant(returned.at_ms)[:10], charge_bearer=track.bearer,
        reasons=(fx_reason(returned.reason, treatment, *notes),),
    )  # fmt: skip
