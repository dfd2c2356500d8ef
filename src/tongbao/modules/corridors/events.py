"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event
from tongbao.modules.corridors.model import Cost, Hops, Terms

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

    corridor: str
    send_asset: str
    receive_asset: str
    by: str


class TermsSet(Event, tag="corridors.terms_set"):
    """What holds in a corridor from a time on."""

    says: ClassVar = "Terms of corridor {corridor} take effect on {effective_at_ms}, set by {by}."

    corridor: str
    effective_at_ms: int
    terms: Terms
    by: str


class TermsWithdrawn(Event, tag="corridors.terms_withdrawn"):
    """A change that was to come does not."""

    says: ClassVar = "The change of corridor {corridor} on {effective_at_ms} was withdrawn by {by}."

    corridor: str
    effective_at_ms: int
    by: str


class ServingBegan(Event, tag="corridors.serving_began"):
    """A party serves a corridor."""

    says: ClassVar = "{party} serves corridor {corridor}."

    corridor: str
    party: str


class ServingEnded(Event, tag="corridors.serving_ended"):
    """A party no longer serves a corridor."""

    says: ClassVar = "{party} no longer serves corridor {corridor}."

    corridor: str
    party: str


class RateSet(Event, tag="corridors.rate_set"):
    """The network's reference rate: `value / 10**decimals` units of `quote` for one of `base`."""

    says: ClassVar = (
        "{by} set the reference rate of {base} in {quote}: {value} with {decimals} "
        "decimals ({source})."
    )

    base: str
    quote: str
    value: int
    decimals: int
    observed_at_ms: int
    source: str
    by: str


class Attested(Event, tag="corridors.attested"):
    """A screening party's result."""

    says: ClassVar = (
        "{by} screened {subject}: {verdict} by {list_version}, until {expires_at_ms}[: {note}]."
    )

    subject: str
    by: str
    verdict: str
    list_version: str
    expires_at_ms: int
    note: str = ""


class SealingKeyPublished(Event, tag="corridors.sealing_key_published"):
    """Where travel-rule data for a party is sealed to."""

    says: ClassVar = "{party} published a sealing key of suite {suite}."

    party: str
    suite: str
    public: bytes


class PaymentAccepted(Event, tag="corridors.accepted"):
    """A cross-border payment entered its life cycle; what its payer signed."""

    says: ClassVar = (
        "Payment {uetr} from {payer} to {payee} through {corridor} was accepted, "
        "charges {bearer}[: {remittance}]."
    )

    uetr: str
    corridor: str
    version: int
    payer: str
    payee: str
    send_asset: str
    receive_asset: str
    exact: str
    instructed_minor: int
    limit_minor: int
    bearer: str
    deadline_ms: int
    costs: tuple[Cost, ...] = ()
    route: Hops = ()
    quote: str = ""
    payee_reference: str = ""
    purpose: str = ""
    remittance: str = ""
    document: str = ""
    originator: str = ""
    beneficiary: str = ""
    travel_rule: str = ""


class PaymentHeld(Event, tag="corridors.held"):
    """Its money is set aside until somebody decides, or its deadline."""

    says: ClassVar = "Payment {uetr} is held with {aside_minor} set aside: {reasons}[ ({note})]."

    uetr: str
    reasons: tuple[str, ...]
    aside_minor: int
    aside_asset: str
    note: str = ""


class PaymentSettled(Event, tag="corridors.settled"):
    """Debited, converted, credited, charged: all at once."""

    says: ClassVar = "Payment {uetr} settled: {debited_minor} debited, {credited_minor} credited."

    uetr: str
    debited_minor: int
    converted_minor: int
    arrived_minor: int
    credited_minor: int
    limit_minor: int
    """As signed: least that arrives, or most that is converted."""
    debited_asset: str
    credited_asset: str
    costs: tuple[Cost, ...] = ()
    route: Hops = ()
    quote: str = ""


class PaymentStepped(Event, tag="corridors.stepped"):
    """Another step: `released`, `cleared`, `refused`, `ended`, `cancelled`, `envelope`, ..."""

    says: ClassVar = "Payment {uetr}: {step}, now {state}[, by {by}][, reason {reason}][ ({note})]."
    labels: ClassVar = {"step": STEPS, "state": STEPS}

    uetr: str
    step: str
    state: str
    """The state that it is in now."""
    by: str = ""
    reason: str = ""
    note: str = ""


class CreditConfirmed(Event, tag="corridors.credit_confirmed"):
    """The beneficiary's bank says that the end customer has the money."""

    says: ClassVar = (
        "{by} confirms that {credited_minor} of payment {uetr} reached the end customer."
    )

    uetr: str
    by: str
    credited_minor: int
    credited_asset: str
    deducted_minor: int
    credited_at_ms: int


class CancellationAsked(Event, tag="corridors.cancellation_asked"):
    """Somebody asks to cancel (camt.056)."""

    says: ClassVar = "{by} asks to cancel payment {uetr} ({reason})[: {note}]."

    uetr: str
    by: str
    reason: str
    note: str = ""


class CancellationAnswered(Event, tag="corridors.cancellation_answered"):
    """The answer (camt.029)."""

    says: ClassVar = (
        "{by} answers the request to cancel payment {uetr}, accepted: {accepted} "
        "({reason})[: {note}]."
    )

    uetr: str
    by: str
    accepted: bool
    reason: str
    note: str = ""


class PaymentReturned(Event, tag="corridors.returned"):
    """A return, linked to its original (pacs.004)."""

    says: ClassVar = (
        "Payment {uetr} was returned with {return_uetr}: {received_minor} came back "
        "({treatment}, {reason})[: {note}]."
    )
    labels: ClassVar = {
        "treatment": {
            "original_rate": "original rate",
            "current_rate": "current rate",
            "beneficiary_currency": "beneficiary's currency",
        },
    }

    uetr: str
    """Of the original."""
    return_uetr: str
    treatment: str
    returned_minor: int
    spent_minor: int
    asset: str
    received_minor: int
    state: str
    reason: str
    note: str = ""
