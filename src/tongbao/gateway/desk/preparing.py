"""From a file's bytes to what the desk keeps of it: payments with their state, batches to sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from tongbao.gateway.desk.ledger import DeskLedger
from tongbao.gateway.desk.plan import Batch, Plan, Refused, plan
from tongbao.gateway.iso20022.accepting import Policy
from tongbao.gateway.iso20022.findings import finding
from tongbao.gateway.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.gateway.iso20022.pain001 import NOT_PROVIDED, read_pain001
from tongbao.kernel.transaction import MAX_EXPIRY_MS
from tongbao.sdk.build import build

LIFE_MS = 20 * 3600 * 1000
"""How long after its planned time a batch may still go."""
MAX_FILE_BYTES = 24 * 1024 * 1024
Row = dict[str, Any]


class Prepared:
    """A file, planned."""

    def __init__(self, planned: Plan, ledger: DeskLedger, planned_at_ms: int) -> None:
        """Plan and time; rows are made when they are asked for."""
        self.plan = planned
        self.file = planned.file
        self.chain = ledger.chain
        self.now_ms = ledger.now_ms()
        self.planned_at_ms = planned_at_ms

    def payments(self, name: str) -> Iterator[Row]:
        """One row a payment, in the file's order."""
        refused = {one.line.path: one for one in self.plan.refused}
        batch = {
            line.path: (number, place)
            for number, one in enumerate(self.plan.batches, start=1)
            for place, line in enumerate(one.lines)
        }
        for item, line in enumerate(self.file.lines, start=1):
            number, place = batch.get(line.path, (0, 0))
            row: Row = {
                "file": name, "item": item, "path": line.path, "line": line.line,
                "end_to_end_id": line.end_to_end_id, "uetr": line.uetr,
                "currency": line.currency, "amount_minor": str(line.amount_minor),
                "creditor": line.creditor.name, "creditor_account": line.creditor_account.number,
                "state": "ready", "batch": number, "place": place, "reason": "", "rule": "",
                "text": "", "text_zh": "",
            }  # fmt: skip
            bad = refused.get(line.path)
            if bad is not None:
                row |= {
                    "state": "refused", "reason": bad.reason, "rule": bad.rule,
                    "text": bad.text_en, "text_zh": bad.text_zh,
                }  # fmt: skip
            yield row

    def batches(self, name: str, old: Mapping[int, Mapping[str, Any]]) -> Iterator[Row]:
        """One row a batch; one that comes out as before keeps its body, and so its signatures."""
        for number, batch in enumerate(self.plan.batches, start=1):
            due = due_ms(batch.group, self.now_ms)
            until = max(self.now_ms, self.planned_at_ms, due) + LIFE_MS
            before = old.get(number)
            body = self._body(batch, until)
            if before is not None and before["valid_until_ms"] > self.now_ms:
                kept = self._body(batch, int(before["valid_until_ms"]))
                if kept == before["body"] and self._fits(before, due):
                    body, until = kept, int(before["valid_until_ms"])
            yield {
                "file": name, "batch": number, "party": batch.party, "reference": batch.reference,
                "payments": len(batch.lines), "currency": batch.lines[0].currency,
                "total_minor": str(batch.total_minor), "body": body, "state": "ready",
                "due_at_ms": due, "valid_from_ms": until - MAX_EXPIRY_MS, "valid_until_ms": until,
            }  # fmt: skip

    def names(self, name: str, party: str) -> Iterator[Row]:
        """The ids that the file uses up."""
        common = {"party": party, "file": name}
        yield {**common, "kind": "message", "value": self.file.message_id, "item": 0}
        for item, line in enumerate(self.file.lines, start=1):
            if line.end_to_end_id not in NOT_PROVIDED and not _twice(line.findings):
                value = line.end_to_end_id
                yield {**common, "kind": "end_to_end", "value": value, "item": item}

    def _body(self, batch: Batch, until: int) -> bytes:
        memo = f"{batch.group.id}: {len(batch.lines)} payments"[:280]
        return build(self.chain, batch.party, batch.reference, batch.actions, until, memo)

    def _fits(self, before: Mapping[str, Any], due: int) -> bool:
        """Whether the time that is meant now lies where the old body is valid."""
        at = max(self.now_ms, self.planned_at_ms, due)
        return bool(before["valid_from_ms"] <= at < before["valid_until_ms"])


def read_file(content: bytes, now_ms: int) -> PaymentFile:
    """Read a pain.001 by the desk's policy. DocumentRefused where the file as a whole is."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    policy = Policy(
        today=today, usage_rules=True, purpose_codes=True, max_bytes=MAX_FILE_BYTES,
        days_back=30,
    )  # fmt: skip
    return read_pain001(content, policy)


def prepare(
    content: bytes,
    party: str,
    ledger: DeskLedger,
    used: Callable[[list[str]], Mapping[str, str]],
    planned_at_ms: int = 0,
) -> Prepared:
    """Plan a file for a party; `used` says which end-to-end ids other files of it took: id -> file.

    A file whose payments are all refused is taken all the same: they can be repaired.
    """
    file = read_file(content, ledger.now_ms())
    file = _marked(file, used([line.end_to_end_id for line in file.lines]))
    numbers = [group.debtor_account.number for group in file.groups]
    numbers += [line.creditor_account.number for line in file.lines]
    planned = plan(file, content, ledger.directory(numbers))
    return Prepared(_own(planned, party), ledger, planned_at_ms)


def _marked(file: PaymentFile, used: Mapping[str, str]) -> PaymentFile:
    """Payments whose end-to-end id another file has used are refused, their batch with them."""
    if not used:
        return file
    groups = []
    for group in file.groups:
        lines = tuple(
            _used_before(line, used[line.end_to_end_id]) if line.end_to_end_id in used else line
            for line in group.lines
        )
        groups.append(replace(group, lines=lines))
    return replace(file, groups=tuple(groups))


def _used_before(line: PaymentLine, file: str) -> PaymentLine:
    """The payment with the finding that another file has used its id."""
    path = line.path + "/PmtId/EndToEndId"
    rule, value = "rule.duplicate_across_files", line.end_to_end_id
    return replace(
        line, findings=(*line.findings, finding(rule, line.line, path, value, file=file))
    )


def _own(planned: Plan, party: str) -> Plan:
    """Batches that another party would have to sign are refused: only an owner pays."""
    mine = tuple(batch for batch in planned.batches if batch.party == party)
    others = [batch for batch in planned.batches if batch.party != party]
    refused = list(planned.refused)
    for batch in others:
        refused += [
            Refused(
                line, "AG01", "desk.other_party",
                f"the debtor account is of {batch.party}, the file was handed in by {party}",
                f"付款账户属于 {batch.party}，文件由 {party} 提交",
            )
            for line in batch.lines
        ]  # fmt: skip
    return replace(planned, batches=mine, refused=tuple(refused))


def due_ms(group: PaymentGroup, now_ms: int) -> int:
    """The start (UTC) of the requested execution date, where it lies ahead; 0 otherwise."""
    written = group.execution_date.strip()
    day = date.fromisoformat(written[:10])
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    return start if start > now_ms else 0


def _twice(findings: tuple[Any, ...]) -> bool:
    """Whether the id is another payment's."""
    rules = ("rule.duplicate_across_files", "rule.duplicate_end_to_end_id")
    return any(one.rule in rules for one in findings)
