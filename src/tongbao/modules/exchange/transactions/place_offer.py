from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Duration, Moment, Whole
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset, require_moving
from tongbao.modules.exchange.arithmetic import smallest
from tongbao.modules.exchange.book import TIMER, Spent, Taking
from tongbao.modules.exchange.bounds import check_expiry, check_reservable
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.events import OfferPlaced, OrderEnded
from tongbao.modules.exchange.holders import require_holding
from tongbao.modules.exchange.model import (
    MAX_AHEAD_MS,
    MAX_IN_BOOK,
    SCOPE,
    Offer,
    SelfTrade,
    TimeInForce,
    check_price,
)
from tongbao.modules.exchange.settle import settle
from tongbao.modules.exchange.state import (
    BOOK,
    FOR_OFFERS,
    OFFERS,
    OFFERS_BY_ACCOUNT,
    OPEN_OFFERS,
    book_place,
    count_open,
    next_sequence,
)
from tongbao.modules.payments import Journal


@transaction(code=5001, scope=SCOPE)
class PlaceOffer(Transaction, tag="exchange.place_offer"):
    """Offer an amount of one asset for another at a price or better."""

    account: AccountId
    """Account that sells, and is paid."""
    sell_asset: AssetCode
    sell_minor: Amount
    buy_asset: AssetCode
    price_buy: Whole
    """At least `price_buy` minor units are asked ..."""
    price_sell: Whole
    """... for `price_sell` minor units sold."""
    time_in_force: TimeInForce = "gtc"
    """`gtc` stays in the book, `ioc` does not, `fok` trades whole or is refused, `post_only` is
    refused where it would trade."""
    expires_at_ms: Moment = 0
    """Block time from which it is gone from the book; 0 is never."""
    self_trade: SelfTrade = "cancel_resting"
    """What gives way where it meets an offer of the same party."""
    reservable_ms: Duration = 0
    """How long a taker may reserve of it at a firm price; 0: not at all."""
    charge_bps: int = 0
    """What a reservation costs, in basis points of what the taker would pay."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        check_amount(self.sell_minor, "sell_minor")
        different = self.sell_asset != self.buy_asset
        require(different, ExchangeCode.SAME_ASSET, asset=self.sell_asset[:32])
        check_price(self.price_buy, self.price_sell)
        check_reservable(self.reservable_ms, self.charge_bps)

    def admit(self, view: ReadView) -> None:
        """Assets that move, a holding to be paid into, a size worth while, a time to come."""
        require_moving(view, self.sell_asset)
        require_moving(view, self.buy_asset)
        if self.expires_at_ms:
            check_expiry(view, self.expires_at_ms, MAX_AHEAD_MS)
        least = self._least(view)
        require(
            self.sell_minor >= least, ExchangeCode.TOO_SMALL,
            amount=str(self.sell_minor), asset=self.sell_asset, least=str(least),
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Trade, then stand in the book with the rest."""
        journal = Journal(ledger, "exchange.place_offer")
        taking = Taking(
            ledger, journal, self.account,
            resting_gives_way=self.self_trade == "cancel_resting",
            incoming_gives_way=self.self_trade == "cancel_incoming",
        )  # fmt: skip
        if self.time_in_force == "post_only":
            left, stopped = self._post_only(taking)
        else:
            left, stopped = self._trade(ledger, journal, taking)
        yield from taking.reported()
        least = self._least(ledger)
        reason = self._ends(left, stopped, least)
        if reason:
            yield OrderEnded(
                self.account, self.sell_asset, self.buy_asset, self.sell_asset, left, reason
            )
        else:
            yield self._stand(ledger, journal, left, least)
        yield journal.posted()

    def _least(self, view: ReadView) -> int:
        """The least amount that is no dust: in what is sold, and in what it is sold for."""
        sold = smallest(require_asset(view, self.sell_asset).decimals)
        bought = smallest(require_asset(view, self.buy_asset).decimals)
        return max(sold, -(-bought * self.price_sell // self.price_buy))

    def _post_only(self, taking: Taking) -> tuple[int, str]:
        met = taking.meeting(self.buy_asset, self.sell_asset, (self.price_buy, self.price_sell))
        require(met is None, ExchangeCode.WOULD_TRADE, offer=met.id if met else "")
        return self.sell_minor, "fills" if taking.looked_out else "price"

    def _trade(self, ledger: WriteView, journal: Journal, taking: Taking) -> tuple[int, str]:
        limit = self.price_buy, self.price_sell
        spent: Spent = taking.spend(
            self.sell_asset, self.buy_asset, self.sell_minor, limit,
            whole=self.time_in_force == "fok",
        )  # fmt: skip
        killed = self.time_in_force == "fok" and spent.left_minor and spent.stopped != "dust"
        require(
            not killed, ExchangeCode.NOT_FILLED, left=str(spent.left_minor), asset=self.sell_asset
        )
        if spent.fills:
            assets = self.sell_asset, self.buy_asset
            settle(ledger, journal, self.account, self.account, assets, [spent.fills], "exchange")
        return spent.left_minor, spent.stopped

    def _ends(self, left: int, stopped: str, least: int) -> str:
        """Why what is left does not go into the book; empty where it does."""
        if not left:
            return "filled"
        if stopped in ("fills", "self-trade"):
            return stopped
        if self.time_in_force in ("ioc", "fok"):
            return "immediate"
        return "dust" if left < least else ""

    def _stand(self, ledger: WriteView, journal: Journal, left: int, least: int) -> OfferPlaced:
        party = owner_of(self.account)
        there = self.sell_asset, self.buy_asset
        few = (ledger.get(OPEN_OFFERS, party, *there) or 0) < MAX_IN_BOOK
        require(
            few, ExchangeCode.TOO_MANY_OFFERS,
            party=party, limit=MAX_IN_BOOK, sell_asset=there[0], buy_asset=there[1],
        )  # fmt: skip
        require_holding(ledger, self.account, self.buy_asset)
        journal.reserve(self.account, self.sell_asset, FOR_OFFERS, left)
        offer = Offer(
            ledger.next_id(), self.account, self.sell_asset, self.buy_asset, left,
            self.price_buy, self.price_sell, next_sequence(ledger), left, least,
            self.expires_at_ms, 0, self.reservable_ms, self.charge_bps, ledger.time_ms,
        )  # fmt: skip
        ledger.put(OFFERS, offer.id, value=offer)
        ledger.put(BOOK, *book_place(offer), value=offer.id)
        ledger.put(
            OFFERS_BY_ACCOUNT, offer.account, offer.sell_asset, offer.buy_asset, offer.id, value=""
        )
        count_open(ledger, offer, 1)
        if offer.expires_at_ms:
            ledger.schedule(offer.expires_at_ms, TIMER, offer.id)
        return OfferPlaced(
            offer.id, offer.account, offer.sell_asset, left, offer.buy_asset, offer.price_buy,
            offer.price_sell, offer.sequence, offer.expires_at_ms, offer.reservable_ms,
            offer.charge_bps,
        )  # fmt: skip
