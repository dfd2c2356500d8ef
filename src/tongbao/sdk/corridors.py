"""Corridors, prices and cross-border payments in the clients: `client.corridors`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from tongbao.sdk import calls
from tongbao.sdk.calls import Call, Listing
from tongbao.sdk.documents_corridors import (
    Charge,
    CorridorDocument,
    CorridorTerms,
    CrossBorderPayment,
    FxOptions,
    PaymentTrack,
    ReferenceRate,
    ScreeningResult,
    SealingKeyDocument,
)

if TYPE_CHECKING:
    from tongbao.sdk.async_client import AsyncClient
    from tongbao.sdk.client import Client


# ---- the requests, once for both clients ---------------------------------------------------------


def fx_options(
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
    bare: bool = False,
) -> Call[FxOptions]:
    """The best ways to send or receive exactly an amount of minor units."""
    params = {
        "send_asset": send_asset, "receive_asset": receive_asset, "send_minor": str(send),
        "receive_minor": str(receive), "bearer": bearer, "payer": payer, "payee": payee,
        "corridor": corridor, "quote": quote, "bare": str(bare).lower(),
    }  # fmt: skip
    call = calls.one("/v1/fx/options", FxOptions)
    return Call(call.method, call.path, call.decode, params)


def corridors(send_asset: str | None, receive_asset: str | None) -> Listing[CorridorDocument]:
    """Corridors, by id."""
    return calls.listing(
        "/v1/corridors", CorridorDocument, send_asset=send_asset, receive_asset=receive_asset
    )


def _corridor(corridor: str) -> str:
    return f"/v1/corridors/{calls.segment(corridor)}"


def payments(
    party: str | None, corridor: str | None, state: str | None
) -> Listing[CrossBorderPayment]:
    """Payments, newest first."""
    path = "/v1/cross-border-payments"
    return calls.listing(path, CrossBorderPayment, party=party, corridor=corridor, state=state)


def payment(uetr: str) -> Call[PaymentTrack]:
    """One payment with every step."""
    return calls.one(f"/v1/cross-border-payments/{calls.segment(uetr)}", PaymentTrack)


def rates(base: str | None, quote: str | None) -> Listing[ReferenceRate]:
    """Reference rates, newest first of each pair."""
    return calls.listing("/v1/reference-rates", ReferenceRate, base=base, quote=quote)


def screening(subject: str) -> Listing[ScreeningResult]:
    """Screening results about somebody."""
    return calls.listing(f"/v1/screening-results/{calls.segment(subject)}", ScreeningResult)


def sealing_key(party: str) -> Call[SealingKeyDocument]:
    """The key that travel-rule data for a party is sealed to."""
    return calls.one(f"/v1/parties/{calls.segment(party)}/sealing-key", SealingKeyDocument)


# ---- the clients' rooms --------------------------------------------------------------------------


class Corridors:
    """Of the blocking client."""

    def __init__(self, client: Client) -> None:
        """Ask through this client."""
        self._client = client

    def options(
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
        return self._client.call(fx_options(
            send_asset, receive_asset, send=send, receive=receive, bearer=bearer, payer=payer,
            payee=payee, corridor=corridor, quote=quote,
        ))  # fmt: skip

    def conversions(
        self, send_asset: str, receive_asset: str, *, send: int = 0, receive: int = 0, payer: str
    ) -> FxOptions:
        """The best conversions alone, without corridors and their charges."""
        return self._client.call(fx_options(
            send_asset, receive_asset, send=send, receive=receive, payer=payer, bare=True
        ))  # fmt: skip

    def corridors(
        self, send_asset: str | None = None, receive_asset: str | None = None
    ) -> Iterator[CorridorDocument]:
        """The corridors, by id."""
        return self._client.walk(corridors(send_asset, receive_asset))

    def corridor(self, corridor: str) -> CorridorDocument:
        """One corridor."""
        return self._client.call(calls.one(_corridor(corridor), CorridorDocument))

    def terms(self, corridor: str) -> Iterator[CorridorTerms]:
        """A corridor's terms, newest first, changes to come included."""
        path = f"{_corridor(corridor)}/terms"
        return self._client.walk(calls.listing(path, CorridorTerms))

    def payments(
        self, party: str | None = None, corridor: str | None = None, state: str | None = None
    ) -> Iterator[CrossBorderPayment]:
        """Cross-border payments, newest first."""
        return self._client.walk(payments(party, corridor, state))

    def payment(self, uetr: str) -> PaymentTrack:
        """One payment, by its UETR or that of a return, with every step, charge and return."""
        return self._client.call(payment(uetr))

    def charges(self, receiver: str) -> Iterator[Charge]:
        """Charges that an account received."""
        return self._client.walk(calls.listing("/v1/charges", Charge, receiver=receiver))

    def rates(self, base: str | None = None, quote: str | None = None) -> Iterator[ReferenceRate]:
        """The network's own reference rates."""
        return self._client.walk(rates(base, quote))

    def screening(self, subject: str) -> Iterator[ScreeningResult]:
        """Screening results about a digest."""
        return self._client.walk(screening(subject))

    def sealing_key(self, party: str) -> SealingKeyDocument:
        """The key that travel-rule data for a party is sealed to."""
        return self._client.call(sealing_key(party))


