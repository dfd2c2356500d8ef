"""Transfers, bulk transfers, holds, and transfers that wait for their time."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.generation import both_keys
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.modules.accounts import AccountsCode, HoldAsset, SetLimits
from tongbao.modules.assets import (
    AssetsCode,
    DefineAsset,
    FreezeHolding,
    Issue,
    PauseAsset,
    ResumeAsset,
)
from tongbao.modules.payments import (
    GENERATORS,
    MODULE,
    BulkTransfer,
    BulkTransferred,
    CancelScheduled,
    Hold,
    Line,
    PaymentsCode,
    PostHold,
    ScheduleTransfer,
    Transfer,
    Transferred,
    VoidHold,
)
from tongbao.modules.payments.events import (
    HoldOpened,
    HoldPosted,
    HoldReleased,
    ScheduleEnded,
    TransferScheduled,
)
from tongbao.modules.payments.queries import holds_of, scheduled_of
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER
from tongbao.modules.testing import DAY_MS, OPENING, Bench

ME, YOU, THIRD = "firm-a/main", "firm-b/main", "firm-c/main"
MINUTE = 60_000
PREIMAGE = b"open sesame"
LOCK = content_digest(PREIMAGE).hex()
UETR = "8f3c1d4e-5b6a-4c7d-9e8f-0a1b2c3d4e5f"


NO_LIMITS = {"per_payment": 0, "per_day": 0}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def limited(bench: Bench, **limits: int) -> None:
    signers = (*both_keys("firm-a"), *both_keys("bank-a"))
    bench.do("firm-a", SetLimits(ME, "CNY", **NO_LIMITS | limits), signers=signers)


# ---- transfers -----------------------------------------------------------------------------------


def test_a_transfer_moves_the_amount_and_tells_all_it_carries(bench: Bench) -> None:
    transfer = Transfer(
        ME, YOU, "CNY", 250, "invoice 7", uetr=UETR, purpose="SUPP", remittance="parts",
        document="a" * 64,
    )  # fmt: skip
    assert bench.do("firm-a", transfer) == (
        Transferred(ME, YOU, "CNY", 250, "invoice 7", UETR, "SUPP", "parts", "a" * 64),
    )
    assert (bench.balance(ME), bench.balance(YOU)) == (OPENING - 250, OPENING + 250)
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-b", transfer)


@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1])
def test_an_amount_is_at_least_one_and_fits(bench: Bench, amount: int) -> None:
    bench.refuses(KernelCode.AMOUNT_RANGE, "firm-a", Transfer(ME, YOU, "CNY", amount))


def test_a_balancing_transfer_pays_what_is_there_at_most_the_amount(bench: Bench) -> None:
    hold = Hold(ME, YOU, "CNY", 400_000, bench.time_ms + MINUTE)
    bench.do("firm-a", hold)
    [event] = bench.do("firm-a", Transfer(ME, YOU, "CNY", 10 * OPENING, up_to=True))
    assert event == Transferred(ME, YOU, "CNY", 600_000)
    assert bench.available(ME) == 0
    assert bench.balance(ME) == 400_000
    [event] = bench.do("firm-b", Transfer(YOU, ME, "CNY", 7, up_to=True))
    assert event == Transferred(YOU, ME, "CNY", 7)


def test_transfers_in_one_envelope_are_linked_all_or_none(bench: Bench) -> None:
    good, bad = Transfer(ME, YOU, "CNY", 5), Transfer(ME, YOU, "CNY", OPENING)
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "firm-a", good, bad)
    bench.do("firm-a", good, good)
    assert bench.balance(YOU) == OPENING + 10


def test_a_later_transfer_of_an_envelope_spends_what_an_earlier_one_brought(bench: Bench) -> None:
    there, on = Transfer(ME, YOU, "CNY", OPENING), Transfer(YOU, THIRD, "CNY", 2 * OPENING)
    bench.do("firm-a", there, on, signers=(*both_keys("firm-a"), *both_keys("firm-b")))
    assert bench.balance(THIRD) == 3 * OPENING


# ---- in bulk -------------------------------------------------------------------------------------


def lines(*payees: str) -> tuple[Line, ...]:
    return tuple(Line(payee, 10 + place, f"E{place}") for place, payee in enumerate(payees))


def test_a_bulk_transfer_pays_every_line_under_one_signature(bench: Bench) -> None:
    bulk = BulkTransfer(ME, "CNY", lines(YOU, THIRD, YOU), purpose="SALA")
    assert bench.do("firm-a", bulk, signers=[("firm-a", 0)]) == (BulkTransferred(ME, "CNY", 3, 33),)
    assert (bench.balance(YOU), bench.balance(THIRD)) == (OPENING + 22, OPENING + 11)


def test_a_linked_bulk_transfer_names_the_first_line_that_fails(bench: Bench) -> None:
    bulk = BulkTransfer(ME, "CNY", lines(YOU, "nobody/none", THIRD))
    values = bench.refuses(PaymentsCode.LINE_REFUSED, "firm-a", bulk)
    assert (values["line"], values["code"]) == (1, PaymentsCode.PAYEE_UNKNOWN)


def test_an_unlinked_bulk_transfer_pays_what_can_be_paid_and_tells_the_rest(bench: Bench) -> None:
    some = (*lines(YOU, "nobody/none"), Line(THIRD, OPENING, "too much"), Line(THIRD, 1, "fits"))
    [event] = bench.do("firm-a", BulkTransfer(ME, "CNY", some, all_or_none=False))
    failed = ((1, PaymentsCode.PAYEE_UNKNOWN), (2, PaymentsCode.INSUFFICIENT_FUNDS))
    assert event == BulkTransferred(ME, "CNY", 2, 11, failed)
    assert bench.balance(ME) == OPENING - 11


def test_a_bulk_transfer_counts_against_the_limits_as_one(bench: Bench) -> None:
    limited(bench, per_payment=32)
    bulk = BulkTransfer(ME, "CNY", lines(YOU, THIRD, YOU))
    bench.refuses(AccountsCode.LIMIT_PER_PAYMENT, "firm-a", bulk)
    bench.do("firm-a", BulkTransfer(ME, "CNY", lines(YOU, THIRD)))


# ---- holds ---------------------------------------------------------------------------------------


def held(bench: Bench, amount: int = 100, **more: str) -> str:
    hold = Hold(ME, YOU, "CNY", amount, bench.time_ms + MINUTE, **more)
    [event] = bench.do("firm-a", hold)
    assert isinstance(event, HoldOpened)
    assert [one.id for one in holds_of(bench.view, ME)] == [event.hold]
    return event.hold


def test_what_is_held_cannot_be_spent_and_is_still_the_payers(bench: Bench) -> None:
    held(bench)
    assert (bench.balance(ME), bench.available(ME)) == (OPENING, OPENING - 100)
    everything = Transfer(ME, YOU, "CNY", OPENING)
    bench.refuses(PaymentsCode.INSUFFICIENT_FUNDS, "firm-a", everything)


def test_a_hold_is_posted_in_full(bench: Bench) -> None:
    hold = held(bench)
    assert bench.do("firm-a", PostHold(hold)) == (
        Transferred(ME, YOU, "CNY", 100, hold=hold), HoldPosted(hold, ME, "CNY", 100, 0),
    )  # fmt: skip
    assert (bench.balance(YOU), bench.available(ME)) == (OPENING + 100, OPENING - 100)
    bench.refuses(PaymentsCode.HOLD_UNKNOWN, "firm-a", PostHold(hold))
    assert bench.advance(2 * MINUTE) == ()


def test_a_hold_is_posted_in_parts_and_the_last_releases_the_rest(bench: Bench) -> None:
    hold = held(bench)
    bench.do("firm-a", PostHold(hold, 30, final=False))
    assert bench.available(ME) == OPENING - 100
    events = bench.do("firm-a", PostHold(hold, 50))
    assert events[1:] == (
        HoldPosted(hold, ME, "CNY", 50, 20),
        HoldReleased(hold, ME, "CNY", 20, "final"),
    )
    assert (bench.balance(YOU), bench.available(ME)) == (OPENING + 80, OPENING - 80)


def test_the_payee_voids_and_the_payer_cannot_take_a_promise_back(bench: Bench) -> None:
    hold = held(bench)
    void = VoidHold(hold, "not needed")
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", void)
    assert bench.do("firm-b", void) == (HoldReleased(hold, ME, "CNY", 100, "voided: not needed"),)
    assert bench.available(ME) == OPENING


def test_time_releases_what_remains_of_a_hold(bench: Bench) -> None:
    hold = held(bench)
    assert bench.advance(MINUTE - 10) == ()
    assert bench.advance(10) == (HoldReleased(hold, ME, "CNY", 100, "due"),)
    assert bench.available(ME) == OPENING
    assert list(bench.view.scan(HOLDS_BY_PAYER)) == []


def test_an_arbiter_alone_posts_or_voids(bench: Bench) -> None:
    hold = held(bench, arbiter="bank-b")
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", PostHold(hold))
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-b", VoidHold(hold, "x"))
    bench.do("bank-b", PostHold(hold))
    other = held(bench, arbiter="bank-b")
    bench.do("bank-b", VoidHold(other, "dispute"))
    assert (bench.balance(YOU), bench.available(ME)) == (OPENING + 100, OPENING - 100)


def test_whoever_shows_the_preimage_opens_a_hold_with_a_hashlock(bench: Bench) -> None:
    hold = held(bench, hashlock=LOCK)
    bench.refuses(PaymentsCode.WRONG_PREIMAGE, "firm-a", PostHold(hold))
    bench.do("bank-b", PostHold(hold, preimage=PREIMAGE))
    assert bench.balance(YOU) == OPENING + 100


def test_whoever_shows_the_preimage_posts_all_of_the_hold_and_not_a_part(bench: Bench) -> None:
    """Seen on its way, a preimage is anybody's: the payer could post one unit and have the rest."""
    hold = held(bench, hashlock=LOCK)
    robbed = PostHold(hold, 1, preimage=PREIMAGE)
    bench.refuses(PaymentsCode.PREIMAGE_POSTS_ALL, "firm-a", robbed)
    bench.do("firm-b", PostHold(hold, 100, preimage=PREIMAGE))
    assert bench.balance(YOU) == OPENING + 100


