"""Banks' requests after a payment: camt.056 cancels it, camt.029 answers that, pacs.028 asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tongbao.cli.commands.pay.teller import Teller, message_id, tell

if TYPE_CHECKING:
    from tongbao.iso20022 import (
        CancellationMessage,
        CancellationRequest,
        CancellationStatus,
        Original,
        Reason,
        ResolutionMessage,
        StatusReport,
        StatusRequestMessage,
    )
    from tongbao.iso20022.interbank.inquiries import CancellationAnswer
    from tongbao.iso20022.model import PaymentStatus
    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk.documents_corridors import PaymentTrack


# ---- camt.056 ------------------------------------------------------------------------------------


def cancellations(teller: Teller, read: CancellationMessage) -> None:
    """Ask for each payment; camt.029 says what was answered, or that the answer is awaited."""
    from tongbao import iso20022

    read = _opened(teller, read)
    answers: dict[str, tuple[CancellationStatus, Reason]] = {}
    for group in read.groups:
        for request in group.requests:
            answers[request.path] = _cancelled(teller, request, group.original)
    now = datetime.now(UTC)
    name = message_id(now)
    resolution = iso20022.resolve(read, answers, assignment_id=name, created_at=now)
    teller.write("camt.029", iso20022.write_camt029(resolution), name, now)
    reported = {
        path: " ".join((status.value, *reason.texts)) for path, (status, reason) in answers.items()
    }
    unknown = any(reason.code in ("NOOR", "NARR") for _, reason in answers.values())
    tell(teller, reported or {read.assignment_id: "RJCR NOOR"}, unknown or not reported)


def _opened(teller: Teller, read: CancellationMessage) -> CancellationMessage:
    """A message that is to be cancelled whole, as a request for each of its payments."""
    from tongbao.iso20022 import CancellationRequest, Original

    groups = []
    for number, group in enumerate(read.groups, start=1):
        requests = group.requests
        if not requests:
            requests = tuple(
                CancellationRequest(
                    Original(end_to_end_id=one.payee_reference, uetr=one.uetr),
                    reasons=group.reasons, path=f"/Document/FIToFIPmtCxlReq/Undrlyg[{number}]/{n}",
                )
                for n, one in enumerate(teller.finder.of_message(group.original), start=1)
            )  # fmt: skip
        groups.append(replace(group, requests=requests))
    return replace(read, groups=tuple(groups))


def _cancelled(
    teller: Teller, request: CancellationRequest, group: Original
) -> tuple[CancellationStatus, Reason]:
    """What is answered to one request, once it was asked."""
    from tongbao.cli.commands.pay import domestic
    from tongbao.iso20022 import CancellationStatus
    from tongbao.iso20022.reasons import words
    from tongbao.modules.corridors import AskCancellation
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem

    findings = [f for f in request.findings if f.rule != "rule.original_missing"]
    if findings:
        return CancellationStatus.REJECTED, words("NARR", (str(findings[0]),))
    try:
        track = teller.finder.find(banking.within(request.original, group))
        if track is not None and _to_ask(track) and not teller.dry_run:
            code = banking.ledger_reason(request.reasons, "CUST")
            party = track.payer.partition("/")[0]
            action: Transaction = AskCancellation(track.uetr, party, code)
            if not track.corridor:
                found = teller.ledger.payments.payment(track.uetr)
                action = domestic.cancelling(found, code, "")
            teller.submit(action, party, "camt056", track.uetr)
            track = teller.track(track.uetr)
    except (banking.SeveralFound, Problem) as fault:
        return CancellationStatus.REJECTED, words("NARR", (str(fault),))
    return banking.cancellation_answer(track)


def _to_ask(track: PaymentTrack) -> bool:
    asked = any(one.step == "cancellation_asked" for one in track.steps)
    open_ = track.state in ("held", "cleared", "settled", "credited")
    return open_ and not asked and not track.cancellation_by


# ---- camt.029 ------------------------------------------------------------------------------------


def resolutions(teller: Teller, read: ResolutionMessage) -> None:
    """The payee's answers to requests to cancel: accepting returns all of a settled payment."""
    reported: dict[str, str] = {}
    refused = False
    for group in read.groups:
        for one in group.answers:
            word, done = _resolved(teller, one, group.original, read.status)
            reported[one.path] = word
            refused = refused or not done
    tell(teller, reported or {read.assignment_id: "NOOR"}, refused or not reported)


_ANSWERS = {"ACCR": True, "CNCL": True, "RJCR": False}
"""Verdicts that end a request. A part (PACR, PECR) comes back by a pacs.004, which says of what."""
_WAITS = ("PDCR", "UWFW")


def _answered(track: PaymentTrack, verdict: str) -> tuple[str, bool]:
    """The message about a payment whose request to cancel is closed, and whether it agrees with
    what the bank's message says."""
    from tongbao.iso20022 import CancellationStatus
    from tongbao.paymentfiles import banking

    known = banking.cancellation_answer(track)[0]
    if known is CancellationStatus.PENDING:
        return "nobody asks to cancel it; nothing was done", False
    rejected = known is CancellationStatus.REJECTED
    return known.value, verdict in _WAITS or _ANSWERS[verdict] != rejected


