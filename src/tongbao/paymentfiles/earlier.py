"""Ids that were used before: a payment under one of them is a duplicate, on every way in.

What the ledger has settled and what waits at the desk both count; the file itself does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.initiation.pain001 import NOT_PROVIDED
from tongbao.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.paymentfiles.judging import line_of
from tongbao.sdk.texts import folded

END_TO_END = "rule.duplicate_across_files"
UETR = "rule.uetr_across_files"


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of payments, as the ledger keeps them."""

    end_to_end: list[str]
    uetrs: list[str]


@dataclass(frozen=True, slots=True)
class Used:
    """Ids that were used before, each with the file that did."""

    end_to_end: Mapping[str, str] = field(default_factory=dict)
    uetrs: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: Used) -> Used:
        """Both."""
        return Used({**self.end_to_end, **other.end_to_end}, {**self.uetrs, **other.uetrs})


Asks = Callable[[str, Ids], Used]
"""Which ids of a party other files have used."""


def ids_of(group: PaymentGroup) -> Ids:
    """What a group would use up."""
    names = [one.end_to_end_id for one in group.lines if one.end_to_end_id not in NOT_PROVIDED]
    return Ids([folded(one) for one in names], [one.uetr for one in group.lines if one.uetr])


def marked(file: PaymentFile, party_of: Callable[[PaymentGroup], str], asks: Asks) -> PaymentFile:
    """The file with a finding at every id that another one has used.

    `party_of` says who pays a group, empty where nobody does.
    """
    groups = []
    for group in file.groups:
        party = party_of(group)
        used = asks(party, ids_of(group)) if party else Used()
        lines = tuple(_marked(line, used) for line in group.lines)
        groups.append(group if lines == group.lines else replace(group, lines=lines))
    return replace(file, groups=tuple(groups))


def _marked(line: PaymentLine, used: Used) -> PaymentLine:
    found: list[Finding] = []
    name = folded(line.end_to_end_id)
    if name in used.end_to_end and line.end_to_end_id not in NOT_PROVIDED:
        value, before = line.end_to_end_id, used.end_to_end[name]
        found.append(_finding(END_TO_END, line, "PmtId/EndToEndId", value, before))
    if line.uetr in used.uetrs:
        found.append(_finding(UETR, line, "PmtId/UETR", line.uetr, used.uetrs[line.uetr]))
    return replace(line, findings=(*line.findings, *found)) if found else line


def _finding(rule: str, line: PaymentLine, path: str, value: str, file: str) -> Finding:
    at = line_of(line.source, path, line.line)
    return finding(rule, at, f"{line.path}/{path}", value, file=file)
