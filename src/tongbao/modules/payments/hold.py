"""Two-phase payment: set money aside, then post it in full or part, or release it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Moment,
    PartyId,
    Reference,
    RowId,
    Text,
    Word,
)
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import HoldingFlag, check_amount, owner_of
from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import DAY_MS, count_firm, give_back_limits, set_aside
from tongbao.modules.assets import require_moving
from tongbao.modules.parties import PARTIES, count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import (
    HoldOpened,
    HoldPosted,
    HoldReleased,
    Transferred,
)
from tongbao.modules.payments.model import (
    MAX_AHEAD_MS,
    MAX_HOLDS,
    SCOPE,
    OpenHold,
    check_digest,
    check_text,
    check_texts,
)
from tongbao.modules.payments.posting import charge, pay, require_no_issue
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER, PURPOSE

TIMER = "payments.hold"
OPEN = "holds"


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
        """Shape."""
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
        _reserve(ledger, hold, self.amount_minor)
        count_open(ledger, owner_of(hold.payer), OPEN, 1, MAX_HOLDS)
        ledger.put(HOLDS, hold.id, value=hold)
        ledger.put(HOLDS_BY_PAYER, hold.payer, hold.asset, hold.id, value="")
        ledger.schedule(hold.due_at_ms, TIMER, hold.id)
        yield HoldOpened(
            hold.id, hold.payer, hold.payee, hold.asset, hold.amount_minor, hold.due_at_ms,
            hold.arbiter, hold.hashlock, hold.payee_reference, hold.remittance,
            hold.creditor_reference,
        )  # fmt: skip


@transaction(code=4004, scope=SCOPE)
class PostHold(Transaction, tag="payments.post_hold"):
    """Pay from a hold: all that remains, or a part."""

    hold: RowId
    amount_minor: Amount = 0
    """0 is all that remains; with a hashlock it is never less."""
    final: bool = True
    """Release what remains after a part; otherwise it stays reserved."""
    preimage: bytes = b""
    """Opens a hold with a hashlock."""

    def signers(self, view: ReadView) -> Signers:
        """The arbiter, or the payer's owner; whoever shows the preimage needs no other approval."""
        hold = require_hold(view, self.hold)
        if hold.hashlock:
            return ()
        return (Approval(hold.arbiter or owner_of(hold.payer), SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_amount(self.amount_minor, low=0)
        require(len(self.preimage) <= 64, PaymentsCode.BAD_TEXT, field="preimage", low=0, high=64)

    def admit(self, view: ReadView) -> None:
        """The preimage fits, and enough remains."""
        hold = require_hold(view, self.hold)
        opened = not hold.hashlock or content_digest(self.preimage).hex() == hold.hashlock
        require(opened, PaymentsCode.WRONG_PREIMAGE, hold=self.hold)
        # Once shown, the preimage is anybody's: were a part enough, the payer would post one unit
        # ahead of the payee, and have the rest back.
        whole = not hold.hashlock or self.amount_minor in (0, hold.remaining_minor)
        require(whole, PaymentsCode.PREIMAGE_POSTS_ALL, hold=self.hold)
        require(
            self.amount_minor <= hold.remaining_minor, PaymentsCode.HOLD_TOO_MUCH,
            hold=self.hold, asset=hold.asset, amount=str(self.amount_minor),
            remaining=str(hold.remaining_minor),
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release what is posted, post it, and close or keep the rest."""
        hold = require_hold(ledger, self.hold)
        amount = self.amount_minor or hold.remaining_minor
        _reserve(ledger, hold, -amount)
        pay(ledger, hold.payer, hold.payee, hold.asset, amount, hold.payee_reference, counted=True)
        _count_now(ledger, hold, amount)
        rest = hold.remaining_minor - amount
        hold = replace(hold, counted_minor=max(0, hold.counted_minor - amount))
        yield Transferred(
            hold.payer, hold.payee, hold.asset, amount, hold.payee_reference, hold=hold.id,
            purpose=hold.purpose, remittance=hold.remittance,
            creditor_reference=hold.creditor_reference,
        )  # fmt: skip
        yield HoldPosted(hold.id, amount, rest)
        if rest and not self.final:
            ledger.put(HOLDS, hold.id, value=replace(hold, remaining_minor=rest))
        else:
            yield from _close(ledger, replace(hold, remaining_minor=rest), "final")


@transaction(code=4005, scope=SCOPE)
class VoidHold(Transaction, tag="payments.void_hold"):
    """Release a hold before it falls due, with a reason."""

    hold: RowId
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """The arbiter, or the payee's owner: the payer alone cannot take a promise back."""
        hold = require_hold(view, self.hold)
        return (Approval(hold.arbiter or owner_of(hold.payee), SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release."""
        yield from _close(ledger, require_hold(ledger, self.hold), f"voided: {self.reason}")


def _count_now(ledger: WriteView, hold: OpenHold, amount: int) -> None:
    """Count what was set aside on an earlier day, or before there was a limit, and moves now.

    What was promised to others is paid. What the payer posts as it likes is a payment of today:
    otherwise it would set its limit aside day by day, and pay it out many times over on one.
    """
    owner, counted, made = owner_of(hold.payer), hold.counted_minor, hold.made_at_ms
    promised = bool(hold.hashlock) or hold.arbiter not in ("", owner)
    if promised:
        count_firm(ledger, hold.payer, hold.asset, amount, counted, made)
    elif not counted or made // DAY_MS != ledger.time_ms // DAY_MS:
        charge(ledger, hold.payer, hold.asset, amount)


def require_hold(view: ReadView, hold: str) -> OpenHold:
    """An open hold, or a refusal."""
    found = view.get(HOLDS, hold)
    if found is None or found.due_at_ms <= view.time_ms:
        refuse(PaymentsCode.HOLD_UNKNOWN, hold=hold[:128])
    return found


def hold_is_due(ledger: WriteView, hold: str) -> Iterator[Event]:
    """Timer: the hold's time has come."""
    found = ledger.get(HOLDS, hold)
    assert found is not None  # whatever closes it before takes the timer back
    yield from _close(ledger, found, "due")


def _reserve(ledger: WriteView, hold: OpenHold, change: int) -> None:
    set_aside(ledger, hold.payer, hold.asset, PURPOSE, change)


def _close(ledger: WriteView, hold: OpenHold, reason: str) -> Iterator[Event]:
    count_open(ledger, owner_of(hold.payer), OPEN, -1)
    ledger.delete(HOLDS, hold.id)
    ledger.delete(HOLDS_BY_PAYER, hold.payer, hold.asset, hold.id)
    ledger.unschedule(hold.due_at_ms, TIMER, hold.id)
    if hold.remaining_minor:
        _reserve(ledger, hold, -hold.remaining_minor)
        # A promise that ends gives back what it counted.
        counted, made = hold.counted_minor, hold.made_at_ms
        give_back_limits(ledger, hold.payer, hold.asset, counted, made)
        yield HoldReleased(hold.id, hold.remaining_minor, reason)


def give_way(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Break the holds of an account for a lawful order, the oldest id first."""
    for (_, _, name), _ in list(ledger.scan(HOLDS_BY_PAYER, account, asset)):
        hold = ledger.get(HOLDS, name)
        assert hold is not None  # both rows are written and removed together
        yield Broken(f"hold {name}", tuple(_close(ledger, hold, f"clawback: {why}"[:140])))