def _resolved(
    teller: Teller, one: CancellationAnswer, group: Original, whole: str
) -> tuple[str, bool]:
    from tongbao.cli.commands.pay import domestic
    from tongbao.modules.corridors import AnswerCancellation
    from tongbao.paymentfiles import banking
    from tongbao.sdk.answers import Problem
    from tongbao.sdk.returning import CannotReturn, return_terms

    verdict = one.status or whole
    try:
        track = teller.finder.find(banking.within(one.original, group))
        if track is None:
            return "NOOR", False
        if verdict not in (*_ANSWERS, *_WAITS):
            return f"{verdict}: it neither accepts nor rejects; nothing was done", False
        if not track.cancellation_by:
            return _answered(track, verdict)
        if verdict in _WAITS:
            return "PDCR", True
        accepted = _ANSWERS[verdict]
        paid = track.state in ("settled", "credited")
        code = banking.ledger_reason(one.reasons, "CUST")
        party = track.payee.partition("/")[0]
        action: Transaction
        if track.corridor:
            back = (
                return_terms(teller.ledger, track, "original_rate") if accepted and paid else None
            )
            action = AnswerCancellation(track.uetr, party, accepted, code, "", back)
        else:
            found = teller.ledger.payments.payment(track.uetr)
            action = domestic.answering(found, code, "", accept=accepted)
        if not teller.dry_run:
            teller.submit(action, party, "camt029", track.uetr)
    except (banking.SeveralFound, CannotReturn, Problem) as fault:
        return str(fault), False
    return "CNCL" if accepted else "RJCR", True


# ---- pacs.028 and pacs.002 -----------------------------------------------------------------------


def questions(teller: Teller, read: StatusRequestMessage) -> None:
    """Answer what became of payments: pacs.002."""
    from tongbao import iso20022
    from tongbao.paymentfiles import banking

    common = read.groups[0] if len(read.groups) == 1 else iso20022.Original()
    statuses: dict[str, PaymentStatus] = {}
    for one in read.requests:
        statuses[one.path] = _asked(teller, banking.within(one.original, common), one.path)
    messages = () if read.requests else read.groups
    whole = {group.message_id: teller.finder.of_message(group) for group in messages}
    now = datetime.now(UTC)
    name = message_id(now)
    report = iso20022.answer_requests(read, statuses, message_id=name, created_at=now)
    report = banking.with_messages(report, messages, whole)
    teller.write("pacs.002", iso20022.write_pacs002(report), name, now)
    reported = {path: one.status.value for path, one in statuses.items()}
    for group, tracks in whole.items():
        reported |= {f"{group} {one.uetr}": banking.status(one, "").status.value for one in tracks}
        reported |= {} if tracks else {group: "RJCT"}
    tell(teller, reported, not reported or "NOOR" in banking.reasons_in(report))


def _asked(teller: Teller, original: Original, path: str) -> PaymentStatus:
    from tongbao.paymentfiles import banking

    try:
        track = teller.finder.find(original)
    except banking.SeveralFound as fault:
        return banking.refused_status(path, banking.OrderRefused("NARR", "{fault}", fault=fault))
    if track is None:
        return _domestic(teller, original, path)
    return banking.status(track, path)


def _domestic(teller: Teller, original: Original, path: str) -> PaymentStatus:
    """A transfer within the ledger is settled at once (ACSC); what is nowhere is NOOR."""
    from tongbao.cli.commands.pay.domestic import settled_under
    from tongbao.iso20022.model import PaymentStatus, Status
    from tongbao.paymentfiles import banking
    from tongbao.paymentfiles.answer import iso_instant

    found = settled_under(teller.ledger, original.uetr) if original.uetr else []
    if not found:
        unknown = banking.OrderRefused("NOOR", "the payment is not known here")
        return banking.refused_status(path, unknown)
    [first, *_] = found
    return PaymentStatus(
        path, Status.SETTLED, servicer_reference=banking.servicer_reference(original.uetr),
        accepted_at=iso_instant(first.time_ms),
    )  # fmt: skip


def reports(teller: Teller, read: StatusReport) -> None:
    """Another bank's answer: what it says of each payment, beside what the ledger says."""
    from tongbao.paymentfiles import banking

    reported: dict[str, str] = {}
    unknown = False
    for place, one in enumerate(read.transactions):
        reply = " ".join((one.status, *(reason.code for reason in one.reasons)))
        here = _asked(teller, one.original, "")
        unknown = unknown or here.reason == "NOOR"
        words = " ".join((here.status.value, here.reason)).strip()
        reported[one.path or str(place)] = f"{reply}; here {words}"
    for group in () if read.transactions else read.groups:
        found = teller.finder.of_message(group.original)
        unknown = unknown or not found
        for track in found:
            reported[track.uetr] = f"{group.status}; here {banking.status(track, '').status.value}"
    tell(teller, reported, unknown)
