"""Plays on promises with a condition: preimages, quotes of others and late ones, legs, servers."""

from __future__ import annotations

import random

from msgspec.structs import replace

from tongbao.kernel.generation import attacks, drawn, pick
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import ACCOUNTS, SetLimits
from tongbao.modules.corridors import ReleasePayment, Serve, StopServing, terms_at
from tongbao.modules.exchange import QUOTES, OfferQuote, PayQuote
from tongbao.modules.payments import Hold, PostHold
from tongbao.modules.payments.generators import HASHLOCK, PREIMAGE
from tongbao.modules.payments.state import HOLDS
from tongbao.modules.settlement import Allocate, ApproveBatch, ProposeBatch, Step
from tongbao.modules.settlement.state import BATCHES
from tongbao.simulator.founding import ACROSS
from tongbao.simulator.plays.corridors import across
from tongbao.simulator.plays.staging import CNY, HKD, Play, Script, rich, three, together

REFERENCE = "play"
SIZE = 4_000


@attacks("hashlock")
def guess_a_preimage(rng: random.Random, view: ReadView) -> Script:
    """Something else than what opens a hold, then what does."""
    payer = pick(rng, rich(view, CNY, SIZE))
    payee = pick(rng, (one for one in rich(view, CNY, 0) if one != payer))
    if payer is None or payee is None:
        return
    due = view.time_ms + 86_400_000
    hold = Hold(payer, payee, CNY, 700, due, hashlock=HASHLOCK, payee_reference=REFERENCE)
    view = yield drawn(rng, view, hold)
    for shown in (b"wrong", b"", PREIMAGE):
        mine = [one for _, one in view.scan(HOLDS) if one.hashlock and one.payer == payer]
        if not mine:
            return
        post = PostHold(mine[-1].id, preimage=shown)
        view = yield drawn(rng, view, post, party=owner_of(payee))


@attacks("quote-price")
def quote_of_somebody_else(rng: random.Random, view: ReadView) -> Script:
    """A firm price for one, paid by another; and by the right one when it is too late."""
    found = three(rng, view, (CNY, SIZE), (HKD, SIZE))
    if found is None:
        return
    taker, maker, payee = found
    expires = view.time_ms + rng.choice((3_000, 3_600_000))
    quote = OfferQuote(maker, owner_of(taker), HKD, 900, CNY, 800, expires)
    view = yield drawn(rng, view, quote)
    mine = [one for _, one in view.scan(QUOTES) if one.maker == maker]
    other = pick(rng, (o for o in rich(view, CNY, SIZE) if owner_of(o) != owner_of(taker)))
    if not mine or other is None:
        return
    view = yield drawn(rng, view, PayQuote(mine[-1].id, other, payee, REFERENCE))
    while view.time_ms < expires and expires < view.time_ms + 10_000:
        view = yield None
    yield drawn(rng, view, PayQuote(mine[-1].id, taker, payee, REFERENCE))


@attacks("leg-rules")
def legs_past_a_day(rng: random.Random, view: ReadView) -> Script:
    """Batches that pay more than a day's limit, each within it."""
    payer = pick(rng, rich(view, CNY, SIZE))
    payee = pick(rng, (o for o in rich(view, CNY, 0) if payer and owner_of(o) != owner_of(payer)))
    if payer is None or payee is None:
        return
    view = yield drawn(rng, view, SetLimits(payer, CNY, 0, 1_000))
    own, other = owner_of(payer), owner_of(payee)
    for _ in range(2):
        steps = (Step(own, other, CNY, 700, reference=REFERENCE),)
        view = yield drawn(rng, view, ProposeBatch(own, steps, view.time_ms + 3_600_000))
        mine = [one for _, one in view.scan(BATCHES) if one.proposer == own]
        if not mine:
            return
        batch = mine[-1]
        named = (Allocate(batch.id, "deliver", payer), Allocate(batch.id, "receive", payee))
        view = yield together(rng, view, *named)
        view = yield drawn(rng, view, ApproveBatch(batch.id, own, batch.revision))
    yield drawn(rng, view, SetLimits(payer, CNY, 0, 0))


@attacks("corridor-served")
def paid_by_who_stopped(rng: random.Random, view: ReadView) -> Script:
    """A bank stops to serve, and its customer pays; then it serves again."""
    found = three(rng, view, (CNY, SIZE), (HKD, SIZE))
    if found is None or terms_at(view, ACROSS, view.time_ms) is None:
        return
    payer, _, payee = found
    account = view.get(ACCOUNTS, payer)
    bank = (account.servicer if account is not None else "") or owner_of(payer)
    view = yield drawn(rng, view, StopServing(ACROSS, bank))
    view = yield drawn(rng, view, across(rng, payer, payee, 500, 1_000))
    yield drawn(rng, view, Serve(ACROSS, bank))


@attacks("quote-fits")
def quote_of_another_amount(rng: random.Random, view: ReadView) -> Script:
    """A payment abroad by a quote of its payer that is for less."""
    found = three(rng, view, (CNY, SIZE), (HKD, SIZE))
    if found is None or terms_at(view, ACROSS, view.time_ms) is None:
        return
    payer, maker, payee = found
    late = view.time_ms + 3_600_000
    view = yield drawn(rng, view, OfferQuote(maker, owner_of(payer), HKD, 700, CNY, 800, late))
    mine = [one for _, one in view.scan(QUOTES) if one.maker == maker]
    if not mine:
        return
    pay = replace(across(rng, payer, payee, 900, 2_000), route=(), quote=mine[-1].id)
    view = yield drawn(rng, view, pay)
    yield drawn(rng, view, ReleasePayment(pay.uetr, "watch", "names are clear"))


MONEY: tuple[Play, ...] = (guess_a_preimage,)
MARKET: tuple[Play, ...] = (quote_of_somebody_else,)
LEGS: tuple[Play, ...] = (legs_past_a_day,)
ABROAD: tuple[Play, ...] = (paid_by_who_stopped, quote_of_another_amount)
PLAYS: tuple[Play, ...] = (*MONEY, *MARKET, *LEGS, *ABROAD)
