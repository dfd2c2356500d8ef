"""What the module announces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from tongbao.kernel.fields import (
    APART,
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Moment,
    PartyId,
    Reference,
    Refused,
    Text,
    Uetr,
    Word,
)
from tongbao.kernel.movements import Moved, Movement, SetAside, TakeAction
from tongbao.kernel.transaction import Event
from tongbao.modules.payments.model import HoldId, Posting, Reserving, ScheduleId


class Transferred(Event, tag="payments.transferred"):
    """Money moved from one account to another."""

    says: ClassVar = (
        "{amount_minor:money} moved from {payer} to {payee}[ ({payee_reference})][: {remittance}]."
    )

    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    payee_reference: Reference = ""
    uetr: Uetr = ""
    purpose: Word = ""
    remittance: Text = ""
    document: Digest = ""
    hold: HoldId = ""
    """The hold it was posted from."""
    schedule: ScheduleId = ""
    """The scheduled transfer it applied."""
    creditor_reference: Reference = ""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """The money, with what its payer says of it."""
        texts = {
            "payee_reference": self.payee_reference, "uetr": self.uetr, "purpose": self.purpose,
            "remittance": self.remittance, "document": self.document,
            "creditor_reference": self.creditor_reference,
        }  # fmt: skip
        yield Moved(self.payer, self.payee, self.asset, self.amount_minor, texts)


class BulkTransferred(Event, tag="payments.bulk_transferred"):
    """Many payments from one account; the lines stand in the transaction itself.

    The n-th event of this kind is of the n-th bulk transfer among the transaction's actions.
    """

    says: ClassVar = (
        "{total_minor:money} moved from {payer} to {count} payee(s)[; not paid: {failed} more]."
    )

    payer: AccountId
    asset: AssetCode
    count: int
    """Lines that were paid."""
    total_minor: Amount
    """Their sum."""
    failed: tuple[tuple[int, int], ...] = ()
    """(line, refusal code) of those that were not."""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """The lines that were paid, as they stand in the transaction."""
        action = take_action("payments.bulk_transfer")
        failed = {line for line, _ in self.failed}
        common = {
            "purpose": action.purpose, "remittance": action.remittance,
            "document": action.document, "category": action.category,
        }  # fmt: skip
        for place, line in enumerate(action.lines):
            if place not in failed:
                texts = common if line.details is None else line.details.texts(common)
                own = {**texts, "payee_reference": line.payee_reference, "uetr": line.uetr}
                yield Moved(self.payer, line.payee, self.asset, line.amount_minor, own)


class HoldOpened(Event, tag="payments.hold_opened"):
    """Money was set aside."""

    says: ClassVar = (
        "{amount_minor:money} of {payer} was set aside for {payee} until"
        " {due_at_ms:moment} (hold {hold})."
    )

    hold: HoldId
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    due_at_ms: Moment
    arbiter: PartyId = ""
    hashlock: Digest = ""
    payee_reference: Reference = ""
    remittance: Text = ""
    creditor_reference: Reference = ""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """What was set aside."""
        yield SetAside(self.payer, self.asset, self.amount_minor)


class HoldPosted(Event, tag="payments.hold_posted"):
    """Part or all of a hold went to the payee."""

    says: ClassVar = "Hold {hold} was posted."

    hold: HoldId
    payer: AccountId
    asset: AssetCode
    amount_minor: Amount
    remaining_minor: Amount

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """No longer set aside; that it went to the payee, a transfer says."""
        yield SetAside(self.payer, self.asset, -self.amount_minor)


class HoldReleased(Event, tag="payments.hold_released"):
    """What remained of a hold went back to the payer's free balance."""

    says: ClassVar = "What remained of hold {hold} was released ({reason})."
    labels: ClassVar = {
        "reason": {"final": "fully posted", "due": "its time came"},
    }

    hold: HoldId
    payer: AccountId
    asset: AssetCode
    amount_minor: Amount
    reason: str
    """`final`, `voided: ...` or `due`."""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """No longer set aside."""
        yield SetAside(self.payer, self.asset, -self.amount_minor)


