"""What strangers and single keys may cost before their signatures hold, and whose turn it is."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.node.conftest import Ledger

from tongbao import _core
from tongbao.kernel.codes import OK, KernelCode, Refusal
from tongbao.kernel.identity import Key
from tongbao.kernel.signing import SUITES, signed_bytes
from tongbao.kernel.transaction import Signature
from tongbao.modules.parties import AddKey
from tongbao.modules.payments import Transfer
from tongbao.node import submissions
from tongbao.node.answers import Answer, Status, rejected
from tongbao.node.clock import utc_ms
from tongbao.node.submissions import Bounds, SubmissionQueue, Turns
from tongbao.scenarios import consortium
from tongbao.sdk.build import build, seal

WAIT = 20
ANSWER = rejected(Refusal(KernelCode.EXPIRED, {}))


def pay(amount: int = 1) -> Transfer:
    return Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount)


def body(reference: str, *actions: object, party: str = "hengtong") -> bytes:
    return build(
        consortium.CHAIN,
        party,
        reference,
        actions or (pay(),),
        utc_ms() + 3_600_000,  # type: ignore[arg-type]
    )


def by_strangers(count: int = 32) -> bytes:
    """A payment of hengtong's under wrong signatures by keys that nobody has registered."""
    keys = [Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(count)]
    return seal(
        body(f"x-{os.urandom(6).hex()}"),
        [Signature("ed25519", key, os.urandom(32) + bytes(32)) for key in keys],
    )


def by_known_keys() -> bytes:
    """The same under the party's own keys, which everybody can read, without right signatures."""
    keys = [consortium.key_of("hengtong", label) for label in ("maker", "checker")]
    return seal(
        body(f"y-{os.urandom(6).hex()}"),
        [
            Signature("ed25519", key.public_key().public_bytes_raw(), os.urandom(32) + bytes(32))
            for key in keys
        ],
    )


