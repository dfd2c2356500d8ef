"""Defining assets, their supply, and the controls that issuers reserved."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.generation import both_keys
from tongbao.kernel.money import HoldingFlag
from tongbao.modules.accounts import FreezeAccount, HoldAsset
from tongbao.modules.assets import (
    ALLOW_LIST,
    ASSETS,
    FREEZES,
    GENERATORS,
    MODULE,
    AssetsCode,
    AuthoriseHolder,
    Clawback,
    DefineAsset,
    Freeze,
    FreezeHolding,
    Issue,
    PauseAsset,
    Redeem,
    ResumeAsset,
    RevokeHolder,
    UnfreezeHolding,
    UpdatePolicy,
    outstanding,
    require_asset,
)
from tongbao.modules.assets.events import (
    AssetDefined,
    AssetPaused,
    AssetResumed,
    ClawedBack,
    HolderAuthorised,
    HolderRevoked,
    HoldingFrozen,
    HoldingUnfrozen,
    Issued,
    PolicyUpdated,
    Redeemed,
)
from tongbao.modules.assets.queries import assets, freezes_of
from tongbao.modules.payments import PaymentsCode, Transfer
from tongbao.modules.testing import OPENING, Bench

ISSUING = "bank-a/issue.usdx"
ORDER = "court order 17"


@pytest.fixture
def bench() -> Bench:
    """With an allow-list stablecoin of bank-a, held by three."""
    made = Bench()
    made.do(
        "bank-a",
        DefineAsset(
            "USDX", "bank-a", 6, "stablecoin", "USDX", policy=ALLOW_LIST, supply_cap=1_000,
            freezable=True, clawback_allowed=True,
        ),
    )  # fmt: skip
    for party in ("bank-a", "firm-a", "firm-b"):
        made.do(party, HoldAsset(f"{party}/main", "USDX"))
    made.do("bank-a", AuthoriseHolder("USDX", "firm-a/main"))
    return made


def pay(payer: str, payee: str, amount: int = 1) -> Transfer:
    return Transfer(f"{payer}/main", f"{payee}/main", "USDX", amount)


def test_a_definition_opens_the_issuing_account_and_only_a_central_bank_makes_currency() -> None:
    bench = Bench()
    action = DefineAsset("EUR", "central", 2, "currency", "Euro", "欧元")
    assert bench.do("central", action) == (
        AssetDefined("EUR", "central", 2, "currency", "Euro", "central/issue.eur", "欧元"),
    )
    assert [asset.id for asset in assets(bench.view)] == ["CNY", "EUR"]
    issuing = bench.view.holding("central/issue.eur", "EUR")
    assert issuing is not None
    assert HoldingFlag.ISSUING in issuing.flags


def test_the_supply_is_what_the_issuing_account_lacks(bench: Bench) -> None:
    assert bench.do("bank-a", Issue("USDX", "firm-a/main", 600, "first")) == (
        Issued("USDX", ISSUING, "firm-a/main", 600, "first"),
    )
    assert (bench.balance("firm-a/main", "USDX"), bench.balance(ISSUING, "USDX")) == (600, -600)
    redeem = Redeem("USDX", "firm-a/main", 100, "back")
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-a", redeem)
    assert bench.do("firm-a", redeem) == (Redeemed("USDX", "firm-a/main", ISSUING, 100, "back"),)
    assert outstanding(bench.view, require_asset(bench.view, "USDX")) == 500


def test_only_the_issuer_issues_and_nobody_beyond_the_cap(bench: Bench) -> None:
    issue = Issue("USDX", "firm-a/main", 1_001)
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", issue)
    bench.refuses(AssetsCode.CAP_EXCEEDED, "bank-a", issue)
    bench.do("bank-a", Issue("USDX", "firm-a/main", 1_000))
    bench.refuses(AssetsCode.CAP_EXCEEDED, "bank-a", Issue("USDX", "firm-a/main", 1))


@pytest.mark.parametrize("amount", [0, -1, 2**127])
def test_an_amount_is_at_least_one_and_fits(bench: Bench, amount: int) -> None:
    bench.refuses(KernelCode.AMOUNT_RANGE, "bank-a", Issue("USDX", "firm-a/main", amount))


def test_a_right_can_be_given_up_and_never_comes_back(bench: Bench) -> None:
    give_up = UpdatePolicy("USDX", 2_000, freezable=True, clawback_allowed=False)
    assert bench.do("bank-a", give_up) == (PolicyUpdated("USDX", 2_000, True),)
    take_back = UpdatePolicy("USDX", 2_000, freezable=True, clawback_allowed=True)
    bench.refuses(AssetsCode.RIGHT_CANNOT_GROW, "bank-a", take_back)
    clawback = Clawback("USDX", "firm-a/main", 1, "bank-a", ORDER)
    bench.refuses(AssetsCode.CLAWBACK_NOT_ALLOWED, "bank-a", clawback)


def test_a_paused_asset_moves_nowhere_until_it_is_resumed(bench: Bench) -> None:
    bench.do("bank-a", Issue("USDX", "firm-a/main", 10))
    assert bench.do("bank-a", PauseAsset("USDX", "audit")) == (AssetPaused("USDX", "audit"),)
    bench.refuses(AssetsCode.ASSET_PAUSED, "firm-a", pay("firm-a", "firm-b"))
    bench.refuses(AssetsCode.ASSET_PAUSED, "firm-a", Redeem("USDX", "firm-a/main", 1))
    assert bench.do("bank-a", ResumeAsset("USDX")) == (AssetResumed("USDX"),)
    bench.do("firm-a", Redeem("USDX", "firm-a/main", 1))


def test_who_is_not_on_the_allow_list_neither_gets_nor_pays(bench: Bench) -> None:
    bench.do("bank-a", Issue("USDX", "firm-a/main", 10))
    bench.refuses(PaymentsCode.PAYEE_NOT_AUTHORISED, "firm-a", pay("firm-a", "firm-b"))
    authorise = AuthoriseHolder("USDX", "firm-b/main")
    assert bench.do("bank-a", authorise) == (HolderAuthorised("USDX", "firm-b/main"),)
    bench.do("firm-a", pay("firm-a", "firm-b"))
    revoke = RevokeHolder("USDX", "firm-a/main")
    assert bench.do("bank-a", revoke) == (HolderRevoked("USDX", "firm-a/main"),)
    bench.refuses(PaymentsCode.PAYER_NOT_AUTHORISED, "firm-a", pay("firm-a", "firm-b"))
    assert bench.balance("firm-a/main", "USDX") == 9


def test_a_holding_is_frozen_while_any_freeze_of_it_stands(bench: Bench) -> None:
    bench.do("bank-a", Issue("USDX", "firm-a/main", 10))
    bench.do("bank-a", AuthoriseHolder("USDX", "firm-b/main"))
    freeze = FreezeHolding("USDX", "firm-a/main", ORDER)
    assert bench.do("bank-a", freeze) == (HoldingFrozen("USDX", "firm-a/main", "bank-a", ORDER),)
    bench.do("watch", FreezeAccount("firm-a/main", "watch", "law 5"))
    assert [(asset, by) for asset, by, _ in freezes_of(bench.view, "firm-a/main")] == [
        ("CNY", "watch*"), ("USDX", "bank-a"), ("USDX", "watch*"),
    ]  # fmt: skip
    unfreeze = UnfreezeHolding("USDX", "firm-a/main")
    assert bench.do("bank-a", unfreeze) == (HoldingUnfrozen("USDX", "firm-a/main", "bank-a"),)
    bench.refuses(PaymentsCode.PAYER_BLOCKED, "firm-a", pay("firm-a", "firm-b"))


def test_a_frozen_amount_is_clawed_back_and_the_holding_stays_frozen(bench: Bench) -> None:
    bench.do("bank-a", Issue("USDX", "firm-a/main", 10))
    bench.do("bank-a", FreezeHolding("USDX", "firm-a/main", ORDER))
    take = Clawback("USDX", "firm-a/main", 4, "watch", ORDER, "a" * 64)
    assert bench.do("watch", take) == (
        ClawedBack("USDX", "firm-a/main", ISSUING, 4, "watch", ORDER, "a" * 64),
    )
    assert bench.balance("firm-a/main", "USDX") == 6
    holding = bench.view.holding("firm-a/main", "USDX")
    assert holding is not None
    assert holding.flags & HoldingFlag.FROZEN
    assert holding.flags & HoldingFlag.AUTHORISED
    bench.refuses(
        AssetsCode.NOT_PERMITTED, "firm-b", replace(take, by="firm-b"), signers=both_keys("firm-b")
    )


def test_nobody_issues_into_an_account_that_does_not_hold_the_asset(bench: Bench) -> None:
    values = bench.refuses(AssetsCode.ISSUE_REFUSED, "bank-a", Issue("USDX", "firm-c/main", 1))
    assert values["fault"] == "CREDIT_MISSING"
    assert bench.balance("firm-c/main") == OPENING


def test_the_laws_of_an_asset_are_noticed_when_broken(bench: Bench) -> None:
    bench.do("bank-a", Issue("USDX", "firm-a/main", 500))
    asset = bench.view.get(ASSETS, "USDX")
    assert asset is not None
    key = (ASSETS, ("USDX",))
    assert bench.broken_by("bank-a", (*key, replace(asset, decimals=2)))
    assert bench.broken_by("bank-a", (*key, replace(asset, issuer="bank-b")))
    assert bench.broken_by("bank-a", (*key, replace(asset, supply_cap=499)))
    assert bench.broken_by("bank-a", (*key, None))
    assert not bench.broken_by("bank-a", (*key, replace(asset, supply_cap=500)))
    place = ("firm-a/main", "USDX", "watch")
    assert bench.broken_by("watch", (FREEZES, place, Freeze(ORDER, 1)))


def test_every_kind_is_drawn_the_same_for_the_same_seed_and_most_draws_are_done() -> None:
    assert set(GENERATORS) == {kind.__struct_config__.tag for kind in MODULE.transactions}
    drawn = Bench().draw(GENERATORS, rounds=12, seed=7)
    assert drawn.meant > 30
    assert drawn.done > drawn.meant // 2
