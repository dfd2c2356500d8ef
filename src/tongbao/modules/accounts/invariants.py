"""What can never happen to an account."""

from __future__ import annotations

from typing import Any

from tongbao.kernel.registry import Invariant
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts.model import Account, Spent
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, RESERVED, SPENT


def _stays(
    _view: ReadView, _key: tuple[Any, ...], before: Account | None, after: Account | None
) -> bool:
    if after is None:
        return False
    if before is None:
        return True
    fixed = ("id", "servicer", "opened_at_ms")
    same = all(getattr(before, name) == getattr(after, name) for name in fixed)
    return same and (not before.closed_at_ms or before == after)


def _numbers_lead_back(
    view: ReadView, _key: tuple[Any, ...], _before: Account | None, after: Account | None
) -> bool:
    if after is None:
        return False
    return all(view.get(ALIASES, number) == after.id for number in after.identifiers)


def _within_day(
    _view: ReadView, _key: tuple[Any, ...], before: Spent | None, after: Spent | None
) -> bool:
    return after is None or before == after or 0 <= after.amount_minor <= after.allowed_minor


def _adds_up(view: ReadView, key: tuple[Any, ...], _before: int | None, after: int | None) -> bool:
    account, asset, _purpose = key
    holding = view.holding(account, asset)
    total = sum(value for _, value in view.scan(RESERVED, account, asset))
    return (after is None or after > 0) and total == (0 if holding is None else holding.reserved)


INVARIANTS = (
    Invariant(ACCOUNTS, "an account is never removed, and a closed one stays as it is", _stays),
    Invariant(ACCOUNTS, "a number of an account leads back to it", _numbers_lead_back),
    Invariant(SPENT, "no account pays out more on a day than it may", _within_day),
    Invariant(RESERVED, "what a holding reserves is the sum of what is set aside in it", _adds_up),
)
