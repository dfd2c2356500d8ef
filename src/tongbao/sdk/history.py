"""Blocks from before a snapshot, taken from other nodes and trusted by their headers alone.

A node that began with a snapshot has no older blocks, and its lists need them. Each one that
another node gives has to hang together with the header after it, up to a header that the light
client verified from the genesis; and the last one has to be the very block that the snapshot is of.
What no header covers, the events that time alone brought, has to be the same on a second node where
two are known.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec
import structlog

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, result_pairs
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Genesis
from tongbao.sdk.light import GatewayProvider, LightClient, Options, TrustedStore
from tongbao.sdk.light.fetching import Line, bearer
from tongbao.sdk.tokens import Tokens

log = structlog.get_logger(__name__)

HISTORY_TYPE = "application/msgpack"
HISTORY_BLOCKS = 256
HISTORY_BYTES = 4 * 1_048_576
"""An answer holds so many bytes of blocks, or one block that is larger."""
PAUSE_S = 5.0
FOR_EVER_S = 100 * 365 * 86_400
"""How long ago a validator signed does not matter here: the end has to be our own block."""
_DECODE = msgspec.msgpack.Decoder(list[bytes]).decode


class HistoryFault(Exception):
    """What a node gave is not what happened, or nobody gives anything."""


class History:
    """Blocks 1 to `last` of a chain, from other nodes. For one thread."""

    def __init__(
        self,
        genesis: Genesis,
        last: int,
        last_hash: bytes,
        urls: Sequence[str],
        tokens: Tokens | None = None,
    ) -> None:
        """`last_hash` is the hash of block `last` as this node knows it; `tokens` are shown."""
        tokens = tokens or Tokens()
        store = TrustedStore.from_genesis(genesis)
        options = Options(trusting_s=FOR_EVER_S)
        self._last, self._last_hash = last, last_hash
        # Addresses in older settings carry their tokens.
        names = tuple(dict.fromkeys(map(tokens.split, urls)))
        self._providers = [GatewayProvider(one, token=tokens.of(one)) for one in names]
        self._nodes = [Line(one, headers=bearer(tokens.of(one))) for one in names]
        self._lights = [LightClient(store, one, (), options) for one in self._providers]
        self._known: dict[int, BlockRecord] = {}
        self._stopping = threading.Event()

    def close(self) -> None:
        """Stop waiting for nodes, and hang up."""
        self._stopping.set()
        for node in self._nodes:
            node.close()
        for provider in self._providers:
            provider.close()

    def block(self, height: int) -> BlockRecord:
        """The block at a height; waits until a node gives it. HistoryFault once it is closed."""
        while height not in self._known:
            for place, node in enumerate(self._nodes):
                try:
                    self._known = self._fetch(place, height)
                    break
                except (HistoryFault, Refusal) as fault:
                    log.warning(
                        "history.refused",
                        node=node.name,
                        height=height,
                        why=str(fault),
                    )
            else:
                if self._stopping.wait(PAUSE_S):
                    raise HistoryFault("the node stops")
        return self._known[height]

    def _fetch(self, place: int, first: int) -> dict[int, BlockRecord]:
        records = self._records(place, first)
        newest = records[-1].height
        following = self._lights[place].verify_to(newest + 1).block.header
        for record in reversed(records):
            check_record(record, following)
            following = record.header
        if newest == self._last and _core.header_hash(records[-1].header) != self._last_hash:
            raise HistoryFault(f"block {newest} is not the one that the snapshot is of")
        self._compare(place, records)
        return {record.height: record for record in records}

    def _records(self, place: int, first: int) -> list[BlockRecord]:
        """Blocks from a height on, none beyond the snapshot's."""
        raw = self._nodes[place].get("/v1/history", {"from": str(first)})
        try:
            records = [BlockRecord.decode(one) for one in _DECODE(raw)]
        except (msgspec.DecodeError, ValueError, RecursionError) as fault:
            raise HistoryFault(f"unreadable: {fault}") from fault
        records = records[: self._last - first + 1]
        if not records or [one.height for one in records] != list(
            range(first, first + len(records))
        ):
            raise HistoryFault("other blocks than those asked for")
        return records

    def _compare(self, place: int, records: Sequence[BlockRecord]) -> None:
        """What no header covers has to be the same on another node, where one answers."""
        for other in range(len(self._nodes)):
            if other == place:
                continue
            try:
                theirs = self._records(other, records[0].height)
            except (HistoryFault, Refusal) as fault:
                log.warning("history.unconfirmed", node=self._nodes[other].name, why=str(fault))
                continue
            for one, another in zip(records, theirs, strict=False):
                unproven = (one.events, one.misbehavior, one.writes)
                if unproven != (another.events, another.misbehavior, another.writes):
                    raise HistoryFault(f"nodes tell of other events in block {one.height}")
            return


def check_record(record: BlockRecord, following: bytes) -> None:
    """Whether a block is the one that the header after it names; HistoryFault where it is not."""
    try:
        own, after = _core.header_fields(record.header), _core.header_fields(following)
        results = _core.results_hash(result_pairs(record.outcomes))
        claimed = {
            "header": (after["last_block_id"][0], _core.header_hash(record.header)),
            "height": (own["height"], record.height),
            "time": (own["time_ms"], record.time_ms),
            "rules": (own["app_version"], record.protocol),
            "transactions": (own["data_hash"], _core.data_hash(list(record.transactions))),
            "state root": (after["app_hash"], record.app_hash),
            "results": (after["last_results_hash"], results),
        }
    except (ValueError, TypeError, OverflowError, RecursionError, msgspec.DecodeError) as fault:
        raise HistoryFault(f"block {record.height} is unreadable: {fault}") from fault
    for name, (proven, given) in claimed.items():
        if proven != given:
            raise HistoryFault(f"the {name} of block {record.height} is not what its header proves")
