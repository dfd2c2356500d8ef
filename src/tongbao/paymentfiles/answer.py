"""What the ledger stated, in the bank's words: pain.002 for all, camt.054 for what was booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tongbao.iso20022.initiation.pain002 import write_pain002
from tongbao.iso20022.model import (
    SALARIES_SENT,
    TRANSFER_RECEIVED,
    TRANSFER_SENT,
    Account,
    AccountStatement,
    Entry,
    EntryDetail,
    PaymentGroup,
    PaymentLine,
    PaymentStatus,
    Proprietary,
    Status,
)
from tongbao.iso20022.reasons import texts_of
from tongbao.iso20022.statements.camt054 import write_camt054
from tongbao.kernel.codes import Code, Value
from tongbao.paymentfiles.plan import Batch, Plan, Refused
from tongbao.paymentfiles.reasons import iso_reason


@dataclass(frozen=True, slots=True)
class LedgerRefusal:
    """A refusal of the ledger: the code, and what it names."""

    code: Code
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def iso_reason(self) -> str:
        """ISO external status reason code."""
        return iso_reason(self.code, self.values)

    def texts(self) -> tuple[str, ...]:
        """Our number and name, and the sentence."""
        words = [self.code.text(dict(self.values))] if self.values else []
        return (f"{self.code.name} {int(self.code)}", *words)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one batch."""

    batch: Batch
    height: int
    """Block; 0 where nothing was recorded."""
    time_ms: int
    """Block time."""
    digest: str = ""
    """Digest of the envelope, hex: the receipt's name."""
    refusal: LedgerRefusal | None = None
    """Why the whole batch was refused."""
    failed: Mapping[int, LedgerRefusal] = field(default_factory=dict)
    """Place of a payment in the batch -> why it alone was refused."""

    def paid(self) -> tuple[PaymentLine, ...]:
        """The payments that were settled."""
        if self.refusal is not None:
            return ()
        return tuple(x for n, x in enumerate(self.batch.lines) if n not in self.failed)

    def servicer_reference(self, place: int) -> str:
        """Our reference of a payment: block and place, at most 35 characters."""
        return f"{self.booking}/{place + 1}"

    def entry_reference(self, currency: str) -> str:
        """Our reference of the one entry for the batch, one for each of its currencies."""
        several = len({line.currency for line in self.batch.lines}) > 1
        return f"{self.booking}/{currency}"[:35] if several else self.booking

    @property
    def booking(self) -> str:
        """Our reference of the whole batch: block, and the beginning of the receipt's name."""
        return f"B{self.height}/{self.digest[:12]}"


def statuses(plan: Plan, settled: Iterable[Settled]) -> tuple[PaymentStatus, ...]:
    """One status for every payment of the file, in the file's order."""
    reported: dict[str, PaymentStatus] = {one.line.path: _refused(one) for one in plan.refused}
    for batch in settled:
        at = iso_instant(batch.time_ms)
        for place, line in enumerate(batch.batch.lines):
            reply = batch.refusal or batch.failed.get(place)
            if reply is None:
                reported[line.path] = PaymentStatus(
                    line.path, Status.SETTLED, accepted_at=at,
                    servicer_reference=batch.servicer_reference(place),
                )  # fmt: skip
            else:
                reported[line.path] = PaymentStatus(
                    line.path, Status.REJECTED, reply.iso_reason, reply.texts()
                )
    return tuple(reported[line.path] for line in plan.file.lines if line.path in reported)


def _refused(one: Refused) -> PaymentStatus:
    return PaymentStatus(one.line.path, Status.REJECTED, one.reason, texts_of(one.findings))


def status_report(
    plan: Plan, settled: Iterable[Settled], *, message_id: str, created_at: datetime
) -> bytes:
    """The pain.002 that answers the whole file."""
    answers = statuses(plan, settled)
    return write_pain002(
        plan.file, answers, message_id=message_id, created_at=created_at, default=Status.PENDING
    )


