"""Blocks: timers first, double entry always, and the record that comes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao import _core
from tongbao.kernel.blocks import (
    BlockRecord,
    LawBroken,
    Regime,
    Tip,
    Validator,
    make_header,
    next_due_ms,
    result_pairs,
)
from tongbao.kernel.pipeline import InternalFault, digest_of
from tongbao.kernel.transaction import Outcome
from tongbao.node.application import Application
from tongbao.node.composer import commit, compose


def test_a_block_that_does_not_balance_is_never_committed(bench: Any) -> None:
    raw = bench.seal(bench.body(bench.Pay("A/1", "B/1", 10, leak=1)))
    with pytest.raises(LawBroken, match=r"double entry.*'X', 1"):
        bench.carry(raw)


def test_two_leaks_that_cancel_out_still_balance(bench: Any) -> None:
    up = bench.seal(bench.body(bench.Pay("A/1", "B/1", 10, leak=1)))
    down = bench.seal(bench.body(bench.Pay("A/1", "B/1", 10, leak=-1), reference="r2"))
    bench.carry(up, down)


def test_a_timer_runs_in_the_first_block_at_or_after_its_time(bench: Any) -> None:
    due = bench.block.time_ms + 500
    bench.carry(bench.seal(bench.body(bench.Later(due, "wake"))))
    assert next_due_ms(bench.view()) == due
    bench.at(due - 1)
    assert bench.carry().events == ()
    bench.at(due)
    assert bench.carry().events == (bench.Noted("wake"),)
    assert bench.view().get(bench.NOTES, "wake") == "on time"
    assert next_due_ms(bench.view()) is None
    assert bench.carry().events == ()


def test_timers_run_in_order_of_time_and_before_the_transactions(bench: Any) -> None:
    base = bench.block.time_ms
    actions = [bench.Later(base + n, f"t{n}") for n in (30, 10, 20)]
    bench.carry(bench.seal(bench.body(*actions)))
    bench.at(base + 25)
    raw = bench.seal(bench.body(bench.Note("A", "t10", "later"), reference="r2"))
    applied = bench.carry(raw)
    assert applied.events == (bench.Noted("t10"), bench.Noted("t20"))
    assert bench.view().get(bench.NOTES, "t10") == "later"


def test_a_timer_with_a_bug_halts_in_strict_mode_and_else_goes_without_a_trace(bench: Any) -> None:
    due = bench.block.time_ms + 1
    bench.carry(bench.seal(bench.body(bench.Later(due, "bug"), bench.Later(due, "wake"))))
    bench.at(due)
    with pytest.raises(InternalFault, match=r"timer toy\.later bug"):
        bench.carry(strict=True)


def test_in_production_the_other_timers_still_run(bench: Any) -> None:
    due = bench.block.time_ms + 1
    bench.carry(bench.seal(bench.body(bench.Later(due, "bug"), bench.Later(due, "wake"))))
    bench.at(due)
    applied = bench.carry()
    assert applied.events == (bench.Noted("wake"),)
    assert applied.faults == ("timer toy.later bug: a bug in a timer",)
    assert not bench.view().has(bench.NOTES, "bug")


def test_a_timer_is_held_to_the_laws_and_undone_where_it_breaks_one(bench: Any) -> None:
    due = bench.block.time_ms + 1
    bench.carry(bench.seal(bench.body(bench.Later(due, "evil"), bench.Later(due, "wake"))))
    bench.at(due)
    applied = bench.carry()
    assert applied.events == (bench.Noted("wake"),)
    assert "no note is evil" in applied.faults[0]
    assert not bench.view().has(bench.NOTES, "evil")


def test_a_timer_that_an_earlier_one_took_back_does_not_run(bench: Any) -> None:
    due = bench.block.time_ms + 1
    later = bench.Later
    bench.carry(bench.seal(bench.body(later(due, "cancel wake"), later(due, "wake"))))
    bench.at(due)
    assert bench.carry(strict=True).events == (bench.Noted("cancel wake"),)
    assert not bench.view().has(bench.NOTES, "wake")


def test_what_a_timer_writes_without_a_word_stands_in_a_block_and_under_its_root(
    bench: Any,
) -> None:
    app = Application(_core.State.open(None), bench.genesis, bench.registry)
    due = app.tip.time_ms + 60_000
    body = bench.body(bench.Later(due, "silent"), bench.Later(due + 1, "silent"))
    commit(app, compose(app, due - 1_000, [bench.open(bench.seal(body))], bench.validator))
    # The first falls due in the block that is made, the second in the seal after it, and that what
    # it wrote is proven takes a seal more.
    composed = compose(app, due, [], bench.validator)
    first, second, seal = composed.records
    assert len({app.tip.app_hash, first.app_hash, second.app_hash}) == 3
    assert seal.app_hash == second.app_hash
    commit(app, composed)
    assert app.state.root() == seal.app_hash
    assert compose(app, due + 60_000, [], bench.validator).records == ()


def test_a_record_comes_back_from_its_bytes() -> None:
    record = BlockRecord(
        7, 9, b"header", (b"h" * 32, 1, b"p" * 32), b"commit", b"r" * 32,
        (b"one", b"two"), (b"{}", b'{"code":3}'), b"",
    )  # fmt: skip
    assert BlockRecord.decode(record.encode()) == record


@given(st.integers(0, 2**31))
def test_a_result_is_its_code_and_the_digest_of_the_outcome(code: int) -> None:
    outcome: Outcome[Any] = Outcome(code, {"a": 1})
    encoded = outcome.encode()
    assert result_pairs([encoded]) == [(code, digest_of(encoded, 0, 1))]


V = Validator(b"v" * 32, 1)


def regime(signing: Validator = V, following: Validator = V) -> Regime:
    return Regime((signing,), (following,), 1)


@pytest.mark.parametrize(
    "change",
    [
        {"chain": "other"},
        {"height": 8},
        {"app_hash": b"x" * 32},
        {"results_hash": b"x" * 32},
        {"block_id": (b"x" * 32, 1, b"p" * 32)},
        {"block_id": (b"h" * 32, 2, b"p" * 32)},
        {"block_id": (b"h" * 32, 1, b"x" * 32)},
    ],
    ids=str,
)
def test_every_fact_of_the_tip_is_under_the_next_header(change: dict[str, Any]) -> None:
    tip = Tip("test", 7, 9, (b"h" * 32, 1, b"p" * 32), b"r" * 32, b"s" * 32, None)
    header = make_header(tip, 10, (b"t",), regime())
    assert make_header(tip._replace(**change), 10, (b"t",), regime()) != header
    assert make_header(tip, 10, (b"t",), regime()) == header


def test_time_transactions_validators_and_protocol_are_under_the_header() -> None:
    tip = Tip("test", 7, 9, (b"h" * 32, 1, b"p" * 32), b"r" * 32, b"s" * 32, None)
    headers = {
        make_header(tip, 10, (b"t",), regime()),
        make_header(tip, 11, (b"t",), regime()),
        make_header(tip, 10, (), regime()),
        make_header(tip, 10, (b"t", b"t"), regime()),
        make_header(tip, 10, (b"t",), regime(Validator(b"v" * 32, 2))),
        make_header(tip, 10, (b"t",), regime(Validator(b"w" * 32, 1))),
        make_header(tip, 10, (b"t",), regime(following=Validator(b"w" * 32, 1))),
        make_header(tip, 10, (b"t",), regime()._replace(protocol=2)),
    }
    assert len(headers) == 8
