"""A desk file's answers at any moment: pain.002 for all payments, camt.054 for what was booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.model import PaymentFile, PaymentLine
from tongbao.kernel.codes import KernelCode, refuse
from tongbao.kernel.hashing import content_digest
from tongbao.paymentfiles.answer import LedgerRefusal, Settled, notification, status_report
from tongbao.paymentfiles.desk import store as tables
from tongbao.paymentfiles.desk.batch_desk import find_file
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.desk.preparing import terms_of
from tongbao.paymentfiles.desk.store import DeskStore
from tongbao.paymentfiles.judging import read_file
from tongbao.paymentfiles.plan import Batch, Plan, Refused
from tongbao.sdk.api_codes import GatewayCode

_FINDINGS = msgspec.json.Decoder(tuple[Finding, ...])
_FAILED = msgspec.json.Decoder(dict[int, int])
Row = Mapping[str, Any]


def pain_002(store: DeskStore, ledger: DeskLedger, name: str) -> bytes:
    """The status of every payment as it stands; what waits is PDNG."""
    planned, settled, at = _answers(store, ledger, name)
    message_id = _message_id(name, at, "S", settled)
    return status_report(planned, settled, message_id=message_id, created_at=at)


def camt_054(store: DeskStore, ledger: DeskLedger, name: str) -> bytes:
    """The debits that were booked; a Refusal where none was yet."""
    planned, settled, at = _answers(store, ledger, name)
    message_id = _message_id(name, at, "N", settled)
    original = planned.file.message_id
    written = notification(settled, message_id=message_id, created_at=at, original=original)
    if written is None:
        refuse(GatewayCode.NOT_FOUND, kind="booking of", id=name)
    return written


def content(store: DeskStore, name: str) -> bytes:
    """The file as it stands, repairs included."""
    with store.read() as connection:
        return bytes(find_file(connection, name)["content"])


def _message_id(name: str, at: datetime, kind: str, settled: Sequence[Settled]) -> str:
    """Of what is shown: the same answer, asked for again, is the same message."""
    reported = content_digest(repr([(one.digest, one.height) for one in settled]).encode())
    return f"{name[2:]}{at:%y%m%d%H%M%S}{reported.hex()[:6]}{kind}"


def _answers(
    store: DeskStore, ledger: DeskLedger, name: str
) -> tuple[Plan, list[Settled], datetime]:
    """Plan and results again, from what the desk has kept, and since when they are so."""
    with store.read() as connection:
        row = find_file(connection, name)
        file = read_file(bytes(row["content"]), terms_of(ledger, row["created_at_ms"]))
        table = tables.payments
        query = select(table).where(table.c.file == name).order_by(table.c.place, table.c.item)
        rows = tables.rows(connection, query)
        batches = _batches(connection, ledger, name, file, rows)
        acts = select(func.max(tables.acts.c.at_ms)).where(tables.acts.c.file == name)
        changed = connection.scalar(acts) or row["created_at_ms"]
    listed = file.lines
    refused = tuple(
        Refused(listed[one["item"] - 1], _findings(one, listed[one["item"] - 1]))
        for one in sorted(rows, key=lambda one: int(one["item"]))
        if one["state"] in ("refused", "cancelled")
    )
    settled = [made for made, state in batches if state in ("settled", "refused")]
    plan = Plan(file, row["digest"], tuple(made.batch for made, _ in batches), refused)
    since = max([changed, *(made.time_ms for made in settled)])
    return plan, settled, datetime.fromtimestamp(since / 1000, UTC)


def _findings(row: Row, line: PaymentLine) -> tuple[Finding, ...]:
    """Why a payment is refused, as the desk kept it; without a reason it was cancelled."""
    if row["findings"]:
        return _FINDINGS.decode(row["findings"])
    if row["rule"]:
        where = (row["rule"], line.line, line.path, "")
        return (Finding(*where, row["text"], row["text_zh"]),)
    return (finding("desk.cancelled", line.line, line.path),)


def _batches(
    connection: Connection, ledger: DeskLedger, name: str, file: PaymentFile, rows: Sequence[Row]
) -> list[tuple[Settled, str]]:
    """Each batch as it was sent, with its result and state."""
    listed = file.lines
    groups = {line.path: group for group in file.groups for line in group.lines}
    table = tables.batches
    query = select(table).where(table.c.file == name).order_by(table.c.batch)
    found: list[tuple[Settled, str]] = []
    for row in tables.rows(connection, query):
        items = [one["item"] for one in rows if one["batch"] == row["batch"]]
        lines = tuple(listed[item - 1] for item in items)
        actions = ledger.registry.body_decoder.decode(row["body"]).actions
        group = groups[lines[0].path]
        batch = Batch(group, row["reference"], row["party"], tuple(actions), lines)
        code = ledger.registry.codes.get(row["code"], KernelCode.INTERNAL)
        values = msgspec.json.decode(row["values"]) if row["values"] else {}
        failed = _FAILED.decode(row["failed"]) if row["failed"] else {}
        reported = {
            place: LedgerRefusal(ledger.registry.codes.get(number, KernelCode.INTERNAL))
            for place, number in failed.items()
        }
        refusal = LedgerRefusal(code, values) if row["state"] == "refused" else None
        made = Settled(batch, row["height"], row["time_ms"], row["digest"], refusal, reported)
        found.append((made, row["state"]))
    return found
