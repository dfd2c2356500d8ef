"""The market in the gateway's memory: a mirror of book and pools that follows the blocks."""

from __future__ import annotations

import threading

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.views import ReadView
from tongbao.modules.exchange import OFFERS, POOLS, MarketIndex, Plan
from tongbao.node.application import Application

MAX_PENDING = 50_000
"""Changes that wait for the next question; beyond it the mirror is built afresh."""
MAX_ATTEMPTS = 5
"""How often a search is repeated because a block came meanwhile."""
KEPT_SECONDS = 1.0
"""How long a question waits for what the newest block changed."""


class MarketMirror:
    """Built at the first question; changes are noted by id and taken over at the next question."""

    def __init__(self, application: Application) -> None:
        """A mirror of this ledger; `on_block` has to be given each block."""
        self._application = application
        self._lock = threading.Lock()
        self._noting = threading.Condition()
        self._height = application.tip.height
        """Up to this block changes were noted."""
        self._index: MarketIndex | None = None
        self._state: object = None
        self._following = False
        self._offers: dict[str, None] = {}
        self._pools: dict[str, None] = {}

    def on_block(self, record: BlockRecord) -> None:
        """Note what a block changed: the ids alone."""
        with self._noting:
            self._height = max(self._height, record.height)
            self._noting.notify_all()
            if not self._following:
                return
            for one in record.writes:
                for table, noted in ((OFFERS, self._offers), (POOLS, self._pools)):
                    if one.key.startswith(table.prefix):
                        noted[str(table.parts(one.key)[0])] = None
            if len(self._offers) + len(self._pools) > MAX_PENDING:
                # Nobody asks for routes: noting on would take memory without end.
                self._index, self._following = None, False
                self._offers.clear()
                self._pools.clear()

    def plans(
        self,
        send_asset: str,
        receive_asset: str,
        *,
        send: int = 0,
        receive: int = 0,
        party: str = "",
        limit: int = 5,
    ) -> tuple[list[Plan], int, int]:
        """The best routes now, with the height and the block time they were found at."""
        for _ in range(MAX_ATTEMPTS):
            view = self._application.view()
            plans = self.find(
                view, send_asset, receive_asset, send=send, receive=receive, party=party,
                limit=limit,
            )  # fmt: skip
            # A block that came meanwhile may have been read in part.
            if self._application.tip.height == view.block.height:
                break
        return plans, view.block.height, view.time_ms

    def find(
        self,
        view: ReadView,
        send_asset: str,
        receive_asset: str,
        *,
        send: int = 0,
        receive: int = 0,
        party: str = "",
        limit: int = 5,
    ) -> list[Plan]:
        """What `exchange.plan` finds in the committed state, sooner."""
        with self._lock:
            return self._brought_up(view).plans(
                view, send_asset, receive_asset, send=send, receive=receive, party=party,
                limit=limit,
            )  # fmt: skip

    def _brought_up(self, view: ReadView) -> MarketIndex:
        state = self._application.state
        with self._noting:
            # A block is readable a moment before it is announced; where it never is, as after
            # a snapshot was taken over, the mirror is built afresh.
            reported = self._noting.wait_for(
                lambda: not self._following or self._height >= view.block.height, KEPT_SECONDS
            )
            # A node that took a snapshot over goes on with another state; and what changed while
            # nothing was noted is in no mirror.
            whole = reported and self._following and self._state is state
            index = self._index if whole else None
            self._following, self._state = True, state
            offers, pools = list(self._offers), list(self._pools)
            self._offers.clear()
            self._pools.clear()
        if index is None:
            index = MarketIndex(view)
            self._index = index
        index.update(view, offers, pools)
        return index
