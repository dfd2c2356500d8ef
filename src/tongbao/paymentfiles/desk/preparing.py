"""From a file's bytes to what the desk keeps of it: payments with their state, batches to sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from tongbao.iso20022.findings import finding
from tongbao.iso20022.initiation.pain001 import NOT_PROVIDED
from tongbao.iso20022.model import PaymentLine
from tongbao.kernel.transaction import MAX_EXPIRY_MS
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.earlier import END_TO_END, UETR, Asks, marked
from tongbao.paymentfiles.judging import Terms, due_ms, read_file
from tongbao.paymentfiles.plan import Batch, Plan, Refused, plan
from tongbao.sdk.build import build
from tongbao.sdk.texts import folded

LIFE_MS = 20 * 3600 * 1000
"""How long after its planned time a batch may still go."""
_ENCODE = msgspec.json.Encoder().encode
_TAKEN = {
    "end_to_end": ("rule.duplicate_end_to_end_id", END_TO_END),
    "uetr": ("rule.duplicate_uetr", UETR),
}
Row = dict[str, Any]


class Prepared:
    """A file, planned."""

    def __init__(self, planned: Plan, ledger: DeskLedger, planned_at_ms: int) -> None:
        """Plan and time; rows are made when they are asked for."""
        self.plan = planned
        self.file = planned.file
        self.chain = ledger.chain
        self.terms = terms_of(ledger)
        self.now_ms = self.terms.now_ms
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
                "text": "", "text_zh": "", "findings": "",
            }  # fmt: skip
            bad = refused.get(line.path)
            if bad is not None:
                row |= {
                    "state": "refused", "reason": bad.reason, "rule": bad.rule,
                    "text": bad.text_en, "text_zh": bad.text_zh,
                    "findings": _ENCODE(bad.findings).decode(),
                }  # fmt: skip
            yield row

    def batches(self, name: str, old: Mapping[int, Mapping[str, Any]]) -> Iterator[Row]:
        """One row a batch; one that comes out as before keeps its body, and so its signatures."""
        for number, batch in enumerate(self.plan.batches, start=1):
            due = due_ms(batch.group, self.terms)
            until = max(self.now_ms, self.planned_at_ms, due) + LIFE_MS
            before = old.get(number)
            body = self._body(batch, until)
            if before is not None and before["valid_until_ms"] > self.now_ms:
                kept = self._body(batch, int(before["valid_until_ms"]))
                if kept == before["body"] and self._fits(before, due):
                    body, until = kept, int(before["valid_until_ms"])
            yield {
                "file": name, "batch": number, "party": batch.party, "reference": batch.reference,
                "payments": len(batch.lines), **_total(batch), "body": body, "state": "ready",
                "due_at_ms": due, "valid_from_ms": until - MAX_EXPIRY_MS, "valid_until_ms": until,
            }  # fmt: skip

    def names(self, name: str, party: str) -> Iterator[Row]:
        """The ids that the file uses up."""
        common = {"party": party, "file": name}
        yield {**common, "kind": "message", "value": self.file.message_id, "item": 0}
        reported: set[tuple[str, str]] = set()
        for item, line in enumerate(self.file.lines, start=1):
            for kind, value in (("end_to_end", line.end_to_end_id), ("uetr", line.uetr)):
                kept = (kind, folded(value))
                if value in ("", *NOT_PROVIDED) or kept in reported or not _free(line, kind):
                    continue
                reported.add(kept)
                yield {**common, "kind": kind, "value": kept[1], "item": item}

    def _body(self, batch: Batch, until: int) -> bytes:
        party, reference = batch.party, batch.reference
        return build(self.chain, party, reference, batch.actions, until, batch.memo)

    def _fits(self, before: Mapping[str, Any], due: int) -> bool:
        """Whether the time that is meant now lies where the old body is valid."""
        at = max(self.now_ms, self.planned_at_ms, due)
        return bool(before["valid_from_ms"] <= at < before["valid_until_ms"])


def terms_of(ledger: DeskLedger, now_ms: int | None = None) -> Terms:
    """When and where the desk judges: it waits for dates that lie ahead."""
    return Terms(ledger.now_ms() if now_ms is None else now_ms, ledger.zone, waits=True)


def prepare(
    content: bytes,
    party: str,
    ledger: DeskLedger,
    used: Asks,
    planned_at_ms: int = 0,
) -> Prepared:
    """Plan a file for a party; `used` says which ids other files of it took.

    A file whose payments are all refused is taken all the same: they can be repaired.
    """
    terms = terms_of(ledger)
    file = read_file(content, terms)
    numbers = [group.debtor_account.number for group in file.groups]
    numbers += [line.creditor_account.number for line in file.lines]
    file = marked(file, lambda group: party, used)
    planned = plan(file, content, ledger.directory(numbers), terms)
    return Prepared(_own(planned, party), ledger, planned_at_ms)


def _own(planned: Plan, party: str) -> Plan:
    """Batches that another party would have to sign are refused: only an owner pays."""
    mine = tuple(batch for batch in planned.batches if batch.party == party)
    others = [batch for batch in planned.batches if batch.party != party]
    refused = list(planned.refused)
    for batch in others:
        for line in batch.lines:
            words = {"owner": batch.party}
            found = finding("desk.other_party", line.line, line.path, party, **words)
            refused.append(Refused(line, (found,)))
    return replace(planned, batches=mine, refused=tuple(refused))


def _total(batch: Batch) -> Row:
    """Currency and sum of a batch; empty where it has several: amounts of two are never added."""
    totals = batch.totals
    if len(totals) > 1:
        return {"currency": "", "total_minor": "0"}
    ((currency, total),) = totals.items()
    return {"currency": currency, "total_minor": str(total)}


def _free(line: PaymentLine, kind: str) -> bool:
    """Whether an id of a payment is its own: not another one's, here or in a file before."""
    return not any(one.rule in _TAKEN[kind] for one in line.findings)
