"""Waiting for the read model: one poll for all who wait, and none while nobody does."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from tongbao.kernel.codes import require
from tongbao.readmodel import SqlQueries
from tongbao.sdk.api_codes import GatewayCode

log = structlog.get_logger(__name__)
SHARED = 32
"""Pieces of streams that are kept for others who stand at the same place."""
T = TypeVar("T")


class Hub:
    """Wakes requests and streams when the read model moved on."""

    def __init__(self, queries: SqlQueries, poll_seconds: float, most: int = 64) -> None:
        """A hub of one event loop, for at most so many reads that wait for a height at once."""
        self._most = most
        self._reads = 0
        self._shared: OrderedDict[tuple[object, ...], asyncio.Future[Any]] = OrderedDict()
        self._queries = queries
        self._poll_seconds = poll_seconds
        self._height = -1
        self._changed = asyncio.Event()
        self._waiting = 0
        self._poller: asyncio.Task[None] | None = None
        self.closed = False

    def close(self) -> None:
        """Wake everybody for the last time. From the event loop."""
        self.closed = True
        self._changed.set()

    async def height(self) -> int:
        """The read model's height, asked afresh."""
        self._height = self._queries.height()  # in memory: no thread is worth it
        return self._height

    async def beyond(self, height: int) -> None:
        """Return once the read model stands above a height, or the gateway closes."""
        self._waiting += 1
        try:
            while self._height <= height and not self.closed:
                if self._poller is None or self._poller.done():
                    self._poller = asyncio.create_task(self._poll())
                await self._changed.wait()
        finally:
            self._waiting -= 1

    async def reached(self, height: int, seconds: float) -> bool:
        """Whether the read model stands at a height, waiting for it if need be.

        Refusal BUSY where as many reads wait as may.
        """
        if await self.height() >= height:
            return True
        if seconds <= 0:
            return False
        require(self._reads < self._most, GatewayCode.BUSY, limit=self._most, kind="waiting")
        return await self._wait(height, seconds)

    async def soon(self, height: int, seconds: float) -> None:
        """Wait for a height for a moment, unless as many reads wait as may; nobody is refused."""
        if await self.height() < height and self._reads < self._most:
            await self._wait(height, seconds)

    async def _wait(self, height: int, seconds: float) -> bool:
        self._reads += 1
        try:
            async with asyncio.timeout(seconds):
                await self.beyond(height - 1)
        except TimeoutError:
            return False
        finally:
            self._reads -= 1
        return self._height >= height

    async def shared(self, key: tuple[object, ...], make: Callable[[], Awaitable[T]]) -> T:
        """What `make` gives for a key; several who ask for one at once, or soon, share it."""
        known = self._shared.get(key)
        if known is None or (known.done() and (known.cancelled() or known.exception())):
            self._shared[key] = known = asyncio.ensure_future(make())
            while len(self._shared) > SHARED:
                self._shared.popitem(last=False)
        found: T = await asyncio.shield(known)
        return found

    async def _poll(self) -> None:
        while self._waiting and not self.closed:
            before = self._height
            try:
                await self.height()
            except Exception as fault:
                log.error("gateway.read_model", error=repr(fault))
            if self._height != before:
                self._changed.set()
                self._changed = asyncio.Event()
            await asyncio.sleep(self._poll_seconds)