def test_a_forgotten_reference_names_neither_what_is_open_nor_what_has_ended_again(
    bench: Bench,
) -> None:
    """Names are kept for 90 days; a hold may be open for longer, and lists keep it."""
    ids = []
    for days in (0, 91, 91):
        bench.advance(days * DAY_MS)
        bench._references = 0
        bench.do("firm-a", Hold(ME, YOU, "CNY", 100, bench.time_ms + 100 * DAY_MS))
        ids += [one.id for one in holds_of(bench.view, ME)]
    first, second, third = (
        f"firm-a:r1:{day}.1" for day in ("2027-01-15", "2027-04-16", "2027-07-16")
    )
    assert ids == [first, first, second, second, third]
    assert bench.available(ME) == OPENING - 200
    bench.advance(101 * DAY_MS)
    assert bench.available(ME) == OPENING


@pytest.mark.parametrize("amount", [1, OPENING])
def test_an_issuing_account_pays_nobody_in_any_way(bench: Bench, amount: int) -> None:
    """Whoever pays from it would issue without the cap, by a key for payments."""
    issuing = "central/issue.cny"
    due = bench.time_ms + MINUTE
    for action in (
        Transfer(issuing, YOU, "CNY", amount), Hold(issuing, YOU, "CNY", amount, due),
        BulkTransfer(issuing, "CNY", (Line(YOU, amount, "a"),)),
    ):  # fmt: skip
        bench.refuses(PaymentsCode.ISSUING_ACCOUNT, "central", action)
    bench.do("central", ScheduleTransfer(issuing, YOU, "CNY", amount, due))
    [ended] = bench.advance(MINUTE)
    assert ended.code == PaymentsCode.ISSUING_ACCOUNT  # type: ignore[attr-defined]
    assert bench.balance(YOU) == OPENING


