"""The envelope: one spelling, read whole or refused by a code."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.text import is_plain
from tongbao.kernel.transaction import MAX_ENVELOPE_BYTES, Body, Envelope

SAME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def test_a_good_envelope_opens_and_knows_its_two_digests(bench: Any) -> None:
    raw = bench.seal(bench.body())
    opened = bench.open(raw)
    assert opened.digest == hashlib.sha256(raw).digest()
    body = msgspec.json.encode(opened.body)
    assert opened.body_digest == hashlib.sha256(body).digest()
    assert opened.approvals == {"A": (bench.a.id,)}


def test_more_signatures_change_the_envelope_but_not_the_transaction(bench: Any) -> None:
    body = bench.body()
    one = bench.open(bench.seal(body))
    two = bench.open(bench.seal(body, bench.a, bench.b))
    assert one.body_digest == two.body_digest
    assert one.digest != two.digest
    assert two.approvals == {"A": (bench.a.id,), "B": (bench.b.id,)}


def test_a_greatest_envelope_is_read_and_one_byte_more_is_not(bench: Any) -> None:
    raw = bench.seal(bench.body(bench.Note("A", "n", "")))
    room = MAX_ENVELOPE_BYTES - len(raw) - len(',"text":""')
    full = bench.seal(bench.body(bench.Note("A", "n", "x" * room)))
    assert len(full) == MAX_ENVELOPE_BYTES
    bench.open(full)
    assert bench.refusal(full + b" ").code is KernelCode.TOO_LARGE


@given(name=st.text(max_size=80), memo=st.text(max_size=300))
@SAME
def test_names_and_memos_are_taken_or_refused_by_their_rule(
    bench: Any, name: str, memo: str
) -> None:
    try:
        body = bench.body(reference=name, memo=memo)
        raw = bench.seal(body)
    except UnicodeEncodeError:
        return
    good = 0 < len(name) <= 64 and is_plain(name) and name == name.strip() and ":" not in name
    if good and len(memo) <= 280 and "\0" in memo:
        assert bench.refusal(raw).code is KernelCode.MALFORMED
    elif good and len(memo) <= 280:
        assert bench.open(raw).body == body
    else:
        assert bench.refusal(raw).code is KernelCode.BAD_NAME


@given(
    text=st.text(st.characters(codec="utf-8"), max_size=40),
    expires=st.integers(-(2**63), 2**63 - 1),
)
@SAME
def test_what_is_decoded_encodes_to_the_same_bytes(bench: Any, text: str, expires: int) -> None:
    raw = msgspec.json.encode(bench.body(bench.Note("A", text, text), expires_at_ms=expires))
    again: Body[Any] = bench.registry.body_decoder.decode(raw)
    assert msgspec.json.encode(again) == raw


SPELLINGS = {
    "a blank": lambda raw: raw.replace(b",", b", ", 1),
    "a line break at the end": lambda raw: raw[:-1] + b"\n}",
    "an escaped letter": lambda raw: raw.replace(b'"A"', b'"\\u0041"', 1),
    "an escaped slash": lambda raw: raw.replace(b"a/b", b"a\\/b", 1),
    "a default written out": lambda raw: raw[:-1] + b',"memo":""}',
    "a field twice": lambda raw: raw[:-1] + b',"party":"A"}',
    "another order": lambda raw: msgspec.json.encode(
        dict(reversed(msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()))
    ),
    "the kind of action last": lambda raw: raw.replace(
        b'{"type":"toy.note","party":"A","name":"a/b"}',
        b'{"party":"A","name":"a/b","type":"toy.note"}',
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_of_the_body_is_refused_though_it_is_signed(
    bench: Any, spelling: str
) -> None:
    raw = msgspec.json.encode(bench.body(bench.Note("A", "a/b")))
    spelled = SPELLINGS[spelling](raw)
    assert spelled != raw
    assert msgspec.json.decode(spelled) in (msgspec.json.decode(raw), {
        **msgspec.json.decode(raw), "memo": ""
    })  # fmt: skip
    refusal = bench.refusal(bench.seal_raw(spelled, "A"))
    assert refusal.code is KernelCode.NOT_CANONICAL
    assert refusal.values == {"part": "body"}


def test_another_spelling_of_the_envelope_is_refused(bench: Any) -> None:
    raw = bench.seal(bench.body())
    for spelled in (raw + b"\n", b" " + raw, raw.replace(b'"signatures":', b'"signatures": ')):
        refusal = bench.refusal(spelled)
        assert refusal.code is KernelCode.NOT_CANONICAL
        assert refusal.values == {"part": "envelope"}


def test_base64_with_stray_bits_or_without_padding_is_refused(bench: Any) -> None:
    raw = bench.seal(bench.body())
    signature = msgspec.json.decode(raw, type=Envelope).signatures[0].signature
    text = msgspec.json.encode(signature).strip(b'"')
    assert text.endswith(b"==")
    stray = text[:-3] + bytes([text[-3] + 1]) + b"=="
    for other in (stray, text[:-2], text[:-1]):
        assert bench.refusal(raw.replace(text, other)).code in (
            KernelCode.NOT_CANONICAL,
            KernelCode.MALFORMED,
        )


@given(st.binary(max_size=400))
@SAME
def test_noise_is_malformed(bench: Any, noise: bytes) -> None:
    assert bench.refusal(noise).code in (KernelCode.MALFORMED, KernelCode.NOT_CANONICAL)


@given(st.data())
@SAME
def test_a_changed_byte_never_opens_as_something_else(bench: Any, data: st.DataObject) -> None:
    raw = bytearray(bench.seal(bench.body(bench.Note("A", "a", "text"), memo="memo")))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    with pytest.raises(Refusal):
        bench.open(bytes(raw))


def test_verify_answers_each_envelope_of_a_batch_by_itself(bench: Any) -> None:
    from tongbao.kernel.pipeline import open_envelope
    from tongbao.kernel.proving import verify

    good = bench.seal(bench.body())
    bad = bench.seal_raw(msgspec.json.encode(bench.body()), "A", bench.a)
    spoiled = bench.seal(bench.body(memo="m"))
    stolen = msgspec.json.decode(good, type=Envelope).signatures
    mixed = msgspec.json.encode(Envelope(msgspec.json.decode(spoiled, type=Envelope).body, stolen))
    opened = [open_envelope(raw, bench.registry, bench.chain) for raw in (good, mixed, bad)]
    verdicts = verify(opened, bench.registry)
    assert [None if v is None else v.code for v in verdicts] == [
        None,
        KernelCode.BAD_SIGNATURE,
        None,
    ]
    assert opened[1].approvals == {}


def test_a_nul_in_any_text_is_refused_before_it_reaches_a_key(bench: Any) -> None:
    for action in (bench.Note("A", "n", "a\0b"), bench.Note("A", "\0")):
        refusal = bench.refusal(bench.seal(bench.body(action)))
        assert refusal.code is KernelCode.MALFORMED
        assert refusal.values["reason"] == "a text holds a NUL character"
