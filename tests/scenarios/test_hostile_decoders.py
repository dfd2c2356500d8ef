"""Fuzz: whatever bytes arrive, decoders answer with a value or a Refusal, never with a crash."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import found, read_genesis
from tongbao.kernel.pipeline import open_envelope
from tongbao.kernel.proving import verify
from tongbao.kernel.receipts import Receipt, verify_receipt
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import USUAL_SUITES, signed_bytes
from tongbao.node.application import Application
from tongbao.node.composer import commit, compose
from tongbao.simulator.founding import CHAIN, START_MS, VALIDATOR
from tongbao.simulator.load import PAYER, paying_genesis, payment
from tongbao.simulator.modules import MODULES
from tongbao.simulator.sealing import Sealed, SimKey, sealed_bytes
from tongbao.words import sentence

FUZZ = settings(deadline=None, max_examples=200)
REGISTRY = Registry(MODULES, suites=USUAL_SUITES)
BODY_FIELDS = ("chain", "party", "reference", "expires_at_ms", "actions", "memo")
TAGS = sorted(REGISTRY.transactions)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**140)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "*", "CNY", PAYER, f"{PAYER}/main", "a/b", ":", "\0", "AAAA"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def dumps(value: Any) -> bytes:
    """JSON as msgspec writes it; what it cannot write (lone surrogates) is another case."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError):
        return b'"?"'


def open_quietly(raw: bytes) -> None:
    """Open and verify; only a Refusal may stop it."""
    try:
        verify([open_envelope(raw, REGISTRY, CHAIN)], REGISTRY)
    except Refusal as refusal:
        assert str(refusal)
        assert sentence(refusal.code.template, refusal.values, "zh")


@given(st.binary(max_size=2_000) | JSON.map(dumps))
@FUZZ
def test_any_bytes_and_any_json_as_an_envelope(raw: bytes) -> None:
    open_quietly(raw)


@given(
    body=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("chain", "party", "reference", "expires_at_ms", "actions", "memo"), JSON
        ),
    ),
    signatures=JSON,
)
@FUZZ
def test_any_values_in_the_fields_of_an_envelope(body: Any, signatures: Any) -> None:
    open_quietly(dumps({"body": body, "signatures": signatures}))


@st.composite
def actions(draw: st.DrawFn) -> dict[str, Any]:
    """An action of a real kind whose fields hold anything, mostly of the right type."""
    kind = REGISTRY.transactions[draw(st.sampled_from(TAGS))]
    chosen: dict[str, Any] = {"type": kind.__struct_config__.tag}
    for field in msgspec.structs.fields(kind):
        right = st.from_type(field.type) if field.type in (str, int, bool) else JSON
        if draw(st.booleans()) or field.required:
            chosen[field.encode_name] = draw(st.one_of(right, right, right, JSON))
    return chosen


@given(st.lists(actions(), min_size=1, max_size=3))
@settings(deadline=None, max_examples=400)
def test_well_signed_actions_with_any_values(fields: list[dict[str, Any]]) -> None:
    """They reach `check`, where each kind of action judges its own shape."""
    raw = dumps(
        {
            "chain": CHAIN, "party": PAYER, "reference": "fuzz",
            "expires_at_ms": START_MS + 60_000, "actions": fields,
        }
    )  # fmt: skip
    try:
        body = REGISTRY.body_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        open_quietly(sealed_bytes(raw, ()))
        return
    sealed = Sealed(body, (SimKey(PAYER, 0),))
    open_quietly(sealed.envelope())
    ledger = Application(_core.State.open(None), paying_genesis(), REGISTRY, strict=True)
    ledger.simulate(body)


@pytest.fixture(scope="module")
def receipt() -> tuple[Receipt, Application]:
    """A good receipt and its ledger."""
    app = Application(_core.State.open(None), paying_genesis(), REGISTRY, strict=True)
    raws = [payment(f"r{n}", START_MS) for n in range(3)]
    composed = compose(app, START_MS + 1, app.prepare(raws), VALIDATOR)  # type: ignore[arg-type]
    commit(app, composed)
    made = app.receipt(composed.records[0].height, 1)
    assert made is not None
    return made, app


@given(st.data())
@FUZZ
def test_any_values_in_the_fields_of_a_receipt(
    receipt: tuple[Receipt, Application], data: st.DataObject
) -> None:
    good, app = receipt
    plain = msgspec.json.decode(good.encode())
    for name in data.draw(st.lists(st.sampled_from(sorted(plain)), min_size=1, max_size=2)):
        plain[name] = data.draw(JSON)
    try:
        read = Receipt.decode(dumps(plain))
        verify_receipt(read, app.genesis.trust())
    except Refusal as refusal:
        assert str(refusal)
        return
    assert read == good


@given(st.binary(max_size=500) | JSON.map(dumps))
@FUZZ
def test_any_bytes_and_any_json_as_a_receipt(raw: bytes) -> None:
    with pytest.raises(Refusal):
        Receipt.decode(raw)


@given(st.data())
@FUZZ
def test_any_values_in_the_fields_of_a_genesis(data: st.DataObject) -> None:
    plain = msgspec.json.decode(paying_genesis().encode())
    for name in data.draw(st.lists(st.sampled_from(sorted(plain)), min_size=1, max_size=2)):
        plain[name] = data.draw(JSON)
    try:
        genesis = read_genesis(dumps(plain))
        found(_core.State.open(None).draft(), genesis, REGISTRY)
    except Refusal as refusal:
        assert str(refusal)


@given(st.binary(max_size=300) | JSON.map(dumps))
@FUZZ
def test_any_bytes_and_any_json_as_a_genesis(raw: bytes) -> None:
    with pytest.raises(Refusal):
        read_genesis(raw)


@given(st.binary(max_size=200))
def test_what_is_signed_begins_with_the_protocol_and_ends_with_the_body(body: bytes) -> None:
    assert signed_bytes(body) == b"tongbao/transaction/1\n" + body