def test_a_hold_cannot_be_posted_while_the_payer_is_frozen_and_stays_reserved(
    bench: Bench,
) -> None:
    hold = held(bench)
    bench.do("central", FreezeHolding("CNY", ME, "order"))
    bench.refuses(PaymentsCode.PAYER_BLOCKED, "firm-a", PostHold(hold))
    assert bench.available(ME) == OPENING - 100


def test_a_hold_counts_against_the_limits_once(bench: Bench) -> None:
    limited(bench, per_day=100)
    hold = held(bench)
    bench.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(ME, YOU, "CNY", 1))
    bench.do("firm-a", PostHold(hold))


def test_the_laws_of_holds_are_noticed_when_broken(bench: Bench) -> None:
    name = held(bench)
    hold = bench.view.get(HOLDS, name)
    assert hold is not None
    assert bench.broken_by("firm-a", (HOLDS, (name,), replace(hold, remaining_minor=0)))
    assert bench.broken_by("firm-a", (HOLDS, (name,), replace(hold, remaining_minor=101)))
    assert bench.broken_by("firm-a", (HOLDS, (name,), replace(hold, remaining_minor=99)))
    assert bench.broken_by("firm-a", (HOLDS, (name,), None))


# ---- later ---------------------------------------------------------------------------------------


