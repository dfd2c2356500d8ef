"""A chain of signed headers in which one block has transactions, so that there are receipts."""

from __future__ import annotations

from typing import Any

import msgspec

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, result_pairs
from tongbao.kernel.light import LightBlock
from tongbao.kernel.receipts import Receipt, make_receipt
from tongbao.kernel.validators import Validator
from tongbao.simulator.headers import HeaderChain, block_id_of

TRANSACTION = b'{"body":{"party":"a","reference":"r-1","actions":[]}}'


class TransactingChain(HeaderChain):
    """A chain of changing validators with transactions in the block at `height`."""

    height = 30
    transactions: tuple[bytes, ...] = (TRANSACTION,)
    outcomes: tuple[bytes, ...] = (b"{}",)

    def make(self, height: int, before: LightBlock | None, **options: Any) -> LightBlock:
        """A block; that of the transactions and the one after it say so."""
        reply = {
            self.height: {"data_hash": _core.data_hash(list(self.transactions))},
            self.height + 1: {"last_results_hash": _core.results_hash(result_pairs(self.outcomes))},
        }.get(height, {})
        return super().make(
            height, before, **{**options, "reply": {**reply, **options.pop("reply", {})}}
        )

    def receipt(self, index: int = 0) -> Receipt:
        """The receipt of one transaction, without a path."""
        block, after_it = self.block(self.height), self.block(self.height + 1)
        made = BlockRecord(
            self.height, 0, block.header, block_id_of(block), block.commit, b"",
            self.transactions, self.outcomes, b"",
        )  # fmt: skip
        following = msgspec.structs.replace(
            made, height=self.height + 1, header=after_it.header, commit=after_it.commit
        )
        validators = [Validator(*one) for one in after_it.validators]
        return make_receipt(self.chain, made, following, index, validators)
