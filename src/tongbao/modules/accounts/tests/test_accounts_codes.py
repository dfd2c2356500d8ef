"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongbao.kernel.generation import both_keys
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import (
    AccountsCode,
    CloseAccount,
    DropAsset,
    FreezeAccount,
    HoldAsset,
    LinkIdentifier,
    OpenAccount,
    SetLimits,
    SetReferenceRequired,
    UnfreezeAccount,
    UnlinkIdentifier,
)
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.testing import Bench
from tongbao.words import sentence

NO_LIMITS = {"per_payment": 0, "per_day": 0}

C = AccountsCode
OWN = "bank-a/second"


def opened(bench: Bench, *more: Transaction) -> None:
    """With an empty account of bank-a that it keeps itself, and what it then did."""
    bench.do("bank-a", OpenAccount(OWN, assets=("CNY",)))
    for action in more:
        bench.do("bank-a", action)


def send(*actions: Transaction) -> Callable[[Bench], tuple[Transaction, ...]]:
    """Nothing has to happen before."""
    return lambda bench: actions


def after(*before: Transaction, then: Transaction) -> Callable[[Bench], tuple[Transaction, ...]]:
    """What stands in the way first."""

    def make(bench: Bench) -> tuple[Transaction, ...]:
        opened(bench, *before)
        return (then,)

    return make


def limit(**limits: int) -> Callable[[Bench], tuple[Transaction, ...]]:
    """A redemption does not count against limits; a payment does."""

    def make(bench: Bench) -> tuple[Transaction, ...]:
        from tongbao.modules.payments import Transfer

        bench.do("bank-a", SetLimits("bank-a/main", "CNY", **NO_LIMITS | limits))
        return (Transfer("bank-a/main", "bank-b/main", "CNY", 101),)

    return make


def quoted(bench: Bench) -> tuple[Transaction, ...]:
    """A firm price, and then an account that could not be paid it."""
    from tongbao.modules.exchange import OfferQuote

    there = "bank-a/fx"
    bench.do("bank-a", OpenAccount(there, assets=("CNY", "USDX")))
    bench.do("bank-a", Issue("USDX", there, 500))
    expires = bench.time_ms + 60_000
    bench.do("bank-a", OfferQuote(there, "firm-a", "USDX", 500, "CNY", 3_500, expires))
    return (DropAsset(there, "CNY"),)


BROKEN: dict[AccountsCode, Callable[[Bench], tuple[Any, ...]]] = {
    C.BAD_ACCOUNT_ID: send(OpenAccount("no account")),
    C.BAD_TEXT: send(OpenAccount(OWN, title="x" * 141)),
    C.BAD_IDENTIFIER: send(LinkIdentifier("bank-a/main", "DE00370400440532013000")),
    C.ACCOUNT_EXISTS: send(OpenAccount("bank-a/main")),
    C.ACCOUNT_UNKNOWN: send(HoldAsset("bank-a/none", "CNY")),
    C.ACCOUNT_CLOSED: after(CloseAccount(OWN), then=HoldAsset(OWN, "CNY")),
    C.SERVICER_ROLE: send(OpenAccount("bank-a/x", servicer="firm-a")),
    C.HOLDS_ALREADY: send(HoldAsset("bank-a/main", "CNY")),
    C.HOLDS_NOT: send(DropAsset("bank-a/main", "NOSUCH")),
    C.HOLDING_NOT_EMPTY: send(DropAsset("bank-a/main", "CNY")),
    C.IDENTIFIER_TAKEN: after(
        LinkIdentifier(OWN, "62170001"), then=LinkIdentifier("bank-a/main", "62170001")
    ),
    C.IDENTIFIER_UNKNOWN: send(UnlinkIdentifier("bank-a/main", "62170001")),
    C.NOT_PERMITTED: send(FreezeAccount("firm-b/main", "bank-b", "because")),
    C.ALREADY_FROZEN: after(
        FreezeAccount(OWN, "bank-a", "order"), then=FreezeAccount(OWN, "bank-a", "order")
    ),
    C.NOT_FROZEN: send(UnfreezeAccount("bank-a/main", "bank-a")),
    C.NOTHING_CHANGES: send(SetReferenceRequired("bank-a/main", False)),
    C.LIMIT_PER_PAYMENT: limit(per_payment=100),
    C.LIMIT_PER_DAY: limit(per_day=100),
    C.NUMBER_NOT_OF_BANK: send(OpenAccount("firm-a/own"), LinkIdentifier("firm-a/own", "62170001")),
    C.TOO_MANY_NUMBERS: after(
        *(LinkIdentifier(OWN, f"6217{number:04}") for number in range(32)),
        then=LinkIdentifier(OWN, "62180001"),
    ),
    C.STILL_EXPECTED: quoted,
    C.NAME_KEPT: send(OpenAccount("bank-a/issue.usdx")),
    C.TOO_MANY_ASSETS: send(OpenAccount(OWN, assets=tuple("ABCDEFGHIJKLMNOPQ"))),
}
SIGNERS = (*both_keys("bank-a"), *both_keys("bank-b"), *both_keys("firm-a"))


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code_and_writes_nothing(code: AccountsCode) -> None:
    bench = Bench(DefineAsset("USDX", "bank-a", 2, "deposit", "Deposits"))
    values = bench.refuses(code, "bank-a", *BROKEN[code](bench), signers=SIGNERS)
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, values, language)


def test_every_code_of_the_module_is_met() -> None:
    assert set(BROKEN) == set(AccountsCode)
