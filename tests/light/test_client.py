"""The light client on generated chains: what it trusts, what it refuses, and how far it looks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.light.forms import light_client
from tests.light.nodes import Shows, after, genesis_store

from tongbao.kernel.codes import Refusal
from tongbao.kernel.light import (
    EXPIRED,
    INVALID,
    NOT_ENOUGH_TRUST,
    SUCCESS,
    LightBlock,
    Limits,
    step,
)
from tongbao.kernel.receipts import Trust
from tongbao.sdk.light import LightCode, Options, TrustedStore, following
from tongbao.sdk.light.following import MAX_TRACE, MAX_WAITING
from tongbao.sdk.light.store import MAX_BLOCKS
from tongbao.simulator.headers import (
    BLOCK_MS,
    HeaderChain,
    Member,
    Members,
    Schedule,
    constant,
    rotating,
)

pytestmark = pytest.mark.usefixtures("form")
LONG = 40
CHAIN = HeaderChain(rotating(4, 3))
FEW = settings(max_examples=40, deadline=None)


def client_of(
    node: Shows,
    *witnesses: Shows,
    store: TrustedStore | None = None,
    options: Options | None = None,
    at: int = LONG,
    folder: Path = Path(),
) -> Any:
    """A client that starts from the genesis; in either form."""
    store = store or genesis_store(node.chain)
    clock = after(node.chain, at)
    return light_client(store, node, witnesses, options, evidence=folder, clock=clock)


def refused(client: Any, height: int | None = None) -> Refusal:
    """Why the client does not trust."""
    with pytest.raises(Refusal) as caught:
        client.verify_to(height)
    return caught.value


# ---- trusting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sequential", [False, True])
def test_from_the_genesis_to_the_newest_block_over_changing_validators(sequential: bool) -> None:
    node = Shows(CHAIN, LONG)
    client = client_of(node, options=Options(sequential=sequential))
    reached = client.verify_to()
    assert (reached.block, reached.base) == (CHAIN.block(LONG), 0)
    assert len(reached.path) == reached.verified
    assert (reached.verified == LONG) is sequential
    assert reached.verified > LONG // 10
    heights = [one.height for one in reached.path]
    assert heights == sorted(heights)
    assert client.store.newest == CHAIN.block(LONG)


def test_of_a_long_way_the_ends_are_kept() -> None:
    top = MAX_TRACE + 30
    chain = HeaderChain(constant(1))
    client = client_of(Shows(chain, top), options=Options(sequential=True), at=top)
    reached = client.verify_to(top)
    assert (reached.verified, len(reached.path)) == (top, MAX_TRACE)
    assert (reached.path[0].height, reached.path[-1].height) == (1, top)
    assert len(client.store.blocks) == MAX_BLOCKS


def test_where_nobody_changed_one_block_is_asked_for() -> None:
    node = Shows(HeaderChain(constant(4)), LONG)
    reached = client_of(node).verify_to(LONG)
    assert (node.asked, len(reached.path)) == ([LONG], 1)


def test_below_where_trust_begins_every_header_names_the_one_before_it() -> None:
    store = TrustedStore(Trust(CHAIN.chain, (), (CHAIN.block(30),)))
    node = Shows(CHAIN, LONG)
    reached = client_of(node, store=store).verify_to(12)
    assert (reached.block, reached.base, reached.verified) == (CHAIN.block(12), 30, 18)
    assert client_of(node, store=store).verify_to(20).base == 12
    for spoil in (
        {12: CHAIN.fork(12).block(12)}, {20: CHAIN.fork(20).block(20)},
        {12: msgspec.structs.replace(CHAIN.block(12), next_validators=())},
        {20: msgspec.structs.replace(CHAIN.block(20), header=b"")},
    ):  # fmt: skip
        fresh = TrustedStore(Trust(CHAIN.chain, (), (CHAIN.block(30),)))
        liar = Shows(CHAIN, LONG, spoil=spoil)
        assert refused(client_of(liar, store=fresh), 12).code is LightCode.INVALID
        assert len(fresh.blocks) == 1
    options = Options(max_steps=10)
    fresh = TrustedStore(Trust(CHAIN.chain, (), (CHAIN.block(30),)))
    long = client_of(node, store=fresh, options=options)
    assert refused(long, 12).code is LightCode.TOO_MANY_STEPS


def test_what_was_verified_once_is_not_verified_again() -> None:
    node = Shows(CHAIN, LONG)
    client = client_of(node)
    client.verify_to(20)
    asked = len(node.asked)
    assert client.verify_to(20).path == ()
    assert client.verify_to(21).base == 20
    assert len(node.asked) == asked + 2


def test_the_first_block_is_believed_by_the_validators_of_the_genesis_alone() -> None:
    other = HeaderChain(lambda _: (Member(77),))
    assert client_of(Shows(CHAIN, 1), at=1).verify_to(1).block == CHAIN.block(1)
    stranger = Shows(other, 1)
    why = refused(client_of(stranger, store=genesis_store(CHAIN), at=1), 1)
    assert why.code is LightCode.INVALID


def test_trust_may_begin_at_a_block_with_its_hash(tmp_path: Path) -> None:
    node = Shows(CHAIN, LONG)
    digest = CHAIN.block(10).hash()
    store = TrustedStore.from_block(10, digest, node, tmp_path / "trust")
    assert store.chain == CHAIN.chain
    client = client_of(node, store=store)
    assert client.verify_to(30).base == 10
    with pytest.raises(Refusal) as caught:
        TrustedStore.from_block(11, digest, node)
    assert caught.value.code is LightCode.WRONG_HASH
    lying = Shows(CHAIN, LONG, spoil={10: without_signatures(CHAIN, 10, salt=b"")})
    with pytest.raises(Refusal) as caught:
        TrustedStore.from_block(10, digest, lying)
    assert caught.value.code is LightCode.INVALID


@given(seed=st.integers(0, 2**32), length=st.integers(3, 24), target=st.integers(2, 24))
@FEW
def test_any_honest_chain_of_changing_sets_is_believed_both_ways(
    seed: int, length: int, target: int
) -> None:
    """Sets of any size and power, replaced wholly or in part at any block."""
    chain = HeaderChain(any_schedule(seed, length))
    target = min(target, length)
    for sequential in (False, True):
        node = Shows(chain, length)
        client = client_of(node, options=Options(sequential=sequential), at=length)
        assert client.verify_to(target).block == chain.block(target)


def any_schedule(seed: int, length: int) -> Schedule:
    """Who signs at each height, from one number."""
    draw = random.Random(seed)
    sets: dict[int, Members] = {}
    current = tuple(Member(n, draw.randint(1, 20)) for n in range(draw.randint(1, 5)))
    for height in range(1, length + 2):
        sets[height] = current
        if height > 1 and draw.random() < 0.5:  # what block 1 changes, block 3 obeys
            kept = [one for one in current if draw.random() < 0.6]
            new = [Member(draw.randint(10, 500), draw.randint(1, 20)) for _ in range(2)]
            current = tuple({one.number: one for one in (*kept, *new)}.values())
    return sets.__getitem__


# ---- refusing ------------------------------------------------------------------------------------


def without_signatures(
    chain: HeaderChain, height: int, count: int = 0, salt: bytes = b"unsigned"
) -> LightBlock:
    """A block that only `count` of its validators signed; another one than the chain's own."""
    members = chain.schedule(height)
    return chain.make(height, chain.block(height - 1), signers=members[:count], salt=salt)


