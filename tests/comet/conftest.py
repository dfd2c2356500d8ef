"""The demonstration ledger as an engine meets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.node.conftest import Ledger, founded

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.transaction import Transaction
from tongbao.modules.payments import Transfer
from tongbao.node.comet.blockwork import BlockWork
from tongbao.node.comet.service import AbciService
from tongbao.node.comet.statesync import StateSync


def pay(amount: int = 100, payee: str = "mingda/main") -> Transfer:
    """A payment of the core enterprise."""
    return Transfer(payer="hengtong/main", payee=payee, asset="CNY", amount_minor=amount)


@dataclass
class Side:
    """Our side of one engine, and what the engine would ask."""

    ledger: Ledger
    service: AbciService
    blocks: list[BlockRecord] = field(default_factory=list)

    @property
    def work(self) -> BlockWork:
        """The application's side of consensus."""
        return self.service._work

    def ask(self, kind: str, **asked: Any) -> dict[str, Any]:
        """One question, and the fields of its answer."""
        [(reply, answer)] = self.service.answer([(kind, asked)])
        assert reply == kind
        return answer

    def envelope(self, *actions: Transaction, **options: Any) -> bytes:
        """Signed by the core enterprise."""
        return self.ledger.envelope("hengtong", *(actions or (pay(),)), **options)

    def block(self, txs: list[bytes], **more: Any) -> dict[str, Any]:
        """What the engine asks about the next block."""
        tip = self.ledger.app.tip
        asked = {
            "txs": txs, "misbehavior": [], "height": tip.height + 1, "hash": b"\x07" * 32,
            "time_ns": max(self.ledger.now(), tip.time_ms + 1) * 1_000_000 + 456_789,
            "max_tx_bytes": 4_000_000, "proposer_address": b"",
        }  # fmt: skip
        return asked | more

    def decide(self, txs: list[bytes], **more: Any) -> dict[str, Any]:
        """A block goes through: its answer."""
        answer = self.ask("finalize_block", **self.block(txs, **more))
        self.ask("commit")
        return answer


def side_of(ledger: Ledger, folder: Path, interval: int = 0) -> Side:
    """A service on a ledger."""
    blocks: list[BlockRecord] = []
    sync = StateSync(ledger.app, folder / "snapshots", folder / "home" / "ledger", interval)
    return Side(ledger, AbciService(ledger.app, sync, blocks.append), blocks)


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    """One node, in memory."""
    yield side_of(founded(None), tmp_path)
