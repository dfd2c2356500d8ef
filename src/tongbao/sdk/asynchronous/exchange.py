"""The exchange beside its lists: books and routes, asked of the ledger: `client.exchange`."""

from __future__ import annotations

from tongbao.sdk.asynchronous.lists import AsyncExchangeLists
from tongbao.sdk.calls import one
from tongbao.sdk.documents_exchange import Book, Routes

_ROOT = "/v1/exchange"


class AsyncExchange(AsyncExchangeLists):
    """Its lists, and one method a question."""

    async def book(self, sell_asset: str, buy_asset: str, levels: int = 20) -> Book:
        """Both sides of a book by price, best first."""
        return await self._client.call(one(
            f"{_ROOT}/book", Book, sell_asset=sell_asset, buy_asset=buy_asset, levels=levels,
        ))  # fmt: skip

    async def routes(
        self,
        send_asset: str,
        receive_asset: str,
        *,
        send_minor: int | None = None,
        receive_minor: int | None = None,
        party: str | None = None,
        limit: int = 5,
    ) -> Routes:
        """The best routes for exactly `send_minor`, or for exactly `receive_minor`."""
        return await self._client.call(one(
            f"{_ROOT}/routes", Routes, send_asset=send_asset, receive_asset=receive_asset,
            send_minor=send_minor, receive_minor=receive_minor, party=party, limit=limit,
        ))  # fmt: skip
