"""Ways to take a rule out of the ledger: its refusal never comes, or a part of it does nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongbao.kernel import codes
from tongbao.kernel.codes import Code, require
from tongbao.kernel.money import HoldingFlag, PostingFault
from tongbao.kernel.views import WriteView

Patch = Callable[[pytest.MonkeyPatch], None]


def setting(target: str, value: Any) -> Patch:
    """Put another value where a module keeps its own."""
    return lambda patch: patch.setattr(f"tongbao.modules.{target}", value)


def recoded(function: Any, other: Callable[..., Any]) -> Patch:
    """Change what a function does for those too who hold it already."""
    return lambda patch: patch.setattr(function, "__code__", other.__code__)


def both(*patches: Patch) -> Patch:
    """Each of them."""

    def revert(patch: pytest.MonkeyPatch) -> None:
        for one in patches:
            one(patch)

    return revert


def nothing(*_: Any, **__: Any) -> int:
    """Ask nothing, count nothing."""
    return 0


def _waiving(condition: Any, code: Any, /, **values: Any) -> None:
    if not condition and code not in WAIVED:  # type: ignore[name-defined]  # noqa: F821
        raise Refusal(code, values)  # type: ignore[name-defined]  # noqa: F821


def waived(*refusals: Code) -> Patch:
    """Nobody is refused by these codes any more."""

    def revert(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(codes, "WAIVED", refusals, raising=False)
        patch.setattr(require, "__code__", _waiving.__code__)

    return revert


def unswitched(*faults: PostingFault) -> Patch:
    """Postings pass although a switch of one of the holdings stands against them."""
    move = WriteView.move

    def past(self: WriteView, debit: str, credit: str, *rest: Any, **more: Any) -> int:
        fault = move(self, debit, credit, *rest, **more)
        if fault not in faults:
            return fault
        asset = rest[0]
        held = {one: self.holding(one, asset) for one in (debit, credit)}
        for account, before in held.items():
            assert before is not None
            self.put_holding(account, asset, before._replace(flags=HoldingFlag(0)))
        fault = move(self, debit, credit, *rest, **more)
        for account, before in held.items():
            after = self.holding(account, asset)
            assert before is not None and after is not None
            self.put_holding(account, asset, after._replace(flags=before.flags))
        return fault

    return lambda patch: patch.setattr(WriteView, "move", past)
