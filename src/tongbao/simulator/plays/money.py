"""Plays on accounts, holds and orders: limits of a day, clawback, freezes, proposals."""

from __future__ import annotations

import random

import msgspec

from tongbao.kernel.generation import attacks, drawn, pick
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import ACCOUNTS, DropAsset, HoldAsset, SetLimits
from tongbao.modules.assets import (
    ASSETS,
    Clawback,
    FreezeHolding,
    Issue,
    Redeem,
    UnfreezeHolding,
)
from tongbao.modules.exchange import OfferQuote, PlaceOffer
from tongbao.modules.parties import PARTIES, Propose, ReinstateParty, SuspendParty
from tongbao.modules.payments import (
    BulkTransfer,
    Hold,
    Line,
    PostHold,
    ScheduleTransfer,
    Transfer,
    VoidHold,
)
from tongbao.modules.payments.state import HOLDS
from tongbao.simulator.plays.staging import CNY, DAY_MS, HKD, Play, Script, rich, together, until

REFERENCE = "play"


@attacks("day-limit", "payment-limit", "available")
def by_every_way_out(rng: random.Random, view: ReadView) -> Script:
    """A limit of a day, and then half of it out again and again, each time by another way."""
    payer = pick(rng, rich(view, CNY, 6_000))
    payee = pick(rng, (one for one in rich(view, CNY, 0) if one != payer))
    if payer is None or payee is None:
        return
    once = rng.choice((0, 1_500))
    view = yield drawn(rng, view, SetLimits(payer, CNY, once, 2_000))
    due = view.time_ms + 3_600_000
    kinds = [
        Transfer(payer, payee, CNY, 1_000, REFERENCE),
        Redeem(CNY, payer, 1_000),
        Redeem(CNY, payer, 1_600),
        BulkTransfer(payer, CNY, (Line(payee, 900, REFERENCE), Line(payee, 700, REFERENCE))),
        Hold(payer, payee, CNY, 1_000, due, payee_reference=REFERENCE),
        ScheduleTransfer(payer, payee, CNY, 1_000, due, REFERENCE),
        PlaceOffer(payer, CNY, 1_000, HKD, 1, 1, "ioc"),
    ]
    for way in rng.sample(kinds, 5):
        view = yield drawn(rng, view, way)
    # Lowered in the envelope of a payment: neither looks back nor opens anything.
    view = yield together(
        rng, view, Transfer(payer, payee, CNY, 100, REFERENCE), SetLimits(payer, CNY, 0, 500)
    )
    yield drawn(rng, view, SetLimits(payer, CNY, 0, 0))


@attacks("day-limit", "hold-arbiter")
def hold_over_midnight(rng: random.Random, view: ReadView) -> Script:
    """Promised today and paid tomorrow, beside a day that is used up by then; or taken back."""
    payer = pick(rng, rich(view, CNY, 6_000))
    payee = pick(rng, (one for one in rich(view, CNY, 0) if one != payer))
    if payer is None or payee is None:
        return
    view = yield drawn(rng, view, SetLimits(payer, CNY, 0, 2_000))
    due, own = view.time_ms + 9 * DAY_MS, owner_of(payer)
    # Whoever else decides makes it a promise: that is paid beyond the day, and uses it up.
    arbiter = rng.choice(("", own, own, owner_of(payee)))
    day = view.time_ms // DAY_MS
    hold = Hold(payer, payee, CNY, 1_800, due, arbiter, payee_reference=REFERENCE)
    view = yield drawn(rng, view, hold)
    if rng.randrange(5):
        view = yield from until(day)
    held = [one for _, one in view.scan(HOLDS) if (one.payer, one.arbiter) == (payer, arbiter)]
    if not held:
        return
    again = Hold(payer, payee, CNY, 1_500, due, own, payee_reference=REFERENCE)
    view = yield drawn(rng, view, again)
    end = PostHold(held[0].id) if rng.randrange(4) else VoidHold(held[0].id, "not needed")
    view = yield drawn(rng, view, end)
    ids = {one.id for one in held}
    rest = [one for _, one in view.scan(HOLDS) if one.payer == payer and one.id not in ids]
    for one in rest[:2]:
        view = yield drawn(rng, view, VoidHold(one.id, "not needed"))
    for amount in (1_500, 500):
        view = yield drawn(rng, view, Transfer(payer, payee, CNY, amount, REFERENCE))
    yield drawn(rng, view, SetLimits(payer, CNY, 0, 0))


