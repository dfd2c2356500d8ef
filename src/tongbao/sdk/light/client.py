"""The light client: from what is trusted to a later block, by skipping or one by one.

A node is asked, never believed: every block is verified from a trusted one. Witnesses are asked
for the same block; two different ones that both verify are an attack, kept as evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

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
from tongbao.sdk.light.attack import Shown, make_evidence, save_evidence
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.options import Clock, Options, utc_ms
from tongbao.sdk.light.providers import Provider, short_hash
from tongbao.sdk.light.store import TrustedStore

MAX_TRACE = 1_000
Judge = Callable[[LightBlock, LightBlock, Limits], Verdict]
_MOVE_ON = frozenset((
    LightCode.NO_ANSWER, LightCode.UNREADABLE, LightCode.WRONG_HEIGHT, LightCode.INVALID,
    LightCode.WRONG_HASH, LightCode.TOO_MANY_STEPS,
))  # fmt: skip
"""What is one node's fault: the next is asked."""


class Believed(NamedTuple):
    """A verified block and how it came to be believed."""

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
        self.store = store
        self.nodes = (primary, *witnesses)
        self.options = options or Options()
        self._clock = clock
        self._step = judge
        beside = store.path.parent if store.path is not None else Path()
        self._evidence = evidence or beside

    def verify_to(self, height: int | None = None) -> Believed:
        """Verify the block at a height (None: the newest that the nodes have) and keep it.

        Where the first node fails, the next takes its place. Raises Refusal with a LightCode.
        """
        faults: dict[str, str] = {}
        failed: Refusal | None = None
        for place, node in enumerate(self.nodes):
            try:
                believed = self._reach(node, node.light_block(height))
            except Refusal as refusal:
                if refusal.code not in _MOVE_ON:
                    raise
                faults[node.name] = refusal.code.text("en", refusal.values)
                failed = failed or refusal
                continue
            others = self.nodes[place + 1 :]
            return self._confirm(believed, node, others, faults)
        assert failed is not None  # there is at least one node
        raise failed

    def believe(self, node: Provider, block: LightBlock) -> Believed:
        """Verify a block that a node showed of itself; the node gives what lies between."""
        believed = self._reach(node, block)
        self._keep(believed)
        return believed

    # ---- from trust to a block -----------------------------------------------------------------

    def _reach(self, node: Provider, target: LightBlock) -> Believed:
        base = self.store.nearest(target.height)
        if base is None:
            return self._backwards(node, target)
        if base.height == target.height:
            if base.header != target.header:
                self._conflict(node, target, base)
            return Believed(base, base.height, 0, (), node.name)
        verified, path = self._path(node, base, target)
        return Believed(target, base.height, verified, path, node.name)

    def _backwards(self, node: Provider, target: LightBlock) -> Believed:
        """A block below where trust begins: every header names the hash of the one before it."""
        start = at = self.store.oldest
        self._require_steps(start.height - target.height)
        try:
            while at.height > target.height:
                last = at.height - 1 == target.height
                below = target if last else node.light_block(at.height - 1)
                named = _core.header_fields(at.header)["last_block_id"]
                linked = named is not None and named[0] == below.hash()
                self._require(linked, node, below, f"block {at.height} names another before it")
                at = below
            target.check(self.store.chain)  # so that later blocks can be based on its sets
        except ValueError as fault:
            self._require(False, node, target, str(fault))
        return Believed(target, start.height, start.height - target.height, (target,), node.name)

    def _path(
        self, node: Provider, base: LightBlock, target: LightBlock
    ) -> tuple[int, tuple[LightBlock, ...]]:
        """Verify the way from `base` up to `target`: how many blocks, and which, in order."""
        walk = self._one_by_one if self.options.sequential else self._skipping
        verified, path = 0, list[LightBlock]()
        for block in walk(node, base, target):
            verified += 1
            path.append(block)
            if len(path) > MAX_TRACE:
                del path[MAX_TRACE // 2]  # the ends matter: where it began, and what is newest
        return verified, tuple(path)

    def _one_by_one(
        self, node: Provider, base: LightBlock, target: LightBlock
    ) -> Iterator[LightBlock]:
        self._require_steps(target.height - base.height)
        at = base
        while at.height < target.height:
            following = at.height + 1
            last = following == target.height
            block = target if last else node.light_block(following)
            verdict = self._judge(at, block)
            self._require(verdict.kind == SUCCESS, node, block, verdict.why)
            at = block
            yield at

    def _skipping(
        self, node: Provider, base: LightBlock, target: LightBlock
    ) -> Iterator[LightBlock]:
        """Try the target; where too little of the trusted power signed it, halve the way."""
        at, wanted, fetched = base, [target], 0
        while wanted:
            block = wanted[-1]
            verdict = self._judge(at, block)
            if verdict.kind == SUCCESS:
                at = wanted.pop()
                yield at
                continue
            between = (at.height + block.height) // 2
            halved = verdict.kind == NOT_ENOUGH_TRUST and between > at.height
            self._require(halved, node, block, verdict.why)
            fetched += 1
            self._require_steps(fetched)
            wanted.append(node.light_block(between))

    def _judge(self, at: LightBlock, block: LightBlock) -> Verdict:
        verdict = self._step(at, block, self.options.limits(self._clock()))
        days = self.options.trusting_s // 86_400
        require(verdict.kind != EXPIRED, LightCode.EXPIRED, height=at.height, days=days)
        return verdict

    def _require_steps(self, count: int) -> None:
        limit = self.options.max_steps
        require(count <= limit, LightCode.TOO_MANY_STEPS, limit=limit)

    def _require(self, good: bool, node: Provider, block: LightBlock, why: str) -> None:
        require(good, LightCode.INVALID, node=node.name, height=block.height, reason=why[:200])

    # ---- witnesses -----------------------------------------------------------------------------

    def _confirm(
        self,
        believed: Believed,
        node: Provider,
        witnesses: Sequence[Provider],
        faults: dict[str, str],
    ) -> Believed:
        confirmed = []
        for witness in witnesses:
            try:
                block = witness.light_block(believed.block.height)
                if block.header == believed.block.header:
                    confirmed.append(witness.name)
                    continue
                self._examine(believed, node, witness, block)
            except Refusal as refusal:
                if refusal.code not in _MOVE_ON:
                    raise
                faults[witness.name] = refusal.code.text("en", refusal.values)
        reasons = "; ".join(f"{name}: {why}" for name, why in faults.items())
        require(
            confirmed or not witnesses, LightCode.NOT_CONFIRMED, node=node.name,
            height=believed.block.height, reasons=reasons[:600],
        )  # fmt: skip
        self._keep(believed)
        return believed._replace(confirmed=tuple(confirmed), faults=faults)

    def _examine(
        self, believed: Believed, node: Provider, witness: Provider, block: LightBlock
    ) -> None:
        """A witness shows another block: where do they part, and does its own verify?"""
        common = self.store.nearest(believed.base)
        assert common is not None  # the path began there
        first = believed.block
        for mine in believed.path[:-1]:
            theirs = witness.light_block(mine.height)
            if theirs.header != mine.header:
                first, block = mine, theirs
                break
            common = mine
        if common.height == block.height:
            common = self._before(witness, block)
        self._path(witness, common, block)  # a Refusal where the witness shows what is false
        self._accuse(common, Shown(node.name, first), Shown(witness.name, block))

    def _conflict(self, node: Provider, block: LightBlock, known: LightBlock) -> None:
        """A node shows another block than the one trusted at that height."""
        common = self._before(node, block)
        self._path(node, common, block)
        self._accuse(common, Shown("the trusted block", known), Shown(node.name, block))

    def _before(self, node: Provider, block: LightBlock) -> LightBlock:
        """A trusted block below another; there is none below the one where trust begins."""
        common = self.store.nearest(block.height - 1)
        if common is None:
            refuse(
                LightCode.WRONG_HASH, node=node.name, height=block.height,
                given=short_hash(block), wanted=short_hash(self.store.oldest),
            )  # fmt: skip
        return common

    def _accuse(self, common: LightBlock, first: Shown, second: Shown) -> None:
        evidence = make_evidence(self.store.chain, common, first, second, self._clock())
        found = save_evidence(evidence, self._evidence)
        refuse(
            LightCode.ATTACK, first=first.node, second=second.node, height=second.block.height,
            file=str(found.file),
        )  # fmt: skip

    def _keep(self, believed: Believed) -> None:
        for block in believed.path:
            self.store.add(block)
        if believed.path:
            self.store.save()
