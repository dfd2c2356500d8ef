"""What a light client does, without I/O: from what is trusted to a later block.

A node is asked, never trusted: every block is verified from a trusted one, by skipping or one by
one. Witnesses are asked for the same block; two different ones that both verify are an attack: its
evidence is kept, and handed to every node that can be reached.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import ceil, inf
from pathlib import Path
from typing import Any, NamedTuple

from tongbao import _core
from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.kernel.light import (
    EXPIRED,
    NOT_ENOUGH_TRUST,
    SUCCESS,
    LightBlock,
    Limits,
    Verdict,
    step,
)
from tongbao.sdk.light.attack import Evidence, Shown, file_name, make_evidence, short_hash
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.evidence_result import EvidenceResult, tell
from tongbao.sdk.light.options import Clock, Options, utc_ms
from tongbao.sdk.light.providers import AnyProvider
from tongbao.sdk.light.steps import Ask, AskAll, Steps, Write
from tongbao.sdk.light.store import TrustedStore

MAX_TRACE = 1_000
MAX_REASON = 600
MAX_WAITING = 128
"""Blocks of a node that wait for one below them. A block near the middle halves the way, or the
next one does: two for each bit of a height are enough for whoever gives such blocks."""
Judge = Callable[[LightBlock, LightBlock, Limits], Verdict]
_MOVE_ON = frozenset((
    LightCode.NO_ANSWER, LightCode.UNREADABLE, LightCode.WRONG_HEIGHT, LightCode.INVALID,
    LightCode.WRONG_HASH, LightCode.TOO_MANY_STEPS, LightCode.TOO_SLOW,
))  # fmt: skip
"""What is one node's fault: the next is asked."""


class Verified(NamedTuple):
    """A verified block and how it came to be trusted."""

    block: LightBlock
    base: int
    """Height of the trusted block from which it was reached; 0 is the genesis. A block below where
    trust begins is reached downwards, by the hashes that headers name."""
    verified: int
    """How many blocks were verified on the way, itself too; 0 where it was trusted already."""
    path: tuple[LightBlock, ...]
    """Those blocks; of more than 1,000 the first and the last."""
    node: str
    """Who showed it."""
    confirmed: tuple[str, ...] = ()
    """Witnesses that show the same block."""
    faults: dict[str, str] = {}
    """Nodes that gave no answer or a false one, and what was wrong."""


