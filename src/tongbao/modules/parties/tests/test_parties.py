"""Parties, their keys, and proposals that wait for approvals."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.generation import demo_key
from tongbao.kernel.identity import KEYS, Policy
from tongbao.kernel.pipeline import simulate
from tongbao.kernel.transaction import Body
from tongbao.kernel.views import BlockContext
from tongbao.modules.parties import (
    GENERATORS,
    MODULE,
    PARTIES,
    AddKey,
    ApproveProposal,
    PartiesCode,
    Propose,
    RegisterParty,
    ReinstateParty,
    RejectProposal,
    RevokeKey,
    RotateKey,
    SetPolicy,
    SuspendParty,
    UpdateParty,
    WithdrawProposal,
)
from tongbao.modules.parties.events import (
    KeyAdded,
    KeyRevoked,
    PartyRegistered,
    PartyUpdated,
    PolicySet,
    ProposalApproved,
    ProposalEnded,
    Proposed,
)
from tongbao.modules.parties.queries import parties, party_of_number, policies_of, proposals_for
from tongbao.modules.parties.state import LIVE_KEYS
from tongbao.modules.parties.transactions.propose import depth_of
from tongbao.modules.payments import Transfer
from tongbao.modules.testing import CHAIN, Bench, demo_key_id

LEI = "5493001KJTIIGC8Y1R12"
HOUR = 3_600_000


@pytest.fixture
def bench() -> Bench:
    return Bench()


def pay(amount: int = 1) -> Transfer:
    return Transfer("firm-a/main", "firm-b/main", "CNY", amount)


def test_a_registered_party_can_act_with_its_keys_and_is_found_by_its_number(bench: Bench) -> None:
    register = RegisterParty(
        "new", "central", "New", ("supplier",), "CN", (demo_key("new", 0, label="desk"),),
        name_local="新", lei=LEI,
    )  # fmt: skip
    events = bench.do("central", register)
    assert [type(event) for event in events] == [PartyRegistered, KeyAdded]
    assert party_of_number(bench.view, "lei", LEI) == "new"
    assert "new" in [party.id for party in parties(bench.view, "supplier")]
    bench.do("new", SetPolicy("new", "payments", Policy(1, 1)), signers=[("new", 0)])
    assert policies_of(bench.view, "new") == {"payments": Policy(1, 1)}


def test_only_an_operators_signature_admits(bench: Bench) -> None:
    register = RegisterParty("new", "central", "New", (), "CN", (demo_key("new", 0),))
    bench.refuses(KernelCode.APPROVAL_MISSING, "bank-a", register)


def test_names_and_roles_change_and_legal_identity_does_not(bench: Bench) -> None:
    events = bench.do("central", UpdateParty("firm-a", "central", "A Ltd", ("logistics",), "甲"))
    assert events == (PartyUpdated("firm-a", "A Ltd", ("logistics",), "甲"),)
    party = bench.view.get(PARTIES, "firm-a")
    assert party is not None
    assert (party.name, party.jurisdiction) == ("A Ltd", "CN")
    moved = replace(party, jurisdiction="DE")
    assert bench.broken_by("central", (PARTIES, ("firm-a",), moved))
    assert bench.broken_by("central", (PARTIES, ("firm-a",), None))
    assert bench.broken_by("central", (PARTIES, ("firm-a",), replace(party, lei=LEI)))
    assert not bench.broken_by("central", (PARTIES, ("firm-a",), replace(party, name="B")))


def test_no_signature_of_a_suspended_party_counts_until_it_is_reinstated(bench: Bench) -> None:
    bench.do("watch", SuspendParty("firm-a", "watch", "sanctions"))
    bench.refuses(KernelCode.PARTY_SUSPENDED, "firm-a", pay())
    bench.do("central", ReinstateParty("firm-a", "central"))
    bench.do("firm-a", pay())


def test_a_rotated_key_counts_no_more_and_its_successor_has_its_powers(bench: Bench) -> None:
    old, new = demo_key_id("firm-a", 0), demo_key("firm-a", 2)
    events = bench.do("firm-a", RotateKey("firm-a", old, "ed25519", new.public))
    assert [type(event) for event in events] == [KeyRevoked, KeyAdded]
    bench.refuses(KernelCode.KEY_NOT_LIVE, "firm-a", pay(), signers=[("firm-a", 0)])
    bench.do("firm-a", pay(), signers=[("firm-a", 2)])


def test_a_revoked_key_stays_revoked(bench: Bench) -> None:
    key = demo_key_id("firm-a", 1)
    assert bench.do("firm-a", RevokeKey("firm-a", key, "lost"))[0] == KeyRevoked(
        "firm-a", key, "lost"
    )
    row = bench.view.get(KEYS, "firm-a", key)
    assert row is not None
    assert bench.broken_by("firm-a", (KEYS, ("firm-a", key), replace(row, revoked_at_ms=0)))
    assert bench.broken_by("firm-a", (KEYS, ("firm-a", key), None))


def test_a_key_expires_and_acts_only_within_its_scope(bench: Bench) -> None:
    key = demo_key("firm-a", 2, scopes=("accounts",), expires_at_ms=bench.time_ms + HOUR)
    bench.do("firm-a", AddKey("firm-a", key))
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", pay(), signers=[("firm-a", 2)])
    bench.advance(HOUR)
    bench.refuses(KernelCode.KEY_NOT_LIVE, "firm-a", pay(), signers=[("firm-a", 2)])


def test_two_keys_and_their_weight_may_be_asked_for(bench: Bench) -> None:
    set_policy = SetPolicy("firm-a", "payments", Policy(2, 3))
    bench.refuses(PartiesCode.LOCK_OUT, "firm-a", set_policy)
    bench.do("firm-a", AddKey("firm-a", demo_key("firm-a", 2, weight=2)))
    assert bench.do("firm-a", set_policy) == (PolicySet("firm-a", "payments", 2, 3),)
    bench.refuses(KernelCode.APPROVAL_MISSING, "firm-a", pay())
    bench.do("firm-a", pay(), signers=[("firm-a", 0), ("firm-a", 2)])


def proposed(bench: Bench, *signers: tuple[str, int]) -> tuple[str, object]:
    """A payment of firm-a, put up by one of its people where two are needed."""
    raw = msgspec.Raw(msgspec.json.encode((pay(500),)))
    propose = Propose("firm-a", raw, bench.time_ms + HOUR, "rent")
    events = bench.do("firm-a", propose, signers=signers or [("firm-a", 0)])
    assert isinstance(events[0], Proposed)
    return events[0].proposal, events


def maker_checker(bench: Bench) -> None:
    bench.do("firm-a", SetPolicy("firm-a", "payments", Policy(2, 2)))


def test_the_last_approval_carries_a_proposal_out(bench: Bench) -> None:
    maker_checker(bench)
    before = bench.balance("firm-b/main")
    proposal, _ = proposed(bench)
    assert [one.id for one in proposals_for(bench.view, "firm-a")] == [proposal]
    assert bench.balance("firm-b/main") == before
    approve = ApproveProposal("firm-a", proposal)
    events = bench.do("firm-a", approve, signers=[("firm-a", 1)])
    assert events[0] == ProposalApproved(proposal, "firm-a", (demo_key_id("firm-a", 1),), True)
    assert bench.balance("firm-b/main") == before + 500
    bench.refuses(PartiesCode.PROPOSAL_UNKNOWN, "firm-a", approve)


def test_a_proposal_with_approvals_enough_is_carried_out_at_once(bench: Bench) -> None:
    proposed(bench, ("firm-a", 0), ("firm-a", 1))
    assert bench.balance("firm-b/main") == 1_000_500
    assert list(proposals_for(bench.view, "firm-a")) == []


def test_a_proposal_that_cannot_be_done_any_more_refuses_the_last_approval(bench: Bench) -> None:
    maker_checker(bench)
    proposal, _ = proposed(bench)
    bench.do("firm-a", pay(1_000_000))
    answer = bench.offer("firm-a", ApproveProposal("firm-a", proposal), signers=[("firm-a", 1)])
    assert not isinstance(answer, tuple)
    assert answer.code.name == "INSUFFICIENT_FUNDS"
    assert [one.id for one in proposals_for(bench.view, "firm-a")] == [proposal]


def test_a_key_revoked_after_it_approved_counts_no_more(bench: Bench) -> None:
    maker_checker(bench)
    bench.do("firm-a", AddKey("firm-a", demo_key("firm-a", 2)))
    proposal, _ = proposed(bench)
    bench.do("firm-a", RevokeKey("firm-a", demo_key_id("firm-a", 0)))
    events = bench.do("firm-a", ApproveProposal("firm-a", proposal), signers=[("firm-a", 1)])
    assert not events[0].applied  # type: ignore[attr-defined]
    bench.do("firm-a", ApproveProposal("firm-a", proposal), signers=[("firm-a", 2)])
    assert bench.balance("firm-b/main") == 1_000_500


def test_a_proposal_ends_by_rejection_withdrawal_or_time(bench: Bench) -> None:
    maker_checker(bench)
    one, _ = proposed(bench)
    reject = RejectProposal("firm-a", one, "wrong amount")
    assert bench.do("firm-a", reject) == (ProposalEnded(one, "rejected", "firm-a", "wrong amount"),)
    two, _ = proposed(bench)
    withdraw = WithdrawProposal("firm-a", two)
    assert bench.do("firm-a", withdraw) == (ProposalEnded(two, "withdrawn", "firm-a"),)
    three, _ = proposed(bench)
    assert bench.advance(HOUR) == (ProposalEnded(three, "expired"),)
    bench.refuses(PartiesCode.PROPOSAL_UNKNOWN, "firm-a", ApproveProposal("firm-a", three))


def test_every_kind_is_drawn_the_same_for_the_same_seed_and_most_draws_are_done() -> None:
    assert set(GENERATORS) == {kind.__struct_config__.tag for kind in MODULE.transactions}
    drawn = Bench().draw(GENERATORS, rounds=8, seed=3)
    assert drawn.meant > 30
    assert drawn.done > drawn.meant // 2


def test_nobody_locks_himself_out_by_rotating_to_a_key_that_has_expired(bench: Bench) -> None:
    bench.do("firm-a", RevokeKey("firm-a", demo_key_id("firm-a", 1), "lost"))
    only, new = demo_key_id("firm-a", 0), demo_key("firm-a", 2).public
    dead = RotateKey("firm-a", only, "ed25519", new, expires_at_ms=1)
    bench.refuses(PartiesCode.LOCK_OUT, "firm-a", dead, signers=[("firm-a", 0)])


def test_nobody_revokes_the_last_key_that_keeps_the_keys(bench: Bench) -> None:
    """What is left could pay, and never again change a key or a policy."""
    narrow = demo_key("firm-a", 2, scopes=("payments",))
    bench.do("firm-a", AddKey("firm-a", narrow))
    bench.do("firm-a", RevokeKey("firm-a", demo_key_id("firm-a", 1), "lost"))
    last = RevokeKey("firm-a", demo_key_id("firm-a", 0), "lost")
    reported = bench.refuses(PartiesCode.LOCK_OUT, "firm-a", last, signers=[("firm-a", 0)])
    assert reported["scope"] == "parties"


def test_nobody_is_registered_who_could_never_act(bench: Bench) -> None:
    for key in (demo_key("new", 0, expires_at_ms=1), demo_key("new", 0, scopes=("payments",))):
        register = RegisterParty("new", "central", "New", (), "CN", (key,))
        bench.refuses(PartiesCode.LOCK_OUT, "central", register)


def test_a_role_stands_once(bench: Bench) -> None:
    register = RegisterParty("new", "central", "New", ("bank", "bank"), "CN", (demo_key("new", 0),))
    assert bench.refuses(PartiesCode.BAD_ROLE, "central", register)["role"] == "bank"


def test_why_a_proposal_cannot_be_read_is_said_in_words_of_the_ledger(bench: Bench) -> None:
    """The decoder's own differ by its release, and the outcome is under the block's hash."""
    for raw in (b'[{"type":"no.such"}]', b'[{"x":1}]', b'{"a":2}', b'[{"type":7}]'):
        propose = Propose("firm-a", msgspec.Raw(raw), bench.time_ms + HOUR)
        reported = bench.refuses(PartiesCode.PROPOSAL_UNREADABLE, "firm-a", propose)
        assert reported["reason"] == "not a list of known actions with known fields"


def test_how_deep_a_proposal_may_nest_is_the_ledgers_to_say(bench: Bench) -> None:
    for deep in (17, 500):
        raw = msgspec.Raw(b"[" * deep + b"]" * deep)
        propose = Propose("firm-a", raw, bench.time_ms + HOUR)
        reported = bench.refuses(PartiesCode.PROPOSAL_UNREADABLE, "firm-a", propose)
        assert reported["reason"] == "nested too deep"
    assert depth_of(b'[{"a":"[[[[\\"[[["},[[]]]') == 3


def test_what_a_party_pays_for_its_keys_does_not_grow_with_those_it_gave_up(bench: Bench) -> None:
    for number in range(2, 12):
        soon = demo_key("firm-a", number, expires_at_ms=bench.time_ms + HOUR)
        bench.do("firm-a", AddKey("firm-a", soon))
        bench.advance(HOUR)
    bench.do("firm-a", RevokeKey("firm-a", demo_key_id("firm-a", 1), "lost"))
    assert [key[1] for key, _ in bench.view.scan(LIVE_KEYS, "firm-a")] == [demo_key_id("firm-a", 0)]
    revoked = (LIVE_KEYS, ("firm-a", demo_key_id("firm-a", 1)), "")
    assert bench.broken_by("firm-a", revoked)


def test_a_dry_run_of_a_proposal_says_what_becomes_of_it(bench: Bench) -> None:
    raw = msgspec.Raw(msgspec.json.encode((pay(500),)))
    propose = Propose("firm-a", raw, bench.time_ms + HOUR)
    body = Body(CHAIN, "firm-a", "dry", bench.time_ms + HOUR, (propose,))
    block = BlockContext(CHAIN, 9, bench.time_ms)
    outcome = simulate(bench.state.draft(), block, bench.registry, body)
    kinds = [type(event) for event in outcome.events]
    assert kinds[:2] == [Proposed, ProposalApproved]
    alone = simulate(bench.state.draft(), block, bench.registry, body, {})
    assert alone.code == PartiesCode.NOT_SIGNED
