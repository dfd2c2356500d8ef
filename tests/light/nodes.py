"""Nodes that show blocks: honest ones, and each kind of liar."""

from __future__ import annotations

from collections.abc import Callable

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.light import LightBlock
from tongbao.kernel.receipts import Trust
from tongbao.kernel.validators import Validator
from tongbao.sdk.light import Evidence, LightCode, Reported, TrustedStore
from tongbao.simulator.headers import BLOCK_MS, HeaderChain

Show = Callable[[int], LightBlock | None]


class Shows:
    """A node that has some blocks; `spoil` may change what it shows."""

    def __init__(
        self,
        chain: HeaderChain,
        top: int,
        name: str = "node-1",
        spoil: dict[int, LightBlock] | None = None,
    ) -> None:
        self.chain = chain
        self.top = top
        self.name = name
        self.spoil = spoil or {}
        self.asked: list[int | None] = []
        self.reported: list[Evidence] = []

    def light_block(self, height: int | None) -> LightBlock:
        """What it shows."""
        self.asked.append(height)
        wanted = self.top if height is None else height
        if wanted in self.spoil:
            return self.spoil[wanted]
        if wanted > self.top:
            refuse(LightCode.NO_ANSWER, node=self.name, reason=f"no block {wanted}")
        return self.chain.block(wanted)

    def report(self, evidence: Evidence) -> tuple[Reported, ...]:
        """Take evidence against what is not its own, in one step from what is."""
        self.reported.append(evidence)
        own = self.light_block(evidence.first.block.height)
        shown = (evidence.first.block, evidence.second.block)
        follows = dict(zip(shown, evidence.follow(), strict=True))
        [false] = [one for one in shown if one.header != own.header]
        require(follows[false], LightCode.NOT_TAKEN, node=self.name, reason="it does not follow")
        hexed = false.hash().hex()
        return (Reported(false.height, hexed, "lunatic", evidence.common.height, hexed, ()),)


def genesis_store(chain: HeaderChain) -> TrustedStore:
    """Trust in the validators of block 1."""
    members = tuple(Validator(*one) for one in chain.block(1).validators)
    return TrustedStore(Trust(chain.chain, members, (), chain.start_ms - 1))


def after(chain: HeaderChain, height: int) -> Callable[[], int]:
    """A clock that shows a second after a block."""
    return lambda: chain.start_ms + height * BLOCK_MS + 1_000
