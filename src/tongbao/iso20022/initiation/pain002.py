"""pain.002 out: the customer learns what became of the file, each group and each payment.

Identifications of the original are returned exactly as they came. Group status ACCP, ACSC, PART,
RJCT, ...; per payment the status with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.model import (
    Party,
    PaymentFile,
    PaymentGroup,
    PaymentLine,
    PaymentStatus,
    Status,
)
from tongbao.iso20022.reasons import (
    group_status,
    reason_of,
    status_of,
    texts_of,
    write_reason,
)
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer, iso_time

_UNKNOWN = "NOTPROVIDED"


def write_pain002(
    file: PaymentFile,
    statuses: Iterable[PaymentStatus],
    *,
    message_id: str,
    created_at: datetime,
    initiating_party: Party = Party(),
    default: Status = Status.ACCEPTED,
) -> bytes:
    """A pain.002.001.10 that answers every payment of the file.

    `statuses` name payments by `path`; a payment without one is rejected for its findings, or has
    the `default`. KeyError for a status of a payment that the file does not have.
    """
    reported = {status.path: status for status in statuses}
    strangers = reported.keys() - {line.path for line in file.lines}
    if strangers:
        raise KeyError(min(strangers))
    answers = {
        line.path: status_of(line.path, line.findings, reported, default) for line in file.lines
    }
    writer = _opened(message_id, created_at, initiating_party)
    head = writer.node(writer.body, "OrgnlGrpInfAndSts")
    writer.leaf(head, "OrgnlMsgId", file.message_id)
    writer.leaf(head, "OrgnlMsgNmId", file.message)
    writer.leaf(head, "OrgnlCreDtTm", file.created_at)
    writer.leaf(head, "OrgnlNbOfTxs", str(file.number_of_transactions))
    writer.leaf(head, "OrgnlCtrlSum", file.control_sum)
    writer.leaf(head, "GrpSts", group_status(answer.status for answer in answers.values()))
    for group in file.groups:
        _group(writer, group, answers)
    return writer.finish()


def write_pain002_refusal(
    refused: DocumentRefused,
    *,
    message_id: str,
    created_at: datetime,
    initiating_party: Party = Party(),
) -> bytes:
    """A pain.002.001.10 that rejects a whole file, as far as its own names could be read."""
    writer = _opened(message_id, created_at, initiating_party)
    head = writer.node(writer.body, "OrgnlGrpInfAndSts")
    original = refused.original
    name = original.message_id if original else ""
    writer.leaf(head, "OrgnlMsgId", name if 0 < len(name) <= 35 else _UNKNOWN)
    writer.leaf(head, "OrgnlMsgNmId", (original and original.name) or _UNKNOWN)
    writer.leaf(head, "GrpSts", Status.REJECTED.value)
    findings = refused.findings
    write_reason(writer, head, reason_of(findings[0]), texts_of(findings))
    return writer.finish()


def _opened(message_id: str, created_at: datetime, initiating_party: Party) -> Writer:
    """The message with its own header."""
    writer = Writer("pain.002.001.10", "CstmrPmtStsRpt")
    head = writer.group_header(message_id, iso_time(created_at))
    writer.party(head, "InitgPty", initiating_party)
    return writer


def _group(writer: Writer, group: PaymentGroup, answers: Mapping[str, PaymentStatus]) -> None:
    """The answer to one PmtInf and its payments."""
    node = writer.node(writer.body, "OrgnlPmtInfAndSts")
    writer.leaf(node, "OrgnlPmtInfId", group.id)
    if group.number_of_transactions is not None:
        writer.leaf(node, "OrgnlNbOfTxs", str(group.number_of_transactions))
    writer.leaf(node, "OrgnlCtrlSum", group.control_sum)
    writer.leaf(node, "PmtInfSts", group_status(answers[line.path].status for line in group.lines))
    if group.findings:
        write_reason(writer, node, reason_of(group.findings[0]), texts_of(group.findings))
    for line in group.lines:
        _line(writer, node, line, answers[line.path])


def _line(writer: Writer, parent: etree._Element, line: PaymentLine, answer: PaymentStatus) -> None:
    """The answer to one payment."""
    node = writer.node(parent, "TxInfAndSts")
    writer.leaf(node, "OrgnlInstrId", line.instruction_id)
    writer.leaf(node, "OrgnlEndToEndId", line.end_to_end_id)
    writer.leaf(node, "OrgnlUETR", line.uetr)
    writer.leaf(node, "TxSts", answer.status.value)
    write_reason(writer, node, answer.reason, answer.texts)
    writer.leaf(node, "AccptncDtTm", answer.accepted_at)
    writer.leaf(node, "AcctSvcrRef", answer.servicer_reference)
