"""What people list: corridors with terms and servers, payments with their steps, charges and
returns, rates, results of screening, sealing keys."""

from __future__ import annotations

from tongbao.kernel.columns import Column
from tongbao.kernel.fields import AssetCode, Digest, Moment, PartyId, Uetr
from tongbao.kernel.records import EventList, Record
from tongbao.modules.corridors.events import (
    CancellationAnswered,
    CancellationAsked,
    Charged,
    CreditConfirmed,
    PaymentAccepted,
    PaymentHeld,
    PaymentReturned,
    PaymentSettled,
    PaymentStepped,
)
from tongbao.modules.corridors.model import (
    CANCELLED,
    CLEARED,
    CREDITED,
    ENDED,
    HELD,
    REFUSED,
    RETURNED,
    SETTLED,
    CorridorId,
)
from tongbao.modules.corridors.state import (
    ATTESTATIONS,
    CORRIDORS,
    PAYMENTS,
    RATES,
    RETURNS,
    SEALING_KEYS,
    SERVERS,
    VERSIONS,
)

STEPS = (
    PaymentAccepted, PaymentHeld, PaymentSettled, PaymentStepped, CreditConfirmed,
    CancellationAsked, CancellationAnswered, PaymentReturned,
)  # fmt: skip
"""Each is one step of a payment, in their order."""
_OF_STEPS = ("uetr", "step", "by", "reason", "note")

RECORDS = (
    Record(
        "corridor", CORRIDORS, "Corridors, by id.", (Column("corridor", CorridorId),),
        since="defined_at_ms", filter_by=("send_asset", "receive_asset"),
        shows=("corridor", "send_asset", "receive_asset", "defined_by"),
        by_key=True, public=True,
    ),
    Record(
        "corridor_terms", VERSIONS, "Terms of corridors, changes to come included.",
        (
            Column("corridor", CorridorId),
            Column("effective_at_ms", Moment, "From when on they hold."),
        ),
        plural="corridor_terms", filter_by=("corridor",), by_key=True, public=True,
    ),
    Record(
        "corridor_server", SERVERS, "Parties that consented to serve corridors.",
        (Column("corridor", CorridorId), Column("party", PartyId)),
        since="since_ms", filter_by=("corridor",), by_key=True, public=True,
    ),
    Record(
        "cross_border_payment", PAYMENTS,
        "Payments through corridors, newest first; `held` is what waits for a decision.",
        (Column("uetr", Uetr),),
        state=lambda _key, payment: str(payment.state),
        states=(HELD, CLEARED, SETTLED, CREDITED, RETURNED, REFUSED, ENDED, CANCELLED),
        hidden=("state", "counted_minor", "counted_on"), since="accepted_at_ms",
        filter_by=("corridor", "payee_reference"),
        shows=(
            "created_at_ms", "state", "debited_minor", "credited_minor", "held_for", "remittance",
            "uetr",
        ),
    ),
    EventList(
        "payment_step", STEPS,
        "What happened to payments through corridors, newest first, with each transaction.",
        hidden=tuple(sorted(
            {name for one in STEPS for name in one.__struct_fields__}.difference(_OF_STEPS)
        )),
        filter_by=("uetr",), shows=("time_ms", "event", "step", "by", "reason", "uetr"),
    ),
    EventList(
        "charge", (Charged,), "Charges of payments, newest first, with who received each.",
        filter_by=("uetr",), shows=("time_ms", "kind", "receiver", "amount_minor", "uetr"),
    ),
    Record(
        "cross_border_return", RETURNS,
        "Returns of payments through corridors, newest first, each under its own UETR.",
        (Column("return_uetr", Uetr),),
        since="at_ms", filter_by=("uetr",),
        shows=("created_at_ms", "treatment", "received_minor", "reason", "return_uetr"),
    ),
    Record(
        "reference_rate", RATES,
        "The network's own rates: `value / 10**decimals` units of `quote` for one of `base`.",
        (
            Column("base", AssetCode), Column("quote", AssetCode),
            Column("observed_at_ms", Moment, "When the source states it."),
        ),
        filter_by=("base", "quote"), public=True,
    ),
    Record(
        "screening_result", ATTESTATIONS,
        "What was found about somebody, who is known by digest alone.",
        (Column("subject", Digest), Column("party", PartyId, "Who screened.")),
        since="made_at_ms", filter_by=("subject",),
        shows=("created_at_ms", "party", "verdict", "list_version", "expires_at_ms", "subject"),
    ),
    Record(
        "sealing_key", SEALING_KEYS, "Where travel-rule data for parties is sealed to.",
        (Column("party", PartyId),), since="since_ms", by_key=True, public=True,
    ),
)  # fmt: skip
