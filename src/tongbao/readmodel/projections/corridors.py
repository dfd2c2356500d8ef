"""Corridors, and each payment through one with its steps, charges and returns."""

from __future__ import annotations

import base64
from typing import Any

from tongbao.kernel.money import owner_of
from tongbao.modules.corridors import events
from tongbao.readmodel import schema_corridors as schema
from tongbao.readmodel.projecting import Step, as_json, projects


@projects("corridors.defined")
def _defined(event: events.CorridorDefined, step: Step) -> None:
    step.rows.put(schema.corridors, {
        "corridor": event.corridor, "send_asset": event.send_asset,
        "receive_asset": event.receive_asset, "defined_by": event.by,
        "defined_at_ms": step.time_ms,
    })  # fmt: skip


@projects("corridors.terms_set")
def _terms_set(event: events.TermsSet, step: Step) -> None:
    step.rows.put(schema.terms, {
        "corridor": event.corridor, "effective_at_ms": event.effective_at_ms,
        "terms": as_json(event.terms), "set_by": event.by, "set_at_ms": step.time_ms,
    })  # fmt: skip


@projects("corridors.terms_withdrawn")
def _terms_withdrawn(event: events.TermsWithdrawn, step: Step) -> None:
    step.rows.remove(schema.terms, event.corridor, event.effective_at_ms)


@projects("corridors.serving_began")
def _serving_began(event: events.ServingBegan, step: Step) -> None:
    step.rows.put(schema.servers, {
        "corridor": event.corridor, "party": event.party, "since_ms": step.time_ms,
    })  # fmt: skip


@projects("corridors.serving_ended")
def _serving_ended(event: events.ServingEnded, step: Step) -> None:
    step.rows.remove(schema.servers, event.corridor, event.party)


@projects("corridors.rate_set")
def _rate_set(event: events.RateSet, step: Step) -> None:
    step.rows.put(schema.rates, {
        "base": event.base, "quote": event.quote, "observed_at_ms": event.observed_at_ms,
        "value": str(event.value), "decimals": event.decimals, "source": event.source,
        "set_by": event.by,
    })  # fmt: skip


@projects("corridors.attested")
def _attested(event: events.Attested, step: Step) -> None:
    step.rows.put(schema.results, {
        "subject": event.subject, "party": event.by, "verdict": event.verdict,
        "list_version": event.list_version, "expires_at_ms": event.expires_at_ms,
        "made_at_ms": step.time_ms, "note": event.note,
    })  # fmt: skip


@projects("corridors.sealing_key_published")
def _sealing_key(event: events.SealingKeyPublished, step: Step) -> None:
    public = base64.b64encode(event.public).decode()
    step.rows.put(schema.sealing_keys, {
        "party": event.party, "suite": event.suite, "public": public, "since_ms": step.time_ms,
    })  # fmt: skip


# ---- payments ------------------------------------------------------------------------------------

_COPIED = (
    "uetr", "corridor", "payer", "payee", "send_asset", "receive_asset", "exact", "bearer",
    "quote", "payee_reference", "purpose", "remittance", "document", "originator", "beneficiary",
    "travel_rule",
)  # fmt: skip
_UNMOVED = (
    "aside_minor", "debited_minor", "converted_minor", "arrived_minor", "credited_minor",
    "confirmed_minor", "returned_minor",
)  # fmt: skip


def _note(
    step: Step, uetr: str, name: str, by: str = "", reason: str = "", note: str = "", **fields: Any
) -> None:
    """Add a step to a payment, at `at_ms` or the block's time, and change its columns."""
    row = step.rows.get(schema.payments, uetr)
    if row is None:
        return
    at_ms = fields.pop("at_ms", step.time_ms)
    step.rows.add(schema.steps, {
        "uetr": uetr, "number": row["steps"], "step": name, "at_ms": at_ms, "by": by,
        "reason": reason, "note": note, "height": step.height, "digest": step.digest,
    })  # fmt: skip
    step.rows.update(schema.payments, uetr, steps=row["steps"] + 1, **fields)


