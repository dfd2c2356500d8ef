"""Entries from transfers, single and in bulk, and holds."""

from __future__ import annotations

from msgspec.structs import astuple

from tongbao.modules.payments import BulkTransfer, Details, events
from tongbao.readmodel import schema
from tongbao.readmodel.posting import post, reserve
from tongbao.readmodel.projecting import Step, projects


@projects("payments.transferred")
def _transferred(event: events.Transferred, step: Step) -> None:
    post(
        step, "payments.transferred", event.payer, event.payee, event.asset, event.amount_minor,
        payee_reference=event.payee_reference, uetr=event.uetr, purpose=event.purpose,
        remittance=event.remittance, document=event.document,
        creditor_reference=event.creditor_reference,
    )  # fmt: skip


@projects("payments.bulk_transferred")
def _bulk(event: events.BulkTransferred, step: Step) -> None:
    """The lines stand in the transaction: the n-th event is of the n-th bulk transfer."""
    action: BulkTransfer = step.take(BulkTransfer)
    failed = {line for line, _ in event.failed}
    step.rows.load(schema.holdings, ((line.payee, event.asset) for line in action.lines))
    for place, line in enumerate(action.lines):
        if place not in failed:
            post(
                step, "payments.bulk_transferred", event.payer, line.payee, event.asset,
                line.amount_minor, payee_reference=line.payee_reference, uetr=line.uetr,
                document=action.document, **_texts(action, line.details),
            )  # fmt: skip


def _texts(action: BulkTransfer, details: Details | None) -> dict[str, str]:
    """What a line says, and where it says nothing of a kind, what the transfer says of all.

    Occurrences of unstructured remittance stand one a line: none of them holds a line break.
    """
    common = {
        "purpose": action.purpose, "remittance": action.remittance, "category": action.category,
    }  # fmt: skip
    if details is None:
        return common
    own = {
        "remittance": "\n".join(details.remittance), "structured": details.structured,
        "creditor_reference": details.creditor_reference, "purpose": details.purpose,
        "purpose_proprietary": details.purpose_proprietary, "category": details.category,
        "instruction": details.instruction,
    }  # fmt: skip
    said = {name: value for name, value in own.items() if value}
    if details.structured or details.creditor_reference:
        common.pop("remittance")
    if details.purpose_proprietary:
        common.pop("purpose")
    return common | said


@projects("payments.hold_opened")
def _hold_opened(event: events.HoldOpened, step: Step) -> None:
    reserve(step, event.payer, event.asset, event.amount_minor)


@projects("payments.hold_posted")
@projects("payments.hold_released")
def _hold_lessened(event: events.HoldPosted | events.HoldReleased, step: Step) -> None:
    hold = step.row("hold", event.hold)
    assert hold is not None  # it was opened
    reserve(step, hold["payer"], hold["asset"], -event.amount_minor)


@projects("payments.returned")
def _returned(event: events.TransferReturned, step: Step) -> None:
    """Nothing to write: a transfer event reports the money, and the ledger keeps the returns."""


@projects("payments.return_requested")
def _requested(event: events.ReturnRequested, step: Step) -> None:
    step.concerned |= {event.payer, event.payee}


@projects("payments.return_answered")
def _answered(event: events.ReturnAnswered, step: Step) -> None:
    step.concerned |= {event.payer, event.payee}


@projects("payments.posted")
def _posted(event: events.Posted, step: Step) -> None:
    """Reservations first: a leg may be paid from what the same action released."""
    for account, asset, change in map(astuple, event.reserved):
        reserve(step, account, asset, change)
    shared = (event.payee_reference, event.uetr)
    for number, leg in enumerate(event.postings):
        reference, uetr = event.references[number] if event.references else shared
        post(
            step, event.cause, leg.debit, leg.credit, leg.asset, leg.amount_minor,
            payee_reference=reference, uetr=uetr, purpose=event.purpose,
            remittance=event.remittance, document=event.document,
        )  # fmt: skip
