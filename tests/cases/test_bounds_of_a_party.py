"""What one key can make without money or anybody's consent has a bound for each party."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tongbao.kernel.generation import demo_key
from tongbao.kernel.laws import broken_anywhere
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import CloseAccount, HoldAsset, OpenAccount
from tongbao.modules.assets import DefineAsset
from tongbao.modules.corridors import Attest
from tongbao.modules.exchange import DeclineQuote, OfferQuote
from tongbao.modules.parties import AddKey, PartiesCode, RevokeKey
from tongbao.modules.settlement import (
    CancelPayment,
    DefineQueue,
    ProposeBatch,
    QueueAsset,
    Step,
    SubmitPayment,
    WithdrawBatch,
)
from tongbao.modules.testing import DAY_MS, OPENING, Bench, demo_key_id
from tongbao.words import sentence

Make = Callable[[Bench, int], Transaction]
End = Callable[[str], Transaction]
A, B = "firm-a/main", "firm-b/main"


def quote(one: Bench, number: int) -> Transaction:
    return OfferQuote(A, "firm-a", "CNY", 1 + number, "HKD", 1, one.time_ms + DAY_MS // 2)


def batch(one: Bench, number: int) -> Transaction:
    steps = (Step("firm-a", "firm-b", "CNY", 1 + number),)
    return ProposeBatch("firm-a", steps, one.time_ms + DAY_MS)


def queued(one: Bench, number: int) -> Transaction:
    return SubmitPayment("rtgs", A, B, "CNY", 2 * OPENING + number)


@pytest.fixture
def one() -> Bench:
    return Bench(
        DefineAsset("HKD", "central", 2, "cbdc", "Hong Kong dollar"), HoldAsset(A, "HKD"),
        DefineQueue("rtgs", "central", (QueueAsset("CNY"),)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("where", "make", "end"),
    [
        ("exchange.quoting.MAX_QUOTES", quote, DeclineQuote),
        ("settlement.state.MAX_BATCHES", batch, lambda name: WithdrawBatch(name, "not needed")),
        ("settlement.queueing.MAX_WAITING", queued, lambda name: CancelPayment(name, "not needed")),
    ],
)
def test_a_party_has_so_many_open_and_one_that_ends_makes_room(
    one: Bench, where: str, make: Make, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"tongbao.modules.{where}", 2)
    first = one.do("firm-a", make(one, 0))[0]
    one.do("firm-a", make(one, 1))
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", make(one, 2))
    names = [getattr(first, field, "") for field in ("quote", "batch", "payment")]
    one.do("firm-a", end(next(name for name in names if name)))
    one.do("firm-a", make(one, 2))
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", make(one, 3))
    assert list(broken_anywhere(one.view, one.registry)) == []


def test_accounts_are_counted_for_good_because_a_closed_one_keeps_its_row(
    one: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The account of the founding is the first.
    monkeypatch.setattr("tongbao.modules.accounts.transactions.open.MAX_ACCOUNTS", 2)
    one.do("firm-a", OpenAccount("firm-a/two"), CloseAccount("firm-a/two"))
    values = one.refuses(PartiesCode.TOO_MANY_EVER, "firm-a", OpenAccount("firm-a/three"))
    reported = PartiesCode.TOO_MANY_EVER.text(values)
    assert "end one" not in reported
    assert "2 个账户" in sentence(PartiesCode.TOO_MANY_EVER.template, values, "zh")
    one.do("firm-b", OpenAccount("firm-b/two"))


def test_keys_are_counted_for_good_because_a_revoked_one_keeps_its_row(
    one: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.modules.parties.permissions.MAX_KEYS_EVER", 3)
    one.do("firm-a", AddKey("firm-a", demo_key("firm-a", 2)))
    one.do("firm-a", RevokeKey("firm-a", demo_key_id("firm-a", 2)))
    one.refuses(PartiesCode.TOO_MANY_EVER, "firm-a", AddKey("firm-a", demo_key("firm-a", 3)))


def test_screening_results_are_counted_by_subject_and_a_newer_one_takes_the_place(
    one: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.modules.corridors.transactions.attest.MAX_RESULTS", 1)

    def result(subject: str) -> Attest:
        return Attest(subject * 64, "firm-a", "clear", "UN 2026-11-24", one.time_ms + DAY_MS)

    one.do("firm-a", result("a"))
    one.do("firm-a", result("a"))
    one.refuses(PartiesCode.TOO_MANY_EVER, "firm-a", result("b"))
