"""Seats, votes, upgrades and evidence."""

from __future__ import annotations

import base64

import msgspec

from tongbao.modules.governance import events
from tongbao.readmodel import schema
from tongbao.readmodel.projecting import Step, as_json, projects


@projects("governance.seat_changed")
def _seat(event: events.SeatChanged, step: Step) -> None:
    step.rows.add(schema.seat_changes, {
        "height": step.height, "position": step.position, "number": step.next_row(),
        "time_ms": step.time_ms, "party": event.party, "how": event.how,
        "public": base64.b64encode(event.public).decode(), "power": event.power,
        "total_power": event.total_power,
    })  # fmt: skip


@projects("governance.vote_opened")
def _opened(event: events.VoteOpened, step: Step) -> None:
    step.rows.put(schema.votes, {
        "vote": event.vote, "opener": event.opener, "what": event.what, "subject": event.subject,
        "change": as_json(event.change), "note": event.note, "state": "open",
        "opened_at_ms": step.time_ms, "expires_at_ms": event.expires_at_ms, "ended_at_ms": 0,
        "yes_power": 0, "no_power": 0, "total_power": 0, "answers": "[]",
    })  # fmt: skip


@projects("governance.vote_cast")
def _cast(event: events.VoteCast, step: Step) -> None:
    row = step.rows.get(schema.votes, event.vote)
    if row is None:
        return
    said = [one for one in msgspec.json.decode(row["answers"]) if one["party"] != event.party]
    said.append({"party": event.party, "in_favour": event.in_favour, "time_ms": step.time_ms})
    step.rows.update(
        schema.votes, event.vote, answers=as_json(said), yes_power=event.yes_power,
        no_power=event.no_power, total_power=event.total_power,
    )  # fmt: skip


@projects("governance.vote_ended")
def _ended(event: events.VoteEnded, step: Step) -> None:
    step.rows.update(schema.votes, event.vote, state=event.how, ended_at_ms=step.time_ms)


@projects("governance.upgrade_agreed")
def _agreed(event: events.UpgradeAgreed, step: Step) -> None:
    step.rows.put(schema.upgrades, {
        "height": event.height, "version": event.version, "state": "agreed",
        "agreed_at_ms": step.time_ms, "cancelled_at_ms": 0,
    })  # fmt: skip


@projects("governance.upgrade_cancelled")
def _cancelled(event: events.UpgradeCancelled, step: Step) -> None:
    step.rows.update(
        schema.upgrades, event.height, event.version, state="cancelled",
        cancelled_at_ms=step.time_ms,
    )  # fmt: skip


@projects("governance.misbehavior_recorded")
def _misbehavior(event: events.MisbehaviorRecorded, step: Step) -> None:
    step.rows.put(schema.evidence, {
        "evidence": event.evidence, "party": event.party, "kind": event.kind,
        "address": event.address.hex(), "height": event.height,
        "happened_at_ms": event.happened_at_ms, "power": event.power,
        "recorded_at_ms": step.time_ms, "state": "waiting",
    })  # fmt: skip


@projects("governance.evidence_answered")
def _answered(event: events.EvidenceAnswered, step: Step) -> None:
    step.rows.update(schema.evidence, event.evidence, state="expelled")
