"""What the endpoints share: the node, settings, figures, and the step from engine to event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from anyio import to_thread
from fastapi import Request

from tongbao.gateway.bounds.admission import POOL, Admission
from tongbao.gateway.bounds.idempotency import IdempotencyKeys
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.bounds.sources import Sources
from tongbao.gateway.bounds.uploads import Uploads
from tongbao.gateway.exchange_market import MarketMirror
from tongbao.gateway.hub import Hub
from tongbao.gateway.light_paths import LightPaths
from tongbao.gateway.metrics import Metrics
from tongbao.gateway.node_ledger import NodeLedger
from tongbao.gateway.results import result_of
from tongbao.gateway.services import NodeServices
from tongbao.gateway.tracing import Traces
from tongbao.gateway.viewers.access import viewer_of as access_viewer
from tongbao.gateway.viewers.challenges import Challenges
from tongbao.kernel.codes import refuse, require
from tongbao.node.answers import Answer
from tongbao.node.application import Application
from tongbao.node.clock import utc_ms
from tongbao.paymentfiles.desk.service import DeskService
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.sdk.answers import Result
from tongbao.sdk.api_codes import GatewayCode

T = TypeVar("T")
VIEWER = "tongbao.viewer"
"""Of a request's scope: who asks."""


class Gateway:
    """One gateway before one node."""

    def __init__(self, services: NodeServices, settings: Settings) -> None:
        """Open what the gateway keeps itself."""
        self.services = services
        self.settings = settings
        self.metrics = Metrics(services)
        self.traces = Traces(services.engine.subscribe)
        self.paths = LightPaths(services.application)
        self.market = MarketMirror(services.application)
        services.engine.subscribe(self.market.on_block)
        self.challenges = Challenges()
        self.keys = IdempotencyKeys(settings.idempotency_file)
        self.hub: Hub | None = None
        desk_file = settings.desk_file
        ledger = NodeLedger(services, settings.zone)
        self.desk = None if desk_file is None else DeskService(desk_file, ledger)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._made: dict[str, bytes] = {}
        self._making = threading.Lock()
        self.admission = Admission(settings.limits)
        self.uploads = Uploads(settings.limits, settings.spool)
        self.sources = Sources(settings.limits)
        self.metrics.watch(self.admission, self.uploads, self.sources)
        self.simulations = asyncio.Semaphore(2)
        self.judging = asyncio.Semaphore(2)

    def open(self) -> None:
        """At the start of the event loop."""
        self._loop = asyncio.get_running_loop()
        self.admission.open()
        if self.services.queries is not None:
            self.hub = Hub(
                self.services.queries,
                self.settings.poll_seconds,
                self.settings.limits.waiting_reads,
            )
        if self.desk is not None:
            self.desk.start()

    def close(self) -> None:
        """At the end of the event loop."""
        self._end_streams()
        self.keys.close()
        if self.desk is not None:
            self.desk.close()

    def end(self) -> None:
        """End every event stream, so that the server can stop. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end_streams)

    def _end_streams(self) -> None:
        if self.hub is not None:
            self.hub.close()

    async def viewer_of(self, token: str) -> Viewer | None:
        """Who shows a token; None where it is unknown, or counts no longer."""
        access, provider, now_ms = self.settings.access, self.settings.provider, utc_ms()
        grant = None if access is None else access.grant_of(token, now_ms)
        if grant is None and provider is not None and token.count(".") == 2:
            known = provider.known(token, now_ms)
            grant = known or await in_thread(lambda: provider.grant_of(token, now_ms))
        return None if grant is None else access_viewer(grant, self.application.view())

    @property
    def application(self) -> Application:
        """The ledger."""
        return self.services.application

    def once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Bytes that stay as they are while the node runs, made by the first who asks for them."""
        with self._making:
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]

    def read_model(self) -> tuple[SqlQueries, Hub]:
        """The read model, or a Refusal where the node keeps none."""
        if self.services.queries is None or self.hub is None:
            refuse(GatewayCode.NO_READ_MODEL)
        return self.services.queries, self.hub

    async def submit(
        self, envelopes: Sequence[bytes], *, events: bool, client: str = ""
    ) -> list[Result]:
        """Submit and wait until all is final. Raises Refusal where the engine accepts none."""
        began = time.perf_counter()
        self.traces.note(envelopes)
        future = self.services.engine.submit(envelopes, client)
        answers = await self._until_final(future)
        results = [
            result_of(answer, raw, self.application, events=events)
            for answer, raw in zip(answers, envelopes, strict=True)
        ]
        self.metrics.answered(results, time.perf_counter() - began)
        return results

    def submit_only(self, envelope: bytes, client: str = "") -> None:
        """Submit without waiting; the answer is only counted."""
        began = time.perf_counter()
        self.traces.note([envelope])

        def count(future: Future[list[Answer]]) -> None:
            if future.cancelled() or future.exception() is not None:
                return
            results = [result_of(one, envelope, self.application) for one in future.result()]
            self.metrics.answered(results, time.perf_counter() - began)

        self.services.engine.submit([envelope], client).add_done_callback(count)

    async def _until_final(self, future: Future[list[Answer]]) -> list[Answer]:
        """Wait for the engine without ever cancelling its future: others share the block."""
        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def wake(_: Future[list[Answer]]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(done.set)

        future.add_done_callback(wake)
        seconds = self.settings.final_seconds
        try:
            async with asyncio.timeout(seconds):
                await done.wait()
        except TimeoutError:
            refuse(GatewayCode.NOT_FINAL_YET, seconds=int(seconds))
        return future.result()


def gateway_of(request: Request) -> Gateway:
    """The gateway that a request came to."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def client_of(request: Request) -> str:
    """Whom a request counts for: an address, or the holder of a token."""
    client: str = request.scope.get("tongbao.client", "")
    return client


def viewer_of(request: Request) -> Viewer:
    """Who asks, by the token that the request shows; nobody without one."""
    viewer: Viewer = request.scope.get(VIEWER, Viewer.nobody())
    return viewer


def require_node(request: Request) -> None:
    """Refuse whoever is no node: what is asked for is a copy of everything."""
    require(viewer_of(request).is_node, GatewayCode.FOR_NODES)


async def in_thread(function: Callable[[], T]) -> T:
    """Run something that blocks or takes long beside the event loop, in its kind's threads."""
    return await to_thread.run_sync(function, limiter=POOL.get())


def require_kept(application: Application, height: int) -> None:
    """Refuse with what a client can do where the block of a height was pruned from this node."""
    oldest = application.oldest_block
    if application.genesis.founding_height < height < oldest:
        refuse(GatewayCode.PRUNED, height=height, oldest=oldest)
