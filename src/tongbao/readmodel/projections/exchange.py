"""Offers, trades, pools and quotes; the money itself follows from `payments.posted`."""

from __future__ import annotations

from tongbao.modules.exchange import LOCKED_SHARES, events
from tongbao.readmodel import schema_exchange as schema
from tongbao.readmodel.projecting import Step, as_json, projects


@projects("exchange.offer_placed")
def _placed(event: events.OfferPlaced, step: Step) -> None:
    step.rows.put(schema.offers, {
        "offer": event.offer, "account": event.account, "sell_asset": event.sell_asset,
        "sell_minor": str(event.sell_minor), "remaining_minor": str(event.sell_minor),
        "promised_minor": "0", "buy_asset": event.buy_asset, "price_buy": str(event.price_buy),
        "price_sell": str(event.price_sell), "sequence": event.sequence,
        "placed_at_ms": step.time_ms, "expires_at_ms": event.expires_at_ms,
        "reservable_ms": event.reservable_ms, "charge_bps": event.charge_bps,
        "state": "open", "closed_at_ms": 0,
    })  # fmt: skip


@projects("exchange.traded")
def _traded(event: events.Traded, step: Step) -> None:
    if event.offer:
        rest = str(event.remaining_minor)
        step.rows.update(schema.offers, event.offer, remaining_minor=rest)
    _trade(step, event, "book" if event.offer else "quote", event.offer, event.maker, 0)


@projects("exchange.swapped")
def _swapped(event: events.Swapped, step: Step) -> None:
    _trade(step, event, event.pool, "", f"@exchange/{event.pool}", event.fee_minor)


def _trade(
    step: Step, event: events.Traded | events.Swapped, venue: str, offer: str, maker: str, fee: int
) -> None:
    step.rows.add(schema.trades, {
        "height": step.height, "position": step.position, "number": step.next_row(),
        "time_ms": step.time_ms, "venue": venue, "offer": offer, "maker": maker,
        "taker": event.taker, "paid_asset": event.paid_asset,
        "paid_minor": str(event.paid_minor), "got_asset": event.got_asset,
        "got_minor": str(event.got_minor), "fee_minor": str(fee),
        "pair": schema.pair_of(event.paid_asset, event.got_asset), "party": step.party,
        "reference": step.reference, "digest": step.digest,
    })  # fmt: skip


@projects("exchange.offer_closed")
def _closed(event: events.OfferClosed, step: Step) -> None:
    step.rows.update(
        schema.offers, event.offer, state=event.reason, remaining_minor="0",
        closed_at_ms=step.time_ms,
    )  # fmt: skip


@projects("exchange.offer_promised")
def _promised(event: events.OfferPromised, step: Step) -> None:
    step.rows.update(
        schema.offers, event.offer, remaining_minor=str(event.remaining_minor),
        promised_minor=str(event.promised_minor),
    )  # fmt: skip


@projects("exchange.pool_created")
def _pool_created(event: events.PoolCreated, step: Step) -> None:
    step.rows.put(schema.pools, {
        "pool": event.pool, "account": f"@exchange/{event.pool}", "asset_a": event.asset_a,
        "asset_b": event.asset_b, "fee_bps": event.fee_bps, "shares": "0",
        "reservable_ms": event.reservable_ms, "charge_bps": event.charge_bps,
        "created_at_ms": step.time_ms, "created_by": event.account,
    })  # fmt: skip


@projects("exchange.pool_changed")
def _pool_changed(event: events.PoolChanged, step: Step) -> None:
    if event.total_shares == event.shares + LOCKED_SHARES:
        _hold(step, event.pool, f"@exchange/{event.pool}", LOCKED_SHARES)
    step.rows.update(schema.pools, event.pool, shares=str(event.total_shares))
    _hold(step, event.pool, event.account, event.held_shares)


def _hold(step: Step, pool: str, account: str, shares: int) -> None:
    if shares:
        step.rows.put(schema.pool_shares, {
            "pool": pool, "account": account, "shares": str(shares),
        })  # fmt: skip
    else:
        step.rows.remove(schema.pool_shares, pool, account)


@projects("exchange.quote_given")
def _quote_given(event: events.QuoteGiven, step: Step) -> None:
    step.rows.put(schema.quotes, {
        "quote": event.quote, "taker": event.taker, "maker": event.maker,
        "send_asset": event.send_asset, "send_minor": str(event.send_minor),
        "receive_asset": event.receive_asset, "receive_minor": str(event.receive_minor),
        "charge_minor": str(event.charge_minor), "given_at_ms": step.time_ms,
        "expires_at_ms": event.expires_at_ms, "state": "open", "ended_at_ms": 0,
        "hops": as_json(event.hops),
    })  # fmt: skip


@projects("exchange.quote_ended")
def _quote_ended(event: events.QuoteEnded, step: Step) -> None:
    step.rows.update(schema.quotes, event.quote, state=event.reason, ended_at_ms=step.time_ms)
