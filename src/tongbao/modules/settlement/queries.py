"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.views import ReadView
from tongbao.modules.settlement.model import Batch, Closing, Queue, Queued
from tongbao.modules.settlement.state import BATCHES, CLOSINGS, ORDER, QUEUED, QUEUES


def batches_of(view: ReadView, party: str) -> Iterator[Batch]:
    """Open batches that a party proposed or takes part in, by id."""
    return (batch for _, batch in view.scan(BATCHES) if party in batch.parties)


def queues(view: ReadView) -> Iterator[Queue]:
    """Every queue, by id."""
    return (queue for _, queue in view.scan(QUEUES))


def waiting_in(view: ReadView, queue: str) -> Iterator[Queued]:
    """Payments that wait in a queue, in its order."""
    for key, _ in view.scan(ORDER, queue):
        payment = view.get(QUEUED, key[3])
        if payment is not None:
            yield payment


def closings_of(view: ReadView, queue: str) -> Iterator[tuple[str, str, Closing]]:
    """(account, asset, how the newest netting left it) of a queue."""
    return ((key[1], key[2], closing) for key, closing in view.scan(CLOSINGS, queue))
