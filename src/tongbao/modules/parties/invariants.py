"""What can never happen to a party."""

from __future__ import annotations

from typing import Any

from tongbao.kernel.identity import KEYS, Key
from tongbao.kernel.registry import Invariant
from tongbao.kernel.views import ReadView
from tongbao.modules.parties.model import Party
from tongbao.modules.parties.state import IDENTIFIERS, LIVE_KEYS, PARTIES


def _stays(
    _view: ReadView, _key: tuple[Any, ...], before: Party | None, after: Party | None
) -> bool:
    if after is None:
        return False
    fixed = ("id", "jurisdiction", "lei", "uscc", "registered_at_ms", "registered_by")
    return before is None or all(getattr(before, n) == getattr(after, n) for n in fixed)


def _numbers_lead_back(
    view: ReadView, _key: tuple[Any, ...], _before: Party | None, after: Party | None
) -> bool:
    if after is None:
        return False
    numbers = (("lei", after.lei), ("uscc", after.uscc))
    return all(view.get(IDENTIFIERS, k, v) == after.id for k, v in numbers if v)


def _never_unrevoked(
    _view: ReadView, _key: tuple[Any, ...], before: Key | None, after: Key | None
) -> bool:
    if after is None:
        return False
    return before is None or not before.revoked_at_ms or before == after


def _not_revoked(
    view: ReadView, key: tuple[Any, ...], _before: str | None, after: str | None
) -> bool:
    known = view.get(KEYS, *key)
    return after is None or (known is not None and not known.revoked_at_ms)


INVARIANTS = (
    Invariant(PARTIES, "a party is never removed, and its legal identity never changes", _stays),
    Invariant(PARTIES, "a LEI or USCC leads back to its one party", _numbers_lead_back),
    Invariant(LIVE_KEYS, "no revoked key stands among the live ones", _not_revoked),
    Invariant(KEYS, "a key is never removed, and a revoked key stays revoked", _never_unrevoked),
)
