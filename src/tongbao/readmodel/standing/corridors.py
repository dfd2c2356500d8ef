"""Corridors, rates, screening results, and every payment with its steps, charges and returns.

A payment's record keeps its whole life; only the blocks and digests of its transactions are not in
it, and who set older terms.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table

from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.corridors import (
    ATTESTATIONS,
    CORRIDORS,
    PAYMENTS,
    RATES,
    RETURNS,
    SEALING_KEYS,
    SERVERS,
    VERSIONS,
    Payment,
)
from tongbao.readmodel import schema_corridors as schema
from tongbao.readmodel.projecting import as_json

Row = tuple[Table, dict[str, Any]]
_PLAIN = (
    "uetr", "corridor", "state", "payer", "payee", "send_asset", "receive_asset", "exact", "bearer",
    "quote", "payee_reference", "purpose", "remittance", "document", "originator", "beneficiary",
    "travel_rule",
)  # fmt: skip
_AMOUNTS = (
    "instructed_minor", "limit_minor", "aside_minor", "debited_minor", "converted_minor",
    "arrived_minor", "credited_minor", "confirmed_minor", "returned_minor",
)  # fmt: skip


def standing(view: ReadView) -> Iterator[Row]:
    """Every row of the module."""
    for _, one in view.scan(CORRIDORS):
        yield schema.corridors, {
            "corridor": one.id, "send_asset": one.send_asset, "receive_asset": one.receive_asset,
            "defined_by": one.defined_by, "defined_at_ms": one.defined_at_ms,
        }  # fmt: skip
    for (corridor, starts), terms in view.scan(VERSIONS):
        yield schema.terms, {
            "corridor": corridor, "effective_at_ms": starts, "terms": as_json(terms),
            "set_by": "", "set_at_ms": 0,
        }  # fmt: skip
    for (corridor, party), serving in view.scan(SERVERS):
        yield schema.servers, {
            "corridor": corridor, "party": party, "since_ms": serving.since_ms,
        }  # fmt: skip
    yield from _stated(view)
    for _, payment in view.scan(PAYMENTS):
        yield from _payment(payment)
    for (name,), back in view.scan(RETURNS):
        yield schema.returns, {
            "return_uetr": name, "uetr": back.original, "treatment": back.treatment,
            "returned_minor": str(back.returned_minor), "spent_minor": str(back.spent_minor),
            "asset": back.asset, "received_minor": str(back.received_minor),
            "reason": back.reason, "note": back.note, "at_ms": back.at_ms, "digest": "",
        }  # fmt: skip


def _stated(view: ReadView) -> Iterator[Row]:
    for (base, quote, at_ms), rate in view.scan(RATES):
        yield schema.rates, {
            "base": base, "quote": quote, "observed_at_ms": at_ms, "value": str(rate.value),
            "decimals": rate.decimals, "source": rate.source, "set_by": rate.by,
        }  # fmt: skip
    for (subject, party), result in view.scan(ATTESTATIONS):
        yield schema.results, {
            "subject": subject, "party": party, "verdict": result.verdict,
            "list_version": result.list_version, "expires_at_ms": result.expires_at_ms,
            "made_at_ms": result.made_at_ms, "note": result.note,
        }  # fmt: skip
    for (party,), key in view.scan(SEALING_KEYS):
        yield schema.sealing_keys, {
            "party": party, "suite": key.suite, "since_ms": key.since_ms,
            "public": base64.b64encode(key.public).decode(),
        }  # fmt: skip


def _payment(payment: Payment) -> Iterator[Row]:
    asked = payment.cancellation
    yield schema.payments, {
        **{name: getattr(payment, name) for name in _PLAIN},
        **{name: str(getattr(payment, name)) for name in _AMOUNTS},
        "payer_party": owner_of(payment.payer), "payee_party": owner_of(payment.payee),
        "version_at_ms": payment.version, "deadline_at_ms": payment.deadline_ms,
        "route": as_json(payment.route), "held_for": as_json(payment.held_for),
        "cancellation_by": "" if asked is None else asked.by,
        "accepted_at_ms": payment.steps[0].at_ms, "steps": len(payment.steps), "digest": "",
        "settled_digest": "",
    }  # fmt: skip
    for number, step in enumerate(payment.steps):
        yield schema.steps, {
            "uetr": payment.uetr, "number": number, "step": step.name, "at_ms": step.at_ms,
            "by": step.by, "reason": step.reason, "note": step.note, "height": 0, "digest": "",
        }  # fmt: skip
    if payment.credited_minor:
        settled = next(step for step in payment.steps if step.name == "settled")
        for number, cost in enumerate(payment.costs):
            yield schema.charges, {
                "uetr": payment.uetr, "number": number, "kind": cost.kind,
                "receiver": cost.receiver, "asset": cost.asset,
                "amount_minor": str(cost.amount_minor), "charged_at_ms": settled.at_ms,
            }  # fmt: skip
