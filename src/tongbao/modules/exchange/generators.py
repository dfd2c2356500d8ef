"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source
from typing import Any

from msgspec.structs import replace

from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.money import HOLDING_PREFIX, MAX_AMOUNT, Holding, HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.exchange.holders import deliverable
from tongbao.modules.exchange.market import plan
from tongbao.modules.exchange.model import (
    BOOK,
    MAX_AHEAD_MS,
    MAX_IN_BOOK,
    MAX_RESERVE_MS,
    Hop,
    Route,
)
from tongbao.modules.exchange.paths import Plan
from tongbao.modules.exchange.pools import pool_id
from tongbao.modules.exchange.state import OFFERS, POOLS, QUOTES, SHARES
from tongbao.modules.exchange.transactions.cancel_offer import CancelOffer
from tongbao.modules.exchange.transactions.cancel_offers import CancelOffers
from tongbao.modules.exchange.transactions.create_pool import CreatePool
from tongbao.modules.exchange.transactions.decline_quote import DeclineQuote
from tongbao.modules.exchange.transactions.deposit import DepositPool
from tongbao.modules.exchange.transactions.offer_quote import OfferQuote
from tongbao.modules.exchange.transactions.pay import PayAcross
from tongbao.modules.exchange.transactions.pay_quote import PayQuote
from tongbao.modules.exchange.transactions.place_offer import PlaceOffer
from tongbao.modules.exchange.transactions.pull_offer import PullOffer
from tongbao.modules.exchange.transactions.pull_offers import PullOffers
from tongbao.modules.exchange.transactions.reserve_quote import ReserveQuote
from tongbao.modules.exchange.transactions.withdraw import WithdrawPool

NOWHERE = "nobody/none"
_SECOND, _HOUR = 1_000, 3_600_000
_BLOCKED = HoldingFlag.FROZEN | HoldingFlag.CLOSED | HoldingFlag.ISSUING


def _traders(view: ReadView) -> dict[str, dict[str, int]]:
    """Accounts that hold two assets or more: account -> asset -> what is available."""
    found: dict[str, dict[str, int]] = {}
    for key, value in view.source.scan(HOLDING_PREFIX, None, 4_096):
        account, _, asset = key[len(HOLDING_PREFIX) :].decode().partition("\0")
        holding = Holding.decode(value)
        if not holding.flags & _BLOCKED and not account.startswith("@"):
            found.setdefault(account, {})[asset] = holding.available
    return {account: held for account, held in found.items() if len(held) > 1}


def _trader(rng: random.Random, view: ReadView) -> tuple[str, str, str, int] | None:
    """Who sells what for what, and how much there is of it."""
    account, held = pick(rng, sorted(_traders(view).items())) or ("", {})
    sell = pick(rng, (asset for asset in sorted(held) if held[asset] > 0))
    buy = pick(rng, (asset for asset in sorted(held) if asset != sell))
    if sell is None or buy is None:
        return None
    return account, sell, buy, held[sell]


@attacks("offer-money", "offer-dust", "book-count", "crossed-book")
def _place(rng: random.Random, view: ReadView) -> Draw | None:
    found = _trader(rng, view)
    if found is None:
        return None
    account, sell, buy, most = found
    price = rng.choice(((1, 1), (97, 100), (100, 97), (95, 100), (7, 3), (3, 7), (103, 100)))
    action = PlaceOffer(
        account, sell, amount_of(rng, most), buy, *price,
        time_in_force=rng.choice(("gtc", "gtc", "gtc", "ioc", "fok", "post_only")),
        expires_at_ms=rng.choice((0, 0, view.time_ms + 5 * _SECOND, view.time_ms + _HOUR)),
        self_trade=rng.choice(("cancel_resting", "cancel_incoming")),
        reservable_ms=rng.choice((0, 60 * _SECOND, MAX_RESERVE_MS)),
        charge_bps=rng.choice((0, 0, 10)),
    )  # fmt: skip
    twists: tuple[dict[str, Any], ...] = (
        {"buy_asset": sell}, {"price_buy": 0}, {"price_sell": 2**63}, {"sell_minor": 0},
        {"sell_minor": most + 1, "price_buy": 2**60, "time_in_force": "gtc"},
        {"expires_at_ms": view.time_ms}, {"expires_at_ms": view.time_ms + 2 * MAX_AHEAD_MS},
        {"account": NOWHERE}, {"buy_asset": "NOSUCH"}, {"sell_minor": MAX_AMOUNT + 1},
        {"reservable_ms": MAX_RESERVE_MS + 1}, {"charge_bps": -1},
    )  # fmt: skip
    if not rng.randrange(4):
        return _wall(rng, view, action, most)
    return drawn(rng, view, action, *twists)


