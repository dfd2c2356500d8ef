"""The light blocks between what somebody trusts and a receipt: put in, where validators changed."""

from __future__ import annotations

import msgspec

from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.kernel.light import SUCCESS, LightBlock, Limits, step, time_of
from tongbao.kernel.receipts import Receipt, Trust
from tongbao.kernel.wording import Text
from tongbao.node.application import Application
from tongbao.node.light import light_block, light_block_between, newest_light_block
from tongbao.sdk.light import LightCode, with_path

CACHED = 8
"""Heights from which the last way is kept."""


class LightPaths:
    """Ways over this node's own blocks; as a source of light blocks it is a node like any other."""

    name = "this node"

    def __init__(self, app: Application) -> None:
        """Over the blocks of `app`."""
        self._app = app
        self._last: dict[int, tuple[LightBlock, ...]] = {}

    def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest; a Refusal where this node does not have it."""
        app = self._app
        found = newest_light_block(app) if height is None else light_block(app, height)
        if found is None:
            refuse(
                LightCode.NO_ANSWER,
                node=self.name,
                reason=Text("no signed block {height}", height=height),
            )
        return found

    def between(self, low: int, high: int) -> LightBlock:
        """The block nearest to the middle of those that this node still has between two."""
        found = light_block_between(self._app, low, high)
        if found is None:
            reason = Text("no signed block between {low} and {high}", low=low, high=high)
            refuse(LightCode.NO_ANSWER, node=self.name, reason=reason)
        return found

    def provable(self, receipt: Receipt) -> Receipt:
        """The receipt as the genesis alone trusts it; as it is where blocks between are gone."""
        try:
            return self.since(receipt, 0)
        except Refusal:
            return receipt

    def since(self, receipt: Receipt, height: int) -> Receipt:
        """The receipt with the way from a block, or from the genesis (0); none where none is due.

        Raises Refusal with a LightCode where there is no such way.
        """
        proving = self.light_block(receipt.height + 1)
        require(height <= proving.height, LightCode.BELOW_TRUST, height=receipt.height, base=height)
        trust = self._app.genesis.trust()
        if height:
            trust = Trust(trust.chain, (), (self.light_block(height),))
        limits = Limits(time_of(proving))
        for way in ((), self._last.get(height, ())):
            base = way[-1] if way else trust.known()[0]
            if base == proving or step(base, proving, limits).kind == SUCCESS:
                return msgspec.structs.replace(receipt, path=way)
        made = with_path(receipt, self, trust)
        while len(self._last) >= CACHED:
            self._last.pop(next(iter(self._last)))
        self._last[height] = made.path
        return made
