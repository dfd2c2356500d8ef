"""pain.001 in: a customer's payment file to frozen values, with every broken rule at its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from tongbao.iso20022.dates import requested
from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.iso20022.transfer_rules import category, purpose
from tongbao.iso20022.xml.accepting import (
    DEFAULT_POLICY,
    Acceptance,
    Policy,
    open_document,
    refuse_if,
)
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import (
    account,
    agent,
    canonical,
    children,
    code_or_proprietary,
    date_or_time,
    down,
    party,
    remittance,
    repeated,
    text,
    truth,
)
from tongbao.iso20022.xml.fields import without
from tongbao.iso20022.xml.reading import SourceDocument
from tongbao.iso20022.xml.tree import etree

NOT_PROVIDED = frozenset({"NOTPROVIDED"})
"""The end-to-end id of a debtor who gave none; the only one that may repeat."""

Stray = dict[etree._Element, list[Finding]]


def read_pain001(data: bytes, policy: Policy = DEFAULT_POLICY) -> PaymentFile:
    """Read a pain.001.001.03, .08 or .09, bare or wrapped.

    Raises DocumentRefused when the document is not schema-valid or a rule of the whole file is
    broken (count, control sum, duplicate group, header), and under Acceptance.WHOLE_FILE for any
    finding. Otherwise findings stay with the group or line that they refuse.
    """
    return _File(open_document(data, ("pain.001",), policy), policy).read()


class _File:
    """One pass over one schema-valid document."""

    def __init__(self, document: SourceDocument, policy: Policy) -> None:
        self.document = document
        self.policy = policy
        self.checker = Checker(document)
        self.body = document.root[0]
        self.groups = repeated(self.body, "PmtInf")
        self.stray: Stray = {}

    def read(self) -> PaymentFile:
        """Check the file, then map group by group."""
        head = children(down(self.body, "GrpHdr"))
        refuse_if(tuple(self.file_findings()), self.document)
        for element, found in self.duplicates():
            payment = next(element.iterancestors(self.tag("CdtTrfTxInf")))
            self.stray.setdefault(payment, []).append(found)
        groups = tuple(self.group(index, group) for index, group in enumerate(self.groups))
        file = PaymentFile(
            message=self.document.message,
            message_id=text(head["MsgId"]),
            created_at=text(head["CreDtTm"]),
            initiating_party=party(head["InitgPty"]),
            number_of_transactions=int(text(head["NbOfTxs"])),
            control_sum=text(head.get("CtrlSum")),
            groups=groups,
            source=canonical(without(self.body, {"PmtInf"})),
            header=canonical(self.document.header),
        )
        if self.policy.acceptance is Acceptance.WHOLE_FILE:
            refuse_if(file.findings, self.document)
        return file

    def file_findings(self) -> Iterator[Finding]:
        """Rules of the file as a whole."""
        head = down(self.body, "GrpHdr")
        payments = [one for group in self.groups for one in repeated(group, "CdtTrfTxInf")]
        yield from self.checker.count(down(head, "NbOfTxs"), len(payments))
        yield from self.checker.control_sum(down(head, "CtrlSum"), map(_amount, payments))
        for part in ("InitgPty", "FwdgAgt"):
            for element in repeated(head, part):
                yield from self.checker.identifiers(element)
        ids = [group[0] for group in self.groups]
        for _, found in self.checker.unique("rule.duplicate_group_id", ids):
            yield found

    def tag(self, name: str) -> str:
        """The qualified name of an element of the message."""
        return f"{{{self.document.namespace}}}{name}"

    def duplicates(self) -> Iterator[tuple[etree._Element, Finding]]:
        """Ids that repeat where the policy forbids it."""

        def named(part: etree._Element, name: str) -> list[etree._Element]:
            """Ids of payments; what stands in supplementary data is not ours to compare."""
            ids = (
                down(one, "PmtId", name)
                for group in repeated(part, "PmtInf") or (part,)
                for one in repeated(group, "CdtTrfTxInf")
            )
            return [one for one in ids if one is not None]

        if self.policy.unique_instruction_ids:
            for group in self.groups:
                ids = named(group, "InstrId")
                yield from self.checker.unique("rule.duplicate_instruction_id", ids)
        if self.policy.unique_end_to_end_ids:
            ids = named(self.body, "EndToEndId")
            yield from self.checker.unique("rule.duplicate_end_to_end_id", ids, NOT_PROVIDED)
        yield from self.checker.unique("rule.duplicate_uetr", named(self.body, "UETR"))

    def group(self, index: int, element: etree._Element) -> PaymentGroup:
        """Map one PmtInf; a refused line refuses its whole batch where the policy says so."""
        parts = children(element)
        path = f"/Document/CstmrCdtTrfInitn/PmtInf[{index + 1}]"
        payments = repeated(element, "CdtTrfTxInf")
        payment_type = children(parts.get("PmtTpInf"))
        group = PaymentGroup(
            id=text(parts["PmtInfId"]),
            method=text(parts["PmtMtd"]),
            batch_booking=truth(parts.get("BtchBookg")),
            number_of_transactions=int(text(parts["NbOfTxs"])) if "NbOfTxs" in parts else None,
            control_sum=text(parts.get("CtrlSum")),
            execution_date=date_or_time(parts["ReqdExctnDt"]),
            debtor=party(parts["Dbtr"]),
            debtor_account=account(parts["DbtrAcct"]),
            debtor_agent=agent(parts["DbtrAgt"]),
            ultimate_debtor=party(parts.get("UltmtDbtr")),
            charge_bearer=text(parts.get("ChrgBr")),
            service_level=code_or_proprietary(payment_type.get("SvcLvl")),
            category_purpose=code_or_proprietary(payment_type.get("CtgyPurp")),
            lines=(),
            findings=tuple(self.group_findings(element, payments)),
            line=self.document.line(element),
            path=path,
            source=canonical(without(element, {"CdtTrfTxInf"})),
        )
        lines = tuple(
            self.payment(place, payment, group, f"{path}/CdtTrfTxInf[{place + 1}]")
            for place, payment in enumerate(payments)
        )
        return replace(group, lines=self.together(group, lines))

    def together(
        self, group: PaymentGroup, lines: tuple[PaymentLine, ...]
    ) -> tuple[PaymentLine, ...]:
        """Spread a group's refusal, or a batch's, over the lines that are fine themselves."""
        batch = group.batch_booking and self.policy.acceptance is Acceptance.AS_BATCH_BOOKING
        broken = group.findings or (batch and any(line.findings for line in lines))
        if not broken:
            return lines
        return tuple(
            line
            if line.findings
            else replace(
                line, findings=(finding("rule.group_refused", line.line, line.path, group.id),)
            )
            for line in lines
        )

    def group_findings(
        self, element: etree._Element, payments: tuple[etree._Element, ...]
    ) -> Iterator[Finding]:
        """Rules of one group, without its payments."""
        parts = children(element)
        yield from self.checker.count(parts.get("NbOfTxs"), len(payments))
        yield from self.checker.control_sum(parts.get("CtrlSum"), map(_amount, payments))
        for name, part in parts.items():
            if name != "CdtTrfTxInf":
                yield from self.checker.identifiers(part)
        method = parts["PmtMtd"]
        if text(method) not in self.policy.methods:
            expected = ", ".join(self.policy.methods)
            yield self.checker.at("rule.payment_method", method, text(method), expected=expected)
        if self.policy.purpose_codes:
            yield from category(self.checker, parts.get("PmtTpInf"))
        yield from self.execution_date(parts["ReqdExctnDt"])

    def execution_date(self, element: etree._Element) -> Iterator[Finding]:
        """The requested date lies within the policy's days around today."""
        written = date_or_time(element).strip()
        today = self.policy.today
        if today is None:
            return
        first = today - timedelta(days=self.policy.days_back)
        last = today + timedelta(days=self.policy.days_ahead)
        meant = requested(written, self.policy.zone)
        if meant is None or not first <= meant.day <= last:
            expected = f"{first} .. {last}"
            yield self.checker.at("rule.execution_date", element, written, expected=expected)

    def payment(
        self, index: int, element: etree._Element, group: PaymentGroup, path: str
    ) -> PaymentLine:
        """Map one CdtTrfTxInf with its findings."""
        parts = children(element)
        ids = children(parts["PmtId"])
        amount = _amount(element)
        currency, minor, decimals, broken = self.checker.amount(amount)
        found = list(self.stray.get(element, ()))
        found.extend(self.payment_findings(element, parts, amount, minor, broken))
        if self.policy.usage_rules and group.charge_bearer and "ChrgBr" in parts:
            bearer = parts["ChrgBr"]
            found.append(self.checker.at("rule.charge_bearer_twice", bearer, text(bearer)))
        ultimate = party(parts.get("UltmtDbtr"))
        category = code_or_proprietary(down(parts.get("PmtTpInf"), "CtgyPurp"))
        return PaymentLine(
            index=index,
            instruction_id=text(ids.get("InstrId")),
            end_to_end_id=text(ids["EndToEndId"]),
            uetr=text(ids.get("UETR")),
            currency=currency,
            amount_minor=minor,
            decimals=decimals,
            equivalent_in=text(down(parts["Amt"], "EqvtAmt", "CcyOfTrf")),
            creditor=party(parts.get("Cdtr")),
            creditor_account=account(parts.get("CdtrAcct")),
            creditor_agent=agent(parts.get("CdtrAgt")),
            ultimate_debtor=ultimate if "UltmtDbtr" in parts else group.ultimate_debtor,
            ultimate_creditor=party(parts.get("UltmtCdtr")),
            charge_bearer=text(parts.get("ChrgBr")) or group.charge_bearer,
            purpose=code_or_proprietary(parts.get("Purp")),
            category_purpose=category or group.category_purpose,
            remittance=remittance(parts.get("RmtInf")),
            findings=tuple(found),
            line=self.document.line(element),
            path=path,
            source=canonical(element),
        )

    def payment_findings(
        self,
        element: etree._Element,
        parts: dict[str, etree._Element],
        amount: etree._Element,
        minor: int,
        broken: Finding | None,
    ) -> Iterator[Finding]:
        """Rules of one payment, its duplicates aside."""
        if broken is not None:
            yield broken
        elif minor == 0:
            yield self.checker.at("rule.amount_positive", amount, text(amount))
        if down(parts["Amt"], "EqvtAmt") is not None and not self.policy.equivalent_amounts:
            yield self.checker.at("rule.amount_currency", parts["Amt"], text(amount))
        yield from self.checker.identifiers(element)
        if self.policy.purpose_codes:
            yield from purpose(self.checker, parts.get("Purp"))
            yield from category(self.checker, parts.get("PmtTpInf"))
        if "CdtrAcct" not in parts and self.policy.creditor_account_required:
            yield self.checker.at("rule.creditor_account", element, "")


def _amount(payment: etree._Element) -> etree._Element:
    """The amount of a payment: InstdAmt, or the Amt inside EqvtAmt."""
    choice = next(payment.iterchildren("{*}Amt"))[0]
    amount: etree._Element = choice[0] if len(choice) else choice
    return amount
