"""The pipeline: the order in which rules are asked, what is named, and all or none."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.names import name_of
from tongbao.kernel.pipeline import InternalFault, simulate
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import MAX_EXPIRY_MS, Envelope, Signature

C = KernelCode
HOUR = 3_600_000


def wrong(bench: Any, *faults: str) -> bytes:
    """An envelope with every one of the named faults."""
    fields: dict[str, Any] = {}
    actions: tuple[Any, ...] = (bench.Note("A", "n", fault="check" if "shape" in faults else ""),)
    if "chain" in faults:
        fields["chain"] = "elsewhere"
    if "reference" in faults:
        fields["reference"] = "no:good"
    if "actions" in faults:
        actions = ()
    body = bench.body(**fields)
    raw = msgspec.json.encode(msgspec.structs.replace(body, actions=actions))
    if "spelling" in faults:
        raw = raw[:-1] + b" }"
    good = bench.a.signature(raw, "A")
    signatures = [good]
    if "signature" in faults:
        signatures = [msgspec.structs.replace(good, signature=b"\0" * 64)]
    if "suite" in faults:
        signatures = [msgspec.structs.replace(good, suite="sm2")]
    if "count" in faults:
        signatures = []
    sealed = msgspec.json.encode(Envelope(msgspec.Raw(raw), tuple(signatures)))
    return sealed + b"]" if "json" in faults else sealed


STATELESS = [
    ("json", C.MALFORMED),
    ("spelling", C.NOT_CANONICAL),
    ("chain", C.WRONG_CHAIN),
    ("reference", C.BAD_NAME),
    ("actions", C.ACTION_COUNT),
    ("count", C.SIGNATURE_COUNT),
    ("suite", C.UNKNOWN_SUITE),
    ("shape", 9001),
    ("signature", C.BAD_SIGNATURE),
]


@pytest.mark.parametrize("first", range(len(STATELESS)))
def test_of_many_faults_the_first_of_the_ladder_answers(bench: Any, first: int) -> None:
    faults = [name for name, _ in STATELESS[first:]]
    assert bench.refusal(wrong(bench, *faults)).code == STATELESS[first][1]


def test_without_a_fault_it_is_done(bench: Any) -> None:
    assert bench.run(wrong(bench)).outcome.code == 0


# ---- against the ledger --------------------------------------------------------------------------


@pytest.mark.parametrize("late_ms", [0, 1, HOUR])
def test_a_transaction_at_or_after_its_expiry_is_refused_and_its_name_stays_free(
    bench: Any, late_ms: int
) -> None:
    executed = bench.send(expires_at_ms=bench.block.time_ms - late_ms)
    assert (executed.outcome.code, executed.named) == (C.EXPIRED, False)
    assert bench.send().outcome.code == 0


def test_the_longest_expiry_is_taken_and_a_millisecond_more_is_not(bench: Any) -> None:
    longest = bench.block.time_ms + MAX_EXPIRY_MS
    executed = bench.send(expires_at_ms=longest + 1)
    assert (executed.outcome.code, executed.named) == (C.EXPIRES_TOO_LATE, False)
    assert bench.send(expires_at_ms=longest).outcome.code == 0


def test_who_names_must_sign(bench: Any) -> None:
    executed = bench.run(bench.seal(bench.body(), bench.b))
    assert (executed.outcome.code, executed.named) == (C.NAMER_NOT_SIGNED, False)


def test_a_key_that_the_party_does_not_have_is_refused(bench: Any) -> None:
    executed = bench.run(bench.seal(bench.body(), bench.Key("A", 7)))
    assert (executed.outcome.code, executed.named) == (C.UNKNOWN_KEY, False)


def test_a_stray_signature_of_another_party_spoils_the_whole(bench: Any) -> None:
    executed = bench.run(bench.seal(bench.body(), bench.a, bench.Key("B", 7)))
    assert (executed.outcome.code, executed.named) == (C.UNKNOWN_KEY, False)


def test_a_revoked_key_and_an_expired_key_are_told_apart(bench: Any) -> None:
    bench.put_key("A", bench.a, revoked_at_ms=1)
    assert bench.send().outcome.values["state"] == "revoked"
    bench.put_key("A", bench.a, expires_at_ms=bench.block.time_ms)
    executed = bench.send()
    assert executed.outcome.code == C.KEY_NOT_LIVE
    assert (executed.outcome.values["state"], executed.named) == ("expired", False)
    bench.put_key("A", bench.a, expires_at_ms=bench.block.time_ms + 1)
    assert bench.send().outcome.code == 0


def test_a_suspended_party_signs_nothing(bench: Any) -> None:
    bench.suspend("A")
    executed = bench.send()
    assert (executed.outcome.code, executed.named) == (C.PARTY_SUSPENDED, False)


def test_the_ladder_against_the_ledger_is_asked_in_its_order(bench: Any) -> None:
    raw = bench.seal(bench.body())
    assert bench.run(raw).outcome.code == 0
    assert bench.run(raw).outcome.code == C.ALREADY_RECORDED
    bench.put_key("A", bench.a, revoked_at_ms=1)
    assert bench.run(raw).outcome.code == C.KEY_NOT_LIVE
    bench.suspend("A")
    assert bench.run(raw).outcome.code == C.PARTY_SUSPENDED
    stranger = bench.seal(bench.body(), bench.b)
    assert bench.run(stranger).outcome.code == C.NAMER_NOT_SIGNED
    bench.at(bench.block.time_ms + 2 * HOUR)
    assert bench.run(raw).outcome.code == C.EXPIRED
    assert bench.run(stranger).outcome.code == C.EXPIRED


# ---- names ---------------------------------------------------------------------------------------


def test_other_bytes_under_a_used_name_are_refused(bench: Any) -> None:
    bench.send()
    executed = bench.send(memo="other")
    assert (executed.outcome.code, executed.named) == (C.NAME_USED, False)
    assert executed.outcome.values == {"party": "A", "reference": "r1", "height": 1}


def test_a_refused_transaction_uses_its_name_up_and_writes_nothing_else(bench: Any) -> None:
    executed = bench.send(bench.Note("A", "n"), bench.Note("A", "m", fault="apply"))
    assert (executed.outcome.code, executed.named) == (9003, True)
    assert executed.outcome.events == ()
    assert bench.view().get(bench.NOTES, "n") is None
    assert name_of(bench.view(), "A", "r1") is not None
    assert bench.send().outcome.code == C.NAME_USED


def test_the_same_reference_of_another_party_is_another_name(bench: Any) -> None:
    bench.send()
    body = bench.body(bench.Note("B", "n"), party="B")
    assert bench.run(bench.seal(body, bench.b)).outcome.code == 0


def test_the_same_body_with_more_signatures_is_the_same_transaction(bench: Any) -> None:
    bench.send()
    again = bench.seal(bench.body(), bench.a, bench.b)
    assert bench.run(again).outcome.code == C.ALREADY_RECORDED


# ---- approvals -----------------------------------------------------------------------------------


def test_a_missing_approval_leaves_the_name_free_for_the_same_body_with_more_signatures(
    bench: Any,
) -> None:
    second = bench.Key("A", 1)
    bench.put_key("A", second)
    bench.put_policy("A", "toy", keys=2, weight=2)
    executed = bench.send()
    assert (executed.outcome.code, executed.named) == (C.APPROVAL_MISSING, False)
    assert bench.run(bench.seal(bench.body(), bench.a, second)).outcome.code == 0


def test_the_approval_of_another_party_is_asked_where_an_action_needs_it(bench: Any) -> None:
    body = bench.body(bench.Note("B", "n"))
    assert bench.run(bench.seal(body)).outcome.code == C.APPROVAL_MISSING
    assert bench.run(bench.seal(body, bench.a, bench.b)).outcome.code == 0


def test_a_key_without_the_scope_does_not_count(bench: Any) -> None:
    bench.put_key("A", bench.a, scopes=("other",))
    assert bench.send().outcome.code == C.APPROVAL_MISSING
    bench.put_key("A", bench.a, scopes=("other", "toy"))
    assert bench.send().outcome.code == 0


def test_weight_counts_beside_the_number_of_keys(bench: Any) -> None:
    bench.put_policy("A", "toy", keys=1, weight=3)
    bench.put_key("A", bench.a, weight=2)
    assert bench.send().outcome.code == C.APPROVAL_MISSING
    bench.put_key("A", bench.a, weight=3)
    assert bench.send().outcome.code == 0


def test_the_policy_for_a_scope_goes_before_the_policy_for_all(bench: Any) -> None:
    bench.put_policy("A", "*", keys=2, weight=2)
    assert bench.send().outcome.code == C.APPROVAL_MISSING
    bench.put_policy("A", "toy", keys=1)
    assert bench.send().outcome.code == 0


# ---- all or none ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "code"), [("admit", 9002), ("apply", 9003), ("bug", 18)])
def test_whatever_phase_refuses_nothing_of_the_envelope_is_written(
    bench: Any, fault: str, code: int
) -> None:
    executed = bench.send(bench.Note("A", "one"), bench.Note("A", "two", fault=fault))
    assert (executed.outcome.code, executed.named) == (code, True)
    assert not bench.view().has(bench.NOTES, "one")
    assert not bench.view().has(bench.NOTES, "two")


def test_later_actions_see_what_earlier_ones_wrote(bench: Any) -> None:
    executed = bench.send(bench.Pay("A/1", "B/1", 100), bench.Pay("B/1", "A/1", 100))
    assert executed.outcome.code == 0
    assert bench.view().holding("A/1", "X").posted == 100
    assert bench.send(bench.Pay("B/1", "A/1", 1), reference="r2").outcome.code == 9003


def test_a_bug_halts_in_strict_mode_and_is_an_internal_refusal_in_production(bench: Any) -> None:
    raw = bench.seal(bench.body(bench.Note("A", "n", fault="bug")))
    with pytest.raises(InternalFault, match="ZeroDivisionError"):
        bench.run(raw, strict=True)
    executed = bench.run(raw)
    assert executed.encoded == b'{"code":18}'


def test_a_broken_law_writes_nothing(bench: Any) -> None:
    raw = bench.seal(bench.body(bench.Note("A", "n", "evil")))
    with pytest.raises(InternalFault, match=re.escape("no note is evil")):
        bench.run(raw, strict=True)
    assert bench.run(raw).outcome.code == C.INTERNAL
    assert not bench.view().has(bench.NOTES, "n")


@pytest.mark.parametrize(("levels", "code"), [(0, 0), (1, C.NESTED_TOO_DEEP), (40, 22)])
def test_actions_nest_once(bench: Any, levels: int, code: int) -> None:
    assert bench.send(bench.Nest("A", levels)).outcome.code == code


def test_simulate_says_what_would_happen_and_writes_nothing(bench: Any) -> None:
    body = bench.body(bench.Pay("A/1", "B/1", 60))
    for _ in range(2):
        outcome = simulate(bench.draft, bench.block, bench.registry, body)
        assert outcome.code == 0
        assert outcome.events == (bench.Noted("B/1"),)
    assert bench.view().holding("A/1", "X").posted == 100
    short = bench.body(bench.Note("B", "n"))
    assert simulate(bench.draft, bench.block, bench.registry, short, {}).code == C.APPROVAL_MISSING
    wrong_chain = bench.body(chain="elsewhere")
    assert simulate(bench.draft, bench.block, bench.registry, wrong_chain).code == C.WRONG_CHAIN


def test_what_is_signed_begins_with_the_words_of_this_protocol(bench: Any) -> None:
    raw = msgspec.json.encode(bench.body())
    assert signed_bytes(raw) == b"tongbao/transaction/1\n" + raw
    bare = Signature("ed25519", bench.a.public, bench.a.sign(raw))
    envelope = msgspec.json.encode(Envelope(msgspec.Raw(raw), (bare,)))
    with pytest.raises(Refusal) as caught:
        bench.open(envelope)
    assert caught.value.code is C.BAD_SIGNATURE
