"""What is kept of keys and approvals changes nothing: blocks fare as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.conftest import TOY, Bench, Note, ToyCode, ToyKey

from tongbao import _core
from tongbao.kernel.blocks import apply_block
from tongbao.kernel.codes import refuse
from tongbao.kernel.identity import KEYS, POLICIES, SUSPENDED, Key, Policy, VerifiedCache
from tongbao.kernel.names import CURSOR_KEY
from tongbao.kernel.pipeline import execute, perform
from tongbao.kernel.registry import Module, Registry
from tongbao.kernel.signing import USUAL_SUITES
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView


@transaction(code=0x7101, scope="toy")
class Rule(Transaction, tag="rules.rule"):
    """Write one row of those on which it rests who may act; nobody has to approve it."""

    kind: str
    party: str
    on: bool
    fails: bool = False

    def signers(self, view: ReadView) -> tuple[Any, ...]:
        return ()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        key = ToyKey(self.party)
        if self.kind == "key":
            revoked = 0 if self.on else 1
            row = Key("ed25519", key.public, revoked_at_ms=revoked)
            ledger.put(KEYS, self.party, key.id, value=row)
        elif self.kind == "gone":
            ledger.delete(KEYS, self.party, key.id)
        elif self.kind == "policy":
            ledger.put(POLICIES, self.party, "toy", value=Policy(1 if self.on else 2))
        elif self.on:
            ledger.delete(SUSPENDED, self.party)
        else:
            ledger.put(SUSPENDED, self.party, value="a reason")
        # Asked after the row was written, and then perhaps undone with it.
        yield from perform(ledger, (Note(self.party, "inner"),), ledger.approvals)
        if self.fails:
            refuse(ToyCode.APPLICATION)


RULES = Module(name="rules", number=0x71, transactions=(Rule,))
PARTIES = st.sampled_from(["A", "B"])
ACTIONS = st.one_of(
    st.builds(Note, PARTIES, st.just("n"), fault=st.sampled_from(["", "", "admit", "apply"])),
    st.builds(
        Rule, st.sampled_from(["key", "gone", "policy", "suspension"]), PARTIES, st.booleans(),
        st.booleans(),
    ),
)  # fmt: skip
ENVELOPES = st.tuples(
    st.lists(ACTIONS, min_size=1, max_size=3), PARTIES, st.sampled_from(["own", "both"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ENVELOPES, max_size=12), st.booleans())
def test_a_block_fares_as_its_transactions_one_by_one(
    drawn: list[tuple[list[Transaction], str, str]], composing: bool
) -> None:
    bench = Bench()
    bench.registry = Registry([TOY, RULES], suites=USUAL_SUITES)
    keys = {"A": bench.a, "B": bench.b}
    opened = []
    for number, (actions, party, who) in enumerate(drawn):
        body = bench.body(*actions, party=party, reference=f"r{number}")
        signers = list(keys.values()) if who == "both" else [keys[party]]
        opened.append(bench.open(bench.seal(body, *signers)))
    whole, single = (_copy(bench) for _ in range(2))
    block = bench.block
    applied = apply_block(whole, block, bench.registry, opened, composing=composing)
    place = 0
    for one, found in zip(opened, applied.executed, strict=True):
        expected = execute(single, block, bench.registry, one, place, composing=composing)
        assert found == expected
        place += expected.named or not composing
    assert [row for row in whole.writes() if row[0] != CURSOR_KEY] == single.writes()


def _copy(bench: Bench) -> _core.Draft:
    draft = _core.State.open(None).draft()
    for key, value in bench.draft.writes():
        assert value is not None
        draft.put(key, value)
    return draft


def test_nothing_is_remembered_from_a_write_to_the_end_of_its_transaction() -> None:
    known = VerifiedCache()
    known.add(("A", "toy", ("k",)))
    assert ("A", "toy", ("k",)) in known
    known.close()
    known.add(("A", "toy", ("k",)))
    assert ("A", "toy", ("k",)) not in known
    known.reopen()
    known.add(("A", "toy", ("k",)))
    assert ("A", "toy", ("k",)) in known
