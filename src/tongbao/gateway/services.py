"""What the gateway needs from a node: an application, an engine, and queries on the read model.

Of an engine the gateway asks no more than the protocol here, so that another one fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tongbao.kernel.blocks import BlockRecord
from tongbao.node.answers import Answer
from tongbao.node.application import Application
from tongbao.node.clock import Reading
from tongbao.node.view import NetworkView

if TYPE_CHECKING:
    from tongbao.readmodel import SqlQueries


class Engine(Protocol):
    """Orders transactions."""

    @property
    def waiting(self) -> int:
        """Envelopes accepted and not yet answered."""
        ...

    @property
    def fault(self) -> BaseException | None:
        """Why the engine halted; None while it works."""
        ...

    def clock(self) -> Reading:
        """The time by which blocks are made, and whether the machine's clock agrees."""
        ...

    def submit(self, envelopes: Sequence[bytes], client: str = "") -> Future[list[Answer]]:
        """One answer each, in order, once they are durable. Raises Refusal to accept none.

        `client` names who sent them, for the bounds on what each may have waiting.
        """
        ...

    def subscribe(self, listener: Callable[[BlockRecord], None]) -> None:
        """Call `listener` with every block once it is durable."""
        ...


@dataclass(frozen=True)
class NodeServices:
    """A node as the gateway sees it."""

    application: Application
    engine: Engine
    queries: SqlQueries | None = None
    """None: the node keeps no read model; lists and events answer with a problem."""
    ask_engine: Callable[[bytes], bytes] | None = None
    """Passes one JSON-RPC call on to the engine beside the node; raises RuntimeError."""
    look: Callable[[], NetworkView] | None = None
    """Asks the engine about the network; None: the chain has this one node. Raises RuntimeError
    where the engine does not answer."""
    origin: Path | None = None
    """Folder of the snapshot that the chain goes on from, for nodes that join."""
