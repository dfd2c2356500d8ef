"""One posting in the module's words: a fault of the core becomes a refusal that names things."""

from __future__ import annotations

from typing import Never

from tongbao.kernel.codes import Refusal, Value, refuse
from tongbao.kernel.money import HoldingFlag, PostingFault
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts import charge_limits
from tongbao.modules.assets import require_moving
from tongbao.modules.payments.codes import PaymentsCode

# OVERFLOW: no more than the largest amount of an asset can be issued at all, so who would pay so
# much that a balance passes it, in several legs at once, has not got it.
FAULTS: dict[PostingFault, PaymentsCode] = {
    PostingFault.DEBIT_MISSING: PaymentsCode.PAYER_UNKNOWN,
    PostingFault.CREDIT_MISSING: PaymentsCode.PAYEE_UNKNOWN,
    PostingFault.DEBIT_BLOCKED: PaymentsCode.PAYER_BLOCKED,
    PostingFault.CREDIT_BLOCKED: PaymentsCode.PAYEE_BLOCKED,
    PostingFault.INSUFFICIENT: PaymentsCode.INSUFFICIENT_FUNDS,
    PostingFault.OVERFLOW: PaymentsCode.INSUFFICIENT_FUNDS,
    PostingFault.CREDIT_NOT_AUTHORISED: PaymentsCode.PAYEE_NOT_AUTHORISED,
    PostingFault.SAME_ACCOUNT: PaymentsCode.SAME_ACCOUNT,
    PostingFault.DEBIT_NOT_AUTHORISED: PaymentsCode.PAYER_NOT_AUTHORISED,
    PostingFault.REFERENCE_REQUIRED: PaymentsCode.REFERENCE_REQUIRED,
}
_PAYEE_SIDE = (
    PostingFault.CREDIT_MISSING,
    PostingFault.CREDIT_BLOCKED,
    PostingFault.CREDIT_NOT_AUTHORISED,
    PostingFault.REFERENCE_REQUIRED,
)
_SPECIAL = HoldingFlag.ISSUING | HoldingFlag.LIMITED


def refusal_of(
    view: ReadView, number: int, payer: str, payee: str, asset: str, amount: int
) -> Refusal:
    """The refusal for a fault of the core."""
    fault = PostingFault(number)
    account = payee if fault in _PAYEE_SIDE else payer
    values: dict[str, Value] = {"account": account, "asset": asset}
    if fault in (PostingFault.INSUFFICIENT, PostingFault.OVERFLOW):
        holding = view.holding(payer, asset)
        values["available"] = str(0 if holding is None else holding.available)
        values["amount"] = str(amount)
    return Refusal(FAULTS[fault], values)


def refuse_fault(
    view: ReadView, number: int, payer: str, payee: str, asset: str, amount: int
) -> Never:
    """Refuse for a fault of the core."""
    refusal = refusal_of(view, number, payer, payee, asset, amount)
    refuse(refusal.code, **refusal.values)


def pay(
    ledger: WriteView,
    payer: str,
    payee: str,
    asset: str,
    amount: int,
    payee_reference: str,
    *,
    counted: bool = False,
) -> None:
    """Move an amount, within the payer's limits unless `counted`; a Refusal says why not."""
    require_moving(ledger, asset)
    special = ledger.is_switched(payer, asset, _SPECIAL)
    if special:
        require_no_issue(ledger, payer, asset)
    fault = ledger.move(payer, payee, asset, amount, referenced=bool(payee_reference))
    if fault:
        refuse_fault(ledger, fault, payer, payee, asset, amount)
    if special and not counted:
        charge(ledger, payer, asset, amount)


def require_no_issue(view: ReadView, payer: str, asset: str) -> None:
    """Refuse an issuing account as payer: supply comes by `assets.issue` alone, within the cap."""
    if view.is_switched(payer, asset, HoldingFlag.ISSUING):
        refuse(PaymentsCode.ISSUING_ACCOUNT, account=payer, asset=asset)


def charge(ledger: WriteView, payer: str, asset: str, amount: int) -> int:
    """Count an outgoing amount against the limits of an account that has any.

    What was counted for the day: what ends before it moves gives it back.
    """
    if ledger.is_switched(payer, asset, HoldingFlag.LIMITED):
        return charge_limits(ledger, payer, asset, amount)
    return 0
