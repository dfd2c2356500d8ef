"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Moment,
    PartyId,
    Reference,
    RowId,
    Text,
    Uetr,
    Whole,
    Word,
)
from tongbao.kernel.transaction import Event
from tongbao.modules.corridors.model import CorridorId, Costs, Hops, Terms

STEPS = {
    "accepted": "accepted",
    "held": "held",
    "envelope": "travel-rule envelope attached",
    "released": "released",
    "cleared": "cleared, waits for its payer",
    "settled": "settled",
    "credited": "credited to the end customer",
    "refused": "refused",
    "ended": "ended at its deadline",
    "cancelled": "cancelled",
    "returned": "returned",
    "returned_part": "returned in part",
    "cancellation_asked": "cancellation asked",
    "cancellation_accepted": "cancellation accepted",
    "cancellation_rejected": "cancellation rejected",
}
"""Steps and states of a payment as people read them."""


class CorridorDefined(Event, tag="corridors.defined"):
    """A new corridor."""

    says: ClassVar = "Corridor {corridor} from {send_asset} to {receive_asset} was defined by {by}."

    corridor: CorridorId
    send_asset: AssetCode
    receive_asset: AssetCode
    by: PartyId


class TermsSet(Event, tag="corridors.terms_set"):
    """What holds in a corridor from a time on."""

    says: ClassVar = (
        "Terms of corridor {corridor} take effect on {effective_at_ms:moment}, set by {by}."
    )

    corridor: CorridorId
    effective_at_ms: Moment
    terms: Terms
    by: PartyId


class TermsWithdrawn(Event, tag="corridors.terms_withdrawn"):
    """A change that was to come does not."""

    says: ClassVar = (
        "The change of corridor {corridor} on {effective_at_ms:moment} was withdrawn by {by}."
    )

    corridor: CorridorId
    effective_at_ms: Moment
    by: PartyId


class ServingBegan(Event, tag="corridors.serving_began"):
    """A party serves a corridor."""

    says: ClassVar = "{party} serves corridor {corridor}."

    corridor: CorridorId
    party: PartyId


class ServingEnded(Event, tag="corridors.serving_ended"):
    """A party no longer serves a corridor."""

    says: ClassVar = "{party} no longer serves corridor {corridor}."

    corridor: CorridorId
    party: PartyId


class RateSet(Event, tag="corridors.rate_set"):
    """The network's reference rate: `value / 10**decimals` units of `quote` for one of `base`."""

    says: ClassVar = (
        "{by} set the reference rate of {base} in {quote}: {value} with {decimals} "
        "decimals ({source})."
    )

    base: AssetCode
    quote: AssetCode
    value: Whole
    decimals: int
    observed_at_ms: Moment
    source: str
    by: PartyId


class Attested(Event, tag="corridors.attested"):
    """A screening party's result."""

    says: ClassVar = (
        "{by} screened {subject}: {verdict} by {list_version}, until"
        " {expires_at_ms:moment}[: {note}]."
    )

    subject: Digest
    by: PartyId
    verdict: Word
    list_version: str
    expires_at_ms: Moment
    note: str = ""


class SealingKeyPublished(Event, tag="corridors.sealing_key_published"):
    """Where travel-rule data for a party is sealed to."""

    says: ClassVar = "{party} published a sealing key of suite {suite}."

    party: PartyId
    suite: Word
    public: bytes


class PaymentAccepted(Event, tag="corridors.accepted"):
    """A cross-border payment entered its life cycle; what its payer signed."""

    says: ClassVar = (
        "Payment {uetr} from {payer} to {payee} through {corridor} was accepted, "
        "charges {bearer}[: {remittance}]."
    )

    uetr: Uetr
    corridor: CorridorId
    version: Moment
    payer: AccountId
    payee: AccountId
    send_asset: AssetCode
    receive_asset: AssetCode
    exact: Word
    instructed_minor: Amount
    limit_minor: Amount
    bearer: Word
    deadline_ms: Moment
    costs: Costs = ()
    route: Hops = ()
    quote: RowId = ""
    payee_reference: Reference = ""
    purpose: Word = ""
    remittance: Text = ""
    document: Digest = ""
    originator: Digest = ""
    beneficiary: Digest = ""
    travel_rule: Digest = ""


