"""Members, votes, evidence and upgrades."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.generation import HOSTILE_PERCENT
from tongbao.kernel.protocols import STEPS, Step, agreed_step, version_at
from tongbao.kernel.validators import SEATS, Misbehavior, Seat, address_of
from tongbao.modules.governance import (
    EVIDENCE,
    GENERATORS,
    MODULE,
    MOVES,
    SEAT_KEYS,
    TERMS,
    VOTES,
    CancelUpgrade,
    CastVote,
    Expel,
    GovernanceCode,
    OpenVote,
    Remove,
    ReplaceKey,
    RotateSeatKey,
    SetPower,
    Terms,
    Upgrade,
    WithdrawVote,
    evidence,
    evidence_id,
    members,
    open_votes,
    seat_keys,
    seat_proof,
    seat_public,
    window_of,
)
from tongbao.modules.governance.events import (
    EvidenceAnswered,
    MisbehaviorRecorded,
    SeatChanged,
    UpgradeAgreed,
    UpgradeCancelled,
    VoteCast,
    VoteEnded,
)
from tongbao.modules.governance.model import Move
from tongbao.modules.governance.tests.test_governance_codes import (
    SEATED,
    TWO,
    admit,
    ask,
    carried,
    founded,
    opened,
    rotate,
)
from tongbao.modules.testing import CHAIN, DAY_MS, Bench

HOUR = 3_600_000


@pytest.fixture
def bench() -> Bench:
    return founded()


def powers(bench: Bench) -> dict[str, int]:
    return {one.party: one.power for one in members(bench.view)}


def cast(bench: Bench, party: str, vote: str, *, in_favour: bool = True) -> tuple[Any, ...]:
    return bench.do(party, CastVote(party, vote, in_favour))


def test_more_than_two_thirds_admit_a_party_that_asked_for_itself(bench: Bench) -> None:
    [reported, *rest] = bench.do("firm-a", ask(bench, admit(power=7), "firm-a"))
    assert (reported.what, reported.subject, rest) == ("admit", "firm-a", [])  # type: ignore[attr-defined]
    vote = reported.vote  # type: ignore[attr-defined]
    assert cast(bench, "central", vote) == (VoteCast(vote, "central", True, 10, 0, 40),)
    cast(bench, "bank-a", vote)
    assert cast(bench, "watch", vote) == (
        VoteCast(vote, "watch", True, 30, 0, 40),
        VoteEnded(vote, "carried"),
        SeatChanged("firm-a", "admitted", seat_public("firm-a", 0), 7, 47),
    )
    assert powers(bench)["firm-a"] == 7
    assert list(open_votes(bench.view)) == []


def test_a_minority_can_never_change_the_set(bench: Bench) -> None:
    """26 of 39 is two thirds and not more: with the last of four it is."""
    bench = founded(13, 13, 7, 6)
    vote = opened(bench, Remove("watch"))
    cast(bench, "bank-a", vote)
    assert "watch" in powers(bench)
    cast(bench, "bank-b", vote)
    assert powers(bench) == {"central": 13, "bank-a": 13, "bank-b": 7}


def test_a_vote_that_cannot_carry_any_more_is_rejected_at_once(bench: Bench) -> None:
    vote = opened(bench, Remove("bank-b"))
    cast(bench, "bank-b", vote, in_favour=False)
    [_, ended] = cast(bench, "watch", vote, in_favour=False)
    assert ended == VoteEnded(vote, "rejected")
    bench.refuses(
        GovernanceCode.VOTE_UNKNOWN, "bank-a", CastVote("bank-a", vote, in_favour=True)
    )  # fmt: skip


def test_a_member_may_change_its_mind(bench: Bench) -> None:
    vote = opened(bench, Remove("bank-b"))
    cast(bench, "watch", vote, in_favour=False)
    [reported] = cast(bench, "watch", vote)
    assert (reported.yes_power, reported.no_power) == (20, 0)


def test_answers_weigh_what_the_seats_weigh_when_they_are_counted(bench: Bench) -> None:
    """Central's yes counts 10, then 13; who has no seat any more counts nothing."""
    first, second = opened(bench, Remove("watch")), opened(bench, SetPower("bank-a", 12))
    carried(bench, SetPower("central", 13))
    [(_, count), _] = open_votes(bench.view)
    assert count.yes == 13
    for party in ("bank-a", "bank-b"):
        cast(bench, party, second)
    bench.advance(DAY_MS)
    assert powers(bench) == {"central": 13, "bank-a": 12, "bank-b": 10, "watch": 10}
    bench.refuses(
        GovernanceCode.VOTE_UNKNOWN, "bank-a", CastVote("bank-a", first, in_favour=True)
    )  # fmt: skip


