"""Reading the state without trusting the node that answers: rows with proofs, of several nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec

from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.kernel.light import time_of
from tongbao.kernel.money import Holding, holding_key
from tongbao.kernel.tables import KeyPart, Table
from tongbao.kernel.wording import Text
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.following import Following
from tongbao.sdk.light.options import Clock, Options, utc_ms
from tongbao.sdk.light.providers import AnyProofSource, AsyncProofSource, ProofSource, RowProof
from tongbao.sdk.light.steps import Ask, AskAll, Steps, run, run_async
from tongbao.sdk.light.store import TrustedStore

V = TypeVar("V")
T = TypeVar("T")


class ProvenRow(NamedTuple, Generic[V]):
    """A row of the state that was proved, and by whom."""

    value: V | None
    """None: proven that there is no such row."""
    height: int
    """It is so after this block."""
    time_ms: int
    """Time of the header that proves it, UTC milliseconds."""
    nodes: tuple[str, ...]
    """Nodes that proved this at this height."""
    faults: dict[str, str] = {}
    """Nodes that gave no answer or a false one, and what was wrong."""
    behind: dict[str, int] = {}
    """Nodes whose newest provable block is older, with its height."""


class _Reading:
    """Rows of several nodes, without I/O."""

    def __init__(
        self,
        store: TrustedStore,
        nodes: Sequence[AnyProofSource],
        need: int | None,
        options: Options | None,
        evidence: Path | None,
        clock: Clock,
    ) -> None:
        if not nodes:
            raise ValueError("a reader asks at least one node")
        self.nodes = tuple(nodes)
        if len({one.name for one in nodes}) != len(nodes):
            raise ValueError("a node asked twice counts once")
        self.need = len(self.nodes) // 2 + 1 if need is None else need
        if not 1 <= self.need <= len(self.nodes):
            raise ValueError("as many nodes are needed as there are, at most")
        self._chains = {
            node.name: Following(
                store, (node,), options, evidence=evidence, clock=clock, reported=self.nodes
            )
            for node in self.nodes
        }

    def read(self, key: bytes, load: Callable[[bytes], T]) -> Steps[ProvenRow[T]]:
        """One row as new as enough nodes can prove it."""
        faults: dict[str, str] = {}
        newest = yield from self._ask(self.nodes, key, None, faults)
        self._require_enough(len(newest), faults)
        # As new as enough nodes can prove.
        heights = sorted((one.height for one in newest.values()), reverse=True)
        height = heights[self.need - 1]
        behind = {name: one.height for name, one in newest.items() if one.height < height}
        ahead = [one for one in self.nodes if one.name in newest
                 and newest[one.name].height > height]  # fmt: skip
        again = yield from self._ask(ahead, key, height, faults)
        agreed = {
            node.name: proof
            for node in self.nodes
            if (proof := again.get(node.name) or newest.get(node.name)) is not None
            and proof.height == height
        }
        self._require_enough(len(agreed), faults)
        shown = next(iter(agreed.values()))
        value = self._load(shown.value, load, next(iter(agreed)))
        return ProvenRow(value, height, time_of(shown.block), tuple(agreed), faults, behind)

    def _ask(
        self,
        nodes: Sequence[AnyProofSource],
        key: bytes,
        height: int | None,
        faults: dict[str, str],
    ) -> Steps[dict[str, RowProof]]:
        """The nodes' proofs, verified; where there is none, the reason is noted."""
        answers = yield AskAll(tuple(Ask(one.row, (key, height)) for one in nodes))
        good: dict[str, RowProof] = {}
        for node, answer in zip(nodes, answers, strict=True):
            try:
                if isinstance(answer, Refusal):
                    raise answer
                yield from self._verify(node, answer, key, height)
            except Refusal as refusal:
                if refusal.code is LightCode.ATTACK or refusal.code is LightCode.EXPIRED:
                    raise
                faults[node.name] = refusal.code.text(refusal.values)
            else:
                good[node.name] = answer
        return good

    def _verify(
        self, node: AnyProofSource, proof: RowProof, key: bytes, height: int | None
    ) -> Steps[None]:
        false = LightCode.FALSE_PROOF
        require(proof.key == key, false, node=node.name, reason="it is of another row")
        require(
            height is None or proof.height == height, false, node=node.name,
            reason=Text(
                "it is of block {given}, not of block {height}", given=proof.height, height=height
            ),
        )  # fmt: skip
        require(
            proof.holds(), false, node=node.name,
            reason="the row does not stand under the state root it came with",
        )  # fmt: skip
        yield from self._chains[node.name].verify(node, proof.block)

    def _require_enough(self, agreed: int, faults: dict[str, str]) -> None:
        reasons = "; ".join(faults.values())
        require(
            agreed >= self.need, LightCode.TOO_FEW_NODES, agreed=agreed, need=self.need,
            reasons=reasons[:600],
        )  # fmt: skip

    def _load(self, raw: bytes | None, load: Callable[[bytes], T], node: str) -> T | None:
        try:
            return None if raw is None else load(raw)
        except (msgspec.DecodeError, ValueError, IndexError) as fault:
            refuse(
                LightCode.FALSE_PROOF,
                node=node,
                reason=Text("unknown layout: {fault}", fault=str(fault)[:180]),
            )


class QuorumReader:
    """Asks one node or several for a row with its proof, and names those that disagree.

    A proof needs no majority to be true. Asking several shows whether one holds back newer blocks,
    and would show two histories. Not for several threads at once.
    """

    def __init__(
        self,
        store: TrustedStore,
        nodes: Sequence[ProofSource],
        *,
        need: int | None = None,
        options: Options | None = None,
        evidence: Path | None = None,
        clock: Clock = utc_ms,
    ) -> None:
        """`need` nodes have to prove the answer; default: more than half of those asked."""
        self.nodes = tuple(nodes)
        self._work = _Reading(store, nodes, need, options, evidence, clock)

    def row(self, table: Table[V], *key: KeyPart) -> ProvenRow[V]:
        """One row of a table. Raises Refusal with a LightCode."""
        return run(self._work.read(table.key(*key), table.load))

    def holding(self, account: str, asset: str) -> ProvenRow[Holding]:
        """What an account holds of an asset; None where it does not hold it at all."""
        return run(self._work.read(holding_key(account, asset), Holding.decode))

    def raw(self, key: bytes) -> ProvenRow[bytes]:
        """One row by its whole key."""
        return run(self._work.read(key, bytes))


class AsyncQuorumReader:
    """The same, awaited: all nodes are asked at once. One call at a time."""

    def __init__(
        self,
        store: TrustedStore,
        nodes: Sequence[AsyncProofSource],
        *,
        need: int | None = None,
        options: Options | None = None,
        evidence: Path | None = None,
        clock: Clock = utc_ms,
    ) -> None:
        """`need` nodes have to prove the answer; default: more than half of those asked."""
        self.nodes = tuple(nodes)
        self._work = _Reading(store, nodes, need, options, evidence, clock)

    async def row(self, table: Table[V], *key: KeyPart) -> ProvenRow[V]:
        """One row of a table. Raises Refusal with a LightCode."""
        return await run_async(self._work.read(table.key(*key), table.load))

    async def holding(self, account: str, asset: str) -> ProvenRow[Holding]:
        """What an account holds of an asset; None where it does not hold it at all."""
        return await run_async(self._work.read(holding_key(account, asset), Holding.decode))

    async def raw(self, key: bytes) -> ProvenRow[bytes]:
        """One row by its whole key."""
        return await run_async(self._work.read(key, bytes))
