"""What can never happen to a corridor or a payment through one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongbao.kernel.money import owner_of
from tongbao.kernel.registry import Invariant, Tally
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import RESERVED
from tongbao.modules.corridors.calendar import DAY_MS, in_force
from tongbao.modules.corridors.costs import total
from tongbao.modules.corridors.model import (
    CANCELLED,
    CLEARED,
    CREDITED,
    ENDED,
    HELD,
    REFUSED,
    RETURNED,
    SEND,
    SETTLED,
    WAITING,
    Payment,
    Return,
    Terms,
)
from tongbao.modules.corridors.state import (
    PAYMENTS,
    PURPOSE,
    RETURNS,
    USED,
    VERSIONS,
    WAITING_BY_PAYER,
    terms_at,
    terms_of,
)

Counted = Iterator[tuple[tuple[str, ...], int]]
NEXT: dict[str, tuple[str, ...]] = {
    HELD: (HELD, CLEARED, SETTLED, REFUSED, ENDED, CANCELLED),
    # Refused by nobody who screens, once it is cleared: by a lawful order to what it set aside.
    CLEARED: (CLEARED, SETTLED, REFUSED, ENDED, CANCELLED),
    SETTLED: (SETTLED, CREDITED, RETURNED, CANCELLED),
    CREDITED: (CREDITED, RETURNED, CANCELLED),
}
"""What may follow a state; the others are final."""
_FIXED = (
    "uetr", "corridor", "version", "payer", "payee", "send_asset", "receive_asset", "exact",
    "instructed_minor", "bearer", "deadline_ms",
)  # fmt: skip
_FINAL_AMOUNTS = (
    "debited_minor", "converted_minor", "arrived_minor", "credited_minor", "costs",
)  # fmt: skip


def _terms_stay(
    view: ReadView, key: tuple[Any, ...], before: Terms | None, after: Terms | None
) -> bool:
    _corridor, effective_from_ms = key
    if before is None:
        return bool(effective_from_ms >= view.time_ms)
    return before == after or (after is None and bool(effective_from_ms > view.time_ms))


def _goes_on(
    _view: ReadView, _key: tuple[Any, ...], before: Payment | None, after: Payment | None
) -> bool:
    if after is None:
        return False
    if before is None:
        return after.state in (HELD, SETTLED)
    fixed = _FIXED if before.state in WAITING else (*_FIXED, *_FINAL_AMOUNTS)
    same = all(getattr(before, name) == getattr(after, name) for name in fixed)
    follows = before == after or after.state in NEXT.get(before.state, ())
    return same and follows and after.steps[: len(before.steps)] == before.steps


def _adds_up(
    _view: ReadView, _key: tuple[Any, ...], _before: Payment | None, after: Payment | None
) -> bool:
    if after is None:
        return False
    if not after.credited_minor:
        moved = after.debited_minor or after.arrived_minor or after.returned_minor
        return not moved and (after.aside_minor > 0) == (after.state in WAITING)
    # In one currency the lines of both sides are of one asset; then only their sum is shown apart.
    costs = total(after.costs)
    difference = after.debited_minor - after.converted_minor
    difference += after.arrived_minor - after.credited_minor
    return costs == difference and not after.aside_minor


def _within_rules(
    view: ReadView, _key: tuple[Any, ...], before: Payment | None, after: Payment | None
) -> bool:
    if after is None or after.state != SETTLED or (before and before.state not in WAITING):
        return True
    amount = after.instructed_minor if after.exact == SEND else after.converted_minor
    accepted, now = terms_of(view, after), terms_at(view, after.corridor, view.time_ms)
    return all(
        _carries(view, after, terms, amount) for terms in (accepted, now[1] if now else accepted)
    )


def _carries(view: ReadView, payment: Payment, terms: Terms, amount: int) -> bool:
    limit = in_force(terms.limits, view.time_ms)
    used = view.get(USED, payment.corridor, owner_of(payment.payer))
    travel_rule = in_force(terms.travel_rule, view.time_ms)
    purposes = in_force(terms.purposes, view.time_ms)
    counted = used is not None and used.day == payment.counted_on == view.time_ms // DAY_MS
    sealed = travel_rule is None or amount < travel_rule.from_minor or payment.travel_rule
    stated = purposes is None or payment.purpose in purposes.codes
    if not (counted and sealed and stated and payment.counted_minor == amount):
        return False
    if limit is None:
        return True
    most, day = limit.per_payment_minor, limit.per_day_minor
    spent = 0 if used is None else used.amount_minor
    return (not most or amount <= most) and (not day or spent <= day)


def _returns_within(
    _view: ReadView, _key: tuple[Any, ...], _before: Payment | None, after: Payment | None
) -> bool:
    if after is None:
        return False
    within = 0 <= after.returned_minor <= after.credited_minor
    within = within and 0 <= after.returned_unconverted_minor <= after.returned_minor
    return within and 0 <= after.returned_sent_minor <= after.converted_minor


def _return_stays(
    _view: ReadView, _key: tuple[Any, ...], before: Return | None, after: Return | None
) -> bool:
    return before is None or before == after


def _waits(_key: tuple[Any, ...], payment: Payment) -> Counted:
    if payment.aside_minor:
        deadline = str(payment.deadline_ms)
        yield (payment.payer, payment.send_asset, deadline, payment.uetr), 1


def _listed(key: tuple[Any, ...], _value: str) -> Counted:
    payer, asset, deadline_ms, uetr = key
    yield (payer, asset, str(deadline_ms), uetr), -1


def _aside(_key: tuple[Any, ...], payment: Payment) -> Counted:
    yield (payment.payer, payment.send_asset), payment.aside_minor


def _reserved(key: tuple[Any, ...], amount: int) -> Counted:
    account, asset, purpose = key
    if purpose == PURPOSE:
        yield (account, asset), -amount


def _returned(_key: tuple[Any, ...], payment: Payment) -> Counted:
    yield (payment.uetr,), payment.returned_minor


def _return(_key: tuple[Any, ...], one: Return) -> Counted:
    yield (one.uetr,), -one.returned_minor


INVARIANTS = (
    Invariant(VERSIONS, "terms in force never change", _terms_stay),
    Invariant(PAYMENTS, "a payment goes forward, and what was settled stays", _goes_on),
    Invariant(PAYMENTS, "what left is what was credited and what was charged", _adds_up),
    Invariant(PAYMENTS, "what settles is within the rules of its day, and counted", _within_rules),
    Invariant(PAYMENTS, "no more is returned than was paid, on either side", _returns_within),
    Invariant(RETURNS, "a return stays as it was made", _return_stays),
)
TALLIES = (
    Tally("what is set aside for cross-border payments is the sum of those that wait",
          ((PAYMENTS, _aside), (RESERVED, _reserved))),
    Tally("every payment that waits is found under its payer, and no other is",
          ((PAYMENTS, _waits), (WAITING_BY_PAYER, _listed))),
    Tally("what a payment says was returned is the sum of its returns",
          ((PAYMENTS, _returned), (RETURNS, _return))),
)  # fmt: skip
