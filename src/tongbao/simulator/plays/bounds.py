"""Plays on counts: keys, numbers and votes without end; and on leaving what was promised."""

from __future__ import annotations

import random

from msgspec.structs import replace

from tongbao.kernel.generation import attacks, demo_key, drawn, key_numbers, pick
from tongbao.kernel.money import owner_of
from tongbao.kernel.validators import SEATS
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import ACCOUNTS, DropAsset, HoldAsset, LinkIdentifier
from tongbao.modules.exchange import OfferQuote
from tongbao.modules.governance import OpenVote, Upgrade
from tongbao.modules.parties import PARTIES, AddKey, has_role
from tongbao.modules.payments import Transfer
from tongbao.simulator.plays.staging import CNY, HKD, Play, Script, rich, together

REFERENCE = "play"


@attacks("key-bounds")
def many_keys(rng: random.Random, view: ReadView) -> Script:
    """More keys than a party may have, in two envelopes."""
    party = pick(rng, (key[0] for key, _ in view.scan(PARTIES)))
    if party is None or rng.randrange(3):
        return
    for _ in range(2):
        first = len(key_numbers(view, party))
        keys = [replace(demo_key(party, first + n), scopes=("corridors",)) for n in range(16)]
        view = yield together(rng, view, *(AddKey(party, key) for key in keys))


@attacks("account-bounds")
def many_numbers(rng: random.Random, view: ReadView) -> Script:
    """More numbers than an account may have, in two envelopes."""
    kept = (one for _, one in view.scan(ACCOUNTS) if not one.closed_at_ms)
    banks = (one for one in kept if has_role(view, one.servicer or owner_of(one.id), "bank"))
    account = pick(rng, banks)
    if account is None:
        return
    for _ in range(2):
        numbers = [f"6228{rng.randrange(10**12):012d}" for _ in range(17)]
        view = yield together(rng, view, *(LinkIdentifier(account.id, one) for one in numbers))


@attacks("open-votes")
def many_votes(rng: random.Random, view: ReadView) -> Script:
    """More votes than a member may open, in one envelope."""
    member = pick(rng, (key[0] for key, _ in view.scan(SEATS)))
    if member is None:
        return
    change, due = Upgrade(39, view.block.height + 5_000), view.time_ms + 60_000
    for count in (5, 5):
        view = yield together(rng, view, *[OpenVote(member, change, due)] * count)


@attacks("account-expected")
def sell_and_leave(rng: random.Random, view: ReadView) -> Script:
    """A firm price by an account that then makes itself impossible to pay."""
    giver = pick(rng, rich(view, CNY, 2_000))
    taker = pick(rng, (one for one in rich(view, HKD, 2_000) if one != giver))
    accounts = [one for one in rich(view, CNY, 0) if view.holding(one, HKD) is None]
    maker = pick(rng, accounts)
    if giver is None or taker is None or maker is None or giver == maker:
        return
    view = yield drawn(rng, view, HoldAsset(maker, HKD))
    view = yield drawn(rng, view, Transfer(giver, maker, CNY, 1_000, REFERENCE))
    late = view.time_ms + 3_600_000
    quote = OfferQuote(maker, owner_of(taker), CNY, 1_000, HKD, 1_000, late)
    view = yield drawn(rng, view, quote)
    yield drawn(rng, view, DropAsset(maker, HKD))


PLAYS: tuple[Play, ...] = (many_keys, many_numbers, many_votes, sell_and_leave)
