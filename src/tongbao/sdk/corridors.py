"""Corridors, prices and cross-border payments in the clients: `client.corridors`."""

from __future__ import annotations

from tongbao.sdk.calls import Call, Listing, listing, one, segment
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
from tongbao.sdk.forms import Awaited, Waiting, asked, walked

_OPTIONS, _PAYMENTS = "/v1/fx/options", "/v1/cross-border-payments"


class CorridorQuestions:
    """One method a question, in the rooms of both clients."""

    @asked
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
    ) -> Call[FxOptions]:
        """The best ways to send or receive exactly an amount, each with every cost."""
        return one(
            _OPTIONS, FxOptions, send_asset=send_asset, receive_asset=receive_asset,
            send_minor=send, receive_minor=receive, bearer=bearer, payer=payer, payee=payee,
            corridor=corridor, quote=quote,
        )  # fmt: skip

    @asked
    def conversions(
        self, send_asset: str, receive_asset: str, *, send: int = 0, receive: int = 0, payer: str
    ) -> Call[FxOptions]:
        """The best conversions alone, without corridors and their charges."""
        return one(
            _OPTIONS, FxOptions, send_asset=send_asset, receive_asset=receive_asset,
            send_minor=send, receive_minor=receive, payer=payer, bare="true",
        )  # fmt: skip

    @walked
    def corridors(
        self, send_asset: str | None = None, receive_asset: str | None = None
    ) -> Listing[CorridorDocument]:
        """The corridors, by id."""
        filters = {"send_asset": send_asset, "receive_asset": receive_asset}
        return listing("/v1/corridors", CorridorDocument, **filters)

    @asked
    def corridor(self, corridor: str) -> Call[CorridorDocument]:
        """One corridor."""
        return one(f"/v1/corridors/{segment(corridor)}", CorridorDocument)

    @walked
    def terms(self, corridor: str) -> Listing[CorridorTerms]:
        """A corridor's terms, newest first, changes to come included."""
        return listing(f"/v1/corridors/{segment(corridor)}/terms", CorridorTerms)

    @walked
    def payments(
        self,
        party: str | None = None,
        corridor: str | None = None,
        state: str | None = None,
        payee_reference: str | None = None,
    ) -> Listing[CrossBorderPayment]:
        """Cross-border payments, newest first."""
        filters = {
            "party": party, "corridor": corridor, "state": state,
            "payee_reference": payee_reference,
        }  # fmt: skip
        return listing(_PAYMENTS, CrossBorderPayment, **filters)

    @asked
    def payment(self, uetr: str) -> Call[PaymentTrack]:
        """One payment, by its UETR or that of a return, with every step, charge and return."""
        return one(f"{_PAYMENTS}/{segment(uetr)}", PaymentTrack)

    @walked
    def charges(self, receiver: str) -> Listing[Charge]:
        """Charges that an account received."""
        return listing("/v1/charges", Charge, receiver=receiver)

    @walked
    def rates(self, base: str | None = None, quote: str | None = None) -> Listing[ReferenceRate]:
        """The network's own reference rates."""
        return listing("/v1/reference-rates", ReferenceRate, base=base, quote=quote)

    @walked
    def screening(self, subject: str) -> Listing[ScreeningResult]:
        """Screening results about a digest."""
        return listing(f"/v1/screening-results/{segment(subject)}", ScreeningResult)

    @asked
    def sealing_key(self, party: str) -> Call[SealingKeyDocument]:
        """The key that travel-rule data for a party is sealed to."""
        return one(f"/v1/parties/{segment(party)}/sealing-key", SealingKeyDocument)


class Corridors(CorridorQuestions):
    """Of the blocking client."""

    def __init__(self, client: Waiting) -> None:
        """Ask through this client."""
        self.call, self.walk = client.call, client.walk


class AsyncCorridors(CorridorQuestions):
    """Of the asyncio client."""

    def __init__(self, client: Awaited) -> None:
        """Ask through this client."""
        self.call, self.walk = client.call, client.walk
