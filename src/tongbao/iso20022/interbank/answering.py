"""From a message that came in to the messages that answer it: pure, and knowing no ledger.

A payment's status comes from whoever settles, as plain values; these functions put it into the
words of ISO 20022, with the identifications of the original exactly as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from tongbao.iso20022.currencies import Money
from tongbao.iso20022.interbank.inquiries import (
    CancellationAnswer,
    CancellationAnswerGroup,
    CancellationGroup,
    CancellationMessage,
    CancellationRequest,
    CancellationStatus,
    Case,
    GroupStatus,
    ResolutionMessage,
    StatusReport,
    StatusRequest,
    StatusRequestMessage,
    TransactionStatus,
)
from tongbao.iso20022.interbank.model import (
    NO_AGENT,
    NOBODY,
    CreditTransfer,
    FxTreatment,
    Original,
    PaymentReturn,
    Reason,
    ReturnChain,
    ReturnMessage,
    TransferMessage,
    fx_reason,
)
from tongbao.iso20022.model import Agent, Party, PaymentStatus, Status
from tongbao.iso20022.reasons import group_status, status_of, words
from tongbao.iso20022.xml.extract import canonical, down
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import iso_time


def original_of(transfer: CreditTransfer, message: TransferMessage | None = None) -> Original:
    """How other messages name a transfer, and the message that it came in (which has a name)."""
    known = message if message is not None and message.message else None
    return Original(
        known.message_id if known else "",
        known.message if known else "",
        known.created_at if known else "",
        transfer.instruction_id,
        transfer.end_to_end_id,
        transfer.transaction_id,
        transfer.uetr,
        transfer.clearing_reference,
    )


def report_on(
    message: TransferMessage,
    statuses: Iterable[PaymentStatus],
    *,
    message_id: str,
    created_at: datetime,
    default: Status = Status.ACCEPTED,
) -> StatusReport:
    """The pacs.002 that answers every transfer of a message, from its receiver to its sender.

    `statuses` name transfers by `path`; a transfer without one is rejected for its findings, or
    has the `default`. KeyError for a status of a transfer that the message does not have.
    """
    reported = {status.path: status for status in statuses}
    strangers = reported.keys() - {transfer.path for transfer in message.transfers}
    if strangers:
        raise KeyError(min(strangers))
    answers = [status_of(one.path, one.findings, reported, default) for one in message.transfers]
    group = GroupStatus(
        Original(message.message_id, message.message, message.created_at),
        str(len(message.transfers)),
        message.control_sum,
        group_status(answer.status for answer in answers),
    )
    transactions = tuple(
        transaction_status(original_of(transfer), answer)
        for transfer, answer in zip(message.transfers, answers, strict=True)
    )
    return StatusReport(
        "", message_id, iso_time(created_at), message.instructed_agent,
        message.instructing_agent, (group,), transactions,
    )  # fmt: skip


def transaction_status(original: Original, answer: PaymentStatus) -> TransactionStatus:
    """One payment's status in the words of the message."""
    reported = words(answer.reason, answer.texts)
    return TransactionStatus(
        original,
        answer.status.value,
        reasons=(reported,) if reported != Reason() else (),
        accepted_at=answer.accepted_at,
        servicer_reference=answer.servicer_reference,
    )


def answer_requests(
    message: StatusRequestMessage,
    statuses: Mapping[str, PaymentStatus],
    *,
    message_id: str,
    created_at: datetime,
) -> StatusReport:
    """The pacs.002 that answers a pacs.028: one status for each request, by the request's `path`.

    A request without a status is answered with RJCT and NOOR ("no original"): we do not know it.
    """
    unknown = ("the payment is not known here",)
    transactions = tuple(
        transaction_status(
            one.original,
            statuses.get(one.path, PaymentStatus(one.path, Status.REJECTED, "NOOR", unknown)),
        )
        for one in message.requests
    )
    return StatusReport(
        "", message_id, iso_time(created_at), message.instructed_agent,
        message.instructing_agent, transactions=transactions,
    )  # fmt: skip


