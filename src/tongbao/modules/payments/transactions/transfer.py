from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Digest, Reference, Text, Uetr, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import Transferred
from tongbao.modules.payments.model import PAID, SCOPE, Known, check_digest, check_texts, check_uetr
from tongbao.modules.payments.posting import pay
from tongbao.modules.payments.uetrs import require_free, write_uetr


@transaction(code=4001, scope=SCOPE)
class Transfer(Transaction, tag="payments.transfer"):
    """Pay an amount from one account to another, at once and for good."""

    payer: AccountId
    """Account that is debited."""
    payee: AccountId
    """Account that is credited."""
    asset: AssetCode
    amount_minor: Amount
    payee_reference: Reference = ""
    """What the payee knows the payment by: ISO EndToEndId, or a sub-address; at most 35."""
    up_to: bool = False
    """Balancing: pay what is available, at most the amount and at least 1."""
    uetr: Uetr = ""
    """Unique end-to-end transaction reference, a UUID version 4; no other payment may bear it."""
    purpose: Word = ""
    """ISO 20022 external purpose code, e.g. SALA."""
    remittance: Text = ""
    """What it is for, in words; at most 140."""
    document: Digest = ""
    """SHA-256 of the source document, hex."""
    creditor_reference: Reference = ""
    """What the payee asked to be named, e.g. by ISO 11649 (ISO CdtrRefInf/Ref); at most 35."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        check_amount(self.amount_minor)
        check_texts(self.payee_reference, self.purpose, self.remittance, self.creditor_reference)
        check_uetr(self.uetr)
        check_digest(self.document, PaymentsCode.BAD_DOCUMENT)

    def admit(self, view: ReadView) -> None:
        """A UETR names one payment."""
        require_free(view, self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Post."""
        amount = self._available(ledger) if self.up_to else self.amount_minor
        pay(ledger, self.payer, self.payee, self.asset, amount, self.payee_reference)
        if self.uetr:
            write_uetr(ledger, self.uetr, Known(
                PAID, self.payer, self.payee, self.asset, amount, ledger.time_ms,
                self.payee_reference,
            ))  # fmt: skip
        yield Transferred(
            self.payer, self.payee, self.asset, amount, self.payee_reference,
            self.uetr, self.purpose, self.remittance, self.document,
            creditor_reference=self.creditor_reference,
        )  # fmt: skip

    def _available(self, view: ReadView) -> int:
        holding = view.holding(self.payer, self.asset)
        there = {"account": self.payer, "asset": self.asset}
        require(holding is not None, PaymentsCode.PAYER_UNKNOWN, **there)
        assert holding is not None
        require(holding.available > 0, PaymentsCode.NOTHING_AVAILABLE, **there)
        return min(self.amount_minor, holding.available)
