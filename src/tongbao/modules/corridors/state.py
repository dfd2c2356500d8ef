"""Tables of the module."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.codes import refuse
from tongbao.kernel.money import owner_of
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import (
    HELD,
    Attestation,
    Corridor,
    Payment,
    Rate,
    Return,
    SealingKey,
    Serving,
    Terms,
    Used,
)
from tongbao.modules.parties import count_open

PURPOSE = "corridors"
"""What waiting payments set money aside for, in the table of reservations."""
OPEN = "waiting corridor payments"
MAX_WAITING = 10_000
"""Payments of a party that wait at most."""
CORRIDORS: Table[Corridor] = Table(
    b"\x50\x01", "corridors", (str,), Corridor, "corridor id -> its two assets"
)
VERSIONS: Table[Terms] = Table(
    b"\x50\x02", "corridor_terms", (str, int), Terms, "(corridor, effective from) -> terms"
)
SERVERS: Table[Serving] = Table(
    b"\x50\x03", "corridor_servers", (str, str), Serving, "(corridor, party) -> its consent"
)
PAYMENTS: Table[Payment] = Table(
    b"\x50\x04", "corridor_payments", (str,), Payment, "UETR -> payment with its steps"
)
RETURNS: Table[Return] = Table(
    b"\x50\x05", "corridor_returns", (str,), Return, "UETR of the return -> what was given back"
)
USED: Table[Used] = Table(
    b"\x50\x06", "corridor_used", (str, str), Used, "(corridor, party) -> sent on the last day"
)
RATES: Table[Rate] = Table(
    b"\x50\x07", "reference_rates", (str, str, int), Rate,
    "(asset, asset, observed at) -> units of the second for one of the first",
)  # fmt: skip
ATTESTATIONS: Table[Attestation] = Table(
    b"\x50\x08", "attestations", (str, str), Attestation,
    "(digest of somebody, screening party) -> its newest result",
)  # fmt: skip
SEALING_KEYS: Table[SealingKey] = Table(
    b"\x50\x09", "sealing_keys", (str,), SealingKey,
    "party -> key that travel-rule data is sealed to",
)  # fmt: skip
WAITING_BY_PAYER: Table[str] = Table(
    b"\x50\x0a", "corridor_waiting", (str, str, int, str), str,
    "(payer, asset, deadline, UETR) -> empty: payments whose money is set aside, next to end first",
)  # fmt: skip


def put_payment(ledger: WriteView, payment: Payment) -> None:
    """Write a payment; while its money is set aside it is found under its payer. Screeners have a
    part in it while it is held."""
    if payment.state != HELD and payment.screeners:
        payment = replace(payment, screeners=())
    before = ledger.get(PAYMENTS, payment.uetr)
    waited = before is not None and bool(before.aside_minor)
    ledger.put(PAYMENTS, payment.uetr, value=payment)
    if waited == bool(payment.aside_minor):
        return
    place = payment.payer, payment.send_asset, payment.deadline_ms, payment.uetr
    if waited:
        ledger.delete(WAITING_BY_PAYER, *place)
        count_open(ledger, owner_of(payment.payer), OPEN, -1)
    else:
        ledger.put(WAITING_BY_PAYER, *place, value="")
        count_open(ledger, owner_of(payment.payer), OPEN, 1, MAX_WAITING)


def require_corridor(view: ReadView, corridor: str) -> Corridor:
    """A corridor, or a refusal."""
    found = view.get(CORRIDORS, corridor)
    if found is None:
        refuse(CorridorsCode.CORRIDOR_UNKNOWN, corridor=corridor[:64])
    return found


def terms_at(view: ReadView, corridor: str, time_ms: int) -> tuple[int, Terms] | None:
    """(effective from, terms) in force at a time, open or not."""
    before = (corridor, time_ms + 1)
    found = next(view.scan(VERSIONS, corridor, after=before, reverse=True), None)
    return None if found is None else (found[0][1], found[1])


def require_terms(view: ReadView, corridor: str) -> tuple[int, Terms]:
    """(effective from, terms) in force now in an open corridor, or a refusal."""
    found = terms_at(view, corridor, view.time_ms)
    if found is None or not found[1].open:
        refuse(CorridorsCode.NOT_IN_FORCE, corridor=corridor)
    return found


def require_payment(view: ReadView, uetr: str) -> Payment:
    """A payment, or a refusal."""
    found = view.get(PAYMENTS, uetr)
    if found is None:
        refuse(CorridorsCode.PAYMENT_UNKNOWN, uetr=uetr[:40])
    return found


def terms_of(view: ReadView, payment: Payment) -> Terms:
    """The terms that a payment was accepted under; they never change."""
    terms = view.get(VERSIONS, payment.corridor, payment.version)
    if terms is None:
        raise LookupError(f"payment {payment.uetr} lost its terms")
    return terms
