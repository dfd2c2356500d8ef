"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongbao.kernel.codes import Refusal
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import BlockContext, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement import (
    GENERATORS,
    MODULE,
    Allocate,
    ApproveBatch,
    CancelPayment,
    ChangePriority,
    QueueAsset,
    RevokeApproval,
    RunNetting,
    SetQueueLimits,
    SettleBatch,
    SettlementCode,
    Step,
)
from tongbao.modules.settlement.model import MAX_AHEAD_MS, MAX_QUEUED, Counters, Position
from tongbao.modules.settlement.queueing import settle_together
from tongbao.modules.settlement.state import (
    BATCHES,
    COUNTERS,
    ORDER,
    PAIRS,
    POSITIONS,
    QUEUED,
    require_queue,
    require_queued,
)
from tongbao.modules.settlement.tests.room import (
    MINUTE,
    A,
    B,
    against,
    define,
    dvp,
    payment,
    propose,
    submit,
    two_currencies,
    with_queue,
)
from tongbao.modules.testing import CHAIN, OPENING, Bench
from tongbao.words import sentence

K = SettlementCode
Case = tuple[str, Transaction]
"""Who sends it, and what."""


def steps(bench: Bench, *legs: Step) -> Transaction:
    return dvp(bench, steps=legs)


def _approved(bench: Bench) -> str:
    batch = propose(bench, dvp(bench))
    bench.do("bank-a", ApproveBatch(batch, "bank-a"))
    return batch


