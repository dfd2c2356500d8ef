from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, Moment
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.exchange.arithmetic import WHOLE_BPS
from tongbao.modules.exchange.book import Taking
from tongbao.modules.exchange.bounds import check_expiry
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.convert import reported, require_bounds, take_all
from tongbao.modules.exchange.model import (
    BOOK,
    FREE_PART,
    MAX_RESERVE_MS,
    SCOPE,
    Fill,
    Offer,
    Quote,
    QuoteHop,
    Route,
    check_route,
)
from tongbao.modules.exchange.quoting import write_quote
from tongbao.modules.exchange.state import OFFERS, POOLS, require_pool
from tongbao.modules.payments import Journal


@transaction(code=5031, scope=SCOPE)
class ReserveQuote(Transaction, tag="exchange.reserve_quote"):
    """Reserve a price from the book and pools: until it expires, a payment by it cannot fail for
    price or depth.

    Takes only from offers and pools that allow so long a reservation. What they charge for it is
    paid now, in the asset that is sent; after the first hop only those serve that charge nothing.
    """

    account: AccountId
    """Account that pays what the reservation costs; its owner may use the quote."""
    route: Route
    exact: Literal["send", "receive"]
    """Which of the two amounts is exact."""
    send_minor: Amount
    """Sent exactly, or at most."""
    receive_minor: Amount
    """Arrives exactly, or at least."""
    expires_at_ms: Moment
    """At most ten minutes ahead."""
    most_charge_minor: Amount = 0
    """Refuse where the reservation itself costs more."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        check_route(self.route)
        check_amount(self.send_minor, "send_minor")
        check_amount(self.receive_minor, "receive_minor")
        check_amount(self.most_charge_minor, "most_charge_minor", low=0)

    def admit(self, view: ReadView) -> None:
        """A time to come, not too far."""
        check_expiry(view, self.expires_at_ms, MAX_RESERVE_MS)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Take from the book and pools into the quote, and pay what that costs."""
        journal = Journal(ledger, "exchange.reserve_quote")
        lasting = self.expires_at_ms - ledger.time_ms
        for pay_asset, _, venue in self.route.pairs():
            if venue != BOOK:
                pool = require_pool(ledger, venue)
                open_to = self._may_reserve(pool.reservable_ms, pool.charge_bps, pay_asset, lasting)
                require(open_to, ExchangeCode.NOT_RESERVABLE, pool=pool.id)
        taking = Taking(
            ledger, journal, self.account,
            wanted=lambda offer: self._reservable(offer, lasting),
        )  # fmt: skip
        exact = self.exact == "send"
        fills = take_all(
            taking, self.route, self.send_minor if exact else 0, 0 if exact else self.receive_minor
        )
        done = reported(ledger, self.route, fills)
        least, most = (self.receive_minor, 0) if exact else (0, self.send_minor)
        require_bounds(self.route, done, least, most)
        self._require_free_part(ledger)
        cost = self._pay_charges(ledger, journal, fills[0])
        yield from taking.reported()
        hops = tuple(
            QuoteHop(asset, venue, tuple(hop))
            for (_, asset, venue), hop in zip(self.route.pairs(), fills, strict=True)
        )
        yield write_quote(
            ledger,
            Quote(
                ledger.next_id(), owner_of(self.account), self.route.send_asset, done.sent,
                self.route.receive_asset, done.received, self.expires_at_ms, hops,
                charge_minor=cost, made_at_ms=ledger.time_ms,
            ),
        )  # fmt: skip
        yield journal.posted()

    def _reservable(self, offer: Offer, lasting: int) -> int:
        """How much may be reserved of an offer for so long; where that is free, a part of it."""
        open_to = self._may_reserve(offer.reservable_ms, offer.charge_bps, offer.buy_asset, lasting)
        if not open_to or offer.charge_bps:
            return offer.remaining_minor if open_to else 0
        whole = offer.remaining_minor + offer.promised_minor
        return max(0, whole // FREE_PART - offer.promised_minor)

    def _may_reserve(self, longest_ms: int, charge_bps: int, pay_asset: str, lasting: int) -> bool:
        payable = not charge_bps or pay_asset == self.route.send_asset
        return longest_ms >= lasting and payable

    def _require_free_part(self, view: ReadView) -> None:
        """Refuse where pools that charge nothing would have promised more than a part."""
        for _, _, venue in self.route.pairs():
            pool = view.get(POOLS, venue) if venue != BOOK else None
            if pool is not None and not pool.charge_bps:
                within = all(
                    out * FREE_PART <= there
                    for out, there in ((pool.out_a, pool.a_minor), (pool.out_b, pool.b_minor))
                )
                require(within, ExchangeCode.NOT_RESERVABLE, pool=pool.id)

    def _pay_charges(self, ledger: WriteView, journal: Journal, fills: Sequence[Fill]) -> int:
        asset, total = self.route.send_asset, 0
        for fill in fills:
            source: Offer | None = ledger.get(OFFERS, fill.source)
            pool = None if source else ledger.get(POOLS, fill.source)
            bps = source.charge_bps if source else pool.charge_bps if pool else 0
            if bps:
                cost = -(-fill.takes_minor * bps // WHOLE_BPS)
                journal.pay(self.account, fill.account, asset, cost, "reservation")
                total += cost
        require(
            total <= self.most_charge_minor, ExchangeCode.CHARGE_TOO_HIGH,
            charge=str(total), asset=asset, most=str(self.most_charge_minor),
        )  # fmt: skip
        return total
