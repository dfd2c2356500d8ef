"""A bank's credit transfer (pacs.008) as a payment abroad: whose accounts, which amount, which way.

Whatever the message says that the payment has no field for stays under its document's digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tongbao.iso20022.interbank.model import CreditTransfer, TransferMessage
from tongbao.iso20022.model import Party, Proprietary
from tongbao.kernel.wording import WordedFault
from tongbao.sdk import Client
from tongbao.sdk.documents_corridors import PaymentTrack
from tongbao.sdk.texts import folded
from tongbao.sdk.travel_rule import Person

MAX_REMITTANCE = 140


class OrderRefused(WordedFault):
    """The transfer cannot be ordered; `reason` is an ISO status reason code."""

    def __init__(self, reason: str, template: str, /, **values: object) -> None:
        """With the words that go into the status report."""
        super().__init__(template, **values)
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


def order_of(
    transfer: CreditTransfer,
    numbers: Mapping[str, str],
    ledger: Client,
    uetr: str,
    known: PaymentTrack | None = None,
) -> Order:
    """The order behind a transfer; `numbers` lead from account numbers to accounts.

    Sent is what was instructed (InstdAmt) where that is of another currency than what moves
    between the banks, which then has to arrive at least; else what moves between the banks, and it
    arrives in a currency that the payee's account holds and a corridor leads to. `known` is what
    the ledger has under the UETR.
    """
    payer = numbers.get(transfer.debtor_account.number)
    payee = numbers.get(transfer.creditor_account.number)
    if payer is None:
        raise OrderRefused(
            "AC02", "debtor's account {number} is not here", number=transfer.debtor_account.number
        )
    if payee is None:
        number = transfer.creditor_account.number
        raise OrderRefused("AC03", "creditor's account {number} is not here", number=number)
    settled, instructed = transfer.settlement, transfer.instructed
    if settled is None:
        raise OrderRefused("AM12", "the interbank settlement amount is no amount")
    crossed = instructed is not None and instructed.currency != settled.currency
    sent = instructed if crossed and instructed is not None else settled
    if known is not None:
        receive = known.receive_asset
    else:
        receive = settled.currency if crossed else _arrives_in(ledger, payee, sent.currency)
    words = _words(transfer)
    return Order(
        payer, payee, sent.currency, receive, sent.amount_minor,
        settled.amount_minor if crossed else 0, uetr,
        transfer.charge_bearer or "SLEV", folded(transfer.end_to_end_id), _purpose(transfer), words,
    )  # fmt: skip


def _words(transfer: CreditTransfer) -> str:
    """The remittance, which reaches the payee whole or not at all (pacs.008 MDR: passed on)."""
    words = " ".join(folded(one) for one in transfer.remittance.unstructured)
    if len(words) > MAX_REMITTANCE:
        raise OrderRefused(
            "NARR", "RmtInf/Ustrd has {len} characters: a payment abroad carries at most"
" {max_remittance} to the payee, and none is cut", len=len(words), max_remittance=MAX_REMITTANCE,
        )  # fmt: skip
    if transfer.remittance.structured:
        first = transfer.remittance.structured[0]
        example = first.reference or first.document_number or "RF18539007547034"
        raise OrderRefused(
            "NARR", "RmtInf/Strd does not reach the payee of a payment abroad: write it as text,"
" <RmtInf><Ustrd>{example}</Ustrd></RmtInf>", example=example,
        )  # fmt: skip
    return words


def _purpose(transfer: CreditTransfer) -> str:
    """The purpose's code; a proprietary one is none, and is not cut to one."""
    if isinstance(transfer.purpose, Proprietary):
        raise OrderRefused(
            "NARR", "Purp/Prtry {purpose} does not reach the payee of a payment abroad: write an"
" ISO code, e.g. <Purp><Cd>GDDS</Cd></Purp> (goods)", purpose=transfer.purpose,
        )  # fmt: skip
    return str(transfer.purpose)


def _arrives_in(ledger: Client, payee: str, sent: str) -> str:
    """The currency of the payee's account: the one that is sent, or one that a corridor reaches.

    What an account of another bank holds is not read: then a corridor has to leave no choice.
    """
    reached = {one.receive_asset for one in ledger.corridors.list(send_asset=sent)}
    held = [one.asset for one in ledger.accounts.holdings(account=payee)]
    if not held and (sent in reached or len(reached) == 1):
        return sent if sent in reached else next(iter(reached))
    for asset in (sent, *held):
        if asset in reached and asset in held:
            return asset
    raise OrderRefused(
        "AM03", "no corridor leads from {sent} to what {payee} holds", sent=sent, payee=payee
    )


def names_of(transfer: CreditTransfer, message: TransferMessage) -> dict[str, str]:
    """Every id that a later message may name the transfer by."""
    return {
        "message_id": message.message_id, "instruction_id": transfer.instruction_id,
        "end_to_end_id": transfer.end_to_end_id, "transaction_id": transfer.transaction_id,
        "clearing_reference": transfer.clearing_reference,
    }  # fmt: skip


def people(transfer: CreditTransfer) -> tuple[Person, Person]:
    """The two ends as the travel rule and screening speak of them."""
    first = _person(transfer.debtor, transfer.debtor_account.number)
    return first, _person(transfer.creditor, transfer.creditor_account.number)


def _person(party: Party, account: str) -> Person:
    """Everything that the address says, whichever way it says it: free lines beside parts."""
    return Person(
        party.name, account, party.country, kind="natural" if party.private else "legal",
        identifier=party.lei, town=party.town, department=party.department,
        sub_department=party.sub_department, street=party.street, building_number=party.building,
        building_name=party.building_name, floor=party.floor, unit=party.unit,
        post_box=party.post_box, room=party.room, postcode=party.postal_code,
        town_location=party.town_location, district=party.district,
        subdivision=party.subdivision, care_of=party.care_of, address_lines=party.address_lines,
    )  # fmt: skip