def request_status(
    transfer: CreditTransfer,
    message: TransferMessage,
    *,
    message_id: str,
    created_at: datetime,
) -> StatusRequestMessage:
    """The pacs.028 that asks what became of a transfer that was sent in `message`."""
    request = StatusRequest(original_of(transfer, message), request_id=message_id)
    return StatusRequestMessage(
        "", message_id, iso_time(created_at), message.instructing_agent, message.instructed_agent,
        requests=(request,),
    )  # fmt: skip


def request_cancellation(
    transfers: Iterable[CreditTransfer],
    message: TransferMessage,
    reason: Reason,
    *,
    assignment_id: str,
    created_at: datetime,
) -> CancellationMessage:
    """The camt.056 that asks for transfers of a message back; each is its own case."""
    requests = tuple(
        CancellationRequest(
            original_of(one, message),
            cancellation_id=f"{assignment_id[:30]}-{place}",
            case=Case(f"{assignment_id[:30]}-{place}", bank(message.instructing_agent)),
            settlement=one.settlement,
            settlement_date=one.settlement_date,
            reasons=(reason,),
        )
        for place, one in enumerate(transfers, start=1)
    )
    return CancellationMessage(
        "", assignment_id, iso_time(created_at), bank(message.instructing_agent),
        bank(message.instructed_agent), number_of_transactions=str(len(requests)),
        groups=(CancellationGroup(requests=requests),),
    )  # fmt: skip


def resolve(
    message: CancellationMessage,
    answers: Mapping[str, tuple[CancellationStatus, Reason]],
    *,
    assignment_id: str,
    created_at: datetime,
) -> ResolutionMessage:
    """The camt.029 that answers a camt.056: accepted, rejected or pending, with its reason.

    `answers` name requests by `path`; a request without one is pending.
    """
    pending = (CancellationStatus.PENDING, Reason())
    groups: list[CancellationAnswerGroup] = []
    kinds: list[CancellationStatus] = []
    for group in message.groups:
        reported: list[CancellationAnswer] = []
        for one in group.requests:
            status, reason = answers.get(one.path, pending)
            kinds.append(status)
            reported.append(_answer(one, status, reason))
        groups.append(CancellationAnswerGroup(answers=tuple(reported)))
    return ResolutionMessage(
        "", assignment_id, iso_time(created_at), message.assignee, message.assigner,
        _named(message.case), _confirmation(kinds).value, tuple(groups), source=_turned(message),
    )  # fmt: skip


def _named(case: Case | None) -> Case | None:
    """A case whose creator can be stated again (Cretr is required); none for another one."""
    return case if case is not None and case.creator != NOBODY else None


def _turned(message: CancellationMessage) -> bytes:
    """The assignment as the answer's shell: whoever is named there, however, is turned round."""
    if not message.source or message.message < "camt.056.001.08":
        return b""
    came = etree.fromstring(message.source)
    space = came.tag[: came.tag.rfind("}") + 1]
    made = etree.Element(f"{space}RsltnOfInvstgtn", nsmap={None: space[1:-1]})
    parts = etree.SubElement(made, f"{space}Assgnmt")
    for place, other in (("Assgnr", "Assgne"), ("Assgne", "Assgnr")):
        turned = down(came, "Assgnmt", other)
        if turned is not None:
            turned.tag = space + place
            parts.append(turned)
    return canonical(made)


_TRANSACTION_STATUS = {
    CancellationStatus.CANCELLED: "ACCR",
    CancellationStatus.PARTIALLY: "RJCR",
    CancellationStatus.REJECTED: "RJCR",
    CancellationStatus.PENDING: "PDCR",
}
"""CancellationIndividualStatus1Code has no word for a part: the whole was not given back. The
assignment says PECR, the pacs.004 how much it was."""


