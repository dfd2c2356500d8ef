"""Opening, holding, freezing, numbering, limiting and closing accounts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.generation import both_keys
from tongbao.kernel.money import HoldingFlag
from tongbao.modules.accounts import (
    ACCOUNTS,
    GENERATORS,
    MODULE,
    SPENT,
    AccountsCode,
    CloseAccount,
    DropAsset,
    FreezeAccount,
    HoldAsset,
    Limits,
    LinkIdentifier,
    OpenAccount,
    SetLimits,
    SetReferenceRequired,
    UnfreezeAccount,
    UnlinkIdentifier,
    account_of,
)
from tongbao.modules.accounts.events import AccountClosed, AccountFrozen, AccountOpened, AssetHeld
from tongbao.modules.accounts.model import Spent
from tongbao.modules.accounts.queries import accounts_of, limits_of
from tongbao.modules.assets import FREEZES
from tongbao.modules.payments import PaymentsCode, Transfer
from tongbao.modules.testing import DAY_MS, START_MS, Bench

IBAN = "DE89370400440532013000"
BOTH = (*both_keys("firm-a"), *both_keys("bank-a"))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def pay(amount: int, payee: str = "firm-b/main", reference: str = "") -> Transfer:
    return Transfer("firm-a/main", payee, "CNY", amount, reference)


def test_owner_and_bank_open_an_account_together(bench: Bench) -> None:
    action = OpenAccount("firm-a/tax", "bank-a", "Tax", "税款", assets=("CNY",))
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", action)
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-a", action)
    assert bench.do("firm-a", action, signers=BOTH) == (
        AccountOpened("firm-a/tax", "firm-a", "bank-a", "Tax", "税款"),
        AssetHeld("firm-a/tax", "CNY"),
    )
    assert [one.id for one in accounts_of(bench.view, "firm-a")] == ["firm-a/main", "firm-a/tax"]


def test_nobody_pushes_an_asset_into_an_account(bench: Bench) -> None:
    bench.do("firm-a", OpenAccount("firm-a/own"))
    bench.refuses(PaymentsCode.PAYEE_UNKNOWN, "firm-a", pay(1, "firm-a/own"))
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-a", HoldAsset("firm-a/own", "CNY"))
    bench.do("firm-a", HoldAsset("firm-a/own", "CNY"))
    bench.do("firm-a", pay(1, "firm-a/own"))
    assert bench.balance("firm-a/own") == 1


def test_an_empty_holding_is_dropped_with_its_limits_and_comes_back_without(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x", assets=("CNY",)))
    bench.do("bank-a", SetLimits("bank-a/x", "CNY", per_payment=5, per_day=0))
    bench.do("bank-a", DropAsset("bank-a/x", "CNY"))
    assert bench.view.holding("bank-a/x", "CNY") is None
    bench.do("bank-a", HoldAsset("bank-a/x", "CNY"))
    assert limits_of(bench.view, "bank-a/x") == {}


def test_a_frozen_empty_holding_cannot_be_dropped_to_shake_the_freeze_off(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x", assets=("CNY",)))
    bench.do("watch", FreezeAccount("bank-a/x", "watch", "order"))
    bench.refuses(AccountsCode.ALREADY_FROZEN, "bank-a", DropAsset("bank-a/x", "CNY"))


def test_a_closed_account_stays_closed_and_frees_its_numbers(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x", assets=("CNY",)))
    bench.do("bank-a", LinkIdentifier("bank-a/x", "62170001"))
    assert bench.do("bank-a", CloseAccount("bank-a/x")) == (AccountClosed("bank-a/x"),)
    assert account_of(bench.view, "62170001") is None
    into = Transfer("bank-a/main", "bank-a/x", "CNY", 1)
    bench.refuses(PaymentsCode.PAYEE_BLOCKED, "bank-a", into)
    bench.refuses(AccountsCode.ACCOUNT_EXISTS, "bank-a", OpenAccount("bank-a/x"))
    bench.refuses(AccountsCode.HOLDING_NOT_EMPTY, "bank-a", CloseAccount("bank-a/main"))
    closed = bench.view.get(ACCOUNTS, "bank-a/x")
    assert closed is not None
    assert bench.broken_by("bank-a", (ACCOUNTS, ("bank-a/x",), replace(closed, closed_at_ms=0)))
    assert bench.broken_by("bank-a", (ACCOUNTS, ("bank-a/x",), None))


def test_each_freeze_stands_until_who_made_it_lifts_it(bench: Bench) -> None:
    by_bank = FreezeAccount("firm-a/main", "bank-a", "fraud alert")
    by_watch = FreezeAccount("firm-a/main", "watch", "court order")
    assert bench.do("bank-a", by_bank) == (AccountFrozen("firm-a/main", "bank-a", "fraud alert"),)
    bench.do("watch", by_watch)
    bench.refuses(PaymentsCode.PAYER_BLOCKED, "firm-a", pay(1))
    bench.do("bank-a", UnfreezeAccount("firm-a/main", "bank-a"))
    bench.refuses(PaymentsCode.PAYER_BLOCKED, "firm-a", pay(1))
    bench.do("watch", UnfreezeAccount("firm-a/main", "watch"))
    bench.do("firm-a", pay(1))
    assert list(bench.view.scan(FREEZES, "firm-a/main")) == []


def test_an_asset_held_later_is_frozen_with_the_account(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x"))
    bench.do("watch", FreezeAccount("bank-a/x", "watch", "order"))
    bench.do("bank-a", HoldAsset("bank-a/x", "CNY"))
    holding = bench.view.holding("bank-a/x", "CNY")
    assert holding is not None
    assert HoldingFlag.FROZEN in holding.flags
    bench.do("watch", UnfreezeAccount("bank-a/x", "watch"))
    bench.do("bank-a", Transfer("bank-a/main", "bank-a/x", "CNY", 1))


def test_payments_without_a_reference_are_refused_where_one_is_required(bench: Bench) -> None:
    bench.do("firm-b", SetReferenceRequired("firm-b/main", True))
    bench.refuses(PaymentsCode.REFERENCE_REQUIRED, "firm-a", pay(1))
    bench.do("firm-a", pay(1, reference="invoice 7"))
    bench.do("firm-b", SetReferenceRequired("firm-b/main", False))
    bench.do("firm-a", pay(1))


@pytest.mark.parametrize("number", [IBAN, "6217000000000017", "A-1234"])
def test_a_number_leads_to_its_account_until_it_is_unlinked(bench: Bench, number: str) -> None:
    link = LinkIdentifier("firm-a/main", number)
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", link)
    bench.do("firm-a", link, signers=BOTH)
    assert account_of(bench.view, number) == "firm-a/main"
    bench.do("firm-a", UnlinkIdentifier("firm-a/main", number), signers=BOTH)
    assert account_of(bench.view, number) is None


@pytest.mark.parametrize("number", ["DE89370400440532013001", "abc", "x", "GB00WEST12345698765432"])
def test_a_number_with_wrong_check_digits_or_shape_is_no_number(bench: Bench, number: str) -> None:
    link = LinkIdentifier("firm-a/main", number)
    bench.refuses(AccountsCode.BAD_IDENTIFIER, "firm-a", link, signers=BOTH)


def test_an_account_id_leads_to_itself_only_where_it_exists(bench: Bench) -> None:
    assert account_of(bench.view, "firm-a/main") == "firm-a/main"
    assert account_of(bench.view, "firm-a/none") is None


def test_the_limit_of_a_day_counts_anew_after_midnight_utc(bench: Bench) -> None:
    limits = SetLimits("firm-a/main", "CNY", per_payment=60, per_day=100)
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", limits)
    bench.do("firm-a", limits, signers=BOTH)
    assert limits_of(bench.view, "firm-a/main") == {"CNY": Limits(60, 100)}
    bench.refuses(AccountsCode.LIMIT_PER_PAYMENT, "firm-a", pay(61))
    bench.do("firm-a", pay(60))
    values = bench.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", pay(41))
    assert values["spent"] == "60"
    bench.do("firm-a", pay(40))
    bench.advance(DAY_MS - bench.time_ms % DAY_MS - 3)
    bench.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", pay(1))
    bench.advance(3)
    bench.do("firm-a", pay(60))
    spent = bench.view.get(SPENT, "firm-a/main", "CNY")
    assert spent == Spent(START_MS // DAY_MS + 1, 60, 100)


def test_a_day_cannot_be_overspent_past_the_law(bench: Bench) -> None:
    bench.do("firm-a", SetLimits("firm-a/main", "CNY", per_day=100, per_payment=0), signers=BOTH)
    day = bench.time_ms // DAY_MS
    place = ("firm-a/main", "CNY")
    assert bench.broken_by("firm-a", (SPENT, place, Spent(day, 101, 100)))
    assert not bench.broken_by("firm-a", (SPENT, place, Spent(day, 100, 100)))


def test_limits_of_zero_take_the_limits_away(bench: Bench) -> None:
    bench.do("firm-a", SetLimits("firm-a/main", "CNY", per_payment=1, per_day=0), signers=BOTH)
    bench.do("firm-a", SetLimits("firm-a/main", "CNY", per_payment=0, per_day=0), signers=BOTH)
    bench.do("firm-a", pay(500))


def test_every_kind_is_drawn_the_same_for_the_same_seed_and_most_draws_are_done() -> None:
    assert set(GENERATORS) == {kind.__struct_config__.tag for kind in MODULE.transactions}
    drawn = Bench().draw(GENERATORS, rounds=10, seed=5)
    assert drawn.meant > 30
    assert drawn.done > drawn.meant // 2


def test_limits_are_not_shed_by_dropping_the_asset_without_the_bank(bench: Bench) -> None:
    bench.do("firm-a", OpenAccount("firm-a/till", "bank-a", assets=("CNY",)), signers=BOTH)
    bench.do("firm-a", SetLimits("firm-a/till", "CNY", per_day=5, per_payment=0), signers=BOTH)
    drop = DropAsset("firm-a/till", "CNY")
    reported = bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", drop)
    assert reported["party"] == "bank-a"
    bench.do("firm-a", drop, signers=BOTH)
    assert limits_of(bench.view, "firm-a/till") == {}


def test_a_closed_account_leaves_no_limits_behind(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x", assets=("CNY",)))
    bench.do("bank-a", SetLimits("bank-a/x", "CNY", per_day=5, per_payment=0))
    bench.do("bank-a", CloseAccount("bank-a/x"))
    assert limits_of(bench.view, "bank-a/x") == {}


def test_who_keeps_a_holding_frozen_is_named_where_it_cannot_be_dropped(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x", assets=("CNY",)))
    bench.do("watch", FreezeAccount("bank-a/x", "watch", "order 9"))
    reported = bench.refuses(AccountsCode.ALREADY_FROZEN, "bank-a", DropAsset("bank-a/x", "CNY"))
    assert reported["by"] == "watch"


def test_a_freeze_is_not_shed_by_closing_the_account_or_moving_its_number(bench: Bench) -> None:
    bench.do("bank-a", OpenAccount("bank-a/x", assets=("CNY",)))
    bench.do("bank-a", LinkIdentifier("bank-a/x", "62170001"))
    bench.do("watch", FreezeAccount("bank-a/x", "watch", "order 9"))
    for action in (CloseAccount("bank-a/x"), UnlinkIdentifier("bank-a/x", "62170001")):
        reported = bench.refuses(AccountsCode.ALREADY_FROZEN, "bank-a", action)
        assert reported["by"] == "watch"
    bench.do("watch", UnfreezeAccount("bank-a/x", "watch"))
    bench.do("bank-a", CloseAccount("bank-a/x"))
