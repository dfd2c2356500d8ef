"""What the module announces."""

from __future__ import annotations

from tongbao.kernel.transaction import Event
from tongbao.modules.corridors.model import Cost, Hops, Terms


class CorridorDefined(Event, tag="corridors.defined"):
    """A new corridor."""

    corridor: str
    send_asset: str
    receive_asset: str
    by: str


class TermsSet(Event, tag="corridors.terms_set"):
    """What holds in a corridor from a time on."""

    corridor: str
    effective_from_ms: int
    terms: Terms
    by: str


class TermsWithdrawn(Event, tag="corridors.terms_withdrawn"):
    """A change that was to come does not."""

    corridor: str
    effective_from_ms: int
    by: str


class ServingBegan(Event, tag="corridors.serving_began"):
    """A party serves a corridor."""

    corridor: str
    party: str


class ServingEnded(Event, tag="corridors.serving_ended"):
    """A party no longer serves a corridor."""

    corridor: str
    party: str


class RateSet(Event, tag="corridors.rate_set"):
    """The network's reference rate: `value / 10**decimals` units of `quote` for one of `base`."""

    base: str
    quote: str
    value: int
    decimals: int
    observed_at_ms: int
    source: str
    by: str


class Attested(Event, tag="corridors.attested"):
    """A screening party's result."""

    subject: str
    by: str
    verdict: str
    list_version: str
    expires_at_ms: int
    note: str = ""


class SealingKeyPublished(Event, tag="corridors.sealing_key_published"):
    """Where travel-rule data for a party is sealed to."""

    party: str
    suite: str
    public: bytes


class PaymentAccepted(Event, tag="corridors.accepted"):
    """A cross-border payment entered its life cycle; what its payer signed."""

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

    uetr: str
    reasons: tuple[str, ...]
    aside_minor: int
    note: str = ""


class PaymentSettled(Event, tag="corridors.settled"):
    """Debited, converted, credited, charged: all at once."""

    uetr: str
    debited_minor: int
    converted_minor: int
    arrived_minor: int
    credited_minor: int
    costs: tuple[Cost, ...] = ()
    route: Hops = ()
    quote: str = ""


class PaymentStepped(Event, tag="corridors.stepped"):
    """Another step: `released`, `cleared`, `refused`, `ended`, `cancelled`, `envelope`, ..."""

    uetr: str
    step: str
    state: str
    """The state that it is in now."""
    by: str = ""
    reason: str = ""
    note: str = ""


class CreditConfirmed(Event, tag="corridors.credit_confirmed"):
    """The beneficiary's bank says that the end customer has the money."""

    uetr: str
    by: str
    credited_minor: int
    deducted_minor: int
    credited_at_ms: int


class CancellationAsked(Event, tag="corridors.cancellation_asked"):
    """Somebody asks to cancel (camt.056)."""

    uetr: str
    by: str
    reason: str
    note: str = ""


class CancellationAnswered(Event, tag="corridors.cancellation_answered"):
    """The answer (camt.029)."""

    uetr: str
    by: str
    accepted: bool
    reason: str
    note: str = ""


class PaymentReturned(Event, tag="corridors.returned"):
    """A return, linked to its original (pacs.004)."""

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
