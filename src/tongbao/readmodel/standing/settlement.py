"""Open batches, queues with what waits in them, limits, and runs of the netting under way.

When a batch was proposed or a payment submitted, which rule a complete batch waits for, and how
much a queue ever settled, only older blocks know; so do batches, payments and runs that ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.views import ReadView
from tongbao.modules.settlement import (
    BATCHES,
    BILATERAL,
    LIMITS,
    NO_LIMITS,
    QUEUED,
    Batch,
    counters_of,
    queues,
    runs_under_way,
)
from tongbao.readmodel import schema_settlement as schema
from tongbao.readmodel.projecting import as_json

Rows = Iterator[tuple[Table, dict[str, Any]]]


def standing(view: ReadView) -> Rows:
    """Every row of the module."""
    for _, batch in view.scan(BATCHES):
        yield from _batch(view, batch)
    yield from _queues(view)
    yield from _limits(view)
    for run in runs_under_way(view):
        yield schema.runs, {
            "queue": run.queue, "started_at_ms": run.started_at_ms, "run": run.id,
            "kind": run.kind, "objective": run.objective, "state": "working", "count": 0,
            "value": "0", "left": 0, "rejected": 0, "ended_at_ms": 0,
            # The next block is the first that these lists count for it.
            "blocks": view.block.height + 1,
        }  # fmt: skip


def _batch(view: ReadView, batch: Batch) -> Rows:
    # A complete batch was tried as soon as it was due: it stands because a rule was in the way.
    waits = batch.complete and batch.settle_at_ms <= view.time_ms
    yield schema.batches, {
        "batch": batch.id, "proposer": batch.proposer, "state": "complete" if waits else "open",
        "title": batch.title, "proposed_at_ms": 0,
        "deadline_at_ms": batch.deadline_at_ms, "settle_at_ms": batch.settle_at_ms,
        "ended_at_ms": 0, "receivers_approve": batch.receivers_approve, "reserve": batch.reserve,
        "netted": batch.netted, "reason": "", "refusal": 0, "parties": as_json(batch.parties),
        "revision": batch.revision,
    }  # fmt: skip
    for number, one in enumerate(batch.instructions):
        yield schema.instructions, {
            "batch": batch.id, "number": number, "sender": one.step.sender,
            "receiver": one.step.receiver, "asset": one.step.asset,
            "amount_minor": str(one.step.amount_minor), "reference": one.step.reference,
            "delivers": one.delivers, "receives": one.receives,
            "delivery_approved": one.delivery_approved, "receipt_approved": one.receipt_approved,
        }  # fmt: skip


def _queues(view: ReadView) -> Rows:
    for queue in queues(view):
        yield schema.queues, {
            "queue": queue.id, "operator": queue.operator,
            "assets": as_json([{"asset": a.asset, "weight": a.weight} for a in queue.assets]),
            "objective": queue.objective, "at_once": queue.at_once, "offset": queue.offset,
            "overtaking": queue.overtaking, "netting_every_ms": queue.netting_every_ms,
            "day_ends_ms": queue.day_ends_ms, "at_close": queue.at_close,
            "work_per_block": queue.work_per_block,
            "waiting": counters_of(view, queue.id).waiting, "settled": 0,
        }  # fmt: skip
    for _, payment in view.scan(QUEUED):
        yield schema.payments, {
            "payment": payment.id, "queue": payment.queue, "payer": payment.payer,
            "payee": payment.payee, "asset": payment.asset,
            "amount_minor": str(payment.amount_minor), "priority": payment.priority,
            "order": payment.order, "pair": payment.pair,
            "payee_reference": payment.payee_reference, "uetr": payment.uetr, "state": "waiting",
            "how": "", "run": "", "reason": "", "submitted_at_ms": 0,
            "ended_at_ms": 0,
        }  # fmt: skip


def _limits(view: ReadView) -> Rows:
    """One row an account and asset, of two tables: limits to all, and to single counterparties."""
    bilateral: dict[tuple[str, str, str], dict[str, str]] = {}
    for (queue, account, asset, other), most in view.scan(BILATERAL):
        bilateral.setdefault((queue, account, asset), {})[other] = str(most)
    to_all = {(q, account, asset): own for (q, account, asset), own in view.scan(LIMITS)}
    for here in sorted({*to_all, *bilateral}):
        own = to_all.get(here, NO_LIMITS)
        yield schema.limits, {
            **dict(zip(("queue", "account", "asset"), here, strict=True)),
            "multilateral_minor": str(own.multilateral_minor),
            "urgent_reserve_minor": str(own.urgent_reserve_minor),
            "bilateral": as_json(dict(sorted(bilateral.get(here, {}).items()))),
        }  # fmt: skip