@attacks("clawback", "hold-arbiter", "offer-money")
def aside_then_clawback(rng: random.Random, view: ReadView) -> Script:
    """Set nearly all aside where only oneself can free it; then a court takes what is there."""
    payer = pick(rng, rich(view, CNY, 5_000))
    payee = pick(rng, (one for one in rich(view, CNY, 0) if one != payer))
    asset = view.get(ASSETS, CNY)
    if payer is None or payee is None or asset is None or not asset.clawback_allowed:
        return
    own, far = owner_of(payer), view.time_ms + 300 * DAY_MS
    held = view.holding(payer, CNY)
    assert held is not None
    most = held.available
    hide = rng.choice((
        Hold(payer, payee, CNY, most, far, own, payee_reference=REFERENCE),
        PlaceOffer(payer, CNY, most, HKD, 900, 1),
        OfferQuote(payer, own, CNY, most, HKD, 1, view.time_ms + DAY_MS // 2),
    ))  # fmt: skip
    view = yield drawn(rng, view, hide)
    if not rng.randrange(3):
        view = yield drawn(rng, view, FreezeHolding(CNY, payer, "court order 18"))
    held = view.holding(payer, CNY)
    if held is None or held.posted < 1:
        return
    order = Clawback(CNY, payer, held.posted, asset.issuer, "court order 18")
    view = yield drawn(rng, view, order)
    yield drawn(rng, view, UnfreezeHolding(CNY, payer))


@attacks("scheduled", "account-frozen", "suspension")
def schedule_then_freeze(rng: random.Random, view: ReadView) -> Script:
    """Scheduled while free, due while frozen or suspended; lifted again when it is too late."""
    payer = pick(rng, rich(view, CNY, 1_000))
    payee = pick(rng, (one for one in rich(view, CNY, 0) if one != payer))
    if payer is None or payee is None:
        return
    due = view.time_ms + 4_000
    order = ScheduleTransfer(payer, payee, CNY, 500, due, REFERENCE)
    view = yield drawn(rng, view, order)
    stop, lift = rng.choice((
        (FreezeHolding(CNY, payer, "court order 19"), UnfreezeHolding(CNY, payer)),
        (SuspendParty(owner_of(payer), "watch", "order"), ReinstateParty(owner_of(payer), "watch")),
    ))  # fmt: skip
    view = yield drawn(rng, view, stop)
    view = yield drawn(rng, view, Transfer(payer, payee, CNY, 1, REFERENCE))
    while view.time_ms <= due:
        view = yield None
    yield drawn(rng, view, lift)


@attacks("account-frozen", "account-empty")
def lift_and_drop(rng: random.Random, view: ReadView) -> Script:
    """A frozen empty holding: dropped alone, and in the envelope that lifts the freeze."""
    accounts = sorted(key[0] for key, _ in view.scan(ACCOUNTS))
    free = [one for one in accounts if view.holding(one, HKD) is None and "@" not in one]
    account = pick(rng, free)
    if account is None:
        return
    view = yield drawn(rng, view, HoldAsset(account, HKD))
    view = yield drawn(rng, view, FreezeHolding(HKD, account, "court order 20"))
    view = yield drawn(rng, view, DropAsset(account, HKD))
    yield together(rng, view, UnfreezeHolding(HKD, account), DropAsset(account, HKD))


@attacks("proposals")
def flood_of_proposals(rng: random.Random, view: ReadView) -> Script:
    """As many proposals as one key can make, and some more."""
    if rng.randrange(4):
        return
    party = pick(rng, (key[0] for key, _ in view.scan(PARTIES)))
    if party is None:
        return
    # Only the issuer can approve it, and it leads nowhere.
    action = Issue(CNY, "central/none", 1, REFERENCE)
    raw = msgspec.Raw(msgspec.json.encode([action]))
    for _ in range(3):
        one = Propose(party, raw, view.time_ms + 3_600_000)
        view = yield drawn(rng, view, one, party=party)._replace(actions=(one,) * 30)


PLAYS: tuple[Play, ...] = (
    by_every_way_out,
    hold_over_midnight,
    aside_then_clawback,
    schedule_then_freeze,
    lift_and_drop,
    flood_of_proposals,
)
