"""What people list: offers, trades, conversions, pools with their shares, quotes."""

from __future__ import annotations

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.fields import AccountId, Whole
from tongbao.kernel.records import Ending, EventList, Record
from tongbao.modules.exchange.events import (
    Converted,
    OfferClosed,
    PoolChanged,
    QuoteEnded,
    Swapped,
    Traded,
)
from tongbao.modules.exchange.model import OfferId, PoolId, QuoteId
from tongbao.modules.exchange.state import OFFERS, POOLS, QUOTES, SHARES

RECORDS = (
    Record(
        "offer", OFFERS, "Offers, newest first, with what became of them.",
        (Column("offer", OfferId),),
        state="open", states=("open", *OfferClosed.labels["reason"]),
        endings={
            OfferClosed: Ending(lambda event: event.reason, sets={"remaining_minor": "0"}),
        },
        hidden=("least_minor",), since="placed_at_ms", filter_by=("sell_asset", "buy_asset"),
    ),
    EventList(
        "trade", (Traded, Swapped),
        "What offers, pools and makers of quotes gave and were paid, newest first.",
        hidden=("remaining_minor",),
        filter_by=("offer", "pool"),
    ),
    EventList(
        "conversion", (Converted,),
        "Payments that crossed assets on their way, newest first, with every hop.",
        filter_by=("quote",), shows=("time_ms", "payer", "sent_minor", "payee", "received_minor"),
    ),
    Record(
        "pool", POOLS, "Pools with what each had after its newest trade or deposit.",
        (Column("pool", PoolId),),
        derived=(
            Derived("account", AccountId, "Keeps what the pool has.", lambda pool: pool.account),
        ),
        hidden=("base_a", "base_b", "base_shares", "in_a", "in_b", "out_a", "out_b"),
        since="opened_at_ms", public=True,
        shows=("pool", "a_minor", "b_minor", "fee_bps", "shares"),
    ),
    Record(
        "pool_share", SHARES,
        "Who holds shares of which pool; those of the pool's own account are nobody's.",
        (Column("pool", PoolId), Column("account", AccountId)),
        derived=(Derived("shares", Whole, "How many.", lambda shares: shares),),
        filter_by=("pool",), shows=("pool", "account", "shares"),
    ),
    EventList(
        "pool_change", (PoolChanged,), "Deposits into pools and withdrawals, newest first.",
        filter_by=("pool",),
        shows=("time_ms", "pool", "account", "shares", "a_minor", "b_minor"),
    ),
    Record(
        "quote", QUOTES, "Firm prices with money behind them, newest first, open or ended.",
        (Column("quote", QuoteId),),
        state="open", states=("open", *QuoteEnded.labels["reason"]),
        endings={QuoteEnded: Ending(lambda event: event.reason)},
        since="made_at_ms", filter_by=("taker", "maker"),
        shows=("taker", "maker", "send_minor", "receive_minor", "state", "expires_at_ms", "quote"),
    ),
)  # fmt: skip
