"""What a node verifies of its own store before it goes on: bounded, so that starting stays quick.

Opening the store has already rebuilt the state's tree from every row and compared the root. Here
the newest blocks are read again and compared with what their headers and commits prove. The whole
chain is `tongbao audit`'s.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, result_pairs
from tongbao.node.application import Application, StorageFault

NEWEST = 200
"""Blocks that are read again: some hundredths of a second."""


class Verified(NamedTuple):
    """What was compared."""

    height: int
    rows: int
    root: str
    blocks: int


def verify_newest(app: Application, count: int = NEWEST) -> Verified:
    """Compare the newest blocks with their headers, commits and the state root; StorageFault."""
    newest = app.tip.height
    first = app.genesis.founding_height + 1
    oldest = max(newest - count + 1, app.oldest_block, first)
    following: BlockRecord | None = None
    looked = 0
    for height in range(newest, oldest - 1, -1):
        record = _read(app, height)
        if record is None and height < newest and _read(app, first) is None:
            break  # this ledger began with a snapshot: it never had the blocks before it
        if record is None:
            raise StorageFault("block {height} is missing from the store", height=height)
        if height == newest and record.app_hash != app.state.root():
            raise StorageFault(
                "block {height} names another state root than the state has", height=height
            )
        if record.header:
            _own_header(app, record)
        if following is not None and following.header:
            # Of the block that a snapshot is of, the ledger has hash and state root alone.
            began_here = height > first and _read(app, height - 1) is None
            _next_header(record, following, whole=not began_here)
        following = record
        looked += 1
    return Verified(newest, len(app.state), app.state.root().hex(), looked)


def _read(app: Application, height: int) -> BlockRecord | None:
    try:
        return app.block(height)
    except (ValueError, msgspec.DecodeError) as fault:
        raise StorageFault(
            "block {height} was altered: {fault}", height=height, fault=fault
        ) from fault


def _own_header(app: Application, record: BlockRecord) -> None:
    validators = [(one.public, one.power) for one in app.validators_at(record.height)]
    try:
        fields = _core.header_fields(record.header)
        _core.verify_commit(app.genesis.chain, record.header, record.commit, validators)
    except ValueError as fault:
        raise StorageFault(
            "block {height} was altered: {fault}", height=record.height, fault=fault
        ) from fault
    claimed = (fields["height"], fields["time_ms"], fields["data_hash"])
    found = (record.height, record.time_ms, _core.data_hash(list(record.transactions)))
    if claimed != found:
        raise StorageFault(
            "block {height} was altered: its header proves another one", height=record.height
        )


def _next_header(record: BlockRecord, following: BlockRecord, *, whole: bool) -> None:
    """State root and results of a block stand in the next header."""
    fields = _core.header_fields(following.header)
    try:
        results = _core.results_hash(result_pairs(record.outcomes))
    except msgspec.DecodeError as fault:
        raise StorageFault(
            "block {height} was altered: {fault}", height=record.height, fault=fault
        ) from fault
    same = fields["last_results_hash"] == results or not whole
    if fields["app_hash"] != record.app_hash or not same:
        raise StorageFault(
            "block {height} was altered: the next header proves other results", height=record.height
        )
