"""Documents about settlement batches, queues and what waits in them."""

from __future__ import annotations

from tongbao.sdk.documents import Amount, Document, Whole


class Instruction(Document, frozen=True):
    """A leg of a settlement batch, with its accounts and approvals."""

    number: int
    sender: str
    """Party that delivers."""
    receiver: str
    asset: str
    amount_minor: Amount
    reference: str = ""
    delivers: str = ""
    """Account that delivers; empty until it is allocated."""
    receives: str = ""
    """Account that receives; empty until it is allocated."""
    delivery_approved: bool = False
    receipt_approved: bool = False


class SettlementBatch(Document, frozen=True):
    """Legs that settle together or not at all."""

    batch: str
    proposer: str
    state: str
    """`open`, `complete` (it waits for a rule that stands in the way), `settled`, `cancelled`."""
    title: str = ""
    proposed_at_ms: int = 0
    """0 where it was proposed before the chain was continued: the state does not tell."""
    deadline_at_ms: int = 0
    """When it is cancelled unless it has settled."""
    settle_at_ms: int = 0
    """Before which it does not settle; 0: as soon as it is complete."""
    ended_at_ms: int = 0
    receivers_approve: bool = False
    reserve: bool = False
    """Whether approving sets the amount aside."""
    netted: bool = False
    reason: str = ""
    """Why it waits, or was cancelled."""
    refusal: int = 0
    """Code of the rule that stands in the way; 0 also where it was met before the chain was
    continued, until it is tried again."""
    parties: tuple[str, ...] = ()
    revision: int = 0
    """How often it was amended; who approves names it."""
    instructions: tuple[Instruction, ...] = ()


class QueueAsset(Document, frozen=True):
    """An asset that a queue settles."""

    asset: str
    weight: int = 1
    """What a minor unit counts for where the most value is settled."""


class RtgsQueue(Document, frozen=True):
    """A queue and its rules."""

    queue: str
    operator: str
    assets: tuple[QueueAsset, ...]
    objective: str
    """`count` or `value`."""
    at_once: bool
    offset: bool
    overtaking: bool
    netting_every_ms: int
    day_ends_ms: int
    """End of the day, milliseconds after midnight UTC; -1: none."""
    at_close: str
    work_per_block: int
    waiting: int
    """Payments that wait now."""
    settled: int
    """Payments that settled in it, on this chain: not those before it was continued."""


class QueuedPayment(Document, frozen=True):
    """A payment that was submitted to a queue."""

    payment: str
    queue: str
    payer: str
    payee: str
    asset: str
    amount_minor: Amount
    priority: int
    """0 is the most urgent, 9 the least."""
    state: str
    """`waiting`, `settled`, `cancelled` or `rejected` (at the end of the day)."""
    position: int | None = None
    """Its place among all that wait in the queue, from 1; null where it does not wait."""
    pair: str = ""
    payee_reference: str = ""
    uetr: str = ""
    how: str = ""
    """How it settled: `entry`, `release`, `offset`, `pair` or `netting`."""
    run: str = ""
    """The run of the netting that settled it."""
    reason: str = ""
    submitted_at_ms: int = 0
    """0 where it was submitted before the chain was continued: the state does not tell."""
    ended_at_ms: int = 0


class NettingRun(Document, frozen=True):
    """A run of the netting."""

    run: str
    queue: str
    kind: str
    """`demand`, `timer` or `close`."""
    objective: str
    state: str
    """`working` or `ended`."""
    count: int
    """Payments that it settled."""
    value: Whole
    """Sum of amount times weight."""
    left: int
    """Payments that waited when it ended."""
    rejected: int
    blocks: int
    """Over how many blocks it went, of this chain; the first block's height while it works."""
    started_at_ms: int
    ended_at_ms: int = 0


class ParticipantLimits(Document, frozen=True):
    """What a participant allows a queue to do with its account."""

    queue: str
    account: str
    asset: str
    multilateral_minor: Amount
    """Most that may flow out, net, on a business day; 0: no limit."""
    urgent_reserve_minor: Amount
    """What only urgent payments may use."""
    bilateral: dict[str, Amount] = {}
    """Counterparty's account -> most that may flow to it, net, on a day."""