class TransferScheduled(Event, tag="payments.transfer_scheduled"):
    """A transfer waits for its time."""

    says: ClassVar = "{amount_minor:money} will move from {payer} to {payee} on {due_at_ms:moment}."

    schedule: ScheduleId
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    due_at_ms: Moment
    uetr: Uetr = ""


class ScheduleEnded(Event, tag="payments.schedule_ended"):
    """A scheduled transfer was cancelled, or its time came and it was refused."""

    says: ClassVar = "The scheduled transfer {schedule} ended: {reason}."

    schedule: ScheduleId
    reason: str
    code: Refused = 0
    """Refusal code when its time came; 0 where it was cancelled."""


class TransferReturned(Event, tag="payments.returned"):
    """A payment was given back, whole or in part (pacs.004).

    The `payments.transferred` before it reports the movement of money, under the return's UETR.
    """

    says: ClassVar = (
        "{amount_minor:money} of payment {uetr} went back to {payer} ({reason})[: {note}]; return "
        "{return_uetr}."
    )

    uetr: Uetr
    """Of the original."""
    return_uetr: Uetr
    payer: AccountId
    """Of the original: who got it back."""
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    remaining_minor: Amount
    """Of the original, what the payee still has."""
    reason: str
    note: str = ""


class ReturnRequested(Event, tag="payments.return_requested"):
    """A payer asks for its payment back (camt.056)."""

    says: ClassVar = "{payer} asks {payee} to return payment {uetr} ({reason})[: {note}]."

    uetr: Uetr
    payer: AccountId
    payee: AccountId
    reason: str
    due_at_ms: Moment
    """When the request lapses without an answer."""
    note: str = ""


class ReturnAnswered(Event, tag="payments.return_answered"):
    """A request for a return ended: answered by the payee (camt.029), or lapsed."""

    says: ClassVar = (
        "The request to return payment {uetr} was answered: {answer}[ ({reason})][: {note}]."
    )
    labels: ClassVar = {
        "answer": {
            "returned": "returned",
            "declined": "declined",
            "lapsed": "lapsed without an answer",
        },
    }

    uetr: Uetr
    payer: AccountId
    payee: AccountId
    answer: Word
    """`returned`, `declined` or `lapsed`."""
    reason: str = ""
    note: str = ""


class Posted(Event, tag="payments.posted"):
    """What one action of another module moved and set aside, in the order it happened.

    Such an action announces it exactly once, after its own events, also where it is empty: so that
    whoever keeps balances need not know the action.
    """

    cause: str
    """What moved the money: the tag of the action or of the timer, e.g. `exchange.place_offer`."""
    postings: Annotated[tuple[Posting, ...], APART] = ()
    reserved: Annotated[tuple[Reserving, ...], APART] = ()
    subject: str = ""
    """Id of what it was moved for: an offer, a batch, a payment."""
    payee_reference: Reference = ""
    uetr: Uetr = ""
    purpose: Word = ""
    remittance: Text = ""
    document: Digest = ""
    references: Annotated[tuple[tuple[str, str], ...], APART] = ()
    """(payee reference, UETR) of each posting where these differ; else empty."""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """Reservations first: a leg may be paid from what the same action released."""
        for one in self.reserved:
            yield SetAside(one.account, one.asset, one.change_minor)
        common = {
            "purpose": self.purpose, "remittance": self.remittance, "document": self.document,
        }  # fmt: skip
        shared = (self.payee_reference, self.uetr)
        for number, leg in enumerate(self.postings):
            reference, uetr = self.references[number] if self.references else shared
            texts = {**common, "payee_reference": reference, "uetr": uetr}
            yield Moved(leg.debit, leg.credit, leg.asset, leg.amount_minor, texts, self.cause)
