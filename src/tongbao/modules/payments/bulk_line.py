"""One payment of a bulk transfer, and what its payer wrote to the payee.

What stands on the ledger is what the payee needs to know the payment by: references, purpose and
remittance. Names and addresses of people stay in the payment file, whose hash is the transfer's
`document`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, Reference, Text, Uetr, Word
from tongbao.kernel.money import check_amount
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.model import check_text, check_uetr

MAX_REFERENCE = 35
"""ISO Max35Text."""
MAX_REMITTANCE = 140
"""ISO Max140Text: one occurrence of unstructured remittance."""
MAX_REMITTANCES = 100
MAX_STRUCTURED = 30_000
"""Characters; CBPR+ allows 9,000 without the tags."""


class Details(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the payer wrote beside the end-to-end id; each is the payment's own."""

    remittance: tuple[Text, ...] = ()
    """Unstructured remittance, one text an occurrence (ISO Ustrd)."""
    creditor_reference: Reference = ""
    """The creditor's reference, e.g. by ISO 11649 (ISO CdtrRefInf/Ref)."""
    structured: str = ""
    """Structured remittance that says more than the creditor's reference: the ISO 20022 elements
    Strd as canonical XML without a namespace. The ledger keeps it and does not read it."""
    purpose: Word = ""
    """ISO 20022 external purpose code."""
    purpose_proprietary: str = ""
    """A purpose that is no code of the list (ISO Purp/Prtry)."""
    category: str = ""
    """ISO 20022 external category purpose code; what the payer's bank is shown."""
    instruction: str = ""
    """The payer's own reference (ISO InstrId)."""

    def texts(self, common: Mapping[str, str]) -> dict[str, str]:
        """What the entries of the line say: what it says itself, and where it says nothing of a
        kind, what the transfer says of all.

        Occurrences of unstructured remittance stand one a line: none of them holds a line break.
        """
        own = {
            "remittance": "\n".join(self.remittance), "structured": self.structured,
            "creditor_reference": self.creditor_reference, "purpose": self.purpose,
            "purpose_proprietary": self.purpose_proprietary, "category": self.category,
            "instruction": self.instruction,
        }  # fmt: skip
        reply = {name: value for name, value in own.items() if value}
        replaced: set[str] = set()
        if self.structured or self.creditor_reference:
            replaced.add("remittance")
        if self.purpose_proprietary:
            replaced.add("purpose")
        return {name: text for name, text in common.items() if name not in replaced} | reply

    def check(self) -> None:
        """Refuse a text that is too long or holds other than printable characters."""
        count = len(self.remittance)
        require(
            count <= MAX_REMITTANCES, PaymentsCode.BAD_TEXT,
            field="remittance", low=0, high=MAX_REMITTANCES,
        )  # fmt: skip
        for text in self.remittance:
            check_text("remittance", text, 1, MAX_REMITTANCE)
        check_text("creditor_reference", self.creditor_reference, 0, MAX_REFERENCE)
        check_text("structured", self.structured, 0, MAX_STRUCTURED)
        check_text("purpose", self.purpose, 0, 4)
        check_text("purpose_proprietary", self.purpose_proprietary, 0, MAX_REFERENCE)
        check_text("category", self.category, 0, 4)
        check_text("instruction", self.instruction, 0, MAX_REFERENCE)


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One payment of a bulk transfer, as an array: payee, amount, reference, UETR, details."""

    payee: AccountId
    amount_minor: Amount
    payee_reference: Reference
    """What the payee knows the payment by: ISO EndToEndId."""
    uetr: Uetr = ""
    details: Details | None = None
    """What its payer wrote beside; null for a line without texts of its own."""

    def check(self) -> None:
        check_amount(self.amount_minor)
        check_text("payee_reference", self.payee_reference, 1, MAX_REFERENCE)
        check_uetr(self.uetr)
        if self.details is not None:
            self.details.check()
