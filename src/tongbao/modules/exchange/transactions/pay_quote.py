from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.fields import AccountId, Reference, Text, Uetr, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.model import QuoteId
from tongbao.modules.exchange.quoting import use_quote
from tongbao.modules.payments import Journal, check_texts, check_uetr, claim_uetr

PAYMENTS = "payments"


@transaction(code=5032, scope=PAYMENTS)
class PayQuote(Transaction, tag="exchange.pay_quote"):
    """Pay by a quote: at its price, whatever the market did meanwhile."""

    quote: QuoteId
    payer: AccountId
    """Account of the quote's taker that is debited."""
    payee: AccountId
    payee_reference: Reference = ""
    """What the payee knows the payment by: ISO EndToEndId; at most 35."""
    uetr: Uetr = ""
    purpose: Word = ""
    remittance: Text = ""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), PAYMENTS),)

    def check(self) -> None:
        check_texts(self.payee_reference, self.purpose, self.remittance)
        check_uetr(self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Take what was set aside, post, tell."""
        claim_uetr(ledger, self.uetr)
        journal = Journal(
            ledger, "exchange.pay_quote", subject=self.quote, payee_reference=self.payee_reference,
            uetr=self.uetr, purpose=self.purpose, remittance=self.remittance,
        )  # fmt: skip
        happened: list[Event] = []
        use_quote(
            ledger, journal, self.quote, self.payer, self.payee,
            payee_reference=self.payee_reference, events=happened,
        )  # fmt: skip
        yield from happened
        yield journal.posted()
