"""From a payment file to batches: each group of a pain.001 is paid under one signature.

Nothing is half imported. A group that is booked as a batch (`BtchBookg`, or `whole`) goes whole or
not at all; otherwise each payment stands for itself. What cannot be sent is refused here, with line
and path, before anything moves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from msgspec.structs import replace

from tongbao.gateway.desk.carrying import common, details_of, folded
from tongbao.gateway.iso20022.model import Account, PaymentFile, PaymentGroup, PaymentLine
from tongbao.gateway.iso20022.reasons import reason_of
from tongbao.kernel.money import owner_of
from tongbao.modules.payments import BulkTransfer, Details, Line

MAX_LINES = 8_190
_ENCODE = msgspec.json.Encoder().encode
MAX_BATCH_BYTES = 1_900_000
"""What the lines of one envelope may take; a group that may be split becomes several."""


class Directory(Protocol):
    """Who keeps which account: answered by the read model or over HTTP."""

    def account_of(self, number: str) -> str | None:
        """The ledger's account for an IBAN, a linked number or an account id; None for unknown."""
        ...

    def has_asset(self, asset: str) -> bool:
        """Whether the currency is issued on this ledger."""
        ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A payment that is not sent, and why."""

    line: PaymentLine
    reason: str
    """ISO external status reason code."""
    rule: str
    """Our rule, with its place in the file."""
    text_en: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments of one group that go under one signature."""

    group: PaymentGroup
    reference: str
    """Name of the transaction: (party, reference)."""
    party: str
    """Who orders: the owner of the payer's account."""
    actions: tuple[BulkTransfer, ...]
    """All or none of them: one envelope."""
    lines: tuple[PaymentLine, ...]
    """The payments behind the actions' lines, in the same order."""

    @property
    def total_minor(self) -> int:
        """Sum of its payments."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent, and what will not."""

    file: PaymentFile
    digest: str
    """SHA-256 of the file, hex; stands in every batch."""
    batches: tuple[Batch, ...]
    refused: tuple[Refused, ...]


def plan(
    file: PaymentFile, content: bytes, directory: Directory, *, whole: bool | None = None
) -> Plan:
    """Batches and refusals for a file; `whole` overrides each group's own BtchBookg."""
    digest = hashlib.sha256(content).hexdigest()
    batches: list[Batch] = []
    refused: list[Refused] = []
    for position, group in enumerate(file.groups):
        together = group.batch_booking if whole is None else whole
        good, bad = _sort(group, directory)
        payer = directory.account_of(group.debtor_account.number)
        if payer is None:
            number = group.debtor_account.number
            why = (
                f"the debtor account {number} is not kept on this ledger",
                f"付款账户 {number} 不在本账本",
            )
            good, bad = (
                [],
                [_refuse(line, "AC02", "desk.debtor_account", *why) for line in group.lines],
            )
        elif bad and together:
            bad += [_with_the_others(line) for line, _ in good]
            good = []
        elif together and sum(map(_weight, good)) > MAX_BATCH_BYTES:
            bad = [_too_large(line) for line, _ in good]
            good = []
        refused += sorted(bad, key=lambda one: one.line.index)
        if payer is not None and good:
            batches += _batches(file, position, group, payer, good, together, digest)
    return Plan(file, digest, tuple(batches), tuple(refused))


def _with_the_others(line: PaymentLine) -> Refused:
    return _refuse(
        line, "NARR", "desk.batch_refused",
        "the batch is booked whole and another of its payments is refused",
        "该批次整体记账，其中另有付款被拒绝",
    )  # fmt: skip


def _too_large(line: PaymentLine) -> Refused:
    return _refuse(
        line, "NARR", "desk.batch_too_large",
        f"a batch booked whole takes at most {MAX_BATCH_BYTES} bytes: split it or book singly",
        f"整体记账的批次最多 {MAX_BATCH_BYTES} 字节：请拆分或逐笔记账",
    )  # fmt: skip


_Good = tuple[PaymentLine, str]


