"""Drafts and postings: the core and its twin do the same things and agree on everything."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tongbao import _core
from tongbao.kernel.money import MAX_AMOUNT, Holding, HoldingFlag, holding_key
from tongbao.kernel.twin.draft import Draft as Twin

ASSETS = ("CNY/cb", "USD/cb")
ACCOUNTS = ("bank/a", "bank/b", "银行/丙", "nobody/x")
EDGES = [0, 1, -1, 2, 100, MAX_AMOUNT, MAX_AMOUNT - 1, -MAX_AMOUNT, -MAX_AMOUNT - 1, 10**30]
AMOUNTS = st.one_of(
    st.integers(-2, 200), st.sampled_from([*EDGES, 2**127, 2**128, 2**200, -(2**300)])
)
POSTED = st.one_of(st.integers(0, 300), st.sampled_from(EDGES))
RESERVED = st.one_of(st.integers(0, 50), st.sampled_from([MAX_AMOUNT, 2**128 - 1]))
FLAGS = st.one_of(st.just(0), st.just(16), st.integers(0, 127), st.integers(0, 127))
FLOORS = st.one_of(st.just(0), st.integers(-50, 50), st.sampled_from(EDGES))
HOLDINGS = st.builds(Holding, FLAGS.map(HoldingFlag), POSTED, RESERVED)
KEYS = st.one_of(
    st.sampled_from([b"a", b"ab", b"abc", b"b", b"\xff", b"\xff\xff", b""]),
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ASSETS)).map(lambda t: holding_key(*t)),
)


class Drafts(RuleBasedStateMachine):
    """Random steps on both drafts over the same committed rows."""

    @initialize(
        rows=st.dictionaries(
            st.tuples(st.sampled_from(ACCOUNTS[:3]), st.sampled_from(ASSETS)), HOLDINGS
        )
    )
    def open(self, rows: dict[tuple[str, str], Holding]) -> None:
        committed = {holding_key(*place): one.encode() for place, one in rows.items()}
        committed[b"ab"] = b"committed"
        self.state = _core.State.open(None)
        draft = self.state.draft()
        for key, value in committed.items():
            draft.put(key, value)
        self.state.commit(draft, [(0, b"")], [])
        self.core, self.twin = self.state.draft(), Twin(committed)
        self.depth = 0

    def both(self, name: str, *arguments: Any) -> None:
        """The same call on both gives the same answer."""
        answers = [getattr(one, name)(*arguments) for one in (self.core, self.twin)]
        assert answers[0] == answers[1], (name, arguments, answers)

    @rule(key=KEYS, value=st.binary(max_size=5), holding=HOLDINGS)
    def put(self, key: bytes, value: bytes, holding: Holding) -> None:
        self.both("put", key, holding.encode() if key.startswith(b"\x10") else value)

    @rule(key=KEYS)
    def delete(self, key: bytes) -> None:
        self.both("delete", key)

    @rule(key=KEYS)
    def get(self, key: bytes) -> None:
        self.both("get", key)

    @rule(
        prefix=st.sampled_from([b"", b"a", b"ab", b"\x10", b"\xff"]),
        after=st.none() | KEYS,
        limit=st.integers(0, 9),
        reverse=st.booleans(),
    )
    def scan(self, prefix: bytes, after: bytes | None, limit: int, reverse: bool) -> None:
        self.both("scan", prefix, after, limit, reverse)

    @rule()
    def begin(self) -> None:
        self.both("begin")
        self.depth += 1

    @rule(name=st.sampled_from(["accept", "rollback"]))
    def end(self, name: str) -> None:
        if self.depth:
            self.both(name)
            self.depth -= 1
            return
        for one in (self.core, self.twin):
            with pytest.raises(ValueError, match="no savepoint"):
                getattr(one, name)()

    @rule(
        debit=st.sampled_from(ACCOUNTS),
        credit=st.sampled_from(ACCOUNTS),
        asset=st.sampled_from(ASSETS),
        amount=AMOUNTS,
        floor=FLOORS,
        referenced=st.booleans(),
    )
    def move(
        self, debit: str, credit: str, asset: str, amount: int, floor: int, referenced: bool
    ) -> None:
        self.both("move", debit, credit, asset, amount, floor, referenced)

    @rule(
        debit=st.sampled_from(ACCOUNTS),
        asset=st.sampled_from(ASSETS),
        lines=st.lists(st.tuples(st.sampled_from(ACCOUNTS), AMOUNTS), max_size=8),
        referenced=st.booleans(),
        floor=FLOORS,
        all_or_none=st.booleans(),
    )
    def bulk_move(
        self, debit: str, asset: str, lines: list[tuple[str, int]], referenced: bool, floor: int,
        all_or_none: bool,
    ) -> None:  # fmt: skip
        credits, amounts = [name for name, _ in lines], [amount for _, amount in lines]
        self.both("bulk_move", debit, asset, credits, amounts, referenced, floor, all_or_none)

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "core"):
            self.both("writes")
            self.both("holding_deltas")
            self.both("__len__")


Drafts.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestDrafts = Drafts.TestCase


def over(*holdings: tuple[str, Holding]) -> tuple[_core.Draft, Twin]:
    """Both drafts over holdings of one asset."""
    rows = {holding_key(name, "CNY"): one.encode() for name, one in holdings}
    state = _core.State.open(None)
    draft = state.draft()
    for key, value in rows.items():
        draft.put(key, value)
    state.commit(draft, [(0, b"")], [])
    return state.draft(), Twin(rows)


def test_every_pair_of_switches_gives_the_twins_code() -> None:
    """All 64 x 64 flags, with and without a reference: 8,192 postings."""
    seen = set()
    for debit, credit, referenced in itertools.product(range(64), range(64), (False, True)):
        pair = (
            ("a", Holding(HoldingFlag(debit), 10, 0)),
            ("b", Holding(HoldingFlag(credit), 0, 0)),
        )
        twin = Twin({holding_key(name, "CNY"): one.encode() for name, one in pair})
        if not seen:
            core = _core.State.open(None).draft()
        for name, one in pair:
            core.put(holding_key(name, "CNY"), one.encode())
        code = core.move("a", "b", "CNY", 10, 0, referenced)
        assert code == twin.move("a", "b", "CNY", 10, 0, referenced)
        seen.add(code)
    assert seen == {0, 3, 4, 7, 9, 10}


@settings(max_examples=300, deadline=None)
@given(HOLDINGS, HOLDINGS, AMOUNTS, FLOORS)
def test_amounts_are_exact_at_every_edge(
    debit: Holding, credit: Holding, amount: int, floor: int
) -> None:
    core, twin = over(("a", debit), ("b", credit))
    code = core.move("a", "b", "CNY", amount, floor)
    assert code == twin.move("a", "b", "CNY", amount, floor)
    assert core.writes() == twin.writes()
    assert core.holding_deltas() == twin.holding_deltas() == []


def test_a_transfer_to_many_may_name_an_account_twice_and_the_payer() -> None:
    core, twin = over(("a", Holding(HoldingFlag(0), 100, 10)), ("b", Holding(HoldingFlag(0), 0, 0)))
    lines = (["b", "b", "a", "c", "b", "b"], [40, 30, 1, 1, 21, 20])
    for draft in (core, twin):
        assert draft.bulk_move("a", "CNY", *lines, True, 0, False) == [(2, 8), (3, 2), (4, 5)]
        assert draft.bulk_move("a", "CNY", ["b", "b"], [0, 1], True, 0, True) == [(0, 11)]
    assert core.writes() == twin.writes()


def test_sums_beyond_128_bits_are_exact() -> None:
    core, _ = over()
    for number in range(5):
        for asset, posted in (("CNY", MAX_AMOUNT), ("A", -MAX_AMOUNT - 1)):
            record = Holding(HoldingFlag(0), posted, 0).encode()
            core.put(holding_key(f"x{number}", asset), record)
    assert core.holding_deltas() == [("A", -5 * 2**127), ("CNY", 5 * MAX_AMOUNT)]


def test_what_is_no_holding_or_no_amount_is_a_fault_and_writes_nothing() -> None:
    core, _ = over(("b", Holding(HoldingFlag(0), 5, 0)))
    core.put(holding_key("a", "CNY"), b"short")
    before = core.writes()
    with pytest.raises(ValueError, match="33 bytes"):
        core.move("a", "b", "CNY", 1, 0)
    with pytest.raises(ValueError, match="zero byte"):
        core.move("b\0CNY", "b", "CNY", 1, 0)
    with pytest.raises(ValueError, match="as many"):
        core.bulk_move("b", "CNY", ["a"], [], True, 0, True)
    with pytest.raises(TypeError):
        core.move("b", "a", "CNY", 1.5, 0)  # type: ignore[arg-type]
    assert core.writes() == before
