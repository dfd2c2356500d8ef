"""What a payment costs: the arithmetic of a fee schedule, exact in integers.

The same functions price a payment before it is signed (gateway, SDK) and charge it (ledger): so
what is shown is what is charged, or the payment is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from tongbao.kernel.codes import require
from tongbao.kernel.money import Rounding, divide
from tongbao.kernel.wording import amount
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import (
    CRED,
    DEBT,
    RECEIVE,
    SEND,
    SHAR,
    SLEV,
    Cost,
    Fee,
    Terms,
)

_WHOLE = 10_000
"""Basis points of the whole."""
_ALLOWED = {SEND: (DEBT, CRED, SHAR), RECEIVE: (CRED, SHAR)}


def bearer_in(terms: Terms, bearer: str) -> str:
    """DEBT, CRED or SHAR: what SLEV stands for is stated by the terms."""
    return terms.service_level if bearer == SLEV else bearer


def fee_amount(fee: Fee, base_minor: int, rounding: Rounding) -> int:
    """Fixed part plus basis points of the base, rounded by the named rule, within min and max."""
    share, _ = divide(base_minor * fee.basis_points, _WHOLE, rounding)
    amount = max(fee.fixed_minor + share, fee.min_minor)
    return min(amount, fee.max_minor) if fee.max_minor else amount


def charges(
    terms: Terms, side: str, bearer: str, asset: str, charged: str, base_minor: int
) -> tuple[Cost, ...]:
    """The charges of one side, in the order of the schedule; `bearer` as `bearer_in` gives it.

    `base_minor` is what is sent, or what arrives; `charged` the account that bears them: a fee
    that it would pay to itself is none. Lines that come to nothing are left out.
    """
    rounding = Rounding(terms.rounding)
    found: list[Cost] = []
    for fee in terms.fees:
        under = fee.bearers or _ALLOWED[side]
        if fee.side != side or bearer not in under or fee.receiver == charged:
            continue
        amount = fee_amount(fee, base_minor, rounding)
        if amount:
            found.append(Cost(fee.kind, fee.receiver, asset, amount))
    return tuple(found)


def total(costs: Iterable[Cost]) -> int:
    """Their sum, of one asset."""
    return sum(cost.amount_minor for cost in costs)


def after_charges(amount_minor: int, costs: tuple[Cost, ...], asset: str) -> int:
    """What charges leave of an amount; refused where that is nothing."""
    taken = total(costs)
    require(
        taken < amount_minor, CorridorsCode.BELOW_COSTS,
        costs=str(taken), amount=str(amount_minor), asset=asset,
    )  # fmt: skip
    return amount_minor - taken


def in_words(costs: Iterable[Cost]) -> str:
    """For a refusal: `network 0.30 CNY, corridor 1.00 CNY`."""
    lines = [f"{cost.kind} {amount(cost.amount_minor, cost.asset)}" for cost in costs]
    return ", ".join(lines) or "nothing"