def _sort(group: PaymentGroup, directory: Directory) -> tuple[list[_Good], list[Refused]]:
    good: list[_Good] = []
    bad: list[Refused] = []
    for line in group.lines:
        findings = (*group.findings, *line.findings)
        payee = directory.account_of(line.creditor_account.number)
        if findings:
            first = findings[0]
            reason = reason_of(first)
            bad.append(_refuse(line, reason, first.rule, first.message_en, first.message_zh))
        elif payee is None:
            bad.append(_unknown(line, line.creditor_account))
        elif not directory.has_asset(line.currency):
            bad.append(_refuse(
                line, "AM11", "desk.currency",
                f"{line.currency} is not issued on this ledger", f"本账本未发行 {line.currency}",
            ))  # fmt: skip
        else:
            good.append((line, payee))
    return good, bad


def _unknown(line: PaymentLine, account: Account) -> Refused:
    return _refuse(
        line, "AC03", "desk.creditor_account",
        f"the creditor account {account.number or '(none)'} is not kept on this ledger",
        f"收款账户 {account.number or '（空）'} 不在本账本",
    )  # fmt: skip


def _refuse(line: PaymentLine, reason: str, rule: str, en: str, zh: str) -> Refused:
    return Refused(line, reason, rule, en, zh)


def _batches(
    file: PaymentFile,
    position: int,
    group: PaymentGroup,
    payer: str,
    good: Sequence[_Good],
    together: bool,
    digest: str,
) -> Iterator[Batch]:
    parts = [_action(group, payer, part, together, digest) for part in _parts(good)]
    envelopes = [parts] if together else [[part] for part in parts]
    for number, envelope in enumerate(envelopes):
        reference = f"{file.message_id.replace(':', '.')}/{position + 1}.{number + 1}"
        actions = tuple(action for action, _ in envelope)
        lines = tuple(line for _, part in envelope for line in part)
        yield Batch(group, reference, owner_of(payer), actions, lines)


def _action(
    group: PaymentGroup, payer: str, part: Sequence[_Good], together: bool, digest: str
) -> tuple[BulkTransfer, list[PaymentLine]]:
    """What all payments say alike is said once; nothing is said of a payment that it does not."""
    details = [details_of(line) for line, _ in part]
    remittance = _common_remittance(details)
    purpose = common(details, lambda one: one.purpose)
    category = common(details, lambda one: one.category)
    own = [_without(one, remittance, purpose, category) for one in details]
    action = BulkTransfer(
        payer=payer,
        asset=part[0][0].currency,
        lines=tuple(_line(*one, said) for one, said in zip(part, own, strict=True)),
        all_or_none=together,
        purpose=purpose,
        document=digest,
        remittance=remittance,
        category=category,
    )
    return action, [line for line, _ in part]


def _line(line: PaymentLine, payee: str, details: Details | None) -> Line:
    return Line(payee, line.amount_minor, folded(line.end_to_end_id), line.uetr, details)


def _without(
    details: Details | None, remittance: str, purpose: str, category: str
) -> Details | None:
    """What a payment says beside what all of them say."""
    if details is None:
        return None
    left = replace(
        details,
        remittance=() if remittance else details.remittance,
        purpose="" if purpose else details.purpose,
        category="" if category else details.category,
    )
    return None if left == Details() else left


def _parts(good: Sequence[_Good]) -> Iterator[list[_Good]]:
    """Split by currency, and where one action or one envelope would be too large."""
    for currency in dict.fromkeys(line.currency for line, _ in good):
        part: list[_Good] = []
        size = 0
        for one in good:
            if one[0].currency != currency:
                continue
            weight = _weight(one)
            if part and (len(part) == MAX_LINES or size + weight > MAX_BATCH_BYTES):
                yield part
                part, size = [], 0
            part.append(one)
            size += weight
        yield part


def _weight(one: _Good) -> int:
    """Bytes that a payment takes in the envelope, at most."""
    line, payee = one
    return len(_ENCODE(_line(line, payee, details_of(line)))) + 1


def _common_remittance(details: Sequence[Details | None]) -> str:
    """The one text that all payments say, where none says anything else."""
    texts = {() if one is None else one.remittance for one in details}
    alike = texts.pop() if len(texts) == 1 else ()
    return alike[0] if len(alike) == 1 else ""
