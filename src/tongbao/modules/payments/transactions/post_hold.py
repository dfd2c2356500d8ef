from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Amount
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import DAY_MS, count_firm
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import HoldPosted, Transferred
from tongbao.modules.payments.holds import close_hold, require_hold, reserve_money
from tongbao.modules.payments.model import SCOPE, HoldId, OpenHold
from tongbao.modules.payments.posting import charge, pay
from tongbao.modules.payments.state import HOLDS


@transaction(code=4004, scope=SCOPE)
class PostHold(Transaction, tag="payments.post_hold"):
    """Pay from a hold: all that remains, or a part."""

    hold: HoldId
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
        reserve_money(ledger, hold, -amount)
        pay(ledger, hold.payer, hold.payee, hold.asset, amount, hold.payee_reference, counted=True)
        _count_now(ledger, hold, amount)
        rest = hold.remaining_minor - amount
        hold = replace(hold, counted_minor=max(0, hold.counted_minor - amount))
        yield Transferred(
            hold.payer, hold.payee, hold.asset, amount, hold.payee_reference, hold=hold.id,
            purpose=hold.purpose, remittance=hold.remittance,
            creditor_reference=hold.creditor_reference,
        )  # fmt: skip
        yield HoldPosted(hold.id, hold.payer, hold.asset, amount, rest)
        if rest and not self.final:
            ledger.put(HOLDS, hold.id, value=replace(hold, remaining_minor=rest))
        else:
            yield from close_hold(ledger, replace(hold, remaining_minor=rest), "final")


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
