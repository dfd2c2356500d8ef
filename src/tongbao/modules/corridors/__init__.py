"""Corridors: cross-border payments with every cost shown before they are signed."""

from __future__ import annotations

from tongbao.kernel.registry import Module, Reservation
from tongbao.modules.corridors import events
from tongbao.modules.corridors.calendar import closed_by, in_force, opens_at
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.generators import GENERATORS
from tongbao.modules.corridors.holding import give_way, hold_ends
from tongbao.modules.corridors.invariants import INVARIANTS, TALLIES
from tongbao.modules.corridors.journal import TIMER
from tongbao.modules.corridors.model import (
    BEARERS,
    TREATMENTS,
    Corridor,
    Cost,
    Fee,
    Holiday,
    Hours,
    Limit,
    Payment,
    Purposes,
    Rate,
    ReturnTerms,
    Seat,
    Terms,
    Threshold,
)
from tongbao.modules.corridors.pricing import Priced, converted_amount, price
from tongbao.modules.corridors.queries import (
    corridors,
    corridors_between,
    reference_rate,
    servers,
    versions,
)
from tongbao.modules.corridors.records import RECORDS
from tongbao.modules.corridors.serving import is_served
from tongbao.modules.corridors.state import (
    ATTESTATIONS,
    CORRIDORS,
    PAYMENTS,
    PURPOSE,
    RATES,
    RETURNS,
    SEALING_KEYS,
    SERVERS,
    USED,
    VERSIONS,
    WAITING_BY_PAYER,
    require_corridor,
    require_payment,
    require_terms,
    terms_at,
)
from tongbao.modules.corridors.transactions.answer_cancellation import AnswerCancellation
from tongbao.modules.corridors.transactions.ask_cancellation import AskCancellation
from tongbao.modules.corridors.transactions.attach_envelope import AttachEnvelope
from tongbao.modules.corridors.transactions.attest import Attest
from tongbao.modules.corridors.transactions.change import ChangeTerms
from tongbao.modules.corridors.transactions.confirm_credit import ConfirmCredit
from tongbao.modules.corridors.transactions.define import DefineCorridor
from tongbao.modules.corridors.transactions.execute import ExecutePayment
from tongbao.modules.corridors.transactions.pay import PayAbroad
from tongbao.modules.corridors.transactions.publish_sealing_key import PublishSealingKey
from tongbao.modules.corridors.transactions.refuse import RefusePayment
from tongbao.modules.corridors.transactions.release import ReleasePayment
from tongbao.modules.corridors.transactions.return_payment import ReturnPayment
from tongbao.modules.corridors.transactions.serve import Serve
from tongbao.modules.corridors.transactions.set_rate import SetReferenceRate
from tongbao.modules.corridors.transactions.stop_serving import StopServing
from tongbao.modules.corridors.transactions.withdraw_change import WithdrawChange

MODULE = Module(
    name="corridors",
    number=0x50,
    uses=("parties", "assets", "accounts", "payments", "exchange"),
    tables=(
        CORRIDORS, VERSIONS, SERVERS, PAYMENTS, RETURNS, USED, RATES, ATTESTATIONS, SEALING_KEYS,
        WAITING_BY_PAYER,
    ),
    transactions=(
        DefineCorridor, ChangeTerms, WithdrawChange, Serve, StopServing, SetReferenceRate, Attest,
        PublishSealingKey, AttachEnvelope, PayAbroad, ReleasePayment, RefusePayment,
        ExecutePayment, ConfirmCredit, ReturnPayment, AskCancellation, AnswerCancellation,
    ),
    events=(
        events.CorridorDefined, events.TermsSet, events.TermsWithdrawn, events.ServingBegan,
        events.ServingEnded, events.RateSet, events.Attested, events.SealingKeyPublished,
        events.PaymentAccepted, events.PaymentHeld, events.PaymentSettled, events.PaymentStepped,
        events.CreditConfirmed, events.CancellationAsked, events.CancellationAnswered,
        events.PaymentReturned, events.Charged,
    ),
    public=(
        events.CorridorDefined, events.TermsSet, events.TermsWithdrawn, events.ServingBegan,
        events.ServingEnded, events.RateSet, events.SealingKeyPublished,
    ),
    codes=CorridorsCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    tallies=TALLIES,
    records=RECORDS,
    internal=(
        USED, WAITING_BY_PAYER,
        # What these say, the rows of corridors, rates, results and keys show.
        events.CorridorDefined, events.TermsSet, events.TermsWithdrawn, events.ServingBegan,
        events.ServingEnded, events.RateSet, events.Attested, events.SealingKeyPublished,
    ),
    timers={TIMER: hold_ends},
    reservations=(Reservation(30, (PURPOSE,), give_way),),
)  # fmt: skip

__all__ = [
    "ATTESTATIONS",
    "BEARERS",
    "CORRIDORS",
    "GENERATORS",
    "MODULE",
    "PAYMENTS",
    "RATES",
    "RETURNS",
    "SEALING_KEYS",
    "SERVERS",
    "TREATMENTS",
    "VERSIONS",
    "AnswerCancellation",
    "AskCancellation",
    "AttachEnvelope",
    "Attest",
    "ChangeTerms",
    "ConfirmCredit",
    "Corridor",
    "CorridorsCode",
    "Cost",
    "DefineCorridor",
    "ExecutePayment",
    "Fee",
    "Holiday",
    "Hours",
    "Limit",
    "PayAbroad",
    "Payment",
    "Priced",
    "PublishSealingKey",
    "Purposes",
    "Rate",
    "RefusePayment",
    "ReleasePayment",
    "ReturnPayment",
    "ReturnTerms",
    "Seat",
    "Serve",
    "SetReferenceRate",
    "StopServing",
    "Terms",
    "Threshold",
    "WithdrawChange",
    "closed_by",
    "converted_amount",
    "corridors",
    "corridors_between",
    "in_force",
    "is_served",
    "opens_at",
    "price",
    "reference_rate",
    "require_corridor",
    "require_payment",
    "require_terms",
    "servers",
    "terms_at",
    "versions",
]
