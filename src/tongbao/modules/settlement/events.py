"""What the module announces."""

from __future__ import annotations

from typing import Annotated, ClassVar

from tongbao.kernel.fields import (
    APART,
    AccountId,
    Amount,
    AssetCode,
    Count,
    Duration,
    Moment,
    PartyId,
    Reference,
    Refused,
    Text,
    Uetr,
    Whole,
    Word,
)
from tongbao.kernel.transaction import Event
from tongbao.modules.settlement.model import BatchId, QueueAsset, QueuedId, QueueId, RunId, Step

# ---- batches -------------------------------------------------------------------------------------


class BatchProposed(Event, tag="settlement.batch_proposed"):
    """Instructions wait for accounts and approvals."""

    says: ClassVar = (
        "{proposer} proposed settlement batch {batch}, open until"
        " {deadline_at_ms:moment}[: {title}]."
    )

    batch: BatchId
    proposer: PartyId
    steps: tuple[Step, ...]
    deadline_at_ms: Moment
    settle_at_ms: Moment = 0
    receivers_approve: bool = False
    reserve: bool = False
    netted: bool = False
    title: str = ""


class BatchAmended(Event, tag="settlement.batch_amended"):
    """The proposer changed a batch; instructions that changed lost accounts and approvals."""

    says: ClassVar = "Settlement batch {batch} was amended, open until {deadline_at_ms:moment}."

    batch: BatchId
    steps: tuple[Step, ...]
    kept: tuple[int, ...]
    """Numbers of the instructions that kept accounts and approvals."""
    deadline_at_ms: Moment
    settle_at_ms: Moment = 0


class Allocated(Event, tag="settlement.allocated"):
    """An account was named for some instructions."""

    says: ClassVar = "{account} will {side} in instruction(s) {instructions} of batch {batch}."
    labels: ClassVar = {
        "side": {"deliver": "deliver", "receive": "receive"},
    }

    batch: BatchId
    side: str
    account: AccountId
    instructions: tuple[int, ...]


class Approved(Event, tag="settlement.approved"):
    """A party approved its sides of a batch."""

    says: ClassVar = "{party} approved its part of batch {batch}."

    batch: BatchId
    party: PartyId
    delivers: tuple[int, ...]
    """Numbers of the instructions in which it delivers."""
    receives: tuple[int, ...]
    """Numbers of those in which it receives."""


class Revoked(Event, tag="settlement.revoked"):
    """A party took its approvals back."""

    says: ClassVar = "{party} took back its approval of batch {batch}: {reason}."

    batch: BatchId
    party: PartyId
    reason: str


class BatchSettled(Event, tag="settlement.batch_settled"):
    """Every leg of a batch was applied at once."""

    says: ClassVar = "Settlement batch {batch} settled: {count} instruction(s) at once."

    batch: BatchId
    count: int


class BatchWaits(Event, tag="settlement.batch_waits"):
    """A complete batch could not settle now; it may be tried again until its deadline."""

    says: ClassVar = (
        "Settlement batch {batch} is complete but did not settle: {reason} ({refusal})."
    )

    batch: BatchId
    refusal: Refused
    """Code of the rule that stood in the way."""
    reason: Text
    """What that rule says, or why it was cancelled."""


class BatchEnded(Event, tag="settlement.batch_ended"):
    """A batch was cancelled; nothing of it moved, and what it had set aside is free."""

    says: ClassVar = "Settlement batch {batch} was cancelled, nothing moved: {reason}."

    batch: BatchId
    reason: Text


# ---- queues --------------------------------------------------------------------------------------


class QueueDefined(Event, tag="settlement.queue_defined"):
    """A queue has these rules from now on."""

    says: ClassVar = "{operator} set the rules of queue {queue}: most by {objective}."
    labels: ClassVar = {
        "objective": {"value": "value", "count": "count"},
    }

    queue: QueueId
    operator: PartyId
    assets: tuple[QueueAsset, ...]
    objective: str
    at_once: bool
    offset: bool
    overtaking: bool
    netting_every_ms: Duration
    day_ends_ms: int
    at_close: str
    work_per_block: int


class LimitsSet(Event, tag="settlement.limits_set"):
    """A participant limits what the queue does with its account."""

    says: ClassVar = (
        "{account} limited its payments in queue {queue}: at most"
        " {multilateral_minor:money} net a day, "
        "{urgent_reserve_minor:money} kept for urgent ones."
    )

    queue: QueueId
    account: AccountId
    asset: AssetCode
    multilateral_minor: Amount
    urgent_reserve_minor: Amount
    bilateral: tuple[tuple[AccountId, Amount], ...] = ()
    """(counterparty's account, limit)."""


class PaymentSubmitted(Event, tag="settlement.payment_submitted"):
    """A payment entered a queue."""

    says: ClassVar = (
        "{payer} submitted {amount_minor:money} for {payee} to queue {queue}[ ({payee_reference})]."
    )

    payment: QueuedId
    queue: QueueId
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    priority: int
    order: int
    pair: str = ""
    payee_reference: Reference = ""
    uetr: Uetr = ""


class PaymentsSettled(Event, tag="settlement.payments_settled"):
    """Payments of a queue settled, all at once."""

    says: ClassVar = "{count} payment(s) of queue {queue} settled by {how}."
    labels: ClassVar = {
        "how": {
            "entry": "entry",
            "release": "release",
            "offset": "offset",
            "pair": "pair",
            "netting": "netting",
        },
    }

    queue: QueueId
    how: Word
    """`entry`, `release`, `offset`, `pair` or `netting`."""
    count: int
    totals: tuple[tuple[AssetCode, Amount], ...]
    """(asset, sum of the amounts)."""
    payments: Annotated[tuple[str, ...], APART]
    run: RunId = ""
    """The run of the netting that settled them."""


class PaymentMoved(Event, tag="settlement.payment_moved"):
    """A payment has another place in its queue."""

    says: ClassVar = "Payment {payment} has priority {priority} and another place in its queue."

    payment: QueuedId
    priority: int
    order: int


class PaymentEnded(Event, tag="settlement.payment_ended"):
    """A payment left its queue unsettled."""

    says: ClassVar = "Payment {payment} left its queue unsettled: {reason}."
    labels: ClassVar = {
        "reason": {"end of day": "end of day"},
    }

    payment: QueuedId
    reason: Text


class RunStarted(Event, tag="settlement.run_started"):
    """The netting of a queue began."""

    says: ClassVar = "Netting {run} of queue {queue} began ({kind})."
    labels: ClassVar = {
        "kind": {"demand": "on demand", "timer": "by timer", "close": "at close"},
    }

    run: RunId
    queue: QueueId
    kind: str
    """`demand`, `timer` or `close`."""
    objective: str


class RunEnded(Event, tag="settlement.run_ended"):
    """The netting of a queue came to its end."""

    says: ClassVar = (
        "Netting {run} of queue {queue} ended: {count} payment(s) settled, {left} left."
    )

    run: RunId
    queue: QueueId
    count: Count
    value: Whole
    """Sum of amount times weight."""
    left: Count
    """Payments that wait in the queue now."""
    started_at_ms: Moment
    rejected: Count = 0
    """Payments that the end of the day sent out of the queue."""