class PaymentHeld(Event, tag="corridors.held"):
    """Its money is set aside until somebody decides, or its deadline."""

    says: ClassVar = (
        "Payment {uetr} is held with {aside_minor:money} set aside: {reasons}[ ({note})]."
    )

    uetr: Uetr
    reasons: tuple[str, ...]
    aside_minor: Amount
    aside_asset: AssetCode
    note: str = ""


class PaymentSettled(Event, tag="corridors.settled"):
    """Debited, converted, credited, charged: all at once."""

    says: ClassVar = (
        "Payment {uetr} settled: {debited_minor:money} debited, {credited_minor:money} credited."
    )

    uetr: Uetr
    debited_minor: Amount
    converted_minor: Amount
    arrived_minor: Amount
    credited_minor: Amount
    limit_minor: Amount
    """As signed: least that arrives, or most that is converted."""
    debited_asset: AssetCode
    credited_asset: AssetCode
    route: Hops = ()
    quote: RowId = ""


class Charged(Event, tag="corridors.charged"):
    """A charge of a payment that settles: one of the costs that its payer signed."""

    says: ClassVar = "{receiver} charged {amount_minor:money} for payment {uetr} ({kind})."
    labels: ClassVar = {
        "kind": {
            "network": "network fee",
            "corridor": "corridor fee",
            "sending_bank": "sending bank's fee",
            "receiving_bank": "receiving bank's fee",
        },
    }

    uetr: Uetr
    kind: Word
    receiver: AccountId
    asset: AssetCode
    amount_minor: Amount


class PaymentStepped(Event, tag="corridors.stepped"):
    """Another step: `released`, `cleared`, `refused`, `ended`, `cancelled`, `envelope`, ..."""

    says: ClassVar = "Payment {uetr}: {step}, now {state}[, by {by}][, reason {reason}][ ({note})]."
    labels: ClassVar = {"step": STEPS, "state": STEPS}

    uetr: Uetr
    step: str
    state: Word
    """The state that it is in now."""
    by: PartyId = ""
    reason: str = ""
    note: str = ""


class CreditConfirmed(Event, tag="corridors.credit_confirmed"):
    """The beneficiary's bank says that the end customer has the money."""

    says: ClassVar = (
        "{by} confirms that {credited_minor:money} of payment {uetr} reached the end customer."
    )

    uetr: Uetr
    by: PartyId
    credited_minor: Amount
    credited_asset: AssetCode
    deducted_minor: Amount
    credited_at_ms: Moment


class CancellationAsked(Event, tag="corridors.cancellation_asked"):
    """Somebody asks to cancel (camt.056)."""

    says: ClassVar = "{by} asks to cancel payment {uetr} ({reason})[: {note}]."

    uetr: Uetr
    by: PartyId
    reason: str
    note: str = ""


class CancellationAnswered(Event, tag="corridors.cancellation_answered"):
    """The answer (camt.029)."""

    says: ClassVar = (
        "{by} answers the request to cancel payment {uetr}, accepted: {accepted} "
        "({reason})[: {note}]."
    )

    uetr: Uetr
    by: PartyId
    accepted: bool
    reason: str
    note: str = ""


class PaymentReturned(Event, tag="corridors.returned"):
    """A return, linked to its original (pacs.004)."""

    says: ClassVar = (
        "Payment {uetr} was returned with {return_uetr}: {received_minor:money} came back "
        "({treatment}, {reason})[: {note}]."
    )
    labels: ClassVar = {
        "treatment": {
            "original_rate": "original rate",
            "current_rate": "current rate",
            "beneficiary_currency": "beneficiary's currency",
        },
    }

    uetr: Uetr
    """Of the original."""
    return_uetr: Uetr
    treatment: Word
    returned_minor: Amount
    spent_minor: Amount
    asset: AssetCode
    received_minor: Amount
    state: Word
    reason: str
    note: str = ""
