"""The light client in both its forms under the names of the one that waits, for the same tests.

With the fixture `form` a module's tests run twice; in the second run each of these names stands for
the form that is awaited, driven by one event loop.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from tongbao.kernel.receipts import Proven, Receipt, Trust
from tongbao.sdk import light

__all__ = [
    "awaited",
    "engine_provider",
    "form",
    "gateway_provider",
    "light_client",
    "quorum_reader",
    "report",
    "start",
    "verify_with_node",
]  # fmt: skip
_RUNNER: list[asyncio.Runner] = []


@pytest.fixture(scope="module", params=["waiting", "awaited"])
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which form the names below stand for."""
    if request.param == "waiting":
        yield request.param
        return
    with asyncio.Runner() as runner:
        _RUNNER.append(runner)
        try:
            yield request.param
        finally:
            _RUNNER.pop()


class Blocking:
    """Something to be awaited that waits after all."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not inspect.iscoroutinefunction(found):
            return found
        return lambda *args, **more: _RUNNER[-1].run(found(*map(awaited, args), **more))


class Awaited:
    """A node that answers at once, behind an interface that is awaited."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.name = inner.name

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._inner, name)
        if method is None:
            raise AttributeError(name)

        async def answer(*args: Any) -> Any:
            await asyncio.sleep(0)
            return method(*args)

        return answer


def awaited(one: Any) -> Any:
    """A node as the present form asks it; anything else as it is."""
    if isinstance(one, Blocking):
        return one.inner
    return Awaited(one) if _RUNNER and hasattr(one, "light_block") else one


def _either(waiting: Any, awaiting: Any, *args: Any, **more: Any) -> Any:
    if not _RUNNER:
        return waiting(*args, **more)
    return Blocking(awaiting(*args, **more))


def gateway_provider(url: str, **more: Any) -> Any:
    """A node's gateway."""
    return _either(light.GatewayProvider, light.AsyncGatewayProvider, url, **more)


def engine_provider(url: str, **more: Any) -> Any:
    """Blocking or awaited."""
    return _either(light.EngineProvider, light.AsyncEngineProvider, url, **more)


def light_client(
    store: light.TrustedStore, node: Any, witnesses: Sequence[Any] = (),
    options: light.Options | None = None, **more: Any,
) -> Any:  # fmt: skip
    """Blocking or awaited, as its node is."""
    nodes = awaited(node), [awaited(one) for one in witnesses]
    return _either(light.LightClient, light.AsyncLightClient, store, *nodes, options, **more)


def quorum_reader(store: light.TrustedStore, nodes: Sequence[Any], **more: Any) -> Any:
    """Blocking or awaited, as its nodes are."""
    asked = [awaited(one) for one in nodes]
    return _either(light.QuorumReader, light.AsyncQuorumReader, store, asked, **more)


def start(given: str, node: Any, *more: Any) -> light.TrustedStore:
    """Where trust begins."""
    if not _RUNNER:
        return light.start(given, node, *more)
    return _RUNNER[-1].run(light.start_async(given, awaited(node), *more))


def verify_with_node(receipt: Receipt, node: Any, trust: Trust) -> Proven:
    """A receipt with a node's help."""
    if not _RUNNER:
        return light.verify_with_node(receipt, node, trust)
    return _RUNNER[-1].run(light.verify_with_node_async(receipt, awaited(node), trust))


def report(found: Sequence[light.Evidence], nodes: Sequence[Any]) -> light.EvidenceResult:
    """Evidence handed to nodes."""
    if not _RUNNER:
        return light.report(found, nodes)
    return _RUNNER[-1].run(light.report_async(found, [awaited(one) for one in nodes]))
