from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import Amount, Moment, PartyId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import CreditConfirmed
from tongbao.modules.corridors.holding import require_state
from tongbao.modules.corridors.model import CREDITED, SETTLED, Payment, Step
from tongbao.modules.corridors.permissions import PAYMENTS as PAYMENT_SCOPE
from tongbao.modules.corridors.permissions import bank_of, nothing_moved, require_one_of
from tongbao.modules.corridors.state import put_payment, require_payment


@transaction(code=7014, scope=PAYMENT_SCOPE)
class ConfirmCredit(Transaction, tag="corridors.confirm_credit"):
    """Say when the end customer was credited, and with how much."""

    uetr: Uetr
    by: PartyId
    """The bank that keeps the payee's account (its owner where that keeps it itself)."""
    credited_minor: Amount = 0
    """What the customer got; 0 is all of it. Less shows what was deducted on the last mile."""
    credited_at_ms: Moment = 0
    """0 is now."""

    def signers(self, view: ReadView) -> Signers:
        """The bank."""
        return (Approval(self.by, PAYMENT_SCOPE),)

    def check(self) -> None:
        check_amount(self.credited_minor, "credited_minor", low=0)

    def admit(self, view: ReadView) -> None:
        """A settled payment to one of its accounts; no more than was credited; no time to come."""
        payment = require_payment(view, self.uetr)
        require_one_of(self.by, (bank_of(view, payment.payee),))
        require_state(payment, SETTLED)
        require(
            self.credited_minor <= payment.credited_minor, CorridorsCode.CREDITED_TOO_MUCH,
            uetr=self.uetr, credited=str(payment.credited_minor), amount=str(self.credited_minor),
            asset=payment.receive_asset,
        )  # fmt: skip
        low, at, now = payment.steps[0].at_ms, self.credited_at_ms or view.time_ms, view.time_ms
        there: dict[str, Value] = {"field": "credited_at_ms", "value": at, "low": low, "high": now}
        require(low <= at <= now, CorridorsCode.BAD_MOMENT, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it."""
        payment: Payment = require_payment(ledger, self.uetr)
        amount = self.credited_minor or payment.credited_minor
        at = self.credited_at_ms or ledger.time_ms
        step = Step(CREDITED, at, self.by)
        confirmed = replace(
            payment, state=CREDITED, confirmed_minor=amount, steps=(*payment.steps, step)
        )
        put_payment(ledger, confirmed)
        deducted = payment.credited_minor - amount
        asset = payment.receive_asset
        yield CreditConfirmed(self.uetr, self.by, amount, asset, deducted, at)
        yield nothing_moved(self)