def _wall(rng: random.Random, view: ReadView, action: PlaceOffer, most: int) -> Draw | None:
    """Many small offers at a price that is better than any: to stand in everybody's way."""
    count = rng.choice((8, MAX_IN_BOOK, MAX_IN_BOOK + 1))
    size = min(most // count, rng.choice((200, 1_000)))
    if not size:
        return None
    small = replace(
        action, sell_minor=size, price_buy=90, price_sell=100, time_in_force="gtc",
        expires_at_ms=0, self_trade="cancel_resting", reservable_ms=MAX_RESERVE_MS, charge_bps=0,
    )  # fmt: skip
    draw = drawn(rng, view, small)
    return draw._replace(actions=(small,) * count, hostile=count > MAX_IN_BOOK)


@attacks("maker-delivers")
def _pull_all(rng: random.Random, view: ReadView) -> Draw | None:
    """Mostly of a book in which all can be taken, and sometimes of one where a maker cannot."""
    offer = pick(rng, (one for _, one in view.scan(OFFERS)))
    if offer is None or rng.randrange(4):
        return None
    action = PullOffers(offer.sell_asset, offer.buy_asset, offer.party)
    return drawn(rng, view, action, {"sell_asset": "NOSUCH"}, hostile=deliverable(view, offer) > 0)


@attacks("offer-money")
def _cancel(rng: random.Random, view: ReadView) -> Draw | None:
    offer = pick(rng, (one for _, one in view.scan(OFFERS)))
    if offer is None or rng.randrange(3):
        return None
    return drawn(rng, view, CancelOffer(offer.id), {"offer": "none"})


@attacks("offer-money")
def _cancel_all(rng: random.Random, view: ReadView) -> Draw | None:
    offer = pick(rng, (one for _, one in view.scan(OFFERS)))
    if offer is None or rng.randrange(5):
        return None
    sell = rng.choice(("", offer.sell_asset))
    return drawn(rng, view, CancelOffers(offer.account, sell), {"buy_asset": "NOSUCH"})


@attacks("maker-delivers")
def _pull(rng: random.Random, view: ReadView) -> Draw | None:
    """Nearly always of an offer that can be taken: it is the rule that is tried."""
    offer = pick(rng, (one for _, one in view.scan(OFFERS)))
    if offer is None or rng.randrange(6):
        return None
    return drawn(rng, view, PullOffer(offer.id, offer.party), hostile=True)


def _planned(rng: random.Random, view: ReadView) -> tuple[str, Plan, bool] | None:
    """A payer and a good plan for it."""
    found = _trader(rng, view)
    if found is None:
        return None
    account, send_asset, receive_asset, most = found
    sending = bool(rng.randrange(2))
    amount = amount_of(rng, most)
    amounts = {"send": amount} if sending else {"receive": max(1, amount // 3)}
    party = account.partition("/")[0]
    plans = plan(view, send_asset, receive_asset, party=party, **amounts)
    one = pick(rng, (one for one in plans if one.sent <= most))
    return None if one is None else (account, one, sending)


@attacks("taker-limit")
def _pay(rng: random.Random, view: ReadView) -> Draw | None:
    found = _planned(rng, view)
    if found is None:
        return None
    payer, one, sending = found
    payees = (a for a, held in sorted(_traders(view).items()) if one.route.receive_asset in held)
    payee = pick(rng, payees) or payer
    action = PayAcross(
        payer, payee, one.route, "send" if sending else "receive", one.sent, one.received,
        rng.choice(("", "invoice 7")),
    )  # fmt: skip
    cycle = Route(one.route.send_asset, (*one.route.hops, Hop(one.route.send_asset)))
    beyond = {"receive_minor": one.received + 1} if sending else {"send_minor": one.sent - 1}
    return drawn(
        rng, view, action, beyond, {"route": cycle}, {"payee": NOWHERE},
        {"route": Route(one.route.send_asset, ())}, {"uetr": "none"}, {"send_minor": 0},
        {"route": Route(one.route.send_asset, (Hop(one.route.receive_asset, "A:B:1"),))},
    )  # fmt: skip


@attacks("pool-share")
def _create_pool(rng: random.Random, view: ReadView) -> Draw | None:
    found = _trader(rng, view)
    if found is None or rng.randrange(4):
        return None
    account, sell, buy, most = found
    asset_a, asset_b = sorted((sell, buy))
    fee = rng.choice((0, 5, 30, 100))
    if view.has(POOLS, pool_id(asset_a, asset_b, fee)):
        return None
    held = _traders(view)[account]
    amounts = amount_of(rng, held[asset_a]), amount_of(rng, held[asset_b])
    if rng.randrange(4) == 0 or min(held[asset_a], held[asset_b]) < 5_000:
        amounts = 0, 0
    action = CreatePool(
        account, asset_a, asset_b, fee, *amounts, rng.choice((0, MAX_RESERVE_MS)),
        rng.choice((0, 10)),
    )  # fmt: skip
    return drawn(
        rng, view, action, {"fee_bps": 1_001}, {"a_minor": 1, "b_minor": 1},
        {"asset_a": asset_b, "asset_b": asset_a}, {"a_minor": most + MAX_AMOUNT // 2},
    )  # fmt: skip


@attacks("pool-share")
def _deposit(rng: random.Random, view: ReadView) -> Draw | None:
    pool = pick(rng, (one for _, one in view.scan(POOLS)))
    rich = (
        (account, held) for account, held in sorted(_traders(view).items())
        if pool and min(held.get(pool.asset_a, 0), held.get(pool.asset_b, 0)) > 100
    )  # fmt: skip
    account, held = pick(rng, rich) or ("", {})
    if pool is None or not held:
        return None
    amounts = amount_of(rng, held[pool.asset_a]), amount_of(rng, held[pool.asset_b])
    action = DepositPool(account, pool.id, *amounts)
    return drawn(
        rng, view, action, {"least_shares": MAX_AMOUNT}, {"pool": "none"}, {"a_minor": 0},
    )  # fmt: skip


@attacks("pool-share")
def _withdraw(rng: random.Random, view: ReadView) -> Draw | None:
    row = pick(rng, (row for row in view.scan(SHARES) if not row[0][1].startswith("@")))
    if row is None:
        return None
    (pool, account), shares = row
    action = WithdrawPool(account, pool, amount_of(rng, shares))
    return drawn(
        rng, view, action, {"shares": shares + 1}, {"least_a_minor": MAX_AMOUNT},
        {"shares": 0}, {"pool": "none"},
    )  # fmt: skip


@attacks("promise-day", "quote-price")
def _offer_quote(rng: random.Random, view: ReadView) -> Draw | None:
    found = _trader(rng, view)
    taker = pick(rng, sorted(_traders(view)))
    if found is None or taker is None:
        return None
    account, sell, buy, most = found
    amount = amount_of(rng, most)
    action = OfferQuote(
        account, taker.partition("/")[0], sell, amount, buy, amount,
        view.time_ms + rng.choice((2 * _SECOND, 5 * _SECOND, _HOUR)),
    )  # fmt: skip
    return drawn(
        rng, view, action, {"taker": "nobody"}, {"sell_minor": most + 1}, {"buy_asset": sell},
        {"expires_at_ms": view.time_ms}, {"expires_at_ms": view.time_ms + 48 * _HOUR},
    )  # fmt: skip


@attacks("free-half", "reservations", "promise-day")
def _reserve_quote(rng: random.Random, view: ReadView) -> Draw | None:
    """Whether all of a route may be reserved, the draw does not look: so some are refused."""
    found = _planned(rng, view)
    if found is None:
        return None
    account, one, sending = found
    expires = view.time_ms + rng.choice((2 * _SECOND, 5 * _SECOND, 60 * _SECOND))
    action = ReserveQuote(
        account, one.route, "send" if sending else "receive",
        one.sent * (1 if sending else 2), 1 if sending else one.received, expires, one.sent,
    )  # fmt: skip
    late = {"expires_at_ms": view.time_ms + MAX_RESERVE_MS + 1}
    return drawn(rng, view, action, late, {"route": Route("NOSUCH", (Hop("CNY", BOOK),))})


@attacks("quote-price")
def _pay_quote(rng: random.Random, view: ReadView) -> Draw | None:
    quote = pick(rng, (one for _, one in view.scan(QUOTES)))
    if quote is None:
        return None
    traders = sorted(_traders(view).items())
    payers = (
        a for a, held in traders
        if a.startswith(f"{quote.taker}/") and held.get(quote.send_asset, 0) >= quote.send_minor
    )  # fmt: skip
    payer = pick(rng, payers)
    payee = pick(rng, (a for a, held in traders if quote.receive_asset in held))
    if payer is None or payee is None:
        return None
    action = PayQuote(quote.id, payer, payee, rng.choice(("", "order 9")))
    return drawn(rng, view, action, {"quote": "none"}, {"payee": NOWHERE}, {"purpose": "LONGER"})


@attacks("free-half", "promise-day")
def _decline(rng: random.Random, view: ReadView) -> Draw | None:
    quote = pick(rng, (one for _, one in view.scan(QUOTES)))
    if quote is None or rng.randrange(3):
        return None
    return drawn(rng, view, DeclineQuote(quote.id), {"quote": "none"})


GENERATORS: dict[str, Generator] = {
    "exchange.place_offer": _place,
    "exchange.cancel_offer": _cancel,
    "exchange.cancel_offers": _cancel_all,
    "exchange.pull_offer": _pull,
    "exchange.pull_offers": _pull_all,
    "exchange.pay": _pay,
    "exchange.create_pool": _create_pool,
    "exchange.deposit": _deposit,
    "exchange.withdraw": _withdraw,
    "exchange.offer_quote": _offer_quote,
    "exchange.reserve_quote": _reserve_quote,
    "exchange.pay_quote": _pay_quote,
    "exchange.decline_quote": _decline,
}
"""One for each kind of transaction, by its tag."""
