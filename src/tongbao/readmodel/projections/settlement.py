"""Batches with their instructions; queues with what waits, what settled, and every run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tongbao.modules.settlement import Step as Leg
from tongbao.modules.settlement import events
from tongbao.readmodel import schema_settlement as schema
from tongbao.readmodel.projecting import Row, Step, as_json, projects

# ---- batches -------------------------------------------------------------------------------------


@projects("settlement.batch_proposed")
def _proposed(event: events.BatchProposed, step: Step) -> None:
    step.rows.put(schema.batches, {
        "batch": event.batch, "proposer": event.proposer, "state": "open", "title": event.title,
        "proposed_at_ms": step.time_ms, "deadline_at_ms": event.deadline_at_ms,
        "settle_at_ms": event.settle_at_ms, "ended_at_ms": 0,
        "receivers_approve": event.receivers_approve, "reserve": event.reserve,
        "netted": event.netted, "reason": "", "refusal": 0,
        "parties": _parties(event.proposer, event.steps), "revision": 0,
    })  # fmt: skip
    _write(step, event.batch, enumerate(event.steps))


def _parties(proposer: str, legs: Iterable[Leg]) -> str:
    sides = (party for leg in legs for party in (leg.sender, leg.receiver))
    return as_json(list(dict.fromkeys((proposer, *sides))))


def _write(step: Step, batch: str, legs: Iterable[tuple[int, Leg]]) -> None:
    for number, leg in legs:
        step.rows.put(schema.instructions, {
            "batch": batch, "number": number, "sender": leg.sender, "receiver": leg.receiver,
            "asset": leg.asset, "amount_minor": str(leg.amount_minor),
            "reference": leg.reference, "delivers": leg.sender_account,
            "receives": leg.receiver_account, "delivery_approved": False,
            "receipt_approved": False,
        })  # fmt: skip


@projects("settlement.batch_amended")
def _amended(event: events.BatchAmended, step: Step) -> None:
    row = step.rows.get(schema.batches, event.batch)
    assert row is not None  # it was proposed
    step.rows.update(
        schema.batches, event.batch, deadline_at_ms=event.deadline_at_ms, state="open",
        settle_at_ms=event.settle_at_ms, parties=_parties(row["proposer"], event.steps),
        revision=row["revision"] + 1,
    )  # fmt: skip
    number = len(event.steps)
    while step.rows.get(schema.instructions, event.batch, number) is not None:
        step.rows.remove(schema.instructions, event.batch, number)
        number += 1
    changed = (pair for pair in enumerate(event.steps) if pair[0] not in event.kept)
    _write(step, event.batch, changed)


@projects("settlement.allocated")
def _allocated(event: events.Allocated, step: Step) -> None:
    column = "delivers" if event.side == "deliver" else "receives"
    for number in event.instructions:
        step.rows.update(schema.instructions, event.batch, number, **{column: event.account})


@projects("settlement.approved")
def _approved(event: events.Approved, step: Step) -> None:
    for number in event.delivers:
        step.rows.update(schema.instructions, event.batch, number, delivery_approved=True)
    for number in event.receives:
        step.rows.update(schema.instructions, event.batch, number, receipt_approved=True)


@projects("settlement.revoked")
def _revoked(event: events.Revoked, step: Step) -> None:
    step.rows.update(schema.batches, event.batch, state="open")
    number = 0
    while (row := step.rows.get(schema.instructions, event.batch, number)) is not None:
        cleared: dict[str, Any] = {}
        if row["sender"] == event.party:
            cleared["delivery_approved"] = False
        if row["receiver"] == event.party:
            cleared["receipt_approved"] = False
        step.rows.update(schema.instructions, event.batch, number, **cleared)
        number += 1


@projects("settlement.batch_settled")
def _batch_settled(event: events.BatchSettled, step: Step) -> None:
    ended = {"state": "settled", "ended_at_ms": step.time_ms, "reason": "", "refusal": 0}
    step.rows.update(schema.batches, event.batch, **ended)


@projects("settlement.batch_waits")
def _batch_waits(event: events.BatchWaits, step: Step) -> None:
    why = {"state": "complete", "reason": event.reason, "refusal": event.refusal}
    step.rows.update(schema.batches, event.batch, **why)


@projects("settlement.batch_ended")
def _batch_ended(event: events.BatchEnded, step: Step) -> None:
    ended = {"state": "cancelled", "ended_at_ms": step.time_ms, "reason": event.reason}
    step.rows.update(schema.batches, event.batch, **ended)


# ---- queues --------------------------------------------------------------------------------------


@projects("settlement.queue_defined")
def _defined(event: events.QueueDefined, step: Step) -> None:
    known = step.rows.get(schema.queues, event.queue) or {"waiting": 0, "settled": 0}
    step.rows.put(schema.queues, {
        "queue": event.queue, "operator": event.operator,
        "assets": as_json([{"asset": a.asset, "weight": a.weight} for a in event.assets]),
        "objective": event.objective, "at_once": event.at_once, "offset": event.offset,
        "overtaking": event.overtaking, "netting_every_ms": event.netting_every_ms,
        "day_ends_ms": event.day_ends_ms, "at_close": event.at_close,
        "work_per_block": event.work_per_block, "waiting": known["waiting"],
        "settled": known["settled"],
    })  # fmt: skip


@projects("settlement.limits_set")
def _limits(event: events.LimitsSet, step: Step) -> None:
    here = (event.queue, event.account, event.asset)
    known = step.rows.get(schema.limits, *here)
    bilateral = dict(msgspec.json.decode(known["bilateral"])) if known is not None else {}
    bilateral |= {other: str(limit) for other, limit in event.bilateral}
    bilateral = {other: limit for other, limit in sorted(bilateral.items()) if limit != "0"}
    if not (event.multilateral_minor or event.urgent_reserve_minor or bilateral):
        step.rows.remove(schema.limits, *here)
        return
    step.rows.put(schema.limits, {
        "queue": event.queue, "account": event.account, "asset": event.asset,
        "multilateral_minor": str(event.multilateral_minor),
        "urgent_reserve_minor": str(event.urgent_reserve_minor), "bilateral": as_json(bilateral),
    })  # fmt: skip


@projects("settlement.payment_submitted")
def _submitted(event: events.PaymentSubmitted, step: Step) -> None:
    step.rows.put(schema.payments, {
        "payment": event.payment, "queue": event.queue, "payer": event.payer,
        "payee": event.payee, "asset": event.asset, "amount_minor": str(event.amount_minor),
        "priority": event.priority, "order": event.order, "pair": event.pair,
        "payee_reference": event.payee_reference, "uetr": event.uetr, "state": "waiting",
        "how": "", "run": "", "reason": "", "submitted_at_ms": step.time_ms, "ended_at_ms": 0,
    })  # fmt: skip
    _count(step, event.queue, waiting=1)


def _count(step: Step, queue: str, *, waiting: int = 0, settled: int = 0) -> None:
    row = step.rows.get(schema.queues, queue)
    assert row is not None  # it was defined
    step.rows.update(
        schema.queues, queue, waiting=row["waiting"] + waiting, settled=row["settled"] + settled
    )


@projects("settlement.payments_settled")
def _settled(event: events.PaymentsSettled, step: Step) -> None:
    step.rows.load(schema.payments, ((payment,) for payment in event.payments))
    ended = {"state": "settled", "how": event.how, "run": event.run, "ended_at_ms": step.time_ms}
    for payment in event.payments:
        step.rows.update(schema.payments, payment, **ended)
    _count(step, event.queue, waiting=-event.count, settled=event.count)


@projects("settlement.payment_moved")
def _moved(event: events.PaymentMoved, step: Step) -> None:
    step.rows.update(schema.payments, event.payment, priority=event.priority, order=event.order)


@projects("settlement.payment_ended")
def _ended(event: events.PaymentEnded, step: Step) -> None:
    row: Row | None = step.rows.get(schema.payments, event.payment)
    assert row is not None  # it was submitted
    state = "cancelled" if event.reason.startswith("cancelled") else "rejected"
    ended = {"state": state, "reason": event.reason, "ended_at_ms": step.time_ms}
    step.rows.update(schema.payments, event.payment, **ended)
    _count(step, row["queue"], waiting=-1)


@projects("settlement.run_started")
def _run_started(event: events.RunStarted, step: Step) -> None:
    step.rows.put(schema.runs, {
        "queue": event.queue, "started_at_ms": step.time_ms, "run": event.run,
        "kind": event.kind, "objective": event.objective, "state": "working", "count": 0,
        "value": "0", "left": 0, "rejected": 0, "ended_at_ms": 0, "blocks": step.height,
    })  # fmt: skip


@projects("settlement.run_ended")
def _run_ended(event: events.RunEnded, step: Step) -> None:
    row = step.rows.get(schema.runs, event.queue, event.started_at_ms, event.run)
    assert row is not None  # it was started
    step.rows.put(schema.runs, row | {
        "state": "ended", "count": event.count, "value": str(event.value), "left": event.left,
        "rejected": event.rejected, "ended_at_ms": step.time_ms,
        "blocks": step.height - row["blocks"] + 1,
    })  # fmt: skip