def _answer(
    request: CancellationRequest, status: CancellationStatus, reason: Reason
) -> CancellationAnswer:
    return CancellationAnswer(
        request.original,
        _TRANSACTION_STATUS[status],
        answer_id=request.cancellation_id,
        case=_named(request.case),
        reasons=(reason,) if reason != Reason() else (),
        settlement=request.settlement,
        settlement_date=request.settlement_date,
    )


def _confirmation(kinds: list[CancellationStatus]) -> CancellationStatus:
    """One confirmation for the whole assignment."""
    if len(set(kinds)) == 1:
        return kinds[0]
    if CancellationStatus.CANCELLED in kinds:
        return CancellationStatus.PARTIALLY
    return CancellationStatus.PENDING


def return_of(
    transfer: CreditTransfer,
    message: TransferMessage,
    returned: Money,
    reason: str,
    *,
    return_id: str,
    fx: FxTreatment = FxTreatment.NONE,
    exchange_rate: str = "",
    settlement_date: str = "",
    texts: tuple[str, ...] = (),
) -> PaymentReturn:
    """The return of a transfer: parties turned round, original amounts kept, FX treatment stated.

    `returned` is what moves back between the banks, after charges. ValueError where it is more
    than was settled in the same currency.
    """
    settled = transfer.settlement
    if settled and settled.currency == returned.currency:
        if returned.amount_minor > settled.amount_minor:
            raise ValueError("more would come back than was settled")
    chain = ReturnChain(
        ultimate_debtor=transfer.ultimate_creditor,
        debtor=transfer.creditor,
        debtor_agent=transfer.creditor_agent,
        intermediaries=transfer.intermediaries[::-1],
        creditor_agent=transfer.debtor_agent,
        creditor=transfer.debtor,
        ultimate_creditor=transfer.ultimate_debtor,
    )
    return PaymentReturn(
        original_of(transfer, message),
        returned,
        return_id=return_id,
        original_settlement=settled,
        original_settlement_date=transfer.settlement_date,
        settlement_date=settlement_date,
        exchange_rate=exchange_rate,
        charge_bearer=transfer.charge_bearer,
        instructing_agent=transfer.instructed_agent,
        instructed_agent=transfer.instructing_agent,
        chain=chain,
        reasons=(fx_reason(reason, fx, *texts),),
    )


def return_message(
    returns: Iterable[PaymentReturn],
    message: TransferMessage,
    *,
    message_id: str,
    created_at: datetime,
) -> ReturnMessage:
    """The pacs.004 with returns of transfers of a message, from its receiver to its sender."""
    listed = tuple(returns)
    return ReturnMessage(
        "", message_id, iso_time(created_at), message.settlement_method or "INDA",
        message.clearing_system, instructing_agent=message.instructed_agent,
        instructed_agent=message.instructing_agent, returns=listed,
    )  # fmt: skip


def passed_on(
    message: TransferMessage, sender: Agent, receiver: Agent, *, message_id: str, at: datetime
) -> TransferMessage:
    """The message as the next bank gets it: each transfer names who sends it to whom now."""
    before = message.instructing_agent
    transfers = tuple(
        replace(
            one,
            instructing_agent=sender,
            instructed_agent=receiver,
            previous_agents=_after(one, before),
        )
        for one in message.transfers
    )
    return replace(
        message, message_id=message_id, created_at=iso_time(at), instructing_agent=sender,
        instructed_agent=receiver, transfers=transfers,
    )  # fmt: skip


def _after(transfer: CreditTransfer, before: Agent) -> tuple[Agent, ...]:
    """The agents that a transfer has passed; three at most are shown (PrvsInstgAgt1 to 3)."""
    last = transfer.instructing_agent
    passed = last if last != NO_AGENT else before
    known = (NO_AGENT, transfer.debtor_agent)
    more = () if passed in known else (passed,)
    return (*transfer.previous_agents, *more)[-3:]


def bank(agent: Agent) -> Party:
    """An institution in the place of a party."""
    return Party(name=agent.name, bic=agent.bic, lei=agent.lei)
