from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Moment,
    PartyId,
    Reference,
    Text,
    Word,
)
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import HoldingFlag, check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_moving
from tongbao.modules.parties import PARTIES, count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import HoldOpened
from tongbao.modules.payments.holds import OPEN, TIMER, reserve_money
from tongbao.modules.payments.model import (
    MAX_AHEAD_MS,
    MAX_HOLDS,
    SCOPE,
    OpenHold,
    check_digest,
    check_text,
    check_texts,
)
from tongbao.modules.payments.posting import charge, require_no_issue
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER


@transaction(code=4003, scope=SCOPE)
class Hold(Transaction, tag="payments.hold"):
    """Reserve an amount for a payee until it is posted, voided, or falls due."""

    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    due_at_ms: Moment
    """Block time at which what remains is released."""
    arbiter: PartyId = ""
    """Party whose approval posts or voids; empty: the payer's owner posts, the payee's voids."""
    hashlock: Digest = ""
    """SHA-256 in hex: whoever shows the preimage posts the whole."""
    payee_reference: Reference = ""
    purpose: Word = ""
    """ISO 20022 external purpose code."""
    remittance: Text = ""
    """What it is for, in words; at most 140. The payee reads it when it is posted."""
    creditor_reference: Reference = ""
    """What the payee asked to be named, e.g. by ISO 11649 (ISO CdtrRefInf/Ref); at most 35."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        check_amount(self.amount_minor)
        check_texts(self.payee_reference, self.purpose, self.remittance, self.creditor_reference)
        check_text("arbiter", self.arbiter, 0, 32)
        check_digest(self.hashlock, PaymentsCode.BAD_HASHLOCK)
        require(self.payer != self.payee, PaymentsCode.SAME_ACCOUNT, account=self.payer)

    def admit(self, view: ReadView) -> None:
        """Due later, two holdings, and enough to reserve."""
        due, now = self.due_at_ms, view.time_ms
        require(due > now, PaymentsCode.HOLD_DUE_PAST, due_at_ms=due, time_ms=now)
        too_far = PaymentsCode.TOO_FAR_AHEAD
        require(due <= now + MAX_AHEAD_MS, too_far, due_at_ms=due, limit_ms=MAX_AHEAD_MS)
        require_moving(view, self.asset)
        known = not self.arbiter or view.has(PARTIES, self.arbiter)
        require(known, PaymentsCode.ARBITER_UNKNOWN, party=self.arbiter)
        there = {"asset": self.asset}
        held = view.holding(self.payer, self.asset)
        require(held is not None, PaymentsCode.PAYER_UNKNOWN, account=self.payer, **there)
        target = view.holding(self.payee, self.asset)
        require(target is not None, PaymentsCode.PAYEE_UNKNOWN, account=self.payee, **there)
        assert held is not None
        blocked = HoldingFlag.FROZEN | HoldingFlag.CLOSED
        require(not held.flags & blocked, PaymentsCode.PAYER_BLOCKED, account=self.payer, **there)
        require_no_issue(view, self.payer, self.asset)
        require(
            held.available >= self.amount_minor,
            PaymentsCode.INSUFFICIENT_FUNDS,
            account=self.payer, asset=self.asset,
            available=str(held.available), amount=str(self.amount_minor),
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Reserve, and set the clock."""
        counted = charge(ledger, self.payer, self.asset, self.amount_minor)
        hold = OpenHold(
            ledger.next_id(), self.payer, self.payee, self.asset, self.amount_minor,
            self.amount_minor, self.due_at_ms, self.arbiter, self.hashlock, self.payee_reference,
            ledger.time_ms, counted, self.purpose, self.remittance, self.creditor_reference,
        )  # fmt: skip
        reserve_money(ledger, hold, self.amount_minor)
        count_open(ledger, owner_of(hold.payer), OPEN, 1, MAX_HOLDS)
        ledger.put(HOLDS, hold.id, value=hold)
        ledger.put(HOLDS_BY_PAYER, hold.payer, hold.asset, hold.id, value="")
        ledger.schedule(hold.due_at_ms, TIMER, hold.id)
        yield HoldOpened(
            hold.id, hold.payer, hold.payee, hold.asset, hold.amount_minor, hold.due_at_ms,
            hold.arbiter, hold.hashlock, hold.payee_reference, hold.remittance,
            hold.creditor_reference,
        )  # fmt: skip
