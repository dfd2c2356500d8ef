"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import (
    ALLOW_LIST,
    AssetsCode,
    AuthoriseHolder,
    Clawback,
    DefineAsset,
    FreezeHolding,
    Issue,
    PauseAsset,
    Redeem,
    ResumeAsset,
    RevokeHolder,
    UnfreezeHolding,
    UpdatePolicy,
)
from tongbao.modules.testing import Bench
from tongbao.words import sentence

C = AssetsCode


def define(**changes: Any) -> DefineAsset:
    """A stablecoin of bank-a, changed."""
    fields: dict[str, Any] = {
        "asset": "USDX", "issuer": "bank-a", "decimals": 6, "kind": "stablecoin", "name": "USDX",
    }  # fmt: skip
    return DefineAsset(**(fields | changes))


def held(**changes: Any) -> tuple[Transaction, ...]:
    """The stablecoin, held by bank-a's own account."""
    return (define(**changes), HoldAsset("bank-a/main", "USDX"))


def issue(amount: int) -> Issue:
    return Issue("USDX", "bank-a/main", amount)


BROKEN: dict[AssetsCode, tuple[Transaction, ...]] = {
    C.BAD_ASSET_ID: (define(asset="usd"),),
    C.BAD_DECIMALS: (define(decimals=19),),
    C.CURRENCY_DECIMALS: (define(asset="JPY", decimals=2),),
    C.BAD_KIND: (define(kind="gold"),),
    C.BAD_POLICY: (define(policy="closed"),),
    C.BAD_TEXT: (define(name=""),),
    C.ASSET_EXISTS: (define(), define()),
    C.ASSET_UNKNOWN: (Redeem("NOSUCH", "bank-a/main", 1),),
    C.ISSUER_ROLE: (define(kind="currency"),),
    C.CAP_BELOW_SUPPLY: (*held(), issue(10), UpdatePolicy("USDX", 9, False, False)),
    C.RIGHT_CANNOT_GROW: (define(), UpdatePolicy("USDX", 0, True, False)),
    C.CAP_EXCEEDED: (*held(supply_cap=10), issue(10), issue(1)),
    C.CURRENCY_CODE: (define(asset="EUR", decimals=2),),
    C.ISSUING_STAYS: (define(freezable=True), FreezeHolding("USDX", "bank-a/issue.usdx", "x")),
    C.ALREADY_PAUSED: (define(), PauseAsset("USDX", "x"), PauseAsset("USDX", "y")),
    C.NOT_PAUSED: (define(), ResumeAsset("USDX")),
    C.ASSET_PAUSED: (*held(), PauseAsset("USDX", "x"), issue(1)),
    C.HOLDING_UNKNOWN: (define(policy=ALLOW_LIST), AuthoriseHolder("USDX", "bank-a/main")),
    C.NOT_ALLOW_LIST: (*held(), AuthoriseHolder("USDX", "bank-a/main")),
    C.ALREADY_AUTHORISED: (
        *held(policy=ALLOW_LIST), *(AuthoriseHolder("USDX", "bank-a/main") for _ in range(2)),
    ),
    C.NOT_AUTHORISED: (*held(policy=ALLOW_LIST), RevokeHolder("USDX", "bank-a/main")),
    C.FREEZE_NOT_ALLOWED: (*held(), FreezeHolding("USDX", "bank-a/main", "order")),
    C.ALREADY_FROZEN: (
        *held(freezable=True), *(FreezeHolding("USDX", "bank-a/main", "order") for _ in range(2)),
    ),
    C.NOT_FROZEN: (*held(freezable=True), UnfreezeHolding("USDX", "bank-a/main")),
    C.CLAWBACK_NOT_ALLOWED: (*held(), Clawback("USDX", "bank-a/main", 1, "bank-a", "order")),
    C.CLAWBACK_TOO_MUCH: (
        *held(clawback_allowed=True), issue(5),
        Clawback("USDX", "bank-a/main", 6, "bank-a", "order"),
    ),
    C.ISSUE_REFUSED: (define(), issue(1)),
    C.REDEEM_REFUSED: (*held(), Redeem("USDX", "bank-a/main", 1)),
    C.NOTHING_CHANGES: (define(), UpdatePolicy("USDX", 0, False, False)),
    C.NOT_PERMITTED: (Clawback("CNY", "firm-a/main", 1, "bank-a", "order"),),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code_and_writes_nothing(code: AssetsCode) -> None:
    bench = Bench()
    *before, last = BROKEN[code]
    for action in before:
        bench.do("bank-a", action)
    values = bench.refuses(code, "bank-a", last)
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, values, language)
    if before:
        # All in one envelope: nothing of it stands either.
        Bench().refuses(code, "bank-a", *before, last)


def test_every_code_of_the_module_is_met() -> None:
    # Met in tests/cases/test_orders_and_limits.py: it takes a thousand reservations.
    assert set(BROKEN) | {C.CLAWBACK_IN_PARTS} == set(AssetsCode)