class AsyncCorridors:
    """Of the asyncio client."""

    def __init__(self, client: AsyncClient) -> None:
        """Ask through this client."""
        self._client = client

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
        return await self._client.call(fx_options(
            send_asset, receive_asset, send=send, receive=receive, bearer=bearer, payer=payer,
            payee=payee, corridor=corridor, quote=quote,
        ))  # fmt: skip

    async def conversions(
        self, send_asset: str, receive_asset: str, *, send: int = 0, receive: int = 0, payer: str
    ) -> FxOptions:
        """The best conversions alone, without corridors and their charges."""
        return await self._client.call(fx_options(
            send_asset, receive_asset, send=send, receive=receive, payer=payer, bare=True
        ))  # fmt: skip

    def corridors(
        self, send_asset: str | None = None, receive_asset: str | None = None
    ) -> AsyncIterator[CorridorDocument]:
        """The corridors, by id."""
        return self._client.walk(corridors(send_asset, receive_asset))

    async def corridor(self, corridor: str) -> CorridorDocument:
        """One corridor."""
        return await self._client.call(calls.one(_corridor(corridor), CorridorDocument))

    def terms(self, corridor: str) -> AsyncIterator[CorridorTerms]:
        """A corridor's terms, newest first, changes to come included."""
        path = f"{_corridor(corridor)}/terms"
        return self._client.walk(calls.listing(path, CorridorTerms))

    def payments(
        self, party: str | None = None, corridor: str | None = None, state: str | None = None
    ) -> AsyncIterator[CrossBorderPayment]:
        """Cross-border payments, newest first."""
        return self._client.walk(payments(party, corridor, state))

    async def payment(self, uetr: str) -> PaymentTrack:
        """One payment, by its UETR or that of a return, with every step, charge and return."""
        return await self._client.call(payment(uetr))

    def charges(self, receiver: str) -> AsyncIterator[Charge]:
        """Charges that an account received."""
        return self._client.walk(calls.listing("/v1/charges", Charge, receiver=receiver))

    def rates(
        self, base: str | None = None, quote: str | None = None
    ) -> AsyncIterator[ReferenceRate]:
        """The network's own reference rates."""
        return self._client.walk(rates(base, quote))

    def screening(self, subject: str) -> AsyncIterator[ScreeningResult]:
        """Screening results about a digest."""
        return self._client.walk(screening(subject))

    async def sealing_key(self, party: str) -> SealingKeyDocument:
        """The key that travel-rule data for a party is sealed to."""
        return await self._client.call(sealing_key(party))
