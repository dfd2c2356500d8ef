"""Lawful orders reach reserved money, limits bound whatever leaves: attacks m3, m4, m6 and d8."""

from __future__ import annotations

import random

import msgspec
import pytest

from tongbao.kernel.generation import both_keys
from tongbao.kernel.identity import Policy
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import (
    AccountsCode,
    DropAsset,
    FreezeAccount,
    OpenAccount,
    SetLimits,
    UnfreezeAccount,
)
from tongbao.modules.assets import AssetsCode, Clawback, DefineAsset, FreezeHolding, Issue, Redeem
from tongbao.modules.assets.events import ClawedBack
from tongbao.modules.exchange import (
    CreatePool,
    Hop,
    OfferQuote,
    PlaceOffer,
    ReserveQuote,
    Route,
)
from tongbao.modules.parties import PartiesCode, Propose, SetPolicy, WithdrawProposal
from tongbao.modules.payments import (
    BulkTransfer,
    Hold,
    Line,
    PaymentsCode,
    PostHold,
    ScheduleTransfer,
    Transfer,
    VoidHold,
)
from tongbao.modules.settlement import ApproveBatch, ProposeBatch, Step
from tongbao.modules.testing import DAY_MS, OPENING, Bench

PAYER, SECOND = "firm-a/main", "firm-a/second"
KEPT = (*both_keys("firm-a"), *both_keys("bank-a"))


def bench(*more: Transaction) -> Bench:
    """With dollars that firm-a and firm-b hold too, and a second account of firm-a."""
    return Bench(
        DefineAsset("USD", "central", 2, "cbdc", "Dollar", freezable=True, clawback_allowed=True),
        OpenAccount(SECOND, "bank-a", assets=("CNY", "USD")),
        OpenAccount("firm-b/usd", "bank-a", assets=("CNY", "USD")),
        Issue("USD", SECOND, OPENING), Issue("USD", "firm-b/usd", OPENING), *more,
    )  # fmt: skip


def claw(amount: int, account: str = PAYER, asset: str = "CNY") -> Clawback:
    return Clawback(asset, account, amount, "central", "court order 7")


def taken(one: Bench, order: Clawback) -> ClawedBack:
    event = one.do("central", order)[-1]
    assert isinstance(event, ClawedBack)
    return event


def test_money_held_for_oneself_is_clawed_back_frozen_or_not() -> None:
    """Attack m3."""
    one = bench()
    due = one.time_ms + 399 * DAY_MS
    one.do("firm-a", Hold(PAYER, SECOND, "CNY", OPENING, due, arbiter="firm-a"))
    one.do("central", FreezeHolding("CNY", PAYER, "court order 7"))
    event = taken(one, claw(OPENING))
    assert one.balance(PAYER) == 0
    assert [what.split()[0] for what in event.broke] == ["hold"]
    holding = one.view.holding(PAYER, "CNY")
    assert holding is not None and holding.reserved == 0 and holding.flags & 1


