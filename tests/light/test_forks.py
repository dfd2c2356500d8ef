"""Two histories that validators signed: found, not trusted, and kept as evidence."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.light.forms import report
from tests.light.nodes import Shows, genesis_store
from tests.light.test_client import CHAIN, LONG, client_of, refused, without_signatures

from tongbao.kernel.codes import refuse
from tongbao.sdk.light import Evidence, LightCode, Options, Reported
from tongbao.simulator.headers import HeaderChain, constant
from tongbao.words import sentence

pytestmark = pytest.mark.usefixtures("form")


@pytest.mark.parametrize("at", [7, 25, LONG])
@pytest.mark.parametrize("sequential", [False, True])
def test_two_signed_histories_are_an_attack_and_its_evidence_is_kept(
    tmp_path: Path, at: int, sequential: bool
) -> None:
    fork = CHAIN.fork(at)
    first, second = Shows(CHAIN, LONG, "first"), Shows(fork, LONG, "second")
    client = client_of(first, second, folder=tmp_path, options=Options(sequential=sequential))
    why = refused(client, LONG)
    assert why.code is LightCode.ATTACK
    assert client.store.newest.height == 0  # nothing of it is trusted
    file = Path(str(why.values["file"]))
    assert str(file) in str(why)
    evidence = Evidence.decode(file.read_bytes())
    assert evidence.holds()
    assert evidence.common.height < at <= evidence.first.block.height
    assert (evidence.first.node, evidence.second.node) == ("first", "second")
    members = {one.public for one in CHAIN.schedule(evidence.first.block.height)}
    assert {one.public for one in evidence.accused} == members
    assert evidence.follow()[0]
    blamed = msgspec.structs.replace(evidence, accused=())
    assert blamed.guilty() == evidence.accused
    for language in ("en", "zh"):
        assert "second" in sentence(why.code.template, why.values, language)


def test_only_who_signed_both_blocks_is_accused(tmp_path: Path) -> None:
    chain = HeaderChain(constant(7))
    members = chain.schedule(1)
    first = chain.make(9, chain.block(8), signers=members[:5])
    second = chain.make(9, chain.block(8), signers=members[2:], salt=b"other")
    client = client_of(
        Shows(chain, 9, "a", {9: first}), Shows(chain, 9, "b", {9: second}), folder=tmp_path, at=9
    )
    assert refused(client, 9).code is LightCode.ATTACK
    [file] = tmp_path.iterdir()
    accused = {one.public for one in Evidence.decode(file.read_bytes()).accused}
    assert accused == {one.public for one in members[2:5]}


def test_another_block_than_the_trusted_one_is_an_attack_too(tmp_path: Path) -> None:
    chain = HeaderChain(constant(4))
    store = genesis_store(chain)
    client_of(Shows(chain, 9), store=store, at=9).verify_to(9)
    fork = Shows(chain.fork(9), 9, "late")
    assert refused(client_of(fork, store=store, folder=tmp_path, at=9)).code is LightCode.ATTACK
    unsigned = Shows(chain, 9, "liar", {9: without_signatures(chain, 9, 1)})
    assert refused(client_of(unsigned, store=store, at=9)).code is LightCode.INVALID


def test_evidence_with_anything_changed_does_not_hold(tmp_path: Path) -> None:
    first, second = Shows(CHAIN, LONG, "a"), Shows(CHAIN.fork(LONG), LONG, "b")
    refused(client_of(first, second, folder=tmp_path))
    [file] = tmp_path.iterdir()
    evidence = Evidence.decode(file.read_bytes())
    same = msgspec.structs.replace(evidence, second=evidence.first)
    assert not same.holds()
    unsigned = msgspec.structs.replace(evidence.second, block=without_signatures(CHAIN, LONG, 1))
    assert not msgspec.structs.replace(evidence, second=unsigned).holds()
    for spoiled in (b"{}", b"[" * 100_000, file.read_bytes().replace(b"attack/1", b"attack/2")):
        with pytest.raises((ValueError, RecursionError)):
            Evidence.decode(spoiled)


@pytest.mark.parametrize("at", [7, 25, LONG])
def test_evidence_goes_to_every_node_and_each_judges_by_its_own_chain(
    tmp_path: Path, at: int
) -> None:
    first, second = Shows(CHAIN, LONG, "first"), Shows(CHAIN.fork(at), LONG, "second")
    third = Shows(CHAIN, LONG, "third")
    why = refused(client_of(first, second, third, folder=tmp_path), LONG)
    assert (why.values["taken"], why.values["asked"]) == (3, 3)
    assert why.values["taken_by"] == ("first", "second", "third")
    assert first.reported == third.reported == second.reported
    assert len(first.reported) == len(list(tmp_path.iterdir()))
    # Who took it as evidence against `second` found a block that follows in one step.
    against = [one for one in first.reported if one.follow()[1]]
    assert against and against[0].second.block != CHAIN.block(against[0].second.block.height)


def test_a_node_without_an_ear_and_one_that_refuses_are_counted_as_such(tmp_path: Path) -> None:
    class Deaf(Shows):
        report = None  # type: ignore[assignment]

    class Busy(Shows):
        def report(self, evidence: Evidence) -> tuple[Reported, ...]:
            refuse(LightCode.NOT_TAKEN_YET, node=self.name, height=evidence.first.block.height)

    first, second = Busy(CHAIN, LONG, "busy"), Shows(CHAIN.fork(LONG), LONG, "second")
    why = refused(client_of(first, second, Deaf(CHAIN, LONG, "deaf"), folder=tmp_path), LONG)
    assert (why.values["taken_by"], why.values["asked"]) == (("second",), 2)
    [objection] = why.values["refused_by"]  # type: ignore[misc]
    assert "busy" in objection and "next block" in objection


def test_evidence_is_kept_and_not_handed_in_where_that_is_not_wanted(tmp_path: Path) -> None:
    first, second = Shows(CHAIN, LONG, "first"), Shows(CHAIN.fork(LONG), LONG, "second")
    options = Options(report=False)
    why = refused(client_of(first, second, folder=tmp_path, options=options), LONG)
    assert (why.values["asked"], first.reported, second.reported) == (0, [], [])
    evidence = Evidence.decode(Path(str(why.values["file"])).read_bytes())
    outcome = report([evidence], [first])
    assert (outcome.taken, outcome.refused) == (("first",), {})
    assert outcome.reports[0].block == CHAIN.fork(LONG).block(LONG).hash().hex()
