"""Released batches go to the ledger, once each, however often the desk is killed on the way.

Before a batch is sent its envelope and its state `sending` are durable; what the ledger answered is
written after. Killed in between, the desk sends the very same bytes again: the ledger knows them by
their name (party, reference) and gives the same answer (law 2).
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, and_, func, select, update

from tongbao.kernel.codes import Code, KernelCode, Refusal, Retry
from tongbao.paymentfiles.desk import store as tables
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.desk.store import DeskStore
from tongbao.paymentfiles.reasons import iso_reason
from tongbao.sdk.answers import Result
from tongbao.words import sentence

log = structlog.get_logger(__name__)
POLL_SECONDS = 0.5
_ENCODE = msgspec.json.Encoder().encode
Row = Mapping[str, Any]


class Sender:
    """Sends what is due, in a thread of its own or step by step."""

    def __init__(self, store: DeskStore, ledger: DeskLedger) -> None:
        """Of a desk's memory to its ledger."""
        self.store = store
        self.ledger = ledger
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Send in a thread from now on."""
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look at once: something was released."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the batch on its way and stop."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            try:
                self.send_due()
            except Refusal as refusal:
                log.warning("desk.waits", reason=str(refusal))
            except Exception as fault:
                # The batch stays `sending` and is sent again: the same bytes are always safe.
                log.critical("desk.fault", error=repr(fault), exc_info=True)
                self._wake.wait(10 * POLL_SECONDS)

    def send_due(self) -> int:
        """Send every batch that is due; how many came to an end."""
        done = 0
        while not self._stopping:
            batch = self._next()
            if batch is None:
                return done
            self._mark(batch)
            result = self._submit(batch)
            self._record(batch, result)
            done += 1
        return done

    def _next(self) -> Row | None:
        """The first batch on its way, or due; batches are sent in order."""
        files, batches = tables.files, tables.batches
        now = self.ledger.now_ms()
        due = and_(
            files.c.state == "released", files.c.release_at_ms <= now, batches.c.due_at_ms <= now
        )
        wanted = (batches.c.state == "sending") | ((batches.c.state == "ready") & due)
        query = (
            select(batches)
            .join(files, files.c.file == batches.c.file)
            .where(wanted)
            .order_by(batches.c.state.desc(), files.c.release_at_ms, files.c.number,
                      batches.c.batch)
            .limit(1)
        )  # fmt: skip
        with self.store.read() as connection:
            return tables.row(connection, query)

    def _mark(self, batch: Row) -> None:
        """It is on its way: durable before the first byte leaves."""
        if batch["state"] == "sending":
            return
        with self.store.write() as connection:
            # A cancellation may have come between; then nothing is sent.
            changed = connection.execute(
                update(tables.batches)
                .where(_is(batch), tables.batches.c.state == "ready")
                .values(state="sending")
            )
            if changed.rowcount:
                _move(connection, batch, "sending")

    def _submit(self, batch: Row) -> Result | None:
        """What the ledger says; None where it was cancelled before it left."""
        with self.store.read() as connection:
            query = select(tables.batches.c.state).where(_is(batch))
            if connection.scalar(query) != "sending":
                return None
        return self.ledger.submit(base64.b64decode(batch["envelope"]))

    def _record(self, batch: Row, result: Result | None) -> None:
        """Keep the answer: per batch, per payment, and for the file where it was the last."""
        if result is None:
            return
        if result.retry == Retry.SAME_BYTES.value and not result.final:
            raise Refusal(self._code(result.code), dict(result.values))
        time_ms = self.ledger.time_ms(result.height) if result.height else self.ledger.now_ms()
        failed = _failed(result)
        with self.store.write() as connection:
            connection.execute(
                update(tables.batches)
                .where(_is(batch))
                .values(
                    state="settled" if result.done else "refused", digest=result.digest,
                    height=result.height, time_ms=time_ms, code=result.code, text=result.text,
                    text_zh=result.text_zh, failed=_ENCODE(failed).decode(),
                    values=_ENCODE(result.values).decode(),
                )
            )  # fmt: skip
            if result.done:
                settled = {
                    "height": result.height, "settled_at_ms": time_ms, "digest": result.digest
                }  # fmt: skip
                _move(connection, batch, "settled", **settled)
                self._reject(connection, batch, failed)
            else:
                code = self._code(result.code)
                _move(
                    connection, batch, "rejected", reason=iso_reason(code, result.values),
                    rule=f"{code.name} {result.code}", text=result.text, text_zh=result.text_zh,
                    height=result.height, digest=result.digest if result.height else "",
                )  # fmt: skip
            finish(connection, batch["file"])

    def _reject(self, connection: Connection, batch: Row, failed: dict[int, int]) -> None:
        """Payments of a settled batch that failed by themselves."""
        if not failed:
            return
        items = _items(connection, batch)
        table = tables.payments
        for place, number in failed.items():
            code = self._code(number)
            connection.execute(
                update(table)
                .where(table.c.file == batch["file"], table.c.item == items[place])
                .values(
                    state="rejected", reason=code.iso_reason, rule=f"{code.name} {number}",
                    text=code.english, text_zh=sentence(code.template, {}, "zh"),
                )
            )  # fmt: skip

    def _code(self, number: int) -> Code:
        return self.ledger.registry.codes.get(number, KernelCode.INTERNAL)


def _failed(result: Result) -> dict[int, int]:
    """Place of a payment in the batch -> why it failed; lines count on through the actions."""
    failed: dict[int, int] = {}
    start = 0
    for event in result.events:
        if event.get("event") != "payments.bulk_transferred":
            continue
        bad = event.get("failed", ())
        for place, number in bad:
            failed[start + place] = int(number)
        start += int(event["count"]) + len(bad)
    return failed


def _items(connection: Connection, batch: Row) -> list[int]:
    """Item numbers of a batch's payments, in the order of its lines."""
    table = tables.payments
    query = select(table.c.item).where(
        table.c.file == batch["file"], table.c.batch == batch["batch"]
    )
    return list(connection.scalars(query.order_by(table.c.place)))


def _move(connection: Connection, batch: Row, state: str, **values: Any) -> None:
    table = tables.payments
    connection.execute(
        update(table)
        .where(table.c.file == batch["file"], table.c.batch == batch["batch"])
        .values(state=state, **values)
    )


def finish(connection: Connection, file: str) -> None:
    """Raise the version; the file is done with its last batch."""
    open_states = ("ready", "sending")
    table = tables.batches
    waiting = connection.scalar(
        select(func.count())
        .select_from(table)
        .where(table.c.file == file, table.c.state.in_(open_states))
    )
    values: dict[str, Any] = {"version": tables.files.c.version + 1}
    if not waiting:
        values["state"] = "done"
    connection.execute(update(tables.files).where(tables.files.c.file == file).values(**values))


def _is(batch: Row) -> Any:
    table = tables.batches
    return and_(table.c.file == batch["file"], table.c.batch == batch["batch"])
