from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties import count_open
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import ReturnRequested
from tongbao.modules.payments.model import MAX_REQUESTS, REQUEST_MS, SCOPE, Asked, check_text
from tongbao.modules.payments.state import UETRS
from tongbao.modules.payments.uetrs import REQUEST_TIMER, REQUESTS, require_paid


@transaction(code=4009, scope=SCOPE)
class RequestReturn(Transaction, tag="payments.request_return"):
    """Ask the payee to give a settled payment back; the request lapses after 30 days."""

    uetr: Uetr
    reason: str
    """ISO 20022 external cancellation reason, e.g. DUPL, CUST, FRAD, AM09."""
    note: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        _, known = require_paid(view, self.uetr)
        return (Approval(owner_of(known.payer), SCOPE),)

    def check(self) -> None:
        check_text("reason", self.reason, 1, 4)
        check_text("note", self.note, 0, 140)

    def admit(self, view: ReadView) -> None:
        """Something is left to return, and no request is open."""
        _, known = require_paid(view, self.uetr)
        rest = known.amount_minor - known.returned_minor
        require(
            rest, PaymentsCode.RETURN_ABOVE_REST,
            uetr=self.uetr, asset=known.asset, amount=str(known.amount_minor), remaining="0",
        )  # fmt: skip
        require(known.asked is None, PaymentsCode.RETURN_REQUESTED, uetr=self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the request, and set the clock."""
        period, known = require_paid(ledger, self.uetr)
        by, now = owner_of(known.payer), ledger.time_ms
        count_open(ledger, by, REQUESTS, 1, MAX_REQUESTS)
        asked = Asked(by, self.reason, now, now + REQUEST_MS, self.note)
        ledger.schedule(asked.due_at_ms, REQUEST_TIMER, self.uetr)
        ledger.put(UETRS, period, self.uetr, value=replace(known, asked=asked, answered=None))
        yield ReturnRequested(
            self.uetr, known.payer, known.payee, self.reason, asked.due_at_ms, self.note
        )
