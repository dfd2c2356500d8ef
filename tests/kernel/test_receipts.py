"""Receipts: trusted by the genesis alone, and by nothing if any one field is another."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.receipts import (
    MAX_RECEIPT_BYTES,
    Receipt,
    ReceiptCode,
    Trust,
    verify_receipt,
)
from tongbao.kernel.validators import Validator
from tongbao.node.application import Application
from tongbao.node.composer import commit, compose

SAME = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
TOTAL = 5


class Chain:
    """The toy chain with blocks of A's notes."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        state = _core.State.open(None)
        self.app = Application(state, bench.genesis, bench.registry, strict=True)
        self.trust = bench.genesis.trust()
        self.kept: Receipt | None = None

    def block(self, count: int, time_ms: int, prefix: str = "r") -> int:
        """A block of notes; its height."""
        raws = [
            self.bench.seal(
                self.bench.body(
                    self.bench.Note("A", f"{prefix}{n}", fault="apply" if n == 2 else ""),
                    reference=f"{prefix}{n}",
                    expires_at_ms=time_ms + 1000,
                )
            )
            for n in range(count)
        ]
        composed = compose(self.app, time_ms, self.app.prepare(raws), self.bench.validator)
        commit(self.app, composed)
        return composed.records[0].height


@pytest.fixture
def chain(bench: Any) -> Chain:
    """A fresh toy chain."""
    return Chain(bench)


def receipt_of(chain: Chain, position: int = 1, count: int = TOTAL) -> Receipt:
    height = chain.block(count, chain.app.tip.time_ms + 1_000, f"h{chain.app.tip.height}-")
    receipt = chain.app.receipt(height, position)
    assert receipt is not None
    return receipt


def code_of(receipt: Receipt, trust: Trust) -> ReceiptCode:
    with pytest.raises(Refusal) as caught:
        verify_receipt(receipt, trust)
    assert isinstance(caught.value.code, ReceiptCode)
    return caught.value.code


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_every_transaction_of_a_block_has_a_receipt_that_is_believed(
    chain: Chain, count: int
) -> None:
    height = chain.block(count, chain.app.tip.time_ms + 1_000, f"c{count}-")
    for position in range(count):
        receipt = chain.app.receipt(height, position)
        assert receipt is not None
        proven = verify_receipt(Receipt.decode(receipt.encode()), chain.trust)
        assert (proven.height, proven.position) == (height, position)
        assert proven.envelope["body"]["reference"] == f"c{count}-{position}"
        assert proven.outcome.get("code", 0) == (9003 if position == 2 else 0)
        assert proven.digest == chain.app.prepare([receipt.transaction.encode()])[0].digest


def test_there_is_no_receipt_for_a_place_that_does_not_exist(chain: Chain) -> None:
    receipt = receipt_of(chain)
    assert chain.app.receipt(receipt.height, TOTAL) is None
    assert chain.app.receipt(receipt.height, -1) is None
    assert chain.app.receipt(receipt.height + 50, 0) is None


def other(value: Any) -> list[Any]:
    """Wrong values in place of a right one."""
    if isinstance(value, int):
        return [value + 1, value - 1, -1, 2**31, 2**63 - 1, 2**64, -(2**63)]
    if isinstance(value, str):
        return [value + " ", value[:-1], "", value.replace("1", "2", 1), value[::-1]]
    if isinstance(value, bytes):
        flipped = [value[:n] + bytes([value[n] ^ 1]) + value[n + 1 :] for n in range(len(value))]
        return [*flipped, b"", value + b"\0", value[:-1], value[::-1]]
    assert isinstance(value, tuple)
    items = [(*value[:n], wrong, *value[n + 1 :]) for n in range(len(value))
             for wrong in other(value[n])]  # fmt: skip
    return [*items, (), (*value, *value[-1:])]


