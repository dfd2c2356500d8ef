"""Plays on corridors: what was measured when it was accepted, and what moves when it is let go."""

from __future__ import annotations

import random

from msgspec.structs import replace

from tongbao.kernel.generation import attacks, drawn
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.corridors import (
    PAYMENTS,
    AskCancellation,
    AttachEnvelope,
    Attest,
    ChangeTerms,
    ExecutePayment,
    Hours,
    Limit,
    PayAbroad,
    Payment,
    Purposes,
    ReleasePayment,
    terms_at,
)
from tongbao.modules.exchange import PlaceOffer
from tongbao.simulator.founding import ACROSS, ACROSS_LIMIT
from tongbao.simulator.plays.staging import CNY, HKD, Play, Script, three, uetr

REFERENCE = "play"
HOPS = ((HKD, "book"),)
MOST = ACROSS_LIMIT.per_payment_minor
RULE = "rule of a play"


def _digest(rng: random.Random) -> str:
    """Somebody of whom no screener has heard."""
    return content_digest(rng.randbytes(8)).hex()


def _offer(maker: str, amount: int) -> PlaceOffer:
    return PlaceOffer(maker, HKD, amount, CNY, 1, 1)


def across(rng: random.Random, payer: str, payee: str, receive: int, limit: int) -> PayAbroad:
    """A payment by the book, between two of whom no screener has heard."""
    return PayAbroad(
        ACROSS, payer, payee, uetr(rng), receive_minor=receive, limit_minor=limit, route=HOPS,
        payee_reference=REFERENCE, originator=_digest(rng), beneficiary=_digest(rng),
    )  # fmt: skip


def _state(view: ReadView, name: str) -> str:
    found: Payment | None = view.get(PAYMENTS, name)
    return "" if found is None else found.state


@attacks(
    "corridor-payment-limit", "corridor-day-limit", "travel-rule", "screening", "corridor-money"
)
def tiny_limit(rng: random.Random, view: ReadView) -> Script:
    """Measured by next to nothing, let go as such, executed for as much as one likes."""
    receive = rng.choice((MOST // 3, MOST * 4 // 5, MOST * 2))
    found = three(rng, view, (CNY, 10 * MOST), (HKD, 5 * MOST))
    if found is None or terms_at(view, ACROSS, view.time_ms) is None:
        return
    payer, maker, payee = found
    view = yield drawn(rng, view, _offer(maker, 4 * MOST))
    for _ in range(2):
        pay = across(rng, payer, payee, receive, 1)
        view = yield drawn(rng, view, pay)
        if _state(view, pay.uetr) != "held":
            return
        view = yield drawn(rng, view, ReleasePayment(pay.uetr, "watch", "names are clear"))
        if not rng.randrange(3):
            seal = AttachEnvelope(pay.uetr, owner_of(payer), _digest(rng))
            view = yield drawn(rng, view, seal)
        if _state(view, pay.uetr) == "cleared":
            if not rng.randrange(3):
                late = view.time_ms + 3_600_000
                hit = Attest(pay.beneficiary, "watch", "hit", "list 2", late)
                view = yield drawn(rng, view, hit)
            view = yield drawn(rng, view, ExecutePayment(pay.uetr, 8 * receive, (), HOPS))


@attacks("corridor-day-limit", "corridor-deadline", "corridor-money")
def several_that_wait(rng: random.Random, view: ReadView) -> Script:
    """Payments that wait side by side, each within the day: released together, or let go."""
    found = three(rng, view, (CNY, 10 * MOST), (HKD, 5 * MOST))
    if found is None or terms_at(view, ACROSS, view.time_ms) is None:
        return
    payer, maker, payee = found
    view = yield drawn(rng, view, _offer(maker, 4 * MOST))
    part = MOST * 9 // 20
    waiting = [across(rng, payer, payee, part, part * 2) for _ in range(5)]
    for pay in waiting:
        view = yield drawn(rng, view, replace(pay, travel_rule=_digest(rng)))
    for pay in waiting:
        if _state(view, pay.uetr) != "held":
            continue
        if rng.randrange(4):
            view = yield drawn(rng, view, ReleasePayment(pay.uetr, "watch", "names are clear"))
        else:
            ask = AskCancellation(pay.uetr, owner_of(payer), "CUST")
            view = yield drawn(rng, view, ask)


@attacks("corridor-payment-limit", "corridor-purposes", "screening")
def tightened_meanwhile(rng: random.Random, view: ReadView) -> Script:
    """Accepted under other terms than those in force when it is let go; a hit comes between."""
    found = three(rng, view, (CNY, 10 * MOST), (HKD, 5 * MOST))
    now = terms_at(view, ACROSS, view.time_ms)
    if found is None or now is None:
        return
    payer, maker, payee = found
    view = yield drawn(rng, view, _offer(maker, 4 * MOST))
    pay = replace(
        across(rng, payer, payee, MOST // 2, MOST), purpose="GDDS", travel_rule=_digest(rng)
    )
    view = yield drawn(rng, view, pay)
    if _state(view, pay.uetr) != "held":
        return
    tighter = rng.choice((
        {"limits": (Limit(RULE, MOST // 4, MOST),)},
        {"purposes": (Purposes(RULE, ("SALA",)),)},
        {"open": False},
        {"hours": (Hours(RULE, "CN", tuple(range(7)), 0, 1),)},
    ))  # fmt: skip
    at = view.time_ms + 5_000
    terms = replace(now[1], **tighter)
    view = yield drawn(rng, view, ChangeTerms(ACROSS, "central", terms, at))
    while view.time_ms < at:
        view = yield None
    if rng.randrange(2):
        expires = view.time_ms + 3_600_000
        hit = Attest(pay.beneficiary, "watch", "hit", "list 2", expires)
        view = yield drawn(rng, view, hit)
    view = yield drawn(rng, view, ReleasePayment(pay.uetr, "watch", "names are clear"))
    if _state(view, pay.uetr) == "cleared":
        expires = view.time_ms + 3_600_000
        hit = Attest(pay.beneficiary, "watch", "hit", "list 2", expires)
        view = yield drawn(rng, view, hit)
        view = yield drawn(rng, view, ExecutePayment(pay.uetr, MOST, (), HOPS))
    yield drawn(rng, view, ChangeTerms(ACROSS, "central", now[1], view.time_ms + 1_000))


PLAYS: tuple[Play, ...] = (tiny_limit, several_that_wait, tightened_meanwhile)
