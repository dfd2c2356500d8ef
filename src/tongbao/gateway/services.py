"""What the gateway needs from a node: an application, an engine, and queries on the read model.

The gateway asks for no more than these protocols, so that another engine or another database fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tongbao.gateway.services_exchange import ExchangeQueries
from tongbao.kernel.blocks import BlockRecord
from tongbao.node.answers import Answer
from tongbao.node.application import Application
from tongbao.node.view import NetworkView

Row = Mapping[str, Any]
"""One row, ready for JSON. Its keys are the fields of the document that each query names (in
`tongbao.sdk.documents`); keys beyond them are passed on. Amounts (`*_minor`) may be int or str:
the gateway writes them as decimal strings. `bytes` are not for JSON: give hex or base64 text."""


class Page(Protocol):
    """Rows of one page, and where the next begins."""

    @property
    def items(self) -> Sequence[Row]:
        """The rows, in the order of the list."""
        ...

    @property
    def next_cursor(self) -> str | None:
        """Opaque place after the last row; None where nothing follows (now)."""
        ...


class GovernanceQueries(Protocol):
    """Questions about seats and votes, by the same rules as `Queries`."""

    def seat_changes(
        self, *, limit: int, cursor: str | None = None, party: str | None = None
    ) -> Page:
        """Document `SeatChange`, newest first."""
        ...

    def votes(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        state: str | None = None,
        opener: str | None = None,
    ) -> Page:
        """Document `GovernanceVote`, newest first."""
        ...

    def vote(self, vote: str) -> Row | None:
        """One `GovernanceVote`."""
        ...

    def upgrades(self, *, limit: int, cursor: str | None = None) -> Page:
        """Document `AgreedUpgrade`, the highest block first."""
        ...

    def evidence(self, *, limit: int, cursor: str | None = None, party: str | None = None) -> Page:
        """Document `MisbehaviorEvidence`, newest first."""
        ...


class SettlementQueries(Protocol):
    """Questions about settlement batches and queues."""

    def batches(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        party: str | None = None,
        state: str | None = None,
    ) -> Page:
        """Document `SettlementBatch`, newest first."""
        ...

    def batch(self, batch: str) -> Row | None:
        """One `SettlementBatch`."""
        ...

    def queues(self, *, limit: int, cursor: str | None = None) -> Page:
        """Document `RtgsQueue`, by id."""
        ...

    def queue(self, queue: str) -> Row | None:
        """One `RtgsQueue`."""
        ...

    def waiting(
        self,
        queue: str,
        *,
        limit: int,
        cursor: str | None = None,
        payer: str | None = None,
        asset: str | None = None,
    ) -> Page:
        """Document `QueuedPayment`, in the order of the queue, with positions."""
        ...

    def payments(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        queue: str | None = None,
        account: str | None = None,
        state: str | None = None,
        run: str | None = None,
    ) -> Page:
        """Document `QueuedPayment`, newest first."""
        ...

    def payment(self, payment: str) -> Row | None:
        """One `QueuedPayment`."""
        ...

    def runs(self, queue: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `NettingRun`, newest first."""
        ...

    def limits(self, queue: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `ParticipantLimits`, by account and asset."""
        ...


class CorridorQueries(Protocol):
    """Questions about corridors and the payments through them; pages as in `Queries`."""

    def corridors(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        send_asset: str | None = None,
        receive_asset: str | None = None,
    ) -> Page:
        """Document `CorridorDocument`, by id."""
        ...

    def corridor(self, corridor: str) -> Row | None:
        """One `CorridorDocument`."""
        ...

    def terms(self, corridor: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `CorridorTerms`, newest first."""
        ...

    def payments(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        party: str | None = None,
        corridor: str | None = None,
        state: str | None = None,
    ) -> Page:
        """Document `CrossBorderPayment`, newest first."""
        ...

    def payment(self, uetr: str) -> Row | None:
        """One `PaymentTrack`, by its UETR or that of a return."""
        ...

    def charges(self, receiver: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `Charge`, by payment."""
        ...

    def rates(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        base: str | None = None,
        quote: str | None = None,
    ) -> Page:
        """Document `ReferenceRate`, newest first of each pair."""
        ...

    def screening(self, subject: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `ScreeningResult`, by screening party."""
        ...

    def sealing_key(self, party: str) -> Row | None:
        """One `SealingKeyDocument`."""
        ...


class Queries(Protocol):
    """Questions to the read model. Called from worker threads, several at once.

    Every list is ordered, takes 1 <= `limit` <= 1000 and a `cursor` (a former `next_cursor`), and
    raises ValueError for a cursor that it did not make. A list about a party or account that does
    not exist is empty; a question for one row answers None.
    """

    @property
    def exchange(self) -> ExchangeQueries:
        """About offers, trades, pools and quotes."""
        ...

    @property
    def governance(self) -> GovernanceQueries:
        """About seats and votes."""
        ...

    @property
    def corridors(self) -> CorridorQueries:
        """About corridors and the payments through them."""
        ...

    @property
    def settlement(self) -> SettlementQueries:
        """About settlement batches and queues."""
        ...

    def height(self) -> int:
        """Height up to which blocks were projected. Cheap: asked several times a second."""
        ...

    def parties(self, *, limit: int, cursor: str | None = None, role: str | None = None) -> Page:
        """Document `Party`, by id."""
        ...

    def party(self, party: str) -> Row | None:
        """One `Party`."""
        ...

    def keys(self, party: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `PartyKey`, by key id. Expiry is judged by the newest block's time."""
        ...

    def policies(self, party: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `ApprovalPolicy`, by scope."""
        ...

    def proposals(
        self, party: str, *, limit: int, cursor: str | None = None, state: str | None = None
    ) -> Page:
        """Document `Proposal`, newest first: those that the party made or has to approve."""
        ...

    def accounts(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        party: str | None = None,
        identifier: str | None = None,
    ) -> Page:
        """Document `Account`, by id; of one party, or the one that carries a linked number."""
        ...

    def account(self, account: str) -> Row | None:
        """One `Account`."""
        ...

    def resolve(self, numbers: list[str]) -> Mapping[str, str]:
        """Linked numbers and account ids -> account; unknown ones are left out."""
        ...

    def holdings(self, account: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `Holding`, by asset."""
        ...

    def entries(
        self,
        account: str,
        *,
        limit: int,
        cursor: str | None = None,
        asset: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> Page:
        """Document `Entry`, oldest first; block times from `since_ms` until before `until_ms`."""
        ...

    def holds(
        self, account: str, *, limit: int, cursor: str | None = None, state: str | None = None
    ) -> Page:
        """Document `Hold`, by id, where the account is payer or payee."""
        ...

    def limits(self, account: str, *, limit: int, cursor: str | None = None) -> Page:
        """Document `AccountLimit`, by asset."""
        ...

    def transactions(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        party: str | None = None,
        code: int | None = None,
    ) -> Page:
        """Document `TransactionLine`, newest first; of one party, or with one code."""
        ...

    def assets(self, *, limit: int, cursor: str | None = None) -> Page:
        """Document `Asset`, by id."""
        ...

    def asset(self, asset: str) -> Row | None:
        """One `Asset`."""
        ...

    def named(self, party: str, reference: str) -> Row | None:
        """Where the transaction of that name stands, remembered for ever.

        Keys `height`, `position`, `digest` (hex).
        """
        ...

    def events(
        self,
        *,
        limit: int,
        after: str | None = None,
        party: str | None = None,
        account: str | None = None,
        event: str | None = None,
    ) -> Page:
        """Document `EventItem`, oldest first, after an id (None: from the first).

        `next_cursor` is the id to go on from, and never None: where nothing matched it moves on
        to the newest event looked at (or stays `after`, or `"0"`), so that a filter is not walked
        twice. `party` matches the transaction's namer and every party or account of the party in
        the event's data; `account` matches accounts in the data; `event` is a type
        (`payments.transferred`) or a module (`payments`).
        """
        ...

    def newest_event(self) -> str:
        """Id of the newest event, "0" before the first: where a stream without a past starts."""
        ...


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

    def submit(self, envelopes: Sequence[bytes]) -> Future[list[Answer]]:
        """One answer each, in order, once they are durable. Raises Refusal to accept none."""
        ...

    def subscribe(self, listener: Callable[[BlockRecord], None]) -> None:
        """Call `listener` with every block once it is durable."""
        ...


@dataclass(frozen=True)
class NodeServices:
    """A node as the gateway sees it."""

    application: Application
    engine: Engine
    queries: Queries | None = None
    """None: the node keeps no read model; lists and events answer with a problem."""
    ask_engine: Callable[[bytes], bytes] | None = None
    """Passes one JSON-RPC call on to the engine beside the node; raises RuntimeError."""
    look: Callable[[], NetworkView] | None = None
    """Asks the engine about the network; None: the chain has this one node. Raises RuntimeError
    where the engine does not answer."""
    origin: Path | None = None
    """Folder of the snapshot that the chain goes on from, for nodes that join."""
