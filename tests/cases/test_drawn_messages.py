"""Drawn messages that their schema allows: read and answered, or refused; never a crash."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from tongbao import iso20022
from tongbao.iso20022 import CancellationStatus, DocumentRefused, Policy, Reason
from tongbao.iso20022.catalogue import NAMESPACE
from tongbao.iso20022.model import PaymentStatus, Status
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.paymentfiles import banking
from tongbao.paymentfiles.banking.naming import payment_uetrs, return_uetr

NOW = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
MESSAGES = (
    "pacs.008.001.02", "pacs.008.001.08", "pacs.009.001.08", "pacs.004.001.09", "pacs.028.001.03",
    "camt.056.001.08", "camt.029.001.09", "camt.053.001.08", "camt.053.001.02", "pacs.002.001.10",
)  # fmt: skip
TEXTS = (
    "A1", "EUR", "CNY", "JPY", "DE", "DEUTDEFFXXX", "DE89370400440532013000", "12.50", "1", "0",
    "-1", "2026-11-29", "2026-11-29Z", "-0044-02-29", "2026-11-29T10:00:00Z",
    "2026-11-29T24:00:00", "7b1c1d0e-40a1-4b6e-9c55-0d1f7a10a040", "true", "ACSC", "SHAR", "DEBT",
    "CRDT", "INDA", "NORM", "明达", " ",
    "999999999999999999", "0.00001", "AA==", "10:00:00", "2026",
    "213800IJKLMNOPQR6732", "+49-1", "x@y", "NOTPROVIDED", "TB7b1c1d0e40a14b6e9c550d1f7a10a040",
    "1234", "ABCD", "XXX", "999999999999", "0.1", "MALE", "/A//B/", "=1+1", "<&>", "\u202e",
)  # fmt: skip


def fill(node: etree._Element, rule: TypeRule, draw: random.Random, depth: int) -> bool:
    """Children or text that the rule allows; False where no text of the pool fits."""
    for name, check in rule.attributes.items():
        fits = [one for one in TEXTS if check(one) is None]
        if not fits:
            return False
        node.set(name, draw.choice(fits))
    if rule.check is not None:
        fits = [one for one in TEXTS if rule.check(one) is None]
        if fits:
            node.text = draw.choice(fits)
        return bool(fits)
    if rule.wildcard:
        etree.SubElement(node, "Any").text = "x"
        return True
    slots = list(rule.slots.values())
    if rule.choice:
        slots = [draw.choice(slots)]
    tags = {slot.name: tag for tag, slot in rule.slots.items()}
    for slot in slots:
        needed = slot.required or rule.choice
        if not needed and (depth > 7 or draw.random() > 0.35):
            continue
        for _ in range(draw.randint(1, min(3, slot.maximum)) if draw.random() < 0.2 else 1):
            child = etree.SubElement(node, tags[slot.name])
            if not fill(child, slot.rule, draw, depth + 1):
                node.remove(child)
                if needed:
                    return False
    return True


def drawn(message: str, seed: int) -> bytes:
    """A document of a message, or one that lacks what the pool has no text for."""
    tag, rule = schema_of(message)
    root = etree.Element(tag, nsmap={None: NAMESPACE + message})
    fill(root, rule, random.Random(f"{message} {seed}"), 0)
    return bytes(etree.tostring(root))


def read_of(kind: str, data: bytes) -> Any:
    """As the counter reads it."""
    policy = Policy(usage_rules=True, purpose_codes=True)
    if kind == "camt.053":
        return iso20022.read_statement(data, policy)
    return getattr(iso20022, f"read_{kind.replace('.', '')}")(data, policy)


def answer(kind: str, read: Any) -> None:
    """What the counter does with it, but for the ledger: what was read can be answered."""
    if kind in ("pacs.008", "pacs.009"):
        uetrs = payment_uetrs(read, "d")
        assert len(uetrs) == len(read.transfers)
        for one in read.transfers:
            banking.people(one)
            try:
                banking.require_day(one.settlement_date, NOW)
            except banking.OrderRefused as fault:
                assert fault.reason == "DT01"
        report = iso20022.report_on(read, (), message_id="A", created_at=NOW)
        iso20022.write_pacs002(report)
    elif kind == "camt.053":
        iso20022.write_statement(read)
    elif kind == "pacs.004":
        reported = []
        for place, one in enumerate(read.returns):
            name = return_uetr("u", one, "d", place)
            reported.append(banking.return_status(one.path, name, Status.SETTLED))
        iso20022.write_pacs002(
            banking.answer_returns(read, reported, message_id="A", created_at=NOW)
        )
    elif kind == "pacs.028":
        statuses = {one.path: PaymentStatus(one.path, Status.SETTLED) for one in read.requests}
        report = iso20022.answer_requests(read, statuses, message_id="A", created_at=NOW)
        iso20022.write_pacs002(banking.with_messages(report, read.groups, {}))
    elif kind == "camt.056":
        answers = {one.path: (CancellationStatus.REJECTED, Reason("NOOR")) for one in read.requests}
        made = iso20022.resolve(read, answers, assignment_id="A", created_at=NOW)
        iso20022.write_camt029(made)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_drawn_message_is_answered_or_refused_with_findings(message: str) -> None:
    read = 0
    for seed in range(60):
        data = drawn(message, seed)
        try:
            message_read = read_of(message[:8], data)
        except DocumentRefused as refused:
            assert refused.findings, (message, seed)
            continue
        try:
            answer(message[:8], message_read)
        except Exception as fault:
            raise AssertionError(f"{message} seed {seed}: {fault!r}") from fault
        read += 1
    print(f"{message}: {read} of 60 answered")
