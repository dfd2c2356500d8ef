"""Business drawn by the simulator's generators, where the seats have demonstration keys."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from tongbao import _core
from tongbao.kernel.codes import OK
from tongbao.kernel.genesis import Genesis
from tongbao.kernel.protocols import Protocols
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened
from tongbao.kernel.views import BlockContext, ReadView
from tongbao.modules.governance import NEWEST_VERSION
from tongbao.node.application import Application
from tongbao.node.composer import commit, compose
from tongbao.simulator.founding import consortium
from tongbao.simulator.membership import signers
from tongbao.simulator.modules import GENERATORS, MODULES
from tongbao.simulator.sealing import SimKey, seal

LASTING_MS = 3_600_000


def rules() -> Protocols:
    """As the simulator's: the same under every version."""
    return Protocols(Registry(MODULES, version) for version in range(1, NEWEST_VERSION + 1))


def consortium_of(seed: int) -> Genesis:
    """A simulated consortium, always the same for a seed."""
    return consortium(random.Random(seed))


class Business:
    """A ledger, and those who do business on it; time goes on by little from block to block."""

    def __init__(self, app: Application, seed: int) -> None:
        self.app = app
        self.rng = random.Random(seed)
        self.seed = seed
        self.sent = 0
        self.done: Counter[str] = Counter()
        """Kinds of transaction that were applied."""

    @staticmethod
    def founded(seed: int, path: str | None = None) -> Business:
        """On a new ledger."""
        app = Application(_core.State.open(path), consortium_of(seed), rules(), strict=True)
        return Business(app, seed)

    def go_on(self, blocks: int, of: Sequence[str], step_ms: int = 1_000, size: int = 12) -> None:
        """So many blocks with transactions of some kinds, by the beginnings of their tags."""
        tags = [tag for tag in sorted(GENERATORS) if tag.startswith(tuple(of))]
        for _ in range(blocks):
            time_ms = self.app.tip.time_ms + step_ms
            drawn = [self._draw(tags, time_ms) for _ in range(size)]
            self.block(time_ms, [raw for raw in drawn if raw])

    def rest(self) -> None:
        """Blocks without transactions until the newest header proves the newest state."""
        while not self._proven():
            self.block(self.app.tip.time_ms + 1, [])

    def _proven(self) -> bool:
        record = self.app.block(self.app.tip.height)
        assert record is not None
        proven: bool = _core.header_fields(record.header)["app_hash"] == self.app.state.root()
        return proven

    def block(self, time_ms: int, envelopes: Sequence[bytes]) -> None:
        """One block and its seal, signed by everybody."""
        prepared = self.app.prepare(envelopes)
        opened = [one for one in prepared if isinstance(one, Opened)]
        composed = compose(self.app, time_ms, opened, *signers(self.app))
        if composed.records:
            commit(self.app, composed)
        for one, executed in zip(opened, composed.executed, strict=True):
            if executed.outcome.code == OK:
                self.done.update(str(a.__struct_config__.tag) for a in one.body.actions)

    def _draw(self, tags: Sequence[str], time_ms: int) -> bytes:
        block = BlockContext(self.app.genesis.chain, self.app.tip.height + 1, time_ms)
        draw = GENERATORS[self.rng.choice(tags)](self.rng, ReadView(self.app.state, block))
        if draw is None:
            return b""
        self.sent += 1
        keys = (SimKey(party, number) for party, number in draw.signers)
        reference = f"{self.app.genesis.chain[:8]}-{self.sent}"
        expires = time_ms + LASTING_MS
        chain = self.app.genesis.chain
        return seal(chain, draw.party, reference, expires, draw.actions, keys).envelope()
