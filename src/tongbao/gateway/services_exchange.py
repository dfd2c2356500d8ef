"""What the gateway asks the read model about the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tongbao.gateway.services import Page, Row


class ExchangeQueries(Protocol):
    """Questions about the exchange, by the same rules as `Queries`."""

    def offers(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        account: str | None = None,
        state: str | None = None,
        sell_asset: str | None = None,
        buy_asset: str | None = None,
    ) -> Page:
        """Document `ExchangeOffer`, newest first."""
        ...

    def offer(self, offer: str) -> Row | None:
        """One `ExchangeOffer`."""
        ...

    def trades(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        asset: str | None = None,
        other: str | None = None,
        account: str | None = None,
        offer: str | None = None,
    ) -> Page:
        """Document `Trade`, newest first; of two assets in both directions."""
        ...

    def pools(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        asset: str | None = None,
        other: str | None = None,
    ) -> Page:
        """Document `ExchangePool`, by id."""
        ...

    def pool(self, pool: str) -> Row | None:
        """One `ExchangePool`."""
        ...

    def pool_shares(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        pool: str | None = None,
        account: str | None = None,
    ) -> Page:
        """Document `PoolShare`, by pool and account."""
        ...

    def quotes(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        taker: str | None = None,
        maker: str | None = None,
        state: str | None = None,
    ) -> Page:
        """Document `ExchangeQuote`, newest first."""
        ...

    def quote(self, quote: str) -> Row | None:
        """One `ExchangeQuote`."""
        ...
