"""The lists of a network node: from its own blocks, and from other nodes' where it has none."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from tongbao.kernel.blocks import BlockRecord, Tip
from tongbao.node.application import Application
from tongbao.node.comet.settings import StateSyncFrom
from tongbao.sdk.history import History
from tongbao.sdk.tokens import Tokens

log = structlog.get_logger(__name__)
ENGINE_PATH = "/v1/engine"


class AllBlocks:
    """Every block of the chain, for the read model; a ledger that began later asks other nodes."""

    def __init__(
        self, application: Application, settings: StateSyncFrom, tokens: Tokens | None = None
    ) -> None:
        """Other nodes are those that the snapshot came from; `tokens` are for them."""
        self._tokens = tokens or Tokens()
        self._application = application
        self._urls = history_urls(settings.servers)
        self._history: History | None = None
        self._base = 0
        self._closed = False

    @property
    def tip(self) -> Tip:
        """Where the chain stands."""
        return self._application.tip

    def block(self, height: int) -> BlockRecord | None:
        """The block at a height; None where neither this node nor another can give it."""
        if self._history is None and height and self._urls and not self._closed:
            self._begin()
        # Of the block that a snapshot is of, this node has no more than the hash.
        founding = self._application.genesis.founding_height
        if self._history is not None and founding < height <= self._base:
            return self._history.block(height)
        return self._application.block(height)

    def close(self) -> None:
        """Stop asking."""
        self._closed = True
        if self._history is not None:
            self._history.close()

    def _begin(self) -> None:
        base = began_with(self._application)
        if base is not None:
            self._base, digest = base
            log.info("history.begins", until=self._base, nodes=list(self._urls))
            genesis = self._application.genesis
            self._history = History(genesis, self._base, digest, self._urls, self._tokens)


def began_with(application: Application) -> tuple[int, bytes] | None:
    """Height and hash of the block that the ledger began with; None where it has all."""
    low, high = application.genesis.founding_height + 1, application.tip.height
    if high < low or application.block(low) is not None:
        return None
    while low < high:  # blocks are there from some height on
        middle = (low + high) // 2
        low, high = (low, middle) if application.block(middle) is not None else (middle + 1, high)
    record = application.block(low)
    return None if record is None else (low, record.block_id[0])


def history_urls(servers: Sequence[str]) -> tuple[str, ...]:
    """Gateways behind the addresses at which the engine asks for headers."""
    return tuple(dict.fromkeys(
        one.removesuffix(ENGINE_PATH) for one in servers if one.endswith(ENGINE_PATH)
    ))  # fmt: skip
