"""Seats, open votes, agreed upgrades and evidence; when a vote was answered or an upgrade agreed
only older blocks know."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.protocols import steps
from tongbao.kernel.views import ReadView
from tongbao.modules.governance import TERMS, evidence, members, open_votes, subject_of
from tongbao.readmodel import schema
from tongbao.readmodel.projecting import as_json

Rows = Iterator[tuple[Table, dict[str, Any]]]


def standing(view: ReadView) -> Rows:
    """Every row of the module."""
    if next(view.scan(TERMS), None) is not None:
        yield from _seats(view)
    for vote, count in open_votes(view):
        said = [(party, True) for party in vote.yes] + [(party, False) for party in vote.no]
        answers = [{"party": p, "in_favour": yes, "time_ms": 0} for p, yes in said]
        yield schema.votes, {
            "vote": vote.id, "opener": vote.opener,
            "what": str(vote.change.__struct_config__.tag), "subject": subject_of(vote.change),
            "change": as_json(vote.change), "note": vote.note, "state": "open",
            "opened_at_ms": vote.opened_at_ms, "expires_at_ms": vote.expires_at_ms,
            "ended_at_ms": 0, "yes_power": count.yes, "no_power": count.no,
            "total_power": count.total, "answers": as_json(answers),
        }  # fmt: skip
    for step in steps(view):
        if step.height:
            yield schema.upgrades, {
                "height": step.height, "version": step.version, "state": "agreed",
                "agreed_at_ms": 0, "cancelled_at_ms": 0,
            }  # fmt: skip
    for one in evidence(view):
        yield schema.evidence, {
            "evidence": one.id, "party": one.party, "kind": one.kind,
            "address": one.address.hex(), "height": one.height,
            "happened_at_ms": one.happened_at_ms, "power": one.power,
            "recorded_at_ms": one.recorded_at_ms,
            "state": "expelled" if one.expelled else "waiting",
        }  # fmt: skip


def _seats(view: ReadView) -> Rows:
    """Each seat as it is: by whom it was given, only older blocks could say."""
    seats = members(view)
    total = sum(one.power for one in seats)
    for number, one in enumerate(seats):
        yield schema.seat_changes, {
            "height": view.block.height, "position": -1, "number": number,
            "time_ms": view.time_ms, "party": one.party, "how": "brought_forward",
            "public": base64.b64encode(one.public).decode(), "power": one.power,
            "total_power": total,
        }  # fmt: skip