def notification(
    settled: Sequence[Settled], *, message_id: str, created_at: datetime, original: str = ""
) -> bytes | None:
    """A camt.054 of the debits of every settled batch; None where nothing was booked.

    `original` is the payer's own message id: its PmtInfId is unique in its file alone.
    """
    booked = [
        (batch, currency)
        for batch in settled
        for currency in dict.fromkeys(line.currency for line in batch.paid())
    ]
    if not booked:
        return None
    statements = [
        _debit_statement(number, *one, original) for number, one in enumerate(booked, start=1)
    ]
    return write_camt054(statements, message_id=message_id, created_at=created_at)


def _debit_statement(number: int, batch: Settled, currency: str, original: str) -> AccountStatement:
    """What left the account in one currency: amounts of two are never added."""
    group = batch.batch.group
    at = iso_instant(batch.time_ms)
    paid = [
        (n, x) for n, x in enumerate(batch.batch.lines)
        if n not in batch.failed and x.currency == currency
    ]  # fmt: skip
    first = paid[0][1]
    salaries = first.category_purpose == "SALA" and not isinstance(
        first.category_purpose, Proprietary
    )
    code = SALARIES_SENT if salaries else TRANSFER_SENT
    if group.batch_booking:
        entries: tuple[Entry, ...] = (
            Entry(
                sum(line.amount_minor for _, line in paid), False, at, at,
                reference=group.id, code=code, servicer_reference=batch.entry_reference(currency),
                details=tuple(_detail(group, line, batch, n, original) for n, line in paid),
            ),
        )  # fmt: skip
    else:
        entries = tuple(
            Entry(
                line.amount_minor, False, at, at, code=code,
                servicer_reference=batch.servicer_reference(n),
                details=(_detail(group, line, batch, n, original),),
            )
            for n, line in paid
        )  # fmt: skip
    account = Account(
        iban=group.debtor_account.iban,
        other_id=group.debtor_account.other_id,
        scheme=group.debtor_account.scheme,
        proxy=group.debtor_account.proxy,
        currency=currency,
    )
    return AccountStatement(
        f"NTFN-{batch.height}-{number}", account, first.currency, first.decimals,
        created_at=at, owner=group.debtor, servicer=group.debtor_agent, entries=entries,
    )  # fmt: skip


def credit_statement(number: int, batch: Settled, place: int) -> AccountStatement:
    """The notification's part for one creditor: their one credit."""
    line = batch.batch.lines[place]
    at = iso_instant(batch.time_ms)
    entry = Entry(
        line.amount_minor, True, at, at, code=TRANSFER_RECEIVED,
        servicer_reference=batch.servicer_reference(place),
        details=(_detail(batch.batch.group, line, batch, place),),
    )  # fmt: skip
    return AccountStatement(
        f"NTFN-{batch.height}-{number}", line.creditor_account, line.currency, line.decimals,
        created_at=at, owner=line.creditor, servicer=line.creditor_agent, entries=(entry,),
    )  # fmt: skip


def _detail(
    group: PaymentGroup, line: PaymentLine, batch: Settled, place: int, original: str = ""
) -> EntryDetail:
    return EntryDetail(
        message_id=original,
        servicer_reference=batch.servicer_reference(place),
        payment_information_id=group.id,
        instruction_id=line.instruction_id,
        end_to_end_id=line.end_to_end_id,
        uetr=line.uetr,
        amount_minor=line.amount_minor,
        debtor=group.debtor,
        debtor_account=group.debtor_account,
        debtor_agent=group.debtor_agent,
        ultimate_debtor=line.ultimate_debtor,
        creditor=line.creditor,
        creditor_account=line.creditor_account,
        creditor_agent=line.creditor_agent,
        ultimate_creditor=line.ultimate_creditor,
        purpose=line.purpose,
        remittance=line.remittance,
        ordered=line.source,
        ordered_in=group.source,
    )


def iso_instant(time_ms: int) -> str:
    """Block time as ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
