from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tongbao.kernel.fields import AccountId, Amount, Reference, Text, Uetr, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.convert import convert
from tongbao.modules.exchange.model import Route, check_route
from tongbao.modules.payments import Journal, check_texts, check_uetr, claim_uetr

SCOPE = "payments"


@transaction(code=5010, scope=SCOPE)
class PayAcross(Transaction, tag="exchange.pay"):
    """Pay an account in another asset, along a route through the book and pools.

    The payer need not hold what comes between, nor what arrives. Payer and payee may be the same
    account: a plain exchange.
    """

    payer: AccountId
    """Account that is debited."""
    payee: AccountId
    """Account that is credited."""
    route: Route
    """As `exchange` plans it: `["CNY", [["USD", "book"], ["HKD", "HKD:USD:30"]]]`."""
    exact: Literal["send", "receive"]
    """Which of the two amounts is exact."""
    send_minor: Amount
    """Sent exactly, or at most."""
    receive_minor: Amount
    """Arrives exactly, or at least."""
    payee_reference: Reference = ""
    """What the payee knows the payment by: ISO EndToEndId; at most 35."""
    uetr: Uetr = ""
    purpose: Word = ""
    """ISO 20022 external purpose code."""
    remittance: Text = ""
    """What it is for, in words; at most 140."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        check_route(self.route)
        check_amount(self.send_minor, "send_minor")
        check_amount(self.receive_minor, "receive_minor")
        check_texts(self.payee_reference, self.purpose, self.remittance)
        check_uetr(self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Take, post, tell."""
        claim_uetr(ledger, self.uetr)
        journal = Journal(
            ledger, "exchange.pay", payee_reference=self.payee_reference, uetr=self.uetr,
            purpose=self.purpose, remittance=self.remittance,
        )  # fmt: skip
        happened: list[Event] = []
        exact = self.exact == "send"
        convert(
            ledger, journal, self.payer, self.payee, self.route,
            send=self.send_minor if exact else 0,
            least_received=self.receive_minor if exact else 0,
            receive=0 if exact else self.receive_minor,
            most_sent=0 if exact else self.send_minor,
            payee_reference=self.payee_reference, events=happened,
        )  # fmt: skip
        yield from happened
        yield journal.posted()