@given(place=st.integers(0), byte=st.integers(1, 255), part=st.sampled_from(("header", "commit")))
@settings(max_examples=150, deadline=None)
def test_a_block_with_any_byte_changed_is_not_believed(place: int, byte: int, part: str) -> None:
    block = CHAIN.block(12)
    raw = bytearray(getattr(block, part))
    raw[place % len(raw)] ^= byte
    spoiled = msgspec.structs.replace(block, **{part: bytes(raw)})
    limits = Options().limits(after(CHAIN, 12)())
    good = step(CHAIN.block(11), block, limits)
    bad = step(CHAIN.block(11), spoiled, limits)
    assert good.kind == SUCCESS
    # A changed round or signature of one who was not needed may leave two thirds in place.
    if bad.kind == SUCCESS:
        assert part == "commit"
        assert spoiled.hash() == block.hash()
    else:
        assert bad.kind == INVALID


@given(kept=st.integers(0, 9), signing=st.integers(0, 9), adjacent=st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_step_needs_a_third_of_those_trusted_and_two_thirds_of_its_own(
    kept: int, signing: int, adjacent: bool
) -> None:
    """Of nine equal validators `kept` stay, and `signing` of the new nine sign, the kept first."""
    old = tuple(map(Member, range(9)))
    new = old[:kept] + tuple(map(Member, range(100, 109 - kept)))
    chain = HeaderChain(lambda height: old if height < 10 else new)
    base = chain.block(9 if adjacent else 8)
    if not adjacent:
        base = chain.make(8, chain.block(7), following=old)
    block = chain.make(10, chain.block(9), signers=new[:signing])
    verdict = step(base, block, Limits(after(chain, 10)()))
    overlap = min(kept, signing)
    if not adjacent and overlap * 3 <= 9:
        assert verdict.kind in (NOT_ENOUGH_TRUST, INVALID)
        assert (verdict.kind == NOT_ENOUGH_TRUST) or signing == 0
    else:
        assert (verdict.kind == SUCCESS) == (signing * 3 > 18)


def test_trust_that_is_too_old_is_no_base_and_says_what_to_do() -> None:
    node = Shows(CHAIN, LONG)
    client = client_of(node, options=Options(trusting_s=60))
    why = refused(client)
    assert why.code is LightCode.EXPIRED
    assert "HEIGHT:HASH" in str(why)
    limits = Limits(after(CHAIN, 20)(), trusting_s=5)
    assert step(CHAIN.block(10), CHAIN.block(11), limits).kind == EXPIRED


def test_a_header_from_the_future_is_not_believed() -> None:
    node = Shows(CHAIN, LONG)
    assert refused(client_of(node, at=LONG - 10)).code is LightCode.INVALID


def test_a_chain_of_another_name_is_not_believed() -> None:
    other = HeaderChain(constant(4), chain="other-1")
    store = genesis_store(HeaderChain(constant(4)))
    for sequential in (False, True):
        client = client_of(Shows(other, 9), store=store, options=Options(sequential=sequential))
        assert refused(client, 9).code is LightCode.INVALID


def test_a_forged_block_of_strangers_is_not_believed() -> None:
    strangers = tuple(map(Member, range(900, 904)))
    forged = CHAIN.make(LONG, CHAIN.block(LONG - 1), members=strangers, following=strangers)
    for sequential in (False, True):
        node = Shows(CHAIN, LONG, spoil={LONG: forged})
        why = refused(client_of(node, options=Options(sequential=sequential)))
        assert why.code is LightCode.INVALID


def test_two_thirds_are_needed_even_where_nothing_changed() -> None:
    chain = HeaderChain(constant(4))
    for count, code in ((3, None), (2, LightCode.INVALID)):
        node = Shows(chain, 9, spoil={9: without_signatures(chain, 9, count)})
        if code is None:
            assert client_of(node, at=9).verify_to(9).block.height == 9
        else:
            assert refused(client_of(node, at=9), 9).code is code


@pytest.mark.parametrize("level", [(1, 4), (0, 1), (2, 1)])
def test_a_trust_level_below_a_third_or_above_all_is_no_setting(level: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="between"):
        Options(level=level)
    with pytest.raises(ValueError, match="above zero"):
        Options(trusting_s=0)


# ---- liars ---------------------------------------------------------------------------------------


def test_a_node_that_answers_with_another_height_is_found_out() -> None:
    from tongbao.sdk.light.providers import right_height

    with pytest.raises(Refusal) as caught:
        right_height(CHAIN.block(8), 9, "node")
    assert caught.value.code is LightCode.WRONG_HEIGHT
    claims = msgspec.structs.replace(CHAIN.block(8), height=9)
    node = Shows(CHAIN, LONG, spoil={9: claims})
    assert refused(client_of(node, options=Options(sequential=True)), 9).code is LightCode.INVALID


class Strangers(Shows):
    """Shows for every height a block that nobody who is trusted signed."""

    def light_block(self, height: int | None) -> LightBlock:
        wanted = LONG * 1000 if height is None else height
        self.asked.append(wanted)
        stranger = (Member(wanted), Member(wanted + 1))
        return CHAIN.make(
            wanted, None, members=stranger, following=stranger,
            time_ms=CHAIN.start_ms + wanted,
        )  # fmt: skip


def test_a_node_that_leads_in_circles_is_left_after_a_bounded_way() -> None:
    """It shows for every height a block that needs one between."""
    node = Strangers(CHAIN, LONG)
    assert refused(client_of(node)).code is LightCode.INVALID
    assert len(node.asked) < 20
    assert len(set(node.asked)) == len(node.asked)


def test_a_node_that_comes_no_nearer_is_left_before_its_blocks_fill_the_memory() -> None:
    """It gives, of the blocks between two, always the last."""

    class Creeping(Strangers):
        def between(self, low: int, high: int) -> LightBlock:
            return self.light_block(high - 1)

    node = Creeping(CHAIN, LONG)
    assert refused(client_of(node)).code is LightCode.INVALID
    assert len(node.asked) <= MAX_WAITING


def test_a_way_that_is_too_long_is_not_walked() -> None:
    node = Shows(CHAIN, LONG)
    options = Options(max_steps=3)
    assert refused(client_of(node, options=options)).code is LightCode.TOO_MANY_STEPS
    options = Options(max_steps=3, sequential=True)
    assert refused(client_of(node, options=options)).code is LightCode.TOO_MANY_STEPS
    assert len(node.asked) < 8


def test_where_the_first_node_fails_the_next_takes_its_place() -> None:
    forged = without_signatures(CHAIN, LONG)
    liar = Shows(CHAIN, LONG, "liar", {LONG: forged})
    silent = Shows(CHAIN, 3, "silent")
    good, second = Shows(CHAIN, LONG, "good"), Shows(CHAIN, LONG, "second")
    reached = client_of(silent, liar, good, second).verify_to(LONG)
    assert (reached.node, reached.confirmed) == ("good", ("second",))
    assert sorted(reached.faults) == ["liar", "silent"]


def test_witnesses_that_do_not_confirm_are_no_confirmation() -> None:
    node = Shows(CHAIN, LONG, "first")
    behind, liar = Shows(CHAIN, 5, "behind"), Shows(CHAIN, LONG, "liar", {
        LONG: without_signatures(CHAIN, LONG, 1)
    })  # fmt: skip
    why = refused(client_of(node, behind, liar), LONG)
    assert why.code is LightCode.NOT_CONFIRMED
    assert "behind" in str(why)
    assert "liar" in str(why)
    assert client_of(node, behind, Shows(CHAIN, LONG, "good")).verify_to(LONG).confirmed == (
        "good",
    )


def test_a_root_of_trust_in_memory_needs_something_to_trust() -> None:
    with pytest.raises(ValueError, match="begins"):
        TrustedStore(Trust("x", ()))
    assert CHAIN.start_ms + BLOCK_MS > CHAIN.start_ms


class Dawdles(Shows):
    """A node that takes a minute for each answer, by the clock of who waits."""

    now = 0.0

    def light_block(self, height: int | None) -> LightBlock:
        type(self).now += 60.0
        return super().light_block(height)


@pytest.mark.parametrize("sequential", [False, True])
def test_a_node_that_dawdles_is_left_for_the_next_once_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, sequential: bool
) -> None:
    """No single answer is late; together they would take for ever."""
    monkeypatch.setattr(following.time, "monotonic", lambda: Dawdles.now)
    slow = Dawdles(CHAIN, LONG, "slow")
    options = Options(within_s=150.0, sequential=sequential)
    code = refused(client_of(slow, options=options), LONG).code
    assert code is LightCode.TOO_SLOW
    assert len(slow.asked) <= 4
    assert code.text({"node": "slow", "seconds": 150}).startswith("slow did not lead")
    client = client_of(Dawdles(CHAIN, LONG, "slow"), Shows(CHAIN, LONG, "quick"), options=options)
    reached = client.verify_to(LONG)
    assert reached.node == "quick"
    assert "150 s" in reached.faults["slow"]
    with pytest.raises(ValueError, match="time"):
        Options(within_s=0)
