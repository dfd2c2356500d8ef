"""pacs.002 out: the sending bank learns what became of each transfer of its pacs.008."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tongbao.gateway.iso20022.model import (
    InterbankFile,
    InterbankTransfer,
    PaymentStatus,
    Status,
)
from tongbao.gateway.iso20022.reasons import group_status, status_of, write_reason
from tongbao.gateway.iso20022.writing import Writer, iso_time


def write_pacs002(
    file: InterbankFile,
    statuses: Iterable[PaymentStatus],
    *,
    message_id: str,
    created_at: datetime,
    default: Status = Status.ACCEPTED,
) -> bytes:
    """A pacs.002.001.10 that answers every transfer of the file, from its receiver to its sender.

    `statuses` name transfers by `path`; a transfer without one is rejected for its findings, or
    has the `default`. KeyError for a status of a transfer that the file does not have.
    """
    told = {status.path: status for status in statuses}
    strangers = told.keys() - {transfer.path for transfer in file.transfers}
    if strangers:
        raise KeyError(min(strangers))
    answers = [status_of(one.path, one.findings, told, default) for one in file.transfers]
    writer = Writer("pacs.002.001.10", "FIToFIPmtStsRpt")
    own = writer.group_header(message_id, iso_time(created_at))
    writer.agent(own, "InstgAgt", file.instructed_agent)
    writer.agent(own, "InstdAgt", file.instructing_agent)
    head = writer.node(writer.body, "OrgnlGrpInfAndSts")
    writer.leaf(head, "OrgnlMsgId", file.message_id)
    writer.leaf(head, "OrgnlMsgNmId", file.message)
    writer.leaf(head, "OrgnlCreDtTm", file.created_at)
    writer.leaf(head, "OrgnlNbOfTxs", str(len(file.transfers)))
    writer.leaf(head, "OrgnlCtrlSum", file.control_sum)
    writer.leaf(head, "GrpSts", group_status(answer.status for answer in answers))
    for transfer, answer in zip(file.transfers, answers, strict=True):
        _transfer(writer, transfer, answer)
    return writer.finish()


def _transfer(writer: Writer, transfer: InterbankTransfer, answer: PaymentStatus) -> None:
    """The answer to one transfer."""
    node = writer.node(writer.body, "TxInfAndSts")
    writer.leaf(node, "OrgnlInstrId", transfer.instruction_id)
    writer.leaf(node, "OrgnlEndToEndId", transfer.end_to_end_id)
    writer.leaf(node, "OrgnlTxId", transfer.transaction_id)
    writer.leaf(node, "OrgnlUETR", transfer.uetr)
    writer.leaf(node, "TxSts", answer.status.value)
    write_reason(writer, node, answer.reason, answer.texts)
    writer.leaf(node, "AccptncDtTm", answer.accepted_at)
    writer.leaf(node, "AcctSvcrRef", answer.servicer_reference)