def scheduled(bench: Bench, amount: int = 100) -> str:
    order = ScheduleTransfer(
        ME, YOU, "CNY", amount, bench.time_ms + MINUTE, "rent", "RENT", "May", "RF18539007547034"
    )
    [event] = bench.do("firm-a", order)
    assert isinstance(event, TransferScheduled)
    assert [one.id for one in scheduled_of(bench.view, ME)] == [event.schedule]
    return event.schedule


def test_a_scheduled_transfer_is_paid_at_its_time_and_not_before(bench: Bench) -> None:
    order = scheduled(bench)
    assert bench.advance(MINUTE - 10) == ()
    assert bench.advance(10) == (
        Transferred(
            ME,
            YOU,
            "CNY",
            100,
            "rent",
            "",
            "RENT",
            "May",
            schedule=order,
            creditor_reference="RF18539007547034",
        ),
    )
    assert bench.balance(YOU) == OPENING + 100
    assert bench.advance(MINUTE) == ()


def test_a_cancelled_transfer_is_never_paid(bench: Bench) -> None:
    order = scheduled(bench)
    cancel = CancelScheduled(order, "moved out")
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-b", cancel)
    assert bench.do("firm-a", cancel) == (ScheduleEnded(order, "moved out"),)
    assert bench.advance(2 * MINUTE) == ()
    assert bench.balance(YOU) == OPENING


def test_a_scheduled_transfer_that_cannot_be_paid_ends_with_its_code(bench: Bench) -> None:
    order = scheduled(bench, 2 * OPENING)
    [event] = bench.advance(MINUTE)
    assert isinstance(event, ScheduleEnded)
    assert (event.schedule, event.code) == (order, PaymentsCode.INSUFFICIENT_FUNDS)
    assert (bench.balance(ME), bench.balance(YOU)) == (OPENING, OPENING)


def test_a_scheduled_transfer_beyond_the_limit_moves_nothing(bench: Bench) -> None:
    scheduled(bench)
    limited(bench, per_payment=99)
    [event] = bench.advance(MINUTE)
    assert isinstance(event, ScheduleEnded)
    assert event.code == AccountsCode.LIMIT_PER_PAYMENT
    assert (bench.balance(ME), bench.balance(YOU)) == (OPENING, OPENING)


def test_a_transfer_scheduled_into_a_pause_ends_with_the_assets_code(bench: Bench) -> None:
    scheduled(bench)
    bench.do("central", PauseAsset("CNY", "incident"))
    [event] = bench.advance(MINUTE)
    assert isinstance(event, ScheduleEnded)
    assert event.code == AssetsCode.ASSET_PAUSED
    bench.do("central", ResumeAsset("CNY"))


# ---- the whole -----------------------------------------------------------------------------------


def test_no_more_of_an_asset_is_issued_than_one_balance_can_hold(bench: Bench) -> None:
    bench.do("central", DefineAsset("BIG", "central", 0, "stablecoin", "Big"))
    for party in ("firm-a", "firm-b"):
        bench.do(party, HoldAsset(f"{party}/main", "BIG"))
    bench.do("central", Issue("BIG", YOU, MAX_AMOUNT))
    values = bench.refuses(AssetsCode.ISSUE_REFUSED, "central", Issue("BIG", ME, 1))
    assert values["fault"] == "INSUFFICIENT"


def test_every_kind_is_drawn_the_same_for_the_same_seed_and_most_draws_are_done() -> None:
    assert set(GENERATORS) == {kind.__struct_config__.tag for kind in MODULE.transactions}
    drawn = Bench().draw(GENERATORS, rounds=20, seed=11)
    assert drawn.meant > 30
    assert drawn.done > drawn.meant // 2
