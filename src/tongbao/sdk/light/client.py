"""The light client, in two forms that do the same work: one waits for nodes, one is awaited."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tongbao.kernel.light import LightBlock, step
from tongbao.sdk.light.attack import Evidence
from tongbao.sdk.light.evidence_result import EvidenceResult, tell
from tongbao.sdk.light.following import Following, Judge, Verified
from tongbao.sdk.light.options import Clock, Options, utc_ms
from tongbao.sdk.light.providers import AnyProvider, AsyncProvider, Provider
from tongbao.sdk.light.steps import run, run_async
from tongbao.sdk.light.store import TrustedStore


class LightClient:
    """Follows one chain. Not for several threads at once."""

    def __init__(
        self,
        store: TrustedStore,
        primary: Provider,
        witnesses: Sequence[Provider] = (),
        options: Options | None = None,
        *,
        evidence: Path | None = None,
        clock: Clock = utc_ms,
        judge: Judge = step,
    ) -> None:
        """`evidence` is the folder for evidence of attacks; default: beside the store's file.

        `judge` decides a single step; another one is for encodings that are not ours.
        """
        nodes = (primary, *witnesses)
        self._work = Following(store, nodes, options, evidence=evidence, clock=clock, judge=judge)

    @property
    def store(self) -> TrustedStore:
        """What is trusted by now."""
        return self._work.store

    @property
    def nodes(self) -> tuple[AnyProvider, ...]:
        """Who is asked: the first, and its witnesses."""
        return self._work.nodes

    def verify_to(self, height: int | None = None) -> Verified:
        """Verify the block at a height (None: the newest that the nodes have) and keep it.

        Where the first node fails, the next takes its place. Raises Refusal with a LightCode.
        """
        return run(self._work.verify_to(height))

    def verify(self, node: Provider, block: LightBlock) -> Verified:
        """Verify a block that a node showed of itself; the node gives what lies between."""
        return run(self._work.verify(node, block))


class AsyncLightClient:
    """Follows one chain, awaited; witnesses are asked at once. One call at a time."""

    def __init__(
        self,
        store: TrustedStore,
        primary: AsyncProvider,
        witnesses: Sequence[AsyncProvider] = (),
        options: Options | None = None,
        *,
        evidence: Path | None = None,
        clock: Clock = utc_ms,
        judge: Judge = step,
    ) -> None:
        """As for `LightClient`."""
        nodes = (primary, *witnesses)
        self._work = Following(store, nodes, options, evidence=evidence, clock=clock, judge=judge)

    @property
    def store(self) -> TrustedStore:
        """What is trusted by now."""
        return self._work.store

    @property
    def nodes(self) -> tuple[AnyProvider, ...]:
        """Who is asked: the first, and its witnesses."""
        return self._work.nodes

    async def verify_to(self, height: int | None = None) -> Verified:
        """Verify the block at a height (None: the newest that the nodes have) and keep it."""
        return await run_async(self._work.verify_to(height))

    async def verify(self, node: AsyncProvider, block: LightBlock) -> Verified:
        """Verify a block that a node showed of itself; the node gives what lies between."""
        return await run_async(self._work.verify(node, block))


def report(found: Sequence[Evidence], nodes: Sequence[Provider]) -> EvidenceResult:
    """Hand evidence of an attack to nodes: their engines put it into a block."""
    return run(tell(found, nodes))


async def report_async(found: Sequence[Evidence], nodes: Sequence[AsyncProvider]) -> EvidenceResult:
    """The same, awaited: all nodes at once."""
    return await run_async(tell(found, nodes))
