"""The audit of a ledger without its first blocks: what it has is compared, and not executed again.

To execute a block its state before is needed, which went with the blocks. What is left is compared
with what validators signed: from the genesis over the headers around each change of validators to
the oldest block, from there block by block, and the newest state with the newest block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, result_pairs, validators_hash
from tongbao.kernel.light import SUCCESS, Limits, genesis_block, step, time_of
from tongbao.node.application import Application
from tongbao.node.light import light_block

Progress = Callable[[int, int], None]
Finding = tuple[int, str]
_NO_WAY = (
    "header and commit of a change of validators are missing: this ledger began with a snapshot and"
    " cannot show the way from the genesis by itself"
)
_UNREADABLE = "the block is missing from the store"


class Kept:
    """What was looked at."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.blocks = 0
        self.transactions = 0

    def findings(self, progress: Progress | None) -> Iterator[Finding]:
        """What is not as it should be; stops at the first block that differs."""
        yield from self._way()
        app, before = self.app, None
        for height in range(app.oldest_block, app.tip.height + 1):
            record = app.block(height)
            if record is None:
                yield height, _UNREADABLE
                return
            faults = list(self._block(record, before))
            yield from ((height, what) for what in faults)
            if faults:
                return
            before = record
            self.blocks += 1
            self.transactions += len(record.transactions)
            if progress is not None:
                progress(height, app.tip.height)
        if before is not None and before.app_hash != app.state.root():
            yield app.tip.height, "the state in the store is not the state after the last block"

    def _way(self) -> Iterator[Finding]:
        """From the validators of the genesis to those of the oldest block, change by change."""
        app = self.app
        trust = app.genesis.trust()
        plain = [(one.public, one.power) for one in trust.validators]
        at = genesis_block(app.genesis.chain, plain, trust.time_ms)
        for height in (*(one for one in app.turns() if one < app.oldest_block), app.oldest_block):
            block = light_block(app, height)
            if block is None:
                if height > app.genesis.founding_height:
                    yield height, _NO_WAY
                return
            if step(at, block, Limits(time_of(block))).kind != SUCCESS:
                yield height, f"its header does not follow from that of block {at.height}"
                return
            at = block

    def _block(self, record: BlockRecord, before: BlockRecord | None) -> Iterator[str]:
        if not record.header:
            if record.height < self.app.tip.height:
                yield "the engine's header and commit are missing"
            return
        height = record.height
        signing, following = self.app.validators_at(height), self.app.validators_at(height + 1)
        plain = [(one.public, one.power) for one in signing]
        try:
            _core.verify_commit(self.app.genesis.chain, record.header, record.commit, plain)
            header = _core.header_fields(record.header)
        except ValueError as fault:
            yield f"the commit: {fault}"
            return
        expected = {
            "height": record.height, "time_ms": record.time_ms, "app_version": record.protocol,
            "data_hash": _core.data_hash(list(record.transactions)),
            "validators_hash": validators_hash(signing),
            "next_validators_hash": validators_hash(following),
        }  # fmt: skip
        named = header["last_block_id"]
        if before is not None:
            expected |= {
                "app_hash": before.app_hash,
                "last_results_hash": _core.results_hash(result_pairs(before.outcomes)),
            }
            if before.header and (named is None or named[0] != _core.header_hash(before.header)):
                yield "the header names another block before it"
        for name, value in expected.items():
            if header[name] != value:
                yield f"the header's {name} does not follow from the chain before and the block"
