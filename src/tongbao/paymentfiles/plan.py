"""From a payment file to batches: each group of a pain.001 is paid under one signature.

Nothing is half imported. A group that is booked as a batch (`BtchBookg`, or `whole`) goes whole or
not at all; otherwise each payment stands for itself. What cannot be sent is refused here, with line
and path, before anything moves. Amounts of two currencies are never added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.iso20022.reasons import reason_of
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.money import owner_of
from tongbao.kernel.text import is_plain
from tongbao.modules.payments import BulkTransfer, Details, Line
from tongbao.paymentfiles.carrying import common, details_of
from tongbao.paymentfiles.judging import Directory, Terms, faults
from tongbao.sdk.texts import folded

MAX_LINES = 8_190
_ENCODE = msgspec.json.Encoder().encode
MAX_BATCH_BYTES = 1_900_000
"""What the lines of one envelope may take; a group that may be split becomes several."""
_MAX_MESSAGE = 48
"""Characters of a message id in the name of a transaction."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A payment that is not sent, and every reason why."""

    line: PaymentLine
    findings: tuple[Finding, ...]
    """At least one; the first gives the reason code."""

    @property
    def reason(self) -> str:
        """ISO external status reason code."""
        return reason_of(self.findings[0])

    @property
    def rule(self) -> str:
        """The first broken rule."""
        return self.findings[0].rule

    @property
    def text_en(self) -> str:
        """All reasons in words."""
        return "; ".join(one.message_en for one in self.findings)

    @property
    def text_zh(self) -> str:
        """All reasons in words."""
        return "；".join(one.message_zh for one in self.findings)


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
    part: tuple[int, int] = (1, 1)
    """Which of how many batches of the party it is in its file."""

    @property
    def totals(self) -> dict[str, int]:
        """Currency -> sum of its payments."""
        return totals_of(self.lines)

    @property
    def memo(self) -> str:
        """What people read of it on the ledger: group, number of payments, which part."""
        name = folded(self.group.id)
        words = f"{len(self.lines)} payments, part {self.part[0]} of {self.part[1]}"
        return f"{name}: {words}" if is_plain(name) else words


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent, and what will not."""

    file: PaymentFile
    digest: str
    """SHA-256 of the file, hex; stands in every batch."""
    batches: tuple[Batch, ...]
    refused: tuple[Refused, ...]


def totals_of(lines: Iterable[PaymentLine]) -> dict[str, int]:
    """Currency -> sum in its minor units."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor
    return sums


def plan(
    file: PaymentFile,
    content: bytes,
    directory: Directory,
    terms: Terms,
    *,
    whole: bool | None = None,
) -> Plan:
    """Batches and refusals for a file; `whole` overrides each group's own BtchBookg."""
    digest = content_digest(content).hex()
    envelopes: list[_Envelope] = []
    refused: list[Refused] = []
    for group in file.groups:
        together = group.batch_booking if whole is None else whole
        good, bad = _sort(group, directory, terms)
        if bad and together:
            bad += [_refuse(line, "desk.batch_refused") for line, _ in good]
            good = []
        elif together and sum(map(_weight, good)) > MAX_BATCH_BYTES:
            bad = [_refuse(line, "desk.batch_too_large", limit=MAX_BATCH_BYTES) for line, _ in good]
            good = []
        refused += sorted(bad, key=lambda one: one.line.index)
        payer = directory.account_of(group.debtor_account.number)
        if good and payer is not None:
            envelopes += _envelopes(group, payer, good, together, digest)
    return Plan(file, digest, tuple(_numbered(file, envelopes)), tuple(refused))


_Good = tuple[PaymentLine, str]


class _Envelope(NamedTuple):
    group: PaymentGroup
    party: str
    actions: tuple[BulkTransfer, ...]
    lines: tuple[PaymentLine, ...]


def _refuse(line: PaymentLine, rule: str, **words: int) -> Refused:
    return Refused(line, (finding(rule, line.line, line.path, "", **words),))


def _sort(
    group: PaymentGroup, directory: Directory, terms: Terms
) -> tuple[list[_Good], list[Refused]]:
    good: list[_Good] = []
    bad: list[Refused] = []
    for line in group.lines:
        found = tuple(faults(group, line, directory, terms))
        payee = directory.account_of(line.creditor_account.number)
        if found or payee is None:
            bad.append(Refused(line, found))
        else:
            good.append((line, payee))
    return good, bad


def _envelopes(
    group: PaymentGroup, payer: str, good: Sequence[_Good], together: bool, digest: str
) -> Iterator[_Envelope]:
    parts = [_action(payer, part, together, digest) for part in _parts(good)]
    for envelope in [parts] if together else [[part] for part in parts]:
        actions = tuple(action for action, _ in envelope)
        lines = tuple(line for _, part in envelope for line in part)
        yield _Envelope(group, owner_of(payer), actions, lines)


def _numbered(file: PaymentFile, envelopes: Sequence[_Envelope]) -> Iterator[Batch]:
    """Names in order: the n-th batch that a party sends of a file is `<message id>/n`.

    So the first one takes the message id on the ledger, whatever the file's groups are.
    """
    counts = Counter(one.party for one in envelopes)
    sent: Counter[str] = Counter()
    for group, party, actions, lines in envelopes:
        sent[party] += 1
        part = (sent[party], counts[party])
        yield Batch(group, reference_of(file.message_id, part[0]), party, actions, lines, part)


def reference_of(message_id: str, number: int) -> str:
    """The name of a file's n-th batch. Message ids are compared as written, so no two share a name:
    what a name may not hold is escaped, what is too long then stands as its hash."""
    reported = "".join(
        one if is_plain(one) and one not in ":~" and (one != " " or place) else _escaped(one)
        for place, one in enumerate(message_id)
    )
    if len(reported) > _MAX_MESSAGE:
        reported = "~" + content_digest(message_id.encode()).hex()[: _MAX_MESSAGE - 1]
    return f"{reported}/{number}"


def _escaped(one: str) -> str:
    return f"~{ord(one):x};"


def _action(
    payer: str, part: Sequence[_Good], together: bool, digest: str
) -> tuple[BulkTransfer, list[PaymentLine]]:
    """What all payments say alike is stated once; of each payment, only what it says itself."""
    details = [details_of(line) for line, _ in part]
    remittance = _common_remittance(details)
    purpose = common(details, lambda one: one.purpose)
    category = common(details, lambda one: one.category)
    own = [_without(one, remittance, purpose, category) for one in details]
    action = BulkTransfer(
        payer=payer,
        asset=part[0][0].currency,
        lines=tuple(_line(*one, reply) for one, reply in zip(part, own, strict=True)),
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
    if any(one is not None and (one.structured or one.creditor_reference) for one in details):
        return ""
    texts = {() if one is None else one.remittance for one in details}
    alike = texts.pop() if len(texts) == 1 else ()
    return alike[0] if len(alike) == 1 else ""
