from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.model import SCOPE, check_text
from tongbao.modules.payments.requests import close_request
from tongbao.modules.payments.uetrs import require_paid


@transaction(code=4010, scope=SCOPE)
class DeclineReturn(Transaction, tag="payments.decline_return"):
    """Decline a request for a return, with a reason. Who accepts it returns the payment."""

    uetr: Uetr
    reason: str
    """ISO 20022 external reason, e.g. CUST, LEGL, NOAS, AC04."""
    note: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The payee's owner."""
        _, known = require_paid(view, self.uetr)
        return (Approval(owner_of(known.payee), SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 4)
        check_text("note", self.note, 0, 140)

    def admit(self, view: ReadView) -> None:
        """A request that waits."""
        _, known = require_paid(view, self.uetr)
        require(known.asked is not None, PaymentsCode.NO_RETURN_REQUEST, uetr=self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """End the request."""
        period, known = require_paid(ledger, self.uetr)
        yield from close_request(
            ledger, period, self.uetr, known, "declined", self.reason, self.note
        )
