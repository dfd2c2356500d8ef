"""Settlement batches, queues, what waits in them, and runs of the netting."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from tongbao.gateway import openapi
from tongbao.gateway.asking import Filter, Freshly, Paged, Word
from tongbao.gateway.encoding import JsonResponse
from tongbao.sdk import documents_settlement as documents
from tongbao.sdk.states import BatchState, QueuedState

router = APIRouter(tags=["settlement"], default_response_class=JsonResponse)


@router.get("/v1/settlement/batches", responses=openapi.page(documents.SettlementBatch))
async def batches(asked: Paged, party: Filter = None, state: BatchState | None = None) -> Response:
    """Settlement batches, newest first; those of a party that proposed them or takes part."""
    return await asked.page(
        lambda q: q.settlement.batches(**asked.at, party=party, state=state), party=party
    )


@router.get(
    "/v1/settlement/batches/{batch:path}", responses=openapi.answer(documents.SettlementBatch)
)
async def batch(asked: Freshly, batch: Word) -> Response:
    """One batch with its instructions."""
    return await asked.one("batch", batch, lambda q: q.settlement.batch(batch))


@router.get("/v1/rtgs/queues", responses=openapi.page(documents.RtgsQueue))
async def queues(asked: Paged) -> Response:
    """The queues with their rules, by id."""
    return await asked.page(lambda q: q.settlement.queues(**asked.at))


@router.get("/v1/rtgs/queues/{queue}", responses=openapi.answer(documents.RtgsQueue))
async def queue(asked: Freshly, queue: Word) -> Response:
    """One queue with its rules."""
    return await asked.one("queue", queue, lambda q: q.settlement.queue(queue))


@router.get("/v1/rtgs/queues/{queue}/waiting", responses=openapi.page(documents.QueuedPayment))
async def waiting(
    asked: Paged,
    queue: Word,
    payer: Filter = None,
    asset: Filter = None,
    party: Filter = None,
) -> Response:
    """What waits in a queue, in its order, with positions; `party` pays or is paid."""
    return await asked.page(
        lambda q: q.settlement.waiting(queue, **asked.at, payer=payer, asset=asset, party=party),
        queue=queue, account=payer, asset=asset, party=party,
    )  # fmt: skip


@router.get("/v1/rtgs/queues/{queue}/runs", responses=openapi.page(documents.NettingRun))
async def runs(asked: Paged, queue: Word) -> Response:
    """Runs of the netting of a queue, newest first."""
    return await asked.page(lambda q: q.settlement.runs(queue, **asked.at), queue=queue)


@router.get("/v1/rtgs/queues/{queue}/limits", responses=openapi.page(documents.ParticipantLimits))
async def limits(asked: Paged, queue: Word) -> Response:
    """What participants allow a queue, by account and asset."""
    return await asked.page(lambda q: q.settlement.limits(queue, **asked.at), queue=queue)


@router.get("/v1/rtgs/payments", responses=openapi.page(documents.QueuedPayment))
async def payments(
    asked: Paged,
    queue: Filter = None,
    account: Filter = None,
    party: Filter = None,
    state: QueuedState | None = None,
    run: Filter = None,
) -> Response:
    """Payments that were submitted to queues, newest first."""
    return await asked.page(
        lambda q: q.settlement.payments(
            **asked.at, queue=queue, account=account, party=party, state=state, run=run
        ),
        queue=queue, account=account, party=party,
    )  # fmt: skip


@router.get("/v1/rtgs/payments/{payment:path}", responses=openapi.answer(documents.QueuedPayment))
async def payment(asked: Freshly, payment: Word) -> Response:
    """One payment; where it waits, with its position."""
    return await asked.one("payment", payment, lambda q: q.settlement.payment(payment))