# Of a receipt without a path; paths are changed in test_light.py.
@pytest.mark.parametrize("field", [name for name in Receipt.__struct_fields__ if name != "path"])
@pytest.mark.parametrize("position", [0, 4])
def test_with_any_field_changed_a_receipt_is_refused(
    chain: Chain, field: str, position: int
) -> None:
    receipt = receipt_of(chain, position)
    right = getattr(receipt, field)
    tried = 0
    for wrong in other(right):
        if wrong == right:
            continue
        tried += 1
        spoiled = msgspec.structs.replace(receipt, **{field: wrong})
        with pytest.raises(Refusal):
            verify_receipt(Receipt.decode(spoiled.encode()), chain.trust)
    assert tried


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("chain", "other", ReceiptCode.OTHER_CHAIN),
        ("validators", ((b"x" * 32, 1),), ReceiptCode.NOT_SIGNED),
        ("next_commit", b"", ReceiptCode.NOT_SIGNED),
        ("next_header", b"", ReceiptCode.NOT_SIGNED),
        ("height", 77, ReceiptCode.NOT_LINKED),
        ("transaction", "{}", ReceiptCode.TRANSACTION_NOT_IN_BLOCK),
        ("transaction_path", (), ReceiptCode.TRANSACTION_NOT_IN_BLOCK),
        ("index", 3, ReceiptCode.TRANSACTION_NOT_IN_BLOCK),
        ("total", 6, ReceiptCode.RESULT_NOT_IN_BLOCK),
        ("result", '{"code":9}', ReceiptCode.RESULT_NOT_IN_BLOCK),
        ("result", "no json", ReceiptCode.UNREADABLE),
        ("result", '{"code":99999999999999999999999}', ReceiptCode.UNREADABLE),
        ("result", '{"x":' + "[" * 5_000 + "]" * 5_000 + "}", ReceiptCode.UNREADABLE),
        ("result_path", (), ReceiptCode.RESULT_NOT_IN_BLOCK),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_first_link_that_does_not_hold_is_named(
    chain: Chain, field: str, value: Any, code: ReceiptCode
) -> None:
    spoiled = msgspec.structs.replace(receipt_of(chain), **{field: value})
    assert code_of(spoiled, chain.trust) is code


@pytest.mark.parametrize(("index", "total"), [(2, 3), (8, 9), (16, 17), (4, 6)])
def test_a_place_whose_paths_have_the_same_shape_is_not_believed(
    chain: Chain, index: int, total: int
) -> None:
    """The last of five has the Merkle path of the last of three: paths alone do not fix a place."""
    spoiled = msgspec.structs.replace(receipt_of(chain, 4), index=index, total=total)
    with pytest.raises(Refusal):
        verify_receipt(spoiled, chain.trust)


def test_the_result_of_another_transaction_is_not_believed(chain: Chain) -> None:
    height = chain.block(TOTAL, chain.app.tip.time_ms + 1_000)
    good, refused = chain.app.receipt(height, 1), chain.app.receipt(height, 2)
    assert good is not None
    assert refused is not None
    swapped = msgspec.structs.replace(refused, result=good.result, result_path=good.result_path)
    assert code_of(swapped, chain.trust) is ReceiptCode.RESULT_NOT_IN_BLOCK


def test_the_header_of_another_block_is_not_linked(chain: Chain) -> None:
    first, second = receipt_of(chain), receipt_of(chain)
    mixed = msgspec.structs.replace(first, header=second.header, height=second.height)
    assert code_of(mixed, chain.trust) is ReceiptCode.NOT_LINKED


@pytest.mark.parametrize(
    "stranger",
    [{"validators": (Validator(b"x" * 32, 1),)}, {"time_ms": 2**64}],
    ids=["key", "time"],
)
def test_a_receipt_is_not_believed_by_another_genesis(
    chain: Chain, stranger: dict[str, Any]
) -> None:
    receipt = receipt_of(chain)
    assert code_of(receipt, chain.trust._replace(**stranger)) is ReceiptCode.NOT_SIGNED


@given(st.data())
@SAME
def test_a_byte_changed_in_the_file_is_refused_or_only_its_layout(
    chain: Chain, data: st.DataObject
) -> None:
    receipt = chain.kept = chain.kept or receipt_of(chain)
    raw = bytearray(receipt.encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))
    try:
        read = Receipt.decode(bytes(raw))
        verify_receipt(read, chain.trust)
    except Refusal:
        return
    assert read == receipt


def test_a_receipt_of_more_than_8_mb_is_not_read() -> None:
    with pytest.raises(Refusal) as caught:
        Receipt.decode(b" " * (MAX_RECEIPT_BYTES + 1))
    assert caught.value.code is ReceiptCode.UNREADABLE