class Following:
    """Follows one chain. Its work is for `steps.run` or `steps.run_async`; one piece at a time."""

    def __init__(
        self,
        store: TrustedStore,
        nodes: Sequence[AnyProvider],
        options: Options | None = None,
        *,
        evidence: Path | None = None,
        clock: Clock = utc_ms,
        judge: Judge = step,
        reported: Sequence[AnyProvider] | None = None,
    ) -> None:
        """The first of `nodes` is asked, the others bear witness.

        `evidence` is the folder for evidence of attacks; default: beside the store's file.
        `reported` get it too; default: all nodes. `judge` decides a single step.
        """
        self.store = store
        self.nodes = tuple(nodes)
        self.options = options or Options()
        self._clock = clock
        self._step = judge
        self._reported = self.nodes if reported is None else tuple(reported)
        beside = store.path.parent if store.path is not None else Path()
        self._evidence = evidence or beside
        self._until = inf

    def verify_to(self, height: int | None) -> Steps[Verified]:
        """Verify the block at a height (None: the newest that the nodes have) and keep it."""
        faults: dict[str, str] = {}
        failed: Refusal | None = None
        for place, node in enumerate(self.nodes):
            self._begin()
            try:
                shown = yield from _block(node, height)
                reached = yield from self._reach(node, shown)
            except Refusal as refusal:
                if refusal.code not in _MOVE_ON:
                    raise
                faults[node.name] = refusal.code.text(refusal.values)
                failed = failed or refusal
                continue
            others = self.nodes[place + 1 :]
            return (yield from self._confirm(reached, node, others, faults))
        assert failed is not None  # there is at least one node
        raise failed

    def verify(self, node: AnyProvider, block: LightBlock) -> Steps[Verified]:
        """Verify a block that a node showed of itself; the node gives what lies between."""
        self._begin()
        reached = yield from self._reach(node, block)
        yield from self._keep(reached)
        return reached

    def _begin(self) -> None:
        """From now on a node may take so long as the options say."""
        self._until = time.monotonic() + self.options.within_s

    def _require_time(self, node: AnyProvider) -> None:
        seconds = ceil(self.options.within_s)
        in_time = time.monotonic() <= self._until
        require(in_time, LightCode.TOO_SLOW, node=node.name, seconds=seconds)

    # ---- from trust to a block -----------------------------------------------------------------

    def _reach(self, node: AnyProvider, target: LightBlock) -> Steps[Verified]:
        base = self.store.nearest(target.height)
        if base is None:
            return (yield from self._backwards(node, target))
        if base.height == target.height:
            if base.header != target.header:
                yield from self._conflict(node, target, base)
            return Verified(base, base.height, 0, (), node.name)
        verified, path = yield from self._path(node, base, target)
        return Verified(target, base.height, verified, path, node.name)

    def _backwards(self, node: AnyProvider, target: LightBlock) -> Steps[Verified]:
        """A block below where trust begins: every header names the hash of the one before it."""
        start = at = self.store.oldest
        self._require_steps(start.height - target.height)
        try:
            while at.height > target.height:
                last = at.height - 1 == target.height
                self._require_time(node)
                below = target if last else (yield from _block(node, at.height - 1))
                named = _core.header_fields(at.header)["last_block_id"]
                linked = named is not None and named[0] == below.hash()
                self._require(linked, node, below, f"block {at.height} names another before it")
                at = below
            target.check(self.store.chain)  # so that later blocks can be based on its sets
        except ValueError as fault:
            self._require(False, node, target, str(fault))
        return Verified(target, start.height, start.height - target.height, (target,), node.name)

    def _path(
        self, node: AnyProvider, base: LightBlock, target: LightBlock
    ) -> Steps[tuple[int, tuple[LightBlock, ...]]]:
        """Verify the way from `base` up to `target`: how many blocks, and which, in order."""
        trace = _Trace()
        if self.options.sequential:
            yield from self._one_by_one(node, base, target, trace)
        else:
            yield from self._skipping(node, base, target, trace)
        return trace.verified, tuple(trace.path)

    def _one_by_one(
        self, node: AnyProvider, base: LightBlock, target: LightBlock, trace: _Trace
    ) -> Steps[None]:
        self._require_steps(target.height - base.height)
        at = base
        while at.height < target.height:
            following = at.height + 1
            last = following == target.height
            self._require_time(node)
            block = target if last else (yield from _block(node, following))
            verdict = self._judge(at, block)
            self._require(verdict.kind == SUCCESS, node, block, verdict.why)
            at = block
            trace.add(at)

    def _skipping(
        self, node: AnyProvider, base: LightBlock, target: LightBlock, trace: _Trace
    ) -> Steps[None]:
        """Try the target; where too little of the trusted power signed it, halve the way."""
        at, wanted, fetched = base, [target], 0
        while wanted:
            block = wanted[-1]
            verdict = self._judge(at, block)
            if verdict.kind == SUCCESS:
                at = wanted.pop()
                trace.add(at)
                continue
            halved = verdict.kind == NOT_ENOUGH_TRUST and block.height - at.height > 1
            self._require(halved, node, block, verdict.why)
            fetched += 1
            self._require_steps(fetched)
            self._require_time(node)
            few = len(wanted) < MAX_WAITING
            self._require(few, node, block, "the blocks shown between do not come nearer")
            wanted.append((yield from _middle(node, at.height, block.height)))

    def _judge(self, at: LightBlock, block: LightBlock) -> Verdict:
        verdict = self._step(at, block, self.options.limits(self._clock()))
        days = self.options.trusting_s // 86_400
        require(verdict.kind != EXPIRED, LightCode.EXPIRED, height=at.height, days=days)
        return verdict

    def _require_steps(self, count: int) -> None:
        limit = self.options.max_steps
        require(count <= limit, LightCode.TOO_MANY_STEPS, limit=limit)

    def _require(self, good: bool, node: AnyProvider, block: LightBlock, why: str) -> None:
        require(good, LightCode.INVALID, node=node.name, height=block.height, reason=why[:200])

    # ---- witnesses -----------------------------------------------------------------------------

    def _confirm(
        self,
        reached: Verified,
        node: AnyProvider,
        witnesses: Sequence[AnyProvider],
        faults: dict[str, str],
    ) -> Steps[Verified]:
        height = reached.block.height
        shown = yield AskAll(tuple(Ask(one.light_block, (height,)) for one in witnesses))
        confirmed = []
        for witness, block in zip(witnesses, shown, strict=True):
            try:
                if isinstance(block, Refusal):
                    raise block
                if block.header == reached.block.header:
                    confirmed.append(witness.name)
                    continue
                yield from self._examine(reached, node, witness, block)
            except Refusal as refusal:
                if refusal.code not in _MOVE_ON:
                    raise
                faults[witness.name] = refusal.code.text(refusal.values)
        reasons = "; ".join(f"{name}: {why}" for name, why in faults.items())
        require(
            confirmed or not witnesses, LightCode.NOT_CONFIRMED, node=node.name, height=height,
            reasons=reasons[:MAX_REASON],
        )  # fmt: skip
        yield from self._keep(reached)
        return reached._replace(confirmed=tuple(confirmed), faults=faults)

    def _examine(
        self, reached: Verified, node: AnyProvider, witness: AnyProvider, block: LightBlock
    ) -> Steps[None]:
        """A witness shows another block: where do they part, and does its own verify?"""
        common = self.store.nearest(reached.base)
        assert common is not None  # the path began there
        first = reached.block
        self._begin()
        for mine in reached.path[:-1]:
            self._require_time(witness)
            theirs = yield from _block(witness, mine.height)
            if theirs.header != mine.header:
                first, block = mine, theirs
                break
            common = mine
        if common.height == block.height:
            common = self._before(witness, block)
        # A Refusal where the witness shows what is false.
        _, path = yield from self._path(witness, common, block)
        evidence = self._evidence_of(common, Shown(node.name, first), Shown(witness.name, block))
        yield from self._accuse([evidence, *(yield from self._nearer(common, path, node, witness))])

    def _conflict(self, node: AnyProvider, block: LightBlock, known: LightBlock) -> Steps[None]:
        """A node shows another block than the one trusted at that height."""
        common = self._before(node, block)
        _, path = yield from self._path(node, common, block)
        trusted = Shown("the trusted block", known)
        found = [self._evidence_of(common, trusted, Shown(node.name, block))]
        for other in self._reported:
            if other is not node and len(found) == 1:
                found += yield from self._nearer(common, path, other, node)
        yield from self._accuse(found)

    def _nearer(
        self,
        common: LightBlock,
        path: Sequence[LightBlock],
        other: AnyProvider,
        accused: AnyProvider,
    ) -> Steps[list[Evidence]]:
        """Evidence against who needed several steps from the common block to its own.

        An engine asks that the block it is to condemn follows in one step from a block of its own:
        that is the first block of the path that another node shows otherwise.
        """
        for theirs in path[:-1]:
            try:
                mine = yield from _block(other, theirs.height)
            except Refusal:
                return []
            if mine.header != theirs.header:
                shown = Shown(other.name, mine), Shown(accused.name, theirs)
                return [self._evidence_of(common, *shown)]
            common = theirs
        return []

    def _before(self, node: AnyProvider, block: LightBlock) -> LightBlock:
        """A trusted block below another; there is none below the one where trust begins."""
        common = self.store.nearest(block.height - 1)
        if common is None:
            refuse(
                LightCode.WRONG_HASH, node=node.name, height=block.height,
                given=short_hash(block), wanted=short_hash(self.store.oldest),
            )  # fmt: skip
        return common

    def _evidence_of(self, common: LightBlock, first: Shown, second: Shown) -> Evidence:
        return make_evidence(self.store.chain, common, first, second, self._clock())

    def _accuse(self, found: Sequence[Evidence]) -> Steps[None]:
        """Keep the evidence, hand it to everybody, and trust nothing."""
        for evidence in found:
            yield Write(self._evidence / file_name(evidence), evidence.encode())
        outcome: EvidenceResult = EvidenceResult((), {})
        if self.options.report:
            outcome = yield from tell(found, self._reported)
        block = found[0].second.block
        refuse(
            LightCode.ATTACK, first=found[0].first.node, second=found[0].second.node,
            height=block.height, file=str(self._evidence / file_name(found[0])),
            taken=len(outcome.taken), asked=len(outcome.taken) + len(outcome.refused),
            taken_by=outcome.taken,
            refused_by=tuple(f"{name}: {why}" for name, why in outcome.refused.items()),
        )  # fmt: skip

    def _keep(self, reached: Verified) -> Steps[None]:
        for block in reached.path:
            self.store.add(block)
        if reached.path and self.store.path is not None:
            yield Write(self.store.path, self.store.encode())


class _Trace:
    """The blocks of a way; of a long one the ends."""

    def __init__(self) -> None:
        self.verified = 0
        self.path: list[LightBlock] = []

    def add(self, block: LightBlock) -> None:
        self.verified += 1
        self.path.append(block)
        if len(self.path) > MAX_TRACE:
            del self.path[MAX_TRACE // 2]  # the ends matter: where it began, and what is newest


def _block(node: AnyProvider, height: int | None) -> Steps[LightBlock]:
    block: LightBlock = yield Ask(node.light_block, (height,))
    return block


def _middle(node: AnyProvider, low: int, high: int) -> Steps[LightBlock]:
    """A block between two heights: the middle one, or the nearest to it that the node has."""
    between: Callable[..., Any] | None = getattr(node, "between", None)
    asked = Ask(node.light_block, ((low + high) // 2,))
    block: LightBlock = yield asked if between is None else Ask(between, (low, high))
    return block
