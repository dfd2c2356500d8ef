"""Notices an engine that runs and does nothing any more, and has it started again.

When the engine cannot write its log of consensus (a full disk, most often), its consensus ends
while the process goes on: it answers, keeps its peers, and makes no further block. From the
outside that looks like a network without a quorum, except that the others have gone on. So an
engine is started again where this node's height has not moved for a while although more than a
third of its peers are ahead; one lying node among four cannot bring that about.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog

from tongbao.node.comet.rpc import EngineFault

log = structlog.get_logger(__name__)

POLL_S = 3.0
STILL_S = 15.0
AHEAD_BLOCKS = 2
"""A peer that is one block further is just quicker."""
AGAIN_S = 60.0
"""Time that a restarted engine has until its first block, before it is looked at again."""


class Asking(Protocol):
    """What is needed of the engine's RPC."""

    def ask(self, method: str, **parameters: Any) -> Any:
        """The result of one method; EngineFault where there is none."""
        ...


class Standstill:
    """Watches one engine."""

    def __init__(self, rpc: Asking, height: Callable[[], int], restart: Callable[[], None]) -> None:
        """`height` is our ledger's; `restart` ends the engine's process, so that it starts anew."""
        self._rpc = rpc
        self._height = height
        self._restart = restart
        self._stopping = threading.Event()
        self._seen = -1
        self._since = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name="standstill", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_S):
            if not self.stands_still(time.monotonic()):
                continue
            log.error("engine.stands_still", height=self._seen, for_s=STILL_S)
            self._restart()
            self._since = time.monotonic() + AGAIN_S

    def stands_still(self, now: float) -> bool:
        """Whether the engine has done nothing for a while although others have."""
        height = self._height()
        if height != self._seen:
            self._seen = height
            self._since = now  # an engine that was started again and makes blocks needs no patience
            return False
        if now - self._since < STILL_S:
            return False
        try:
            if self._rpc.ask("status")["sync_info"]["catching_up"]:
                return False
            ahead = _peers_ahead(self._rpc.ask("dump_consensus_state")["peers"], height)
        except (EngineFault, KeyError, TypeError, ValueError):
            return False  # it does not answer: its process is watched elsewhere
        return ahead


def _peers_ahead(peers: Sequence[dict[str, Any]], height: int) -> bool:
    heights = [int(one["peer_state"]["round_state"]["height"]) for one in peers]
    # A peer at work on block n stands at n - 1.
    ahead = [one for one in heights if one - 1 >= height + AHEAD_BLOCKS]
    return 3 * len(ahead) > len(heights)
