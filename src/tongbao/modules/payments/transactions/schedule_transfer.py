from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Moment, Reference, Text, Uetr, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties import count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import TransferScheduled
from tongbao.modules.payments.model import (
    MAX_AHEAD_MS,
    MAX_NAME,
    MAX_SCHEDULED,
    PENDING,
    SCOPE,
    Known,
    Scheduled,
    check_text,
    check_texts,
    check_uetr,
)
from tongbao.modules.payments.scheduled import OPEN, TIMER
from tongbao.modules.payments.state import SCHEDULED
from tongbao.modules.payments.uetrs import require_free, write_uetr


@transaction(code=4006, scope=SCOPE)
class ScheduleTransfer(Transaction, tag="payments.schedule_transfer"):
    """Order a transfer for a later time; what stands in its way then is shown by an event."""

    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    due_at_ms: Moment
    """The first block at or after this time applies it."""
    payee_reference: Reference = ""
    purpose: Word = ""
    remittance: Text = ""
    creditor_reference: Reference = ""
    """What the payee asked to be named, e.g. by ISO 11649 (ISO CdtrRefInf/Ref); at most 35."""
    uetr: Uetr = ""
    """Unique end-to-end transaction reference, a UUID version 4; no other payment may bear it."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        check_uetr(self.uetr)
        check_amount(self.amount_minor)
        check_texts(self.payee_reference, self.purpose, self.remittance, self.creditor_reference)
        # Whether there are such accounts is asked in time; until then their names are kept.
        for field in ("payer", "payee", "asset"):
            check_text(field, getattr(self, field), 1, MAX_NAME)
        require(self.payer != self.payee, PaymentsCode.SAME_ACCOUNT, account=self.payer)

    def admit(self, view: ReadView) -> None:
        """A time to come."""
        due, now = self.due_at_ms, view.time_ms
        require(due > now, PaymentsCode.SCHEDULE_PAST, due_at_ms=due, time_ms=now)
        too_far = PaymentsCode.TOO_FAR_AHEAD
        require(due <= now + MAX_AHEAD_MS, too_far, due_at_ms=due, limit_ms=MAX_AHEAD_MS)
        require_free(view, self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remember it, and set the clock."""
        one = Scheduled(
            ledger.next_id(), self.payer, self.payee, self.asset, self.amount_minor,
            self.due_at_ms, self.payee_reference, self.purpose, self.remittance,
            self.creditor_reference,
            self.uetr,
        )  # fmt: skip
        count_open(ledger, owner_of(one.payer), OPEN, 1, MAX_SCHEDULED)
        ledger.put(SCHEDULED, one.id, value=one)
        ledger.schedule(one.due_at_ms, TIMER, one.id)
        if one.uetr:
            write_uetr(ledger, one.uetr, Known(
                PENDING, one.payer, one.payee, one.asset, one.amount_minor, ledger.time_ms,
                one.payee_reference, one.id,
            ))  # fmt: skip
        yield TransferScheduled(
            one.id, one.payer, one.payee, one.asset, one.amount_minor, one.due_at_ms, one.uetr
        )