class Counted:
    """How many signatures were verified."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        suite = SUITES["ed25519"]

        def verify(items: list[tuple[bytes, bytes, bytes]]) -> list[bool]:
            self.count += len(items)
            return _core.ed25519_verify_batch(items)

        monkeypatch.setitem(SUITES, "ed25519", suite._replace(verify_batch=verify))


def test_an_envelope_by_keys_that_nobody_registered_costs_no_verification(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    answer = ledger.submit(by_strangers())
    assert (answer.status, answer.outcome.code) == (Status.REJECTED, KernelCode.UNKNOWN_KEY)
    assert counted.count == 0


def test_a_batch_of_wrong_signatures_is_given_up_after_a_few(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    many = [by_known_keys() for _ in range(submissions.TURN_ENVELOPES + 100)]
    refused = ledger.engine.submit(many + [by_known_keys()] * 1_000).result(WAIT)
    codes = [answer.outcome.code for answer in refused]
    assert (
        codes[: submissions.MAX_UNPROVEN] == [KernelCode.BAD_SIGNATURE] * submissions.MAX_UNPROVEN
    )
    assert set(codes[submissions.MAX_UNPROVEN :]) == {KernelCode.GIVEN_UP}
    assert counted.count <= submissions.ALONE_ENVELOPES, "one each, and none after the first turn"


def test_one_wrong_signature_of_thirty_two_costs_one_verification(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [consortium.key_of("hengtong", label) for label in ("maker", "checker")]
    signatures = [
        Signature("ed25519", key.public_key().public_bytes_raw(), os.urandom(32) + bytes(32))
        for key in keys
    ]
    many = [seal(body(f"z-{n}"), signatures) for n in range(20)]
    counted = Counted(monkeypatch)
    ledger.engine.submit(many).result(WAIT)
    assert counted.count == len(many)


def test_an_honest_payment_settles_while_large_submissions_of_strangers_wait(
    ledger: Ledger,
) -> None:
    rubbish = [by_strangers(2)] * 5_000
    flood = [ledger.engine.submit(rubbish, "stranger") for _ in range(8)]
    before = ledger.posted("mingda/main")
    answer = ledger.submit(ledger.envelope("hengtong", pay(5)))
    assert answer.outcome.code == OK and ledger.posted("mingda/main") == before + 5
    for one in flood:
        assert {answer.status for answer in one.result(WAIT)} == {Status.REJECTED}
    assert ledger.engine.waiting == 0


def test_a_client_has_its_own_share_of_the_queue_and_no_more(ledger: Ledger) -> None:
    ledger.engine._submissions.bounds = Bounds(client_waiting=3)
    with pytest.raises(Refusal) as refused:
        ledger.engine.submit([b"{}"] * 4, "10.0.0.1")
    assert refused.value.code is KernelCode.QUEUE_FULL
    assert len(ledger.engine.submit([b"{}"] * 3, "10.0.0.2").result(WAIT)) == 3
    assert len(ledger.engine.submit([b"{}"] * 3, "10.0.0.1").result(WAIT)) == 3


def test_a_key_that_a_submission_registers_signs_what_follows_in_it(ledger: Ledger) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    register = ledger.envelope("hengtong", AddKey("hengtong", Key("ed25519", public, label="new")))
    raw = body("by-the-new-key")
    checker = consortium.key_of("hengtong", "checker")
    follows = seal(
        raw,
        [
            Signature("ed25519", public, private.sign(signed_bytes(raw))),
            Signature(
                "ed25519", checker.public_key().public_bytes_raw(), checker.sign(signed_bytes(raw))
            ),
        ],
    )
    answers: list[Answer] = ledger.engine.submit([register, follows]).result(WAIT)
    assert [answer.outcome.code for answer in answers] == [OK, OK]
    assert answers[1].height > answers[0].height


def test_everybody_has_a_turn_before_anybody_has_two() -> None:
    turns: Turns[str] = Turns()
    for key, one in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")):
        turns.put(key, one)
    assert [turns.take() for _ in range(5)] == ["a1", "b1", "c1", "a2", "a3"]


def test_a_small_submission_does_not_wait_for_the_large_ones_before_it() -> None:
    waiting = SubmissionQueue()
    for client in ("x", "y"):
        waiting.submit([b"e"] * 10_000, client)
    waiting.submit([b"honest"], "z")
    turn = waiting.take()
    assert turn[0][0].envelopes == [b"honest"]
    assert len(turn) <= submissions.TURN_ENVELOPES + 1
    waiting.finish()
    assert len(waiting) == 2


def test_what_was_answered_makes_room_for_its_client() -> None:
    waiting = SubmissionQueue()
    answers = waiting.submit([b"12345"] * 3, "x")
    for group, place in waiting.take():
        waiting.answer(group, place, ANSWER)
    assert answers.result(timeout=0) == [ANSWER] * 3
    assert (waiting.waiting, waiting.waiting_bytes, waiting._clients) == (0, 0, {})


def test_a_closed_queue_refuses_and_one_that_failed_tells_whoever_waits() -> None:
    waiting = SubmissionQueue()
    looked_at, untouched = waiting.submit([b"a", b"b"], "x"), waiting.submit([b"c"], "y")
    (first, place), *_ = waiting.take()
    waiting.answer(first, place, ANSWER)
    waiting.close()
    with pytest.raises(Refusal) as refused:
        waiting.submit([b"d"])
    assert refused.value.code is KernelCode.NODE_STOPPING
    waiting.fail(RuntimeError("the disk is full"))
    for future in (looked_at, untouched):
        if not future.done() or future.exception(timeout=0):
            assert "disk is full" in str(future.exception(timeout=0))
    waiting.finish()
    assert waiting.empty


def test_stopping_answers_what_waits_for_a_block(ledger: Ledger) -> None:
    good = ledger.envelope("hengtong", pay(3))
    future = ledger.engine.submit([good, by_strangers(2), ledger.envelope("hengtong", pay(4))])
    ledger.engine.stop()
    codes = [answer.outcome.code for answer in future.result(timeout=0)]
    assert codes == [OK, KernelCode.UNKNOWN_KEY, OK]
