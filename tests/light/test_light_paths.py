"""What a node puts into receipts: the way from the genesis, where validators changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from tests.light.nodes import genesis_store
from tests.light.test_receipts import CHAIN
from tests.light.transacting import TransactingChain

from tongbao.gateway.light_paths import CACHED, LightPaths
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import Refusal
from tongbao.kernel.receipts import Receipt, Trust, verify_receipt
from tongbao.kernel.validators import Validator
from tongbao.sdk.light import LightCode
from tongbao.simulator.headers import block_id_of


@dataclass
class Tip:
    """Where the node stands."""

    height: int


@dataclass
class Shown:
    """As much of a node's application as light blocks are made of."""

    chain: TransactingChain = CHAIN
    tip: Tip = field(default_factory=lambda: Tip(40))
    pruned: frozenset[int] = frozenset()
    asked: list[int] = field(default_factory=list)

    @property
    def genesis(self) -> Any:
        """Knows its trust."""
        shown = genesis_store(self.chain).trust()

        class Known:
            def trust(self) -> Trust:
                return shown

        return Known()

    def block(self, height: int) -> BlockRecord | None:
        """A block's record."""
        self.asked.append(height)
        if height in self.pruned:
            return None
        one = self.chain.block(height)
        return BlockRecord(height, 0, one.header, block_id_of(one), one.commit, b"", (), (), b"")

    @property
    def oldest_block(self) -> int:
        """All from here on are here."""
        return max(self.pruned, default=-1) + 1

    def turns(self) -> tuple[int, ...]:
        """None of them stayed."""
        return ()

    def signed_header(self, height: int) -> tuple[bytes, bytes] | None:
        """Header and commit."""
        record = self.block(height)
        return None if record is None else (record.header, record.commit)

    def validators_at(self, height: int) -> tuple[Validator, ...]:
        """Who signs."""
        return tuple(Validator(*one) for one in self.chain.block(height).validators)


def paths(**more: Any) -> tuple[LightPaths, Shown]:
    """Ways over a node."""
    app = Shown(**more)
    return LightPaths(app), app  # type: ignore[arg-type]


RECEIPT = CHAIN.receipt()
GENESIS = genesis_store(CHAIN).trust()


def test_every_receipt_of_a_node_is_believed_by_the_genesis_alone() -> None:
    made = paths()[0].provable(RECEIPT)
    assert len(made.path) > 3
    assert verify_receipt(Receipt.decode(made.encode()), GENESIS).height == RECEIPT.height


def test_the_way_is_looked_for_once() -> None:
    made, app = paths()
    first = made.provable(RECEIPT)
    asked = len(app.asked)
    assert made.provable(RECEIPT) == first
    assert len(app.asked) == asked + 1


@pytest.mark.parametrize("height", [1, 12, 29, 31])
def test_who_trusts_a_later_block_gets_a_shorter_way(height: int) -> None:
    made = paths()[0].since(RECEIPT, height)
    assert verify_receipt(made, Trust(CHAIN.chain, (), (CHAIN.block(height),))).grounds is not None
    assert len(made.path) <= len(paths()[0].since(RECEIPT, 1).path)
    assert (made.path == ()) is (height >= 29)


def test_only_some_ways_are_remembered() -> None:
    made, _ = paths()
    for height in range(1, CACHED + 5):
        made.since(RECEIPT, height)
    assert len(made._last) == CACHED


def test_where_blocks_between_are_gone_the_receipt_is_given_as_it_is() -> None:
    made, _ = paths(pruned=frozenset(range(1, 30)))
    assert made.provable(RECEIPT) == RECEIPT
    with pytest.raises(Refusal) as caught:
        made.since(RECEIPT, 0)
    assert caught.value.code is LightCode.NO_ANSWER
    with pytest.raises(Refusal) as caught:
        made.since(RECEIPT, 35)
    assert caught.value.code is LightCode.BELOW_TRUST
    assert made.light_block(None).height == 40
    assert msgspec.structs.replace(RECEIPT, path=()) == RECEIPT