def _due(bench: Bench) -> Case:
    batch = propose(bench, dvp(bench, settle_at_ms=bench.time_ms + MINUTE // 2))
    for party in ("bank-a", "bank-b"):
        bench.do(party, ApproveBatch(batch, party))
    return "bank-a", SettleBatch(batch, "bank-a")


def _waiting(bench: Bench, *, paired: bool = False) -> str:
    more = against("HKD", 1) if paired else {}
    return submit(bench, A, B, 2 * OPENING, **more)[0]


def _stays(bench: Bench) -> Case:
    _waiting(bench)
    return "central", define(assets=(QueueAsset("HKD"),))


def _full_pair(bench: Bench) -> Case:
    _waiting(bench, paired=True)
    submit(bench, B, A, 1, asset="HKD", **against("CNY", 2 * OPENING))
    return "bank-a", payment(A, B, 1, **against("HKD", 1))


def _mismatched(bench: Bench) -> Case:
    _waiting(bench, paired=True)
    return "bank-b", payment(B, A, 2, "HKD", **against("CNY", 2 * OPENING))


def _running(bench: Bench) -> Case:
    bench.do("central", define(at_once=False, work_per_block=2))
    for _ in range(5):
        _waiting(bench)
    bench.do("central", RunNetting("rtgs", "central"))
    return "central", RunNetting("rtgs", "central")


def _named(bench: Bench, party: str, *numbers: int, side: str = "deliver") -> Case:
    batch = propose(bench, steps(bench, Step("bank-a", "bank-b", "CNY", 1)))  # type: ignore[arg-type]
    return party, Allocate(batch, side, f"{party}/main", numbers)


BROKEN: dict[SettlementCode, Callable[[Bench], Case]] = {
    K.BAD_TEXT: lambda b: ("bank-a", dvp(b, title="x" * 141)),
    K.STEP_COUNT: lambda b: ("bank-a", steps(b)),
    K.BAD_STEP: lambda b: ("bank-a", steps(b, Step("bank-a", "bank-b", "CNY", 1, B))),
    K.PARTY_UNKNOWN: lambda b: ("bank-a", steps(b, Step("bank-a", "nobody", "CNY", 1))),
    K.DEADLINE_PAST: lambda b: ("bank-a", dvp(b, deadline_at_ms=b.time_ms)),
    K.TOO_FAR_AHEAD: lambda b: (
        "bank-a", dvp(b, deadline_at_ms=b.time_ms + MAX_AHEAD_MS + MINUTE)
    ),
    K.BATCH_UNKNOWN: lambda b: ("bank-a", ApproveBatch("none", "bank-a")),
    K.BAD_NUMBERS: lambda b: _named(b, "bank-a", 0, 0),
    K.INSTRUCTION_UNKNOWN: lambda b: _named(b, "bank-a", 7),
    K.BAD_SIDE: lambda b: _named(b, "bank-a", 0, side="give"),
    K.NOT_ITS_SIDE: lambda b: _named(b, "bank-b", 0),
    K.APPROVED_ALREADY: lambda b: ("bank-a", Allocate(_approved(b), "deliver", A)),
    K.NOT_ALLOCATED: lambda b: (
        "bank-a", ApproveBatch(propose(b, dvp(b, steps=(Step("bank-a", "bank-b", "CNY", 1),))),
                               "bank-a"),
    ),
    K.NOTHING_TO_APPROVE: lambda b: ("bank-a", ApproveBatch(_approved(b), "bank-a")),
    K.NOTHING_TO_REVOKE: lambda b: ("bank-b", RevokeApproval(_approved(b), "bank-b", "x")),
    K.NOT_CONCERNED: lambda b: ("firm-c", ApproveBatch(_approved(b), "firm-c")),
    K.NOT_COMPLETE: lambda b: ("bank-a", SettleBatch(_approved(b), "bank-a")),
    K.NOT_DUE: _due,
    K.BAD_QUEUE: lambda b: ("central", define(objective="most")),
    K.NOT_OPERATOR: lambda b: ("bank-a", define(operator="bank-a")),
    K.ASSET_STAYS: _stays,
    K.QUEUE_UNKNOWN: lambda b: ("central", RunNetting("none", "central")),
    K.NOT_IN_QUEUE: lambda b: ("bank-a", payment(A, B, 1, "USD")),
    K.AMOUNT_TOO_LARGE: lambda b: ("bank-a", payment(A, B, MAX_QUEUED + 1)),
    K.BAD_PRIORITY: lambda b: ("bank-a", payment(A, B, 1, priority=10)),
    K.PAIR_MISMATCH: _mismatched,
    K.PAIR_TAKEN: _full_pair,
    K.PAYMENT_UNKNOWN: lambda b: ("bank-a", CancelPayment("none", "x")),
    K.NOTHING_CHANGES: lambda b: ("bank-a", ChangePriority(_waiting(b), 5)),
    K.BAD_LIMIT: lambda b: ("bank-a", SetQueueLimits("rtgs", A, "CNY", bilateral=((A, 1),))),
    K.RUN_UNDER_WAY: _running,
    K.AMENDED_SINCE: lambda b: ("bank-a", ApproveBatch(propose(b, dvp(b)), "bank-a", 1)),
    K.SETTLES_NEVER: lambda b: ("bank-a", dvp(b, settle_at_ms=-1)),
    K.PAIR_TERMS: lambda b: ("bank-a", payment(A, B, 1, pair="deal")),
    K.NOT_PARTICIPANT: lambda b: ("bank-a", RunNetting("rtgs", "bank-a")),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code(code: SettlementCode) -> None:
    bench = with_queue()
    party, action = BROKEN[code](bench)
    answer = bench.offer(party, action)
    assert getattr(answer, "code", None) is code, answer
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, answer.values, language)  # type: ignore[union-attr]


def test_the_netting_is_asked_for_once_a_block() -> None:
    bench = with_queue()
    _waiting(bench)
    ask = RunNetting("rtgs", "central")
    bench.refuses(K.ASKED_ALREADY, "central", ask, ask)
    bench.do("central", ask)
    bench.do("central", ask)


def test_every_code_of_the_module_is_met() -> None:
    assert set(BROKEN) | set(INSIDE) | {K.ASKED_ALREADY} == set(SettlementCode)


INSIDE: dict[SettlementCode, dict[str, Any]] = {
    K.OVER_LIMIT: {"multilateral_minor": 10},
    K.URGENT_RESERVE: {"urgent_reserve_minor": OPENING},
}
"""Met on entry, where the payment then waits: nobody is refused with them."""


@pytest.mark.parametrize("code", INSIDE, ids=lambda code: code.name)
def test_a_limit_of_a_participant_keeps_a_payment_waiting(code: SettlementCode) -> None:
    bench = with_queue()
    bench.do("bank-a", SetQueueLimits("rtgs", A, "CNY", **INSIDE[code]))
    held, how = submit(bench, A, B, 11)
    assert how == ""
    block = BlockContext(CHAIN, 9, bench.time_ms)
    ledger = WriteView(bench.state.draft(), block, bench.registry)
    waits = require_queued(ledger, held)
    with pytest.raises(Refusal) as refused:
        settle_together(
            ledger, Journal(ledger, "test"), require_queue(ledger, "rtgs"), [waits], "entry"
        )
    assert refused.value.code is code
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, refused.value.values, language)


def test_a_row_that_breaks_a_law_is_noticed() -> None:
    bench = with_queue()
    held = _waiting(bench, paired=True)
    found = bench.view.get(QUEUED, held)
    assert found is not None
    assert bench.broken_by("central", (QUEUED, (held,), None))
    assert bench.broken_by("central", (ORDER, ("rtgs", 5, found.order, held), None))
    assert bench.broken_by("central", (COUNTERS, ("rtgs",), Counters(waiting=7)))
    assert bench.broken_by("central", (PAIRS, ("rtgs", "deal"), ()))
    assert bench.broken_by("central", (POSITIONS, ("rtgs", A, "CNY", ""), Position(1, 11, 10)))
    batch = _approved(bench)
    there = bench.view.get(BATCHES, batch)
    assert there is not None
    forged = there.instructions[0].__class__(there.instructions[0].step, A, B, True, False, 5)
    changed = there.__class__(batch, "bank-a", (forged,), there.deadline_at_ms)
    assert bench.broken_by("central", (BATCHES, (batch,), changed))


def test_every_kind_is_drawn_the_same_for_the_same_seed_and_most_draws_are_done() -> None:
    assert set(GENERATORS) == {kind.__struct_config__.tag for kind in MODULE.transactions}
    drawn = two_currencies().draw(GENERATORS, rounds=30, seed=11)
    assert drawn.meant > 100
    assert drawn.done > drawn.meant // 2
