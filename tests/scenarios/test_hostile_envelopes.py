"""Every hostile envelope of the simulator's table is answered by its code, and changes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tongbao import _core
from tongbao.kernel.codes import OK, KernelCode, Refusal
from tongbao.kernel.pipeline import Executed
from tongbao.kernel.registry import Registry
from tongbao.node.application import Application
from tongbao.node.composer import commit, compose
from tongbao.simulator.founding import CHAIN, START_MS, VALIDATOR
from tongbao.simulator.hostile import MUTATIONS, Surroundings
from tongbao.simulator.load import PAYER, pay, paying_genesis
from tongbao.simulator.modules import MODULES
from tongbao.simulator.sealing import Sealed, SimKey, seal

NOW_MS = START_MS + 60_000
TRIES = 25


def payment(reference: str, amount: int = 1) -> Sealed:
    """A good payment of the payer."""
    keys = (SimKey(PAYER, 0),)
    return seal(CHAIN, PAYER, reference, NOW_MS + 50_000, (pay(amount),), keys, memo="memo")


class Ledger:
    """One ledger to which envelopes are offered in blocks of one."""

    def __init__(self) -> None:
        genesis = paying_genesis()
        self.app = Application(_core.State.open(None), genesis, Registry(MODULES), strict=True)
        self.sent: list[tuple[str, str, bytes]] = []
        good = payment("first")
        assert self.offer(good.envelope()).outcome.code == OK
        self.sent.append((PAYER, "first", good.envelope()))

    def offer(self, raw: bytes) -> Executed | Refusal:
        """What becomes of an envelope in the next block."""
        (opened,) = self.app.prepare([raw])
        if isinstance(opened, Refusal):
            return opened
        composed = compose(self.app, NOW_MS, [opened], VALIDATOR)
        if composed.records:
            commit(self.app, composed)
        return composed.executed[0]

    @property
    def around(self) -> Surroundings:
        """What a spoiler may know."""
        return Surroundings(self.app.tip.time_ms + 1, self.sent)


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    """One ledger for all of the table: whatever is thrown at it, it goes on."""
    made = Ledger()
    yield made
    assert made.offer(payment("last").envelope()).outcome.code == OK


def code_of(answer: Executed | Refusal) -> int:
    return int(answer.code) if isinstance(answer, Refusal) else answer.outcome.code


@pytest.mark.parametrize("name", [n for n, m in MUTATIONS.items() if not m.may_stand])
def test_a_hostile_envelope_gets_its_code_and_changes_nothing(ledger: Ledger, name: str) -> None:
    """Whatever it spoils, state and height stay, and the name stays free."""
    mutation = MUTATIONS[name]
    tried = 0
    for seed in range(TRIES):
        good = payment(f"{name}-{seed}")
        before = (ledger.app.tip, ledger.app.state.root())
        raw = mutation.spoil(random.Random(seed), good, ledger.around)
        if raw is None:
            continue
        tried += 1
        code = code_of(ledger.offer(raw))
        assert code != OK, raw[:300]
        assert not mutation.codes or code in mutation.codes, (code, raw[:300])
        assert (ledger.app.tip, ledger.app.state.root()) == before
    assert tried
    assert code_of(ledger.offer(payment(f"{name}-0").envelope())) == OK


def test_other_bytes_under_a_used_name_are_refused(ledger: Ledger) -> None:
    assert code_of(ledger.offer(payment("first", amount=2).envelope())) == KernelCode.NAME_USED
    assert code_of(ledger.offer(payment("first").envelope())) == KernelCode.ALREADY_RECORDED


def test_every_code_of_the_stateless_ladder_is_in_the_table() -> None:
    answered = {code for mutation in MUTATIONS.values() for code in mutation.codes}
    assert set(KernelCode) - answered == {
        KernelCode.NAME_USED,
        KernelCode.APPROVAL_MISSING,
        KernelCode.INTERNAL,
        KernelCode.AMOUNT_RANGE,
        KernelCode.QUEUE_FULL,
        KernelCode.GIVEN_UP,
        KernelCode.NODE_STOPPING,
        KernelCode.CLOCK_NOT_TRUSTED,
        KernelCode.NESTED_TOO_DEEP,
    }