def test_an_order_breaks_no_more_than_it_needs_and_never_more_than_is_there() -> None:
    one = bench()
    due = one.time_ms + DAY_MS
    for _ in range(4):
        one.do("firm-a", Hold(PAYER, SECOND, "CNY", OPENING // 4, due))
    assert len(taken(one, claw(OPENING // 2)).broke) == 2
    assert one.balance(PAYER) == OPENING // 2
    one.refuses(AssetsCode.CLAWBACK_TOO_MUCH, "central", claw(OPENING // 2 + 1))
    assert taken(bench(), claw(5)).broke == ()


def test_an_order_breaks_so_many_things_at_once_and_says_how_much_that_frees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tongbao.modules.assets.transactions.clawback.MAX_BROKEN", 2)
    one = bench()
    due = one.time_ms + DAY_MS
    for _ in range(4):
        one.do("firm-a", Hold(PAYER, SECOND, "CNY", OPENING // 4, due))
    values = one.refuses(AssetsCode.CLAWBACK_IN_PARTS, "central", claw(OPENING))
    reply = AssetsCode.CLAWBACK_IN_PARTS.text(values)
    assert reply.endswith("at most 5,000.00 CNY can be clawed back at once")
    assert len(taken(one, claw(int(values["available"]))).broke) == 2


def test_reservations_keep_shares_of_a_pool_from_an_order_for_ten_minutes_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All that is reserved of a pool has to be broken first, and an order breaks so much at once.

    The issuer's freeze of the pool lets nobody reserve any more, and what is reserved lapses.
    """
    monkeypatch.setattr("tongbao.modules.assets.transactions.clawback.MAX_BROKEN", 2)
    one = bench()
    one.do("firm-a", Transfer(PAYER, SECOND, "CNY", OPENING))
    create = CreatePool(SECOND, "CNY", "USD", 30, OPENING, OPENING, reservable_ms=600_000)
    one.do("firm-a", create)
    route = Route("CNY", (Hop("USD", "CNY:USD:30"),))
    until = one.time_ms + 600_000
    reserve = ReserveQuote("firm-b/main", route, "receive", OPENING, 1_000, until)
    one.do("firm-b", *[reserve] * 3)
    order = claw(OPENING // 2, SECOND, "USD")
    one.refuses(AssetsCode.CLAWBACK_IN_PARTS, "central", order)
    one.do("central", FreezeHolding("USD", "@exchange/CNY:USD:30", "order"))
    one.refuses(PaymentsCode.PAYER_BLOCKED, "firm-b", reserve)
    one.advance(600_000)
    taken(one, order)


def offered(one: Bench) -> None:
    one.do("firm-a", PlaceOffer(SECOND, "USD", OPENING, "CNY", 7, 1))


def quoted(one: Bench) -> None:
    expires = one.time_ms + 3_600_000
    quote = OfferQuote(SECOND, "firm-b", "USD", OPENING, "CNY", 700, expires)
    one.do("firm-a", quote)


def pooled(one: Bench) -> None:
    one.do("firm-a", Transfer(PAYER, SECOND, "CNY", OPENING))
    one.do("firm-a", CreatePool(SECOND, "CNY", "USD", 30, OPENING, OPENING))


def batched(one: Bench) -> None:
    step = Step("firm-a", "firm-b", "USD", OPENING, SECOND, "firm-b/usd", "delivery")
    back = Step("firm-b", "firm-a", "CNY", 100, "firm-b/main", PAYER, "payment")
    deadline = one.time_ms + DAY_MS
    events = one.do("firm-a", ProposeBatch("firm-a", (step, back), deadline, reserve=True))
    one.do("firm-a", ApproveBatch(events[0].batch, "firm-a"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("aside", [offered, quoted, pooled, batched])
def test_an_order_reaches_money_in_offers_quotes_pools_and_batches(aside: object) -> None:
    one = bench()
    aside(one)  # type: ignore[operator]
    assert one.available(SECOND, "USD") == 0
    one.do("bank-a", FreezeAccount(SECOND, "bank-a", "order"))
    within = OPENING - 1_000 if aside is pooled else OPENING
    event = taken(one, claw(within, SECOND, "USD"))
    assert len(event.broke) == 1
    assert one.balance(SECOND, "USD") < 1_000
    one.do("bank-a", UnfreezeAccount(SECOND, "bank-a"))


def test_every_purpose_that_sets_money_aside_says_who_frees_it() -> None:
    purposes = {"holds", "offers", "quotes", "corridors", "settlement"}
    assert purposes <= Bench().registry.purposes
    orders = [one.order for one in Bench().registry.reservations]
    assert orders == sorted(set(orders))


@pytest.mark.parametrize(
    "out",
    [
        lambda now: Redeem("CNY", PAYER, 101),
        lambda now: Transfer(PAYER, "firm-b/main", "CNY", 101),
        lambda now: Transfer(PAYER, "central/issue.cny", "CNY", 101),
        lambda now: BulkTransfer(PAYER, "CNY", (Line("firm-b/main", 101, "x"),)),
        lambda now: Hold(PAYER, "firm-b/main", "CNY", 101, now + DAY_MS),
    ],
    ids=["redeem", "transfer", "to the issuer", "bulk", "hold"],
)
def test_limits_bound_whatever_leaves(out: object) -> None:
    """Attack m4: `redeem` went past them."""
    one = bench(SetLimits(PAYER, "CNY", 100, 1000))
    one.refuses(AccountsCode.LIMIT_PER_PAYMENT, "firm-a", out(one.time_ms))  # type: ignore[operator]
    assert one.balance(PAYER) == OPENING


def test_redemptions_count_for_the_day() -> None:
    one = bench(SetLimits(PAYER, "CNY", 0, 100))
    one.do("firm-a", Redeem("CNY", PAYER, 60))
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Redeem("CNY", PAYER, 41))
    one.do("firm-a", Transfer(PAYER, "firm-b/main", "CNY", 40))
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(PAYER, "firm-b/main", "CNY", 1))


def test_a_scheduled_transfer_meets_the_limits_when_it_is_due() -> None:
    one = bench(SetLimits(PAYER, "CNY", 100, 0))
    due = one.time_ms + 1_000
    one.do("firm-a", ScheduleTransfer(PAYER, "firm-b/main", "CNY", 101, due))
    ended = one.advance(2_000)[0]
    assert getattr(ended, "code", 0) == int(AccountsCode.LIMIT_PER_PAYMENT)
    assert "pays at most 1.00 CNY at once, not 1.01 CNY" in getattr(ended, "reason", "")


def test_a_pool_takes_no_more_than_the_limits() -> None:
    one = bench(SetLimits(SECOND, "USD", 100, 0))
    one.do("firm-a", Transfer(PAYER, SECOND, "CNY", OPENING))
    create = CreatePool(SECOND, "CNY", "USD", 30, OPENING, 101_000)
    one.refuses(AccountsCode.LIMIT_PER_PAYMENT, "firm-a", create)


def test_a_hold_that_ends_gives_back_what_it_counted() -> None:
    one = bench(SetLimits(PAYER, "CNY", 0, 100))
    due = one.time_ms + 3 * DAY_MS
    events = one.do("firm-a", Hold(PAYER, "firm-b/main", "CNY", 100, due))
    hold = events[0].hold  # type: ignore[attr-defined]
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(PAYER, "firm-b/main", "CNY", 1))
    one.do("firm-b", VoidHold(hold, "not needed"))
    one.do("firm-a", Transfer(PAYER, "firm-b/main", "CNY", 100))
    one.advance(DAY_MS)
    events = one.do("firm-a", Hold(PAYER, "firm-b/main", "CNY", 100, due))
    one.advance(DAY_MS)
    one.do("firm-a", PostHold(events[0].hold))  # type: ignore[attr-defined]
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(PAYER, "firm-b/main", "CNY", 1))


def test_a_promise_taken_back_frees_nothing_of_what_a_firm_one_has_used() -> None:
    """Found by the simulator's second opinion: 1,800 left as firm, and 1,500 more could."""
    one = bench(SetLimits(PAYER, "CNY", 0, 2_000))
    due = one.time_ms + 3 * DAY_MS
    firm = one.do("firm-a", Hold(PAYER, "firm-b/main", "CNY", 1_800, due, "firm-b"))
    one.advance(DAY_MS)
    own = one.do("firm-a", Hold(PAYER, "firm-b/main", "CNY", 1_500, due, "firm-a"))
    one.do("firm-b", PostHold(firm[0].hold))  # type: ignore[attr-defined]
    one.do("firm-a", VoidHold(own[0].hold, "not needed"))  # type: ignore[attr-defined]
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(PAYER, "firm-b/main", "CNY", 201))
    one.do("firm-a", Transfer(PAYER, "firm-b/main", "CNY", 200))


def test_lifting_a_freeze_and_dropping_the_asset_go_in_one_envelope() -> None:
    """Attack m6: the rule allowed it, the law reported itself broken."""
    one = Bench(OpenAccount("bank-b/x", assets=("CNY",)))
    one.do("bank-b", FreezeAccount("bank-b/x", "bank-b", "b"))
    one.do("bank-b", UnfreezeAccount("bank-b/x", "bank-b"), DropAsset("bank-b/x", "CNY"))
    assert one.view.holding("bank-b/x", "CNY") is None


def test_paying_and_lowering_the_limit_go_in_one_envelope() -> None:
    one = bench(SetLimits(PAYER, "CNY", 0, 100))
    pay, lower = Transfer(PAYER, "firm-b/main", "CNY", 90), SetLimits(PAYER, "CNY", 0, 50)
    one.do("firm-a", pay, lower, signers=KEPT)
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(PAYER, "firm-b/main", "CNY", 1))
    one.advance(DAY_MS)
    lift = SetLimits(PAYER, "CNY", 0, 0)
    one.do("firm-a", Transfer(PAYER, "firm-b/main", "CNY", 50), lift, signers=KEPT)


def test_rule_and_law_agree_for_any_two_actions_of_one_envelope() -> None:
    """A law that reports itself broken would end this with an InternalFault."""
    from tongbao.modules import accounts, assets, exchange, parties, payments

    done = 0
    generators = {
        tag: draw
        for module in (accounts, assets, parties, payments, exchange)
        for tag, draw in module.GENERATORS.items()
    }
    # Some seeds soon suspend or rotate whoever could do anything: the three together do enough.
    for seed in (4, 8, 11):
        rng, one = random.Random(seed), bench()
        for _ in range(900):
            tags = rng.sample(sorted(generators), 2)
            drawn = [found for tag in tags if (found := generators[tag](rng, one.view))]
            if len(drawn) == 2:
                signers = (*drawn[0].signers, *drawn[1].signers, (drawn[0].party, 0))
                actions = (*drawn[0].actions, *drawn[1].actions)
                answer = one.offer(drawn[0].party, *actions, signers=tuple(dict.fromkeys(signers)))
                done += isinstance(answer, tuple)
    assert done > 100


def propose(one: Bench, size: int = 1) -> Propose:
    lines = tuple(Line("firm-b/main", 1, f"{n:035d}") for n in range(size))
    raw = msgspec.json.encode((BulkTransfer("firm-b/main", "CNY", lines),))
    return Propose("firm-a", msgspec.Raw(raw), one.time_ms + 29 * DAY_MS)


def test_proposals_of_a_party_are_bounded_in_number_and_bytes() -> None:
    """Attack d8."""
    one = Bench()
    alone = (("firm-a", 0),)
    ids = [one.do("firm-a", propose(one), signers=alone)[0].proposal for _ in range(64)]  # type: ignore[attr-defined]
    one.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", propose(one), signers=alone)
    one.do("firm-a", WithdrawProposal("firm-a", ids[0]), signers=alone)
    one.do("firm-a", propose(one), signers=alone)
    one.advance(30 * DAY_MS)
    one.do("firm-a", propose(one, 8_190), signers=alone)
    one.do("firm-a", propose(one, 8_190), signers=alone)
    for _ in range(3):
        last = one.offer("firm-a", propose(one, 8_190), signers=alone)
    assert getattr(last, "code", None) is PartiesCode.PROPOSED_TOO_LARGE


def test_a_proposal_without_room_is_refused_before_its_actions_are_read() -> None:
    """Reading 1 MB of them costs a hundred times what asking does."""
    one = Bench()
    alone = (("firm-a", 0),)
    for _ in range(2):
        one.do("firm-a", propose(one, 8_190), signers=alone)
    due = one.time_ms + DAY_MS
    for rubbish in (
        b'[{"x":"' + b"y" * 1_900_000 + b'"}]',
        b"[" * 40 + b"9," * 900_000 + b"9" + b"]" * 40,
    ):
        last = one.offer("firm-a", Propose("firm-a", msgspec.Raw(rubbish), due), signers=alone)
        assert getattr(last, "code", None) is PartiesCode.PROPOSED_TOO_LARGE


def test_one_key_never_lowers_what_its_party_asks_of_two() -> None:
    one = Bench()
    one.do("firm-a", SetPolicy("firm-a", "payments", Policy(2, 2)))
    alone = (("firm-a", 0),)
    from tongbao.kernel.codes import KernelCode
    from tongbao.kernel.generation import demo_key
    from tongbao.modules.parties import AddKey, RevokeKey
    from tongbao.modules.testing import demo_key_id

    for action in (
        SetPolicy("firm-a", "payments", Policy(1, 1)),
        SetPolicy("firm-a", "parties", Policy(1, 1)),
        SetPolicy("firm-a", "*", Policy(1, 1)),
        AddKey("firm-a", demo_key("firm-a", 7)),
        RevokeKey("firm-a", demo_key_id("firm-a", 1)),
    ):
        one.refuses(KernelCode.APPROVAL_MISSING, "firm-a", action, signers=alone)
    # Nor in two steps of one person: what makes the first step possible takes two already.
    one.do("firm-a", SetPolicy("firm-a", "parties", Policy(1, 1)))
    one.refuses(
        KernelCode.APPROVAL_MISSING, "firm-a", SetPolicy("firm-a", "payments", Policy(1, 1)),
        signers=alone,
    )  # fmt: skip
    one.do("firm-a", SetPolicy("firm-a", "payments", Policy(1, 1)))


def test_limits_set_aside_day_by_day_are_not_paid_out_on_one_day() -> None:
    one = Bench(SetLimits(PAYER, "CNY", 0, 1_000))
    due, holds = one.time_ms + 30 * DAY_MS, []
    for arbiter in ("", "firm-a", "bank-b"):
        hold = Hold(PAYER, "firm-b/main", "CNY", 1_000, due, arbiter=arbiter)
        holds.append(one.do("firm-a", hold)[0].hold)  # type: ignore[attr-defined]
        one.advance(DAY_MS)
    one.do("firm-a", PostHold(holds[0]))
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", PostHold(holds[1]))
    one.do("bank-b", PostHold(holds[2]))
    one.advance(DAY_MS)
    one.do("firm-a", PostHold(holds[1]))
    one.refuses(AccountsCode.LIMIT_PER_DAY, "firm-a", Transfer(PAYER, "firm-b/main", "CNY", 1))
