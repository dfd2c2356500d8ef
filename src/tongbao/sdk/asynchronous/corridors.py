"""Corridors, prices and cross-border payments: `client.corridors`."""

from __future__ import annotations

from tongbao.sdk.asynchronous.caller import AsyncLists
from tongbao.sdk.asynchronous.walking import AsyncWalk
from tongbao.sdk.calls import listing, one, segment
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

_OPTIONS, _PAYMENTS = "/v1/fx/options", "/v1/cross-border-payments"


class AsyncCorridors(AsyncLists):
    """One method a question."""

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

    def corridors(
        self, send_asset: str | None = None, receive_asset: str | None = None
    ) -> AsyncWalk[CorridorDocument]:
        """The corridors, by id."""
        filters = {"send_asset": send_asset, "receive_asset": receive_asset}
        return self._client.walk(listing("/v1/corridors", CorridorDocument, **filters))

    async def corridor(self, corridor: str) -> CorridorDocument:
        """One corridor."""
        return await self._client.call(one(f"/v1/corridors/{segment(corridor)}", CorridorDocument))

    def terms(self, corridor: str) -> AsyncWalk[CorridorTerms]:
        """A corridor's terms, newest first, changes to come included."""
        return self._client.walk(listing(f"/v1/corridors/{segment(corridor)}/terms", CorridorTerms))

    def payments(
        self,
        party: str | None = None,
        corridor: str | None = None,
        state: str | None = None,
        payee_reference: str | None = None,
    ) -> AsyncWalk[CrossBorderPayment]:
        """Cross-border payments, newest first."""
        filters = {
            "party": party, "corridor": corridor, "state": state,
            "payee_reference": payee_reference,
        }  # fmt: skip
        return self._client.walk(listing(_PAYMENTS, CrossBorderPayment, **filters))

    async def payment(self, uetr: str) -> PaymentTrack:
        """One payment, by its UETR or that of a return, with every step, charge and return."""
        return await self._client.call(one(f"{_PAYMENTS}/{segment(uetr)}", PaymentTrack))

    def charges(self, receiver: str) -> AsyncWalk[Charge]:
        """Charges that an account received."""
        return self._client.walk(listing("/v1/charges", Charge, receiver=receiver))

    def rates(self, base: str | None = None, quote: str | None = None) -> AsyncWalk[ReferenceRate]:
        """The network's own reference rates."""
        return self._client.walk(
            listing("/v1/reference-rates", ReferenceRate, base=base, quote=quote)
        )

    def screening(self, subject: str) -> AsyncWalk[ScreeningResult]:
        """Screening results about a digest."""
        return self._client.walk(
            listing(f"/v1/screening-results/{segment(subject)}", ScreeningResult)
        )

    async def sealing_key(self, party: str) -> SealingKeyDocument:
        """The key that travel-rule data for a party is sealed to."""
        return await self._client.call(
            one(f"/v1/parties/{segment(party)}/sealing-key", SealingKeyDocument)
        )
