"""Reading the state without believing the node that answers: rows with proofs, of several nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.kernel.light import time_of
from tongbao.kernel.money import Holding, holding_key
from tongbao.kernel.tables import KeyPart, Table
from tongbao.sdk.light.client import LightClient
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.options import Clock, Options, utc_ms
from tongbao.sdk.light.providers import ProofSource, RowProof
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
        if not nodes:
            raise ValueError("a reader asks at least one node")
        self.nodes = tuple(nodes)
        if len({one.name for one in nodes}) != len(nodes):
            raise ValueError("a node asked twice counts once")
        self.need = len(self.nodes) // 2 + 1 if need is None else need
        if not 1 <= self.need <= len(self.nodes):
            raise ValueError("as many nodes are needed as there are, at most")
        self._clients = [
            LightClient(store, node, (), options, evidence=evidence, clock=clock)
            for node in self.nodes
        ]

    def row(self, table: Table[V], *key: KeyPart) -> ProvenRow[V]:
        """One row of a table. Raises Refusal with a LightCode."""
        return self._read(table.key(*key), table.load)

    def holding(self, account: str, asset: str) -> ProvenRow[Holding]:
        """What an account holds of an asset; None where it does not hold it at all."""
        return self._read(holding_key(account, asset), Holding.decode)

    def raw(self, key: bytes) -> ProvenRow[bytes]:
        """One row by its whole key."""
        return self._read(key, bytes)

    # ---- asking --------------------------------------------------------------------------------

    def _read(self, key: bytes, load: Callable[[bytes], T]) -> ProvenRow[T]:
        faults: dict[str, str] = {}
        newest: dict[LightClient, RowProof] = {}
        for client in self._clients:
            proof = self._ask(client, key, None, faults)
            if proof is not None:
                newest[client] = proof
        self._require_enough(len(newest), faults)
        # As new as enough nodes can prove.
        height = sorted((one.height for one in newest.values()), reverse=True)[self.need - 1]
        agreed: dict[str, RowProof] = {}
        behind: dict[str, int] = {}
        for client, proof in newest.items():
            name = client.nodes[0].name
            if proof.height < height:
                behind[name] = proof.height
                continue
            if proof.height > height:
                again = self._ask(client, key, height, faults)
                if again is None:
                    continue
                proof = again
            agreed[name] = proof
        self._require_enough(len(agreed), faults)
        shown = next(iter(agreed.values()))
        value = self._load(shown.value, load, next(iter(agreed)))
        return ProvenRow(value, height, time_of(shown.block), tuple(agreed), faults, behind)

    def _ask(
        self, client: LightClient, key: bytes, height: int | None, faults: dict[str, str]
    ) -> RowProof | None:
        """A node's proof, verified; None with the reason noted where it is none."""
        source: Any = client.nodes[0]
        try:
            proof: RowProof = source.row(key, height)
            false = LightCode.FALSE_PROOF
            require(proof.key == key, false, node=source.name, reason="it is of another row")
            require(
                height is None or proof.height == height, false, node=source.name,
                reason=f"it is of block {proof.height}, not of block {height}",
            )  # fmt: skip
            require(
                proof.holds(), false, node=source.name,
                reason="the row does not stand under the state root it came with",
            )  # fmt: skip
            client.believe(source, proof.block)
        except Refusal as refusal:
            if refusal.code is LightCode.ATTACK or refusal.code is LightCode.EXPIRED:
                raise
            faults[source.name] = refusal.code.text("en", refusal.values)
            return None
        return proof

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
            refuse(LightCode.FALSE_PROOF, node=node, reason=f"unknown layout: {fault}"[:200])
