from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_moving
from tongbao.modules.exchange.bounds import check_expiry
from tongbao.modules.exchange.codes import ExchangeCode
from tongbao.modules.exchange.holders import require_holding
from tongbao.modules.exchange.model import MAKER, MAX_QUOTE_MS, SCOPE, Fill, Quote, QuoteHop
from tongbao.modules.exchange.quoting import write_quote
from tongbao.modules.exchange.state import FOR_QUOTES
from tongbao.modules.parties import require_party
from tongbao.modules.payments import Journal, charge


@transaction(code=5030, scope=SCOPE)
class OfferQuote(Transaction, tag="exchange.offer_quote"):
    """Give a taker a firm price, with the money behind it set aside until it expires.

    Only the taker can end it before: firm is firm.
    """

    account: AccountId
    """Market maker's account: what it sells is set aside in it, what it buys comes into it."""
    taker: PartyId
    """Party that may use the quote."""
    sell_asset: AssetCode
    sell_minor: Amount
    """What arrives at whoever the taker pays."""
    buy_asset: AssetCode
    buy_minor: Amount
    """What the taker sends."""
    expires_at_ms: Moment
    """At most a day ahead."""

    def signers(self, view: ReadView) -> Signers:
        """The market maker."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        check_amount(self.sell_minor, "sell_minor")
        check_amount(self.buy_minor, "buy_minor")
        different = self.sell_asset != self.buy_asset
        require(different, ExchangeCode.SAME_ASSET, asset=self.sell_asset[:32])

    def admit(self, view: ReadView) -> None:
        """A taker, assets that move, a holding to be paid into."""
        require_party(view, self.taker)
        require_moving(view, self.sell_asset)
        require_moving(view, self.buy_asset)
        check_expiry(view, self.expires_at_ms, MAX_QUOTE_MS)
        require_holding(view, self.account, self.buy_asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Set the money aside and write the quote."""
        journal = Journal(ledger, "exchange.offer_quote")
        journal.reserve(self.account, self.sell_asset, FOR_QUOTES, self.sell_minor)
        counted = charge(ledger, self.account, self.sell_asset, self.sell_minor)
        fill = Fill(self.account, self.buy_minor, self.sell_minor, "", counted)
        quote = Quote(
            ledger.next_id(), self.taker, self.buy_asset, self.buy_minor, self.sell_asset,
            self.sell_minor, self.expires_at_ms, (QuoteHop(self.sell_asset, MAKER, (fill,)),),
            self.account, made_at_ms=ledger.time_ms,
        )  # fmt: skip
        yield write_quote(ledger, quote)
        yield journal.posted()
