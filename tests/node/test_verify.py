"""What a node compares in its own store before it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from tests.node.conftest import Ledger, founded

from tongbao.kernel.blocks import BlockRecord
from tongbao.modules.payments import Transfer
from tongbao.node.application import StorageFault
from tongbao.node.verify import verify_newest

PAY = Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=100)


@pytest.fixture(scope="module")
def paid() -> Iterator[Ledger]:
    """A ledger with some blocks; the last one that holds a payment is the last but one."""
    made = founded(None)
    made.engine.start()
    for _ in range(4):
        assert made.send("hengtong", PAY).outcome.code == 0
    made.engine.stop()
    yield made
    made.app.state.close()


def shown(monkeypatch: pytest.MonkeyPatch, ledger: Ledger, height: int, record: Any) -> None:
    """The store gives another record at a height: a value, or an exception."""
    honest = ledger.app.block

    def block(asked: int) -> BlockRecord | None:
        if asked != height:
            return honest(asked)
        if isinstance(record, Exception):
            raise record
        return record  # type: ignore[no-any-return]

    monkeypatch.setattr(ledger.app, "block", block)


def test_a_sound_ledger_tells_what_was_compared(paid: Ledger) -> None:
    tip = paid.app.tip
    whole = verify_newest(paid.app)
    assert (whole.height, whole.blocks) == (tip.height, tip.height)
    assert (whole.rows, whole.root) == (len(paid.app.state), tip.app_hash.hex())
    assert verify_newest(paid.app, count=2).blocks == 2


def test_a_new_ledger_has_nothing_to_compare_yet() -> None:
    fresh = founded(None)
    assert verify_newest(fresh.app).blocks == 0
    fresh.app.state.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda record: {"time_ms": record.time_ms + 1},
        lambda record: {"height": record.height + 1},
        lambda record: {"transactions": (b"{}",)},
        lambda record: {"outcomes": (record.outcomes[0].replace(b"100", b"900"),)},
        lambda record: {"outcomes": (b"\xff",)},
        lambda record: {"app_hash": b"\x00" * 32},
        lambda record: {"commit": record.commit[:-1]},
        lambda record: {"header": record.header[:-1] + bytes([record.header[-1] ^ 1])},
    ],
)
def test_every_changed_part_of_a_block_is_noticed(
    paid: Ledger, monkeypatch: pytest.MonkeyPatch, change: Callable[[BlockRecord], dict[str, Any]]
) -> None:
    height = paid.app.tip.height - 1
    record = paid.app.block(height)
    assert record is not None and record.transactions
    other = msgspec.structs.replace(record, **change(record))
    assert other != record
    shown(monkeypatch, paid, height, other)
    with pytest.raises(StorageFault, match="was altered"):
        verify_newest(paid.app)


def test_a_missing_unreadable_or_other_newest_block_is_noticed(
    paid: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = paid.app.tip.height
    with monkeypatch.context() as patch:
        shown(patch, paid, newest - 2, None)
        with pytest.raises(StorageFault, match="is missing"):
            verify_newest(paid.app)
    with monkeypatch.context() as patch:
        shown(patch, paid, newest - 2, ValueError("the store: checksum mismatch"))
        with pytest.raises(StorageFault, match="checksum"):
            verify_newest(paid.app)
    record = paid.app.block(newest)
    assert record is not None
    shown(monkeypatch, paid, newest, msgspec.structs.replace(record, app_hash=b"\x01" * 32))
    with pytest.raises(StorageFault, match="another state root"):
        verify_newest(paid.app)


def test_a_ledger_that_began_with_a_snapshot_is_compared_from_there(
    paid: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = paid.app.tip.height - 3
    record = paid.app.block(base)
    assert record is not None and record.transactions
    bare = msgspec.structs.replace(record, header=b"", commit=b"", transactions=(), outcomes=())
    honest = paid.app.block

    def block(height: int) -> BlockRecord | None:
        if height == base:
            return bare
        return honest(height) if height > base or height == 0 else None

    monkeypatch.setattr(paid.app, "block", block)
    assert verify_newest(paid.app).blocks == 4
