"""The one door for payment files: how a file is read, and what is wrong with each payment.

`pay file` and the desk come through here, with one policy: dates in the zone of the account
servicer, charge bearers by the message definition report, purposes by the external code set, and
everything that the ledger would refuse and that can be known before anybody signs. Each broken rule
is a finding at its own element; the first one gives the reason that the bank is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Protocol

from tongbao.iso20022.dates import day_at, requested
from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.iso20022.xml.accepting import Policy
from tongbao.iso20022.xml.tree import etree
from tongbao.kernel.codes import Refusal
from tongbao.modules.payments import MAX_STRUCTURED, BulkTransfer, Line
from tongbao.paymentfiles.carrying import details_of, too_long, unplain
from tongbao.sdk.texts import folded

MAX_FILE_BYTES = 24 * 1024 * 1024
DAYS_BACK = 30
"""How old a requested date may be: such a payment is made at once."""
_HOLDING_STATES = {
    "closed": "desk.account_closed",
    "frozen": "desk.account_blocked",
    "missing": "desk.no_holding",
}


class Directory(Protocol):
    """Who keeps which account: answered by the read model or over HTTP."""

    def account_of(self, number: str) -> str | None:
        """The ledger's account for an IBAN, a linked number or an account id; None for unknown."""
        ...

    def decimals_of(self, asset: str) -> int | None:
        """Decimals of a currency on this ledger; None where it is not issued."""
        ...

    def holding_state(self, account: str, asset: str) -> str:
        """`closed`, `frozen` or `missing` where that is known to stop a payment; else empty."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """When and where a file is judged."""

    now_ms: int
    zone: tzinfo = UTC
    """Where the payers' accounts are kept: a plain requested date is a day there."""
    waits: bool = False
    """Whether whoever asks waits for a date that lies ahead; otherwise such a payment is refused
    (DT01). It is never paid before."""

    @property
    def zone_name(self) -> str:
        """For people: Asia/Shanghai, UTC, UTC+08:00."""
        return str(self.zone)


def read_file(content: bytes, terms: Terms) -> PaymentFile:
    """Read a pain.001 by the policy of this house. DocumentRefused where the file as a whole is."""
    policy = Policy(
        today=day_at(terms.now_ms, terms.zone), zone=terms.zone, usage_rules=True,
        purpose_codes=True, max_bytes=MAX_FILE_BYTES, days_back=DAYS_BACK,
    )  # fmt: skip
    return read_pain001(content, policy)


def due_ms(group: PaymentGroup, terms: Terms) -> int:
    """The instant before which nothing of a group moves, where it lies ahead; 0 otherwise."""
    meant = requested(group.execution_date, terms.zone)
    return meant.at_ms if meant is not None and meant.at_ms > terms.now_ms else 0


def faults(
    group: PaymentGroup, line: PaymentLine, directory: Directory, terms: Terms
) -> Iterator[Finding]:
    """Everything that is wrong with a payment, its document's own findings first."""
    yield from group.findings
    for one in line.findings:
        # Where the group itself says why, that another line of it is refused says nothing more.
        if one.rule != "rule.group_refused" or not group.findings:
            yield one
    yield from _date_fault(group, terms)
    yield from _account_faults(group, line, directory)
    yield from _currency_faults(line, directory)
    yield from _text_faults(line)


def _date_fault(group: PaymentGroup, terms: Terms) -> Iterator[Finding]:
    if not terms.waits and due_ms(group, terms):
        path = f"{group.path}/ReqdExctnDt"
        value = group.execution_date.strip()
        at = line_of(group.source, "ReqdExctnDt", group.line)
        yield finding("desk.date_ahead", at, path, value, zone=terms.zone_name)


def _account_faults(
    group: PaymentGroup, line: PaymentLine, directory: Directory
) -> Iterator[Finding]:
    payer = directory.account_of(group.debtor_account.number)
    payee = directory.account_of(line.creditor_account.number)
    if payer is None:
        number, at = group.debtor_account.number, line_of(group.source, "DbtrAcct", group.line)
        yield finding("desk.debtor_account", at, f"{group.path}/DbtrAcct", number)
    elif rule := _HOLDING_STATES.get(directory.holding_state(payer, line.currency)):
        at = line_of(group.source, "DbtrAcct", group.line)
        path, number = f"{group.path}/DbtrAcct", group.debtor_account.number
        yield finding(rule, at, path, number, currency=line.currency)
    number = line.creditor_account.number
    at, path = line_of(line.source, "CdtrAcct", line.line), f"{line.path}/CdtrAcct"
    reported = ("rule.iban", "rule.creditor_account")
    if any(one.rule in reported and one.path.startswith(line.path) for one in line.findings):
        return
    if not number:
        yield finding("rule.creditor_account", at, path)
        return
    if payee is None:
        yield finding("desk.creditor_account", at, path, number)
    elif payee == payer:
        yield finding("desk.same_account", at, path, number)
    elif rule := _HOLDING_STATES.get(directory.holding_state(payee, line.currency)):
        yield finding(rule, at, path, number, currency=line.currency)


def _currency_faults(line: PaymentLine, directory: Directory) -> Iterator[Finding]:
    at, path = line_of(line.source, "Amt", line.line), f"{line.path}/Amt"
    if any(one.rule in ("rule.currency", "rule.amount_currency") for one in line.findings):
        return
    kept = directory.decimals_of(line.currency)
    if kept is None:
        yield finding("desk.currency", at, path, line.currency)
    elif kept != line.decimals:
        words = {"kept": kept, "decimals": line.decimals}
        yield finding("desk.decimals", at, path, line.currency, **words)


def _text_faults(line: PaymentLine) -> Iterator[Finding]:
    """What the ledger's own rules say to the payment's texts, asked one by one and all together."""
    found = False
    for one in unplain(line):
        found = True
        at = line_of(line.source, one.path, line.line)
        yield finding(
            "desk.text", at, f"{line.path}/{one.path}", one.value, character=one.character
        )
    details = details_of(line)
    if too_long(details):
        at = line_of(line.source, "RmtInf", line.line)
        yield finding("desk.text_length", at, f"{line.path}/RmtInf", limit=MAX_STRUCTURED)
    elif not found and not line.findings:
        made = Line("a/b", line.amount_minor, folded(line.end_to_end_id), line.uetr, details)
        try:
            BulkTransfer(payer="a/c", asset=line.currency, lines=(made,)).check()
        except Refusal as refusal:
            yield finding("desk.ledger", line.line, line.path, reason=str(refusal))


def line_of(source: bytes, path: str, start: int) -> int:
    """The line of an element below a payment or group that begins in line `start`."""
    if not source:
        return start
    root = etree.fromstring(source)
    element = root
    for step in path.split("/"):
        name, _, place = step.partition("[")
        twins = list(element.iterchildren("{*}" + name))
        number = int(place.rstrip("]")) if place else 1
        if len(twins) < number:
            break
        element = twins[number - 1]
    return start + int(element.sourceline or 1) - int(root.sourceline or 1)
