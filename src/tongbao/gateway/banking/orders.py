"""A bank's credit transfer (pacs.008) as a payment abroad: whose accounts, which amount, which way.

Whatever the message says that the payment has no field for stays under its document's digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tongbao.gateway.iso20022.interbank import CreditTransfer
from tongbao.gateway.iso20022.model import Party
from tongbao.sdk.build import uetr
from tongbao.sdk.client import Client
from tongbao.sdk.travel_rule import Person

MAX_REMITTANCE = 140


class OrderRefused(Exception):
    """The transfer cannot be ordered; `reason` is an ISO status reason code."""

    def __init__(self, reason: str, words: str) -> None:
        """With the words that go into the status report."""
        super().__init__(words)
        self.reason = reason


@dataclass(frozen=True)
class Order:
    """What a transfer orders."""

    payer: str
    payee: str
    send_asset: str
    receive_asset: str
    send_minor: int
    """Exactly sent."""
    least_minor: int
    """Least that has to arrive, where the message states what moves between the banks in another
    currency than was instructed; 0 where it does not."""
    uetr: str
    bearer: str
    reference: str
    purpose: str
    remittance: str


def order_of(transfer: CreditTransfer, numbers: Mapping[str, str], ledger: Client) -> Order:
    """The order behind a transfer; `numbers` lead from account numbers to accounts.

    Sent is what was instructed (InstdAmt) where that is of another currency than what moves
    between the banks, which then has to arrive at least; else what moves between the banks, and it
    arrives in a currency that the payee's account holds and a corridor leads to.
    """
    payer = numbers.get(transfer.debtor_account.number)
    payee = numbers.get(transfer.creditor_account.number)
    if payer is None:
        raise OrderRefused("AC02", f"debtor's account {transfer.debtor_account.number} is not here")
    if payee is None:
        number = transfer.creditor_account.number
        raise OrderRefused("AC03", f"creditor's account {number} is not here")
    settled, instructed = transfer.settlement, transfer.instructed
    if settled is None:
        raise OrderRefused("AM12", "the interbank settlement amount is no amount")
    crossed = instructed is not None and instructed.currency != settled.currency
    sent = instructed if crossed and instructed is not None else settled
    receive = settled.currency if crossed else _arrives_in(ledger, payee, sent.currency)
    words = " ".join(transfer.remittance.unstructured)[:MAX_REMITTANCE]
    return Order(
        payer, payee, sent.currency, receive, sent.amount_minor,
        settled.amount_minor if crossed else 0, transfer.uetr.lower() or uetr(),
        transfer.charge_bearer or "SLEV", transfer.end_to_end_id[:35], transfer.purpose[:4], words,
    )  # fmt: skip


def _arrives_in(ledger: Client, payee: str, sent: str) -> str:
    """The currency of the payee's account: the one that is sent, or one that a corridor reaches."""
    held = [one.asset for one in ledger.holdings(payee)]
    reached = {one.receive_asset for one in ledger.corridors.corridors(send_asset=sent)}
    for asset in (sent, *held):
        if asset in reached and asset in held:
            return asset
    raise OrderRefused("AM03", f"no corridor leads from {sent} to what {payee} holds")


def people(transfer: CreditTransfer) -> tuple[Person, Person]:
    """The two ends as the travel rule and screening speak of them."""
    first = _person(transfer.debtor, transfer.debtor_account.number)
    return first, _person(transfer.creditor, transfer.creditor_account.number)


def _person(party: Party, account: str) -> Person:
    return Person(
        party.name, account, party.country, kind="natural" if party.private else "legal",
        identifier=party.lei, address=party.street, town=party.town,
    )  # fmt: skip
