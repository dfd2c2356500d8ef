from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments.holds import close_hold, require_hold
from tongbao.modules.payments.model import SCOPE, HoldId, check_text


@transaction(code=4005, scope=SCOPE)
class VoidHold(Transaction, tag="payments.void_hold"):
    """Release a hold before it falls due, with a reason."""

    hold: HoldId
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """The arbiter, or the payee's owner: the payer alone cannot take a promise back."""
        hold = require_hold(view, self.hold)
        return (Approval(hold.arbiter or owner_of(hold.payee), SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 140)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Release."""
        yield from close_hold(ledger, require_hold(ledger, self.hold), f"voided: {self.reason}")
