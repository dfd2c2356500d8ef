"""Corridors beside their lists: prices, and the track of a payment: `client.corridors`."""

from __future__ import annotations

from tongbao.sdk.asynchronous.lists import AsyncCorridorsLists
from tongbao.sdk.calls import one, segment
from tongbao.sdk.documents_corridors import FxOptions, PaymentTrack

_OPTIONS = "/v1/fx/options"


class AsyncCorridors(AsyncCorridorsLists):
    """Its lists, and one method a question."""

    async def options(
        self,
        send_asset: str,
        receive_asset: str,
        *,
        send: int = 0,
        receive: int = 0,
        bearer: str = "SHAR",
        payer: str = "",
        payee: str = "",
        corridor: str = "",
        quote: str = "",
    ) -> FxOptions:
        """The best ways to send or receive exactly an amount, each with every cost."""
        return await self._client.call(one(
            _OPTIONS, FxOptions, send_asset=send_asset, receive_asset=receive_asset,
            send_minor=send, receive_minor=receive, bearer=bearer, payer=payer, payee=payee,
            corridor=corridor, quote=quote,
        ))  # fmt: skip

    async def conversions(
        self, send_asset: str, receive_asset: str, *, send: int = 0, receive: int = 0, payer: str
    ) -> FxOptions:
        """The best conversions alone, without corridors and their charges."""
        return await self._client.call(one(
            _OPTIONS, FxOptions, send_asset=send_asset, receive_asset=receive_asset,
            send_minor=send, receive_minor=receive, payer=payer, bare="true",
        ))  # fmt: skip

    async def track(self, uetr: str) -> PaymentTrack:
        """One payment, by its UETR or that of a return, with every step, charge and return."""
        path = f"/v1/cross-border-payments/{segment(uetr)}/track"
        return await self._client.call(one(path, PaymentTrack))
