from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Amount, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import ReturnAnswered, Transferred, TransferReturned
from tongbao.modules.payments.model import (
    MAX_RETURNS,
    RETURN,
    SCOPE,
    Known,
    Returned,
    check_text,
    check_uetr,
)
from tongbao.modules.payments.posting import pay
from tongbao.modules.payments.state import UETRS
from tongbao.modules.payments.uetrs import answer_request, require_free, require_paid, write_uetr


@transaction(code=4008, scope=SCOPE)
class ReturnTransfer(Transaction, tag="payments.return"):
    """Give a payment within the ledger back to its payer, whole or in part (pacs.004).

    It is a payment by the payee: freezes, allow-lists and the payee's limits hold for it. It is
    the answer to the payer's request for it, where one is open.
    """

    uetr: Uetr
    """Of the original: a transfer, a line of a bulk transfer, or a scheduled transfer when done."""
    return_uetr: Uetr
    """A new UETR, for the return itself: the same return twice is refused."""
    reason: str
    """ISO 20022 external return reason, e.g. AC04, FOCR, MS03."""
    amount_minor: Amount = 0
    """0 is all that remains."""
    note: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The payee's owner: it is its money."""
        _, known = require_paid(view, self.uetr)
        return (Approval(owner_of(known.payee), SCOPE),)

    def check(self) -> None:
        require(self.return_uetr, PaymentsCode.RETURN_UETR_MISSING)
        check_uetr(self.return_uetr)
        check_amount(self.amount_minor, low=0)
        check_text("reason", self.reason, 1, 4)
        check_text("note", self.note, 0, 140)

    def admit(self, view: ReadView) -> None:
        """A new name, and no more than remains."""
        require_free(view, self.return_uetr)
        _, known = require_paid(view, self.uetr)
        rest = known.amount_minor - known.returned_minor
        amount = self.amount_minor or rest
        require(
            0 < amount <= rest, PaymentsCode.RETURN_ABOVE_REST,
            uetr=self.uetr, asset=known.asset, amount=str(amount), remaining=str(rest),
        )  # fmt: skip
        short = len(known.returns) < MAX_RETURNS or amount == rest
        require(short, PaymentsCode.TOO_MANY_RETURNS, uetr=self.uetr, limit=MAX_RETURNS)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Pay it back, and count it on the original."""
        period, known = require_paid(ledger, self.uetr)
        rest = known.amount_minor - known.returned_minor
        amount = self.amount_minor or rest
        reference = known.payee_reference or "return"
        pay(ledger, known.payee, known.payer, known.asset, amount, reference)
        yield Transferred(
            known.payee, known.payer, known.asset, amount, reference, self.return_uetr,
            remittance=f"return of {self.uetr}",
        )  # fmt: skip
        one = Returned(self.return_uetr, amount, self.reason, ledger.time_ms, self.note)
        asked = known.asked is not None
        if asked:
            known = answer_request(ledger, self.uetr, known, "returned", self.reason, self.note)
        known = replace(known, returns=(*known.returns, one))
        ledger.put(UETRS, period, self.uetr, value=known)
        write_uetr(ledger, self.return_uetr, Known(
            RETURN, known.payee, known.payer, known.asset, amount, ledger.time_ms, reference,
            self.uetr,
        ))  # fmt: skip
        yield TransferReturned(
            self.uetr, self.return_uetr, known.payer, known.payee, known.asset, amount,
            rest - amount, self.reason, self.note,
        )  # fmt: skip
        if asked:
            yield ReturnAnswered(
                self.uetr, known.payer, known.payee, "returned", self.reason, self.note
            )