@projects("corridors.accepted")
def _accepted(event: events.PaymentAccepted, step: Step) -> None:
    copied = {name: getattr(event, name) for name in _COPIED}
    step.rows.put(schema.payments, {
        **copied, **dict.fromkeys(_UNMOVED, "0"), "state": "accepted",
        "payer_party": owner_of(event.payer), "payee_party": owner_of(event.payee),
        "instructed_minor": str(event.instructed_minor), "limit_minor": str(event.limit_minor),
        "version_at_ms": event.version, "deadline_at_ms": event.deadline_ms,
        "route": as_json(event.route), "held_for": "[]", "cancellation_by": "",
        "accepted_at_ms": step.time_ms, "steps": 0, "digest": step.digest, "settled_digest": "",
    })  # fmt: skip
    _note(step, event.uetr, "accepted", owner_of(event.payer))


@projects("corridors.held")
def _held(event: events.PaymentHeld, step: Step) -> None:
    _note(
        step, event.uetr, "held", reason=" ".join(event.reasons), note=event.note, state="held",
        held_for=as_json(event.reasons), aside_minor=str(event.aside_minor),
    )  # fmt: skip


@projects("corridors.settled")
def _settled(event: events.PaymentSettled, step: Step) -> None:
    _note(
        step, event.uetr, "settled", state="settled", aside_minor="0",
        debited_minor=str(event.debited_minor), converted_minor=str(event.converted_minor),
        arrived_minor=str(event.arrived_minor), credited_minor=str(event.credited_minor),
        limit_minor=str(event.limit_minor), route=as_json(event.route), quote=event.quote,
        settled_digest=step.digest,
    )  # fmt: skip
    for number, cost in enumerate(event.costs):
        step.rows.add(schema.charges, {
            "uetr": event.uetr, "number": number, "kind": cost.kind, "receiver": cost.receiver,
            "asset": cost.asset, "amount_minor": str(cost.amount_minor),
            "charged_at_ms": step.time_ms,
        })  # fmt: skip


@projects("corridors.stepped")
def _stepped(event: events.PaymentStepped, step: Step) -> None:
    fields: dict[str, Any] = {"state": event.state}
    if event.state not in ("held", "cleared"):
        fields |= {"aside_minor": "0", "cancellation_by": ""}
    if event.step == "envelope":
        fields["travel_rule"] = event.note
    _note(step, event.uetr, event.step, event.by, event.reason, event.note, **fields)


@projects("corridors.credit_confirmed")
def _confirmed(event: events.CreditConfirmed, step: Step) -> None:
    _note(
        step, event.uetr, "credited", event.by, state="credited", at_ms=event.credited_at_ms,
        confirmed_minor=str(event.credited_minor),
    )  # fmt: skip


@projects("corridors.cancellation_asked")
def _asked(event: events.CancellationAsked, step: Step) -> None:
    _note(
        step, event.uetr, "cancellation_asked", event.by, event.reason, event.note,
        cancellation_by=event.by,
    )  # fmt: skip


@projects("corridors.cancellation_answered")
def _answered(event: events.CancellationAnswered, step: Step) -> None:
    name = "cancellation_accepted" if event.accepted else "cancellation_rejected"
    _note(step, event.uetr, name, event.by, event.reason, event.note, cancellation_by="")


@projects("corridors.returned")
def _returned(event: events.PaymentReturned, step: Step) -> None:
    row = step.rows.get(schema.payments, event.uetr)
    if row is None:
        return
    returned = int(row["returned_minor"]) + event.returned_minor
    whole = returned == int(row["credited_minor"])
    _note(
        step, event.uetr, "returned" if whole else "returned_part", owner_of(row["payee"]),
        event.reason, event.note, state=event.state, returned_minor=str(returned),
    )  # fmt: skip
    step.rows.add(schema.returns, {
        "return_uetr": event.return_uetr, "uetr": event.uetr, "treatment": event.treatment,
        "returned_minor": str(event.returned_minor), "spent_minor": str(event.spent_minor),
        "asset": event.asset, "received_minor": str(event.received_minor),
        "reason": event.reason, "note": event.note, "at_ms": step.time_ms, "digest": step.digest,
    })  # fmt: skip