def test_a_vote_lapses_with_its_time_and_its_opener_may_withdraw_it(bench: Bench) -> None:
    vote = opened(bench, Remove("watch"))
    assert bench.advance(HOUR) == (VoteEnded(vote, "expired"),)
    vote = opened(bench, Remove("watch"))
    assert bench.do("central", WithdrawVote("central", vote)) == (VoteEnded(vote, "withdrawn"),)
    assert bench.advance(HOUR) == ()


def test_nobody_is_seated_without_its_own_approval(bench: Bench) -> None:
    bench.refuses(
        KernelCode.APPROVAL_MISSING, "central", ask(bench, admit()), signers=[("central", 0)]
    )
    bench.do("central", ask(bench, admit()), signers=TWO)


def test_the_window_opens_again_and_the_refused_answer_then_carries(bench: Bench) -> None:
    """13 of 40 may move within a day: 8 came, 8 more may not, until the day is over."""
    carried(bench, admit(power=8))
    bench.advance(DAY_MS - HOUR // 2)
    vote = opened(bench, Remove("watch"))
    for party in ("bank-a", "bank-b"):
        answer = bench.offer(party, CastVote(party, vote, in_favour=True))
    assert not isinstance(answer, Refusal)
    values = bench.refuses(
        GovernanceCode.WINDOW_FULL, "firm-a", CastVote("firm-a", vote, in_favour=True)
    )
    assert (values["moved"], values["total"]) == (18, 40)
    bench.advance(values["free_at_ms"] - bench.time_ms)
    cast(bench, "firm-a", vote)
    assert "watch" not in powers(bench)


def test_a_seats_key_is_rotated_by_its_holder_with_the_old_keys_consent(bench: Bench) -> None:
    [changed] = bench.do("central", rotate())
    assert changed == SeatChanged("central", "key", seat_public("central", 1), 10, 40)
    assert [key.until_ms > 0 for key in seat_keys(bench.view, "central")].count(True) == 1
    again = rotate(public=seat_public("central", 0))
    bench.refuses(GovernanceCode.KEY_USED, "central", again)


def test_a_member_does_not_keep_the_window_full_by_rotating_again_and_again(bench: Bench) -> None:
    """Else one member of four could keep the others from ever voting it out."""
    bench.do("watch", rotate("watch"))
    key = seat_public("watch", 2)
    again = RotateSeatKey("watch", key, seat_proof(CHAIN, "watch", key, 2),
                          seat_proof(CHAIN, "watch", key, 1))  # fmt: skip
    bench.advance(DAY_MS)
    reported = bench.refuses(GovernanceCode.ROTATED_LATELY, "watch", again)
    vote = opened(bench, Remove("watch"))
    cast(bench, "bank-a", vote)
    cast(bench, "bank-b", vote)
    assert "watch" not in powers(bench)
    other = founded()
    other.do("watch", rotate("watch"))
    other.advance(reported["again_at_ms"] - other.time_ms - 1)
    other.do("watch", again)


def test_a_lost_key_is_replaced_by_vote(bench: Bench) -> None:
    key = seat_public("watch", 1)
    change = ReplaceKey("watch", key, seat_proof(CHAIN, "watch", key, 1))
    [reported, *_] = bench.do(
        "central", ask(bench, change), signers=[("central", 0), ("watch", 0)]
    )  # fmt: skip
    for party in ("bank-a", "bank-b"):
        cast(bench, party, reported.vote)  # type: ignore[attr-defined]
    assert bench.view.get(SEATS, "watch") == Seat(key, 10)


def test_who_was_caught_stands_on_the_ledger_and_can_be_expelled_in_a_full_window(
    bench: Bench,
) -> None:
    carried(bench, admit(power=10))
    caught = Misbehavior("duplicate_vote", address_of(seat_public("watch", 0)), 2, 5, 10)
    name = evidence_id(caught)
    reported = MisbehaviorRecorded(name, "watch", caught.kind, caught.address, 2, 5, 10)
    assert bench.advance(1, caught, caught) == (reported,)
    assert [one.id for one in evidence(bench.view, "watch")] == [name]
    vote = opened(bench, Expel("watch", name))
    cast(bench, "bank-a", vote)
    cast(bench, "bank-b", vote)
    *_, removed, answered = cast(bench, "firm-a", vote)
    assert (removed.how, removed.power, answered) == (
        "expelled", 0, EvidenceAnswered(name, "watch")
    )  # fmt: skip
    bench.refuses(GovernanceCode.NOT_A_MEMBER, "central", ask(bench, Expel("watch", name)))


def test_moves_of_one_moment_count_in_the_order_in_which_they_happened() -> None:
    """34 of the 104 before the first move; of the 92 before the last it were too much."""
    bench = founded(40, 40, 12, 12)
    caught = Misbehavior("duplicate_vote", address_of(seat_public("watch", 0)), 2, 5, 12)
    bench.advance(1, caught)
    expulsion = opened(bench, Expel("watch", evidence_id(caught)))
    last = opened(bench, SetPower("central", 50), "bank-a")
    answers = (CastVote("bank-a", expulsion, True), CastVote("central", last, True))
    everybody = [(party, 0) for party in ("central", "bank-a", "bank-b")]
    bench.do("central", rotate("bank-b"), *answers, signers=everybody)
    assert window_of(bench.view)[:2] == (34, 104)
    assert [move.cause for _, move in bench.view.scan(MOVES)][1:] == [expulsion, last]


def test_a_key_that_was_given_up_still_leads_to_its_party(bench: Bench) -> None:
    bench.do("central", rotate())
    caught = Misbehavior("light_client_attack", address_of(seat_public("central", 0)), 1, 5, 10)
    unknown = Misbehavior("duplicate_vote", bytes(20), 1, 5, 10)
    [known, nobody] = bench.advance(1, caught, unknown)
    assert (known.party, nobody.party) == ("central", "")  # type: ignore[attr-defined]


def test_evidence_is_kept_on_a_chain_with_fixed_validators_too() -> None:
    bench = founded(more=False)
    caught = Misbehavior("duplicate_vote", address_of(seat_public("watch", 0)), 2, 5, 10)
    [reported] = bench.advance(1, caught)
    assert reported.party == "watch"  # type: ignore[attr-defined]


def test_an_upgrade_is_agreed_for_a_height_and_can_be_taken_back(bench: Bench) -> None:
    vote = opened(bench, Upgrade(2, 1_000))
    cast(bench, "bank-a", vote)
    assert cast(bench, "bank-b", vote)[-1] == UpgradeAgreed(2, 1_000)
    view = bench.view
    assert agreed_step(view) == Step(1_000, 2)
    assert (version_at(view, 999), version_at(view, 1_000)) == (1, 2)
    vote = opened(bench, CancelUpgrade(2))
    cast(bench, "bank-a", vote)
    assert cast(bench, "bank-b", vote)[-1] == UpgradeCancelled(2, 1_000)
    assert agreed_step(bench.view) is None


def test_upgrades_are_voted_on_where_validators_are_fixed() -> None:
    bench = founded(10, seated=("central",), more=False)
    [*_, agreed] = bench.do("central", ask(bench, Upgrade(2, 50)))
    assert agreed == UpgradeAgreed(2, 50)


def test_an_upgrade_that_was_decided_too_late_does_not_take_place(bench: Bench) -> None:
    vote = opened(bench, Upgrade(2, 12))
    cast(bench, "bank-a", vote)
    for _ in range(3):
        bench.advance(1)
    bench.refuses(
        GovernanceCode.UPGRADE_HEIGHT, "bank-b", CastVote("bank-b", vote, in_favour=True)
    )  # fmt: skip


def test_votes_need_the_approvals_that_a_members_policy_asks_for(bench: Bench) -> None:
    vote = opened(bench, Remove("watch"))
    stranger = CastVote("bank-a", vote, in_favour=True)
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-b", stranger)


def test_the_laws_hold_and_notice_each_way_of_breaking_them(bench: Bench) -> None:
    seat = bench.view.get(SEATS, "watch")
    terms = bench.view.get(TERMS, "terms")
    assert seat is not None
    assert terms is not None
    address = address_of(seat.public)
    known = bench.view.get(SEAT_KEYS, address)
    assert known is not None
    opened(bench, Remove("watch"))
    [(vote, _)] = open_votes(bench.view)
    now = bench.time_ms
    noted = (MOVES, (now, 0), Move(13, 40))
    assert not bench.broken_by("central", noted, (SEATS, ("watch",), None))
    assert bench.broken_by("central", (SEATS, ("watch",), None))
    assert bench.broken_by("central", noted, *((SEATS, (one,), None) for one in SEATED))
    other = Seat(bench.view.get(SEATS, "central").public, 10)  # type: ignore[union-attr]
    assert bench.broken_by("central", noted, (SEATS, ("watch",), other))
    assert bench.broken_by("central", noted, (SEATS, ("watch",), replace(seat, power=0)))
    assert bench.broken_by("central", (MOVES, (now, 0), Move(14, 40)))
    halves = [(MOVES, (now, order), Move(7, 40)) for order in range(2)]
    assert bench.broken_by("central", *halves)
    late = (MOVES, (now, 2), Move(7, 40, expelled=True))
    assert not bench.broken_by("central", halves[0], late)
    assert bench.broken_by("central", (TERMS, ("terms",), replace(terms, window_ms=5)))
    twice = replace(vote, no=("central",))
    assert bench.broken_by("central", (VOTES, (vote.id,), twice))
    assert bench.broken_by("central", (SEAT_KEYS, (address,), None))
    assert bench.broken_by("central", (SEAT_KEYS, (address,), replace(known, party="firm-a")))
    assert bench.broken_by("central", (STEPS, (0,), 2))
    assert bench.broken_by("central", (STEPS, (900,), 3), (STEPS, (901,), 2))
    caught = Misbehavior("duplicate_vote", address, 2, 5, 10)
    bench.advance(1, caught)
    [one] = evidence(bench.view)
    assert bench.broken_by("central", (EVIDENCE, (one.id,), None))
    assert not bench.broken_by("central", (EVIDENCE, (one.id,), replace(one, expelled=True)))


def test_every_kind_is_drawn_and_what_is_meant_to_be_done_mostly_is() -> None:
    assert {kind.__struct_config__.tag for kind in MODULE.transactions} == set(GENERATORS)
    bench = founded(terms=Terms(window_ms=1))
    drawn = bench.draw(GENERATORS, 120, seed=7)
    assert drawn.meant > 60
    assert drawn.done / drawn.meant > (100 - 2 * HOSTILE_PERCENT) / 100


def test_a_vote_is_put_up_by_the_pipeline_as_it_is_signed(bench: Bench) -> None:
    """An action with a change in it has one spelling, like any other."""
    action = OpenVote("central", SetPower("watch", 9), bench.time_ms + HOUR, "less work")
    [reported, reply] = bench.do("central", action)
    assert reported.change == SetPower("watch", 9)  # type: ignore[attr-defined]
    assert reply.in_favour  # type: ignore[attr-defined]
