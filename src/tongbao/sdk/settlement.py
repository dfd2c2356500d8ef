"""Batches and queues: `client.walk(settlement.waiting("rtgs"))`, in both clients."""

from __future__ import annotations

from tongbao.sdk.calls import Call, Listing, listing, one, segment
from tongbao.sdk.documents_settlement import (
    NettingRun,
    ParticipantLimits,
    QueuedPayment,
    RtgsQueue,
    SettlementBatch,
)

_BATCHES, _QUEUES = "/v1/settlement/batches", "/v1/rtgs/queues"
_PAYMENTS = "/v1/rtgs/payments"


def batches(party: str | None = None, state: str | None = None) -> Listing[SettlementBatch]:
    """Settlement batches, newest first."""
    return listing(_BATCHES, SettlementBatch, party=party, state=state)


def batch(name: str) -> Call[SettlementBatch]:
    """One batch with its instructions."""
    return one(f"{_BATCHES}/{segment(name)}", SettlementBatch)


def queues() -> Listing[RtgsQueue]:
    """The queues, by id."""
    return listing(_QUEUES, RtgsQueue)


def queue(name: str) -> Call[RtgsQueue]:
    """One queue with its rules."""
    return one(f"{_QUEUES}/{segment(name)}", RtgsQueue)


def waiting(
    queue: str, payer: str | None = None, asset: str | None = None, party: str | None = None
) -> Listing[QueuedPayment]:
    """What waits in a queue, in its order, with positions; `party` pays or is paid."""
    path = f"{_QUEUES}/{segment(queue)}/waiting"
    return listing(path, QueuedPayment, payer=payer, asset=asset, party=party)


def runs(queue: str) -> Listing[NettingRun]:
    """Runs of the netting of a queue, newest first."""
    return listing(f"{_QUEUES}/{segment(queue)}/runs", NettingRun)


def limits(queue: str) -> Listing[ParticipantLimits]:
    """What participants allow a queue, by account and asset."""
    return listing(f"{_QUEUES}/{segment(queue)}/limits", ParticipantLimits)


def payments(
    queue: str | None = None,
    account: str | None = None,
    state: str | None = None,
    run: str | None = None,
    *,
    party: str | None = None,
) -> Listing[QueuedPayment]:
    """Payments that were submitted to queues, newest first."""
    return listing(
        _PAYMENTS, QueuedPayment, queue=queue, account=account, party=party, state=state, run=run
    )


def payment(name: str) -> Call[QueuedPayment]:
    """One payment; where it waits, with its position."""
    return one(f"{_PAYMENTS}/{segment(name)}", QueuedPayment)
