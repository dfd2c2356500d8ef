"""The market in memory, a part of `tongbao._core`: this file is its stub alone."""

from collections.abc import Sequence
from typing import final

@final
class Market:
    """Books and pools in memory, and the search for routes through them.

    Answers questions and decides nothing on the ledger. Its twin is
    `tongbao.modules.exchange.paths`. Amounts beyond 2**127 - 1 are a ValueError.
    """

    def __new__(cls) -> Market:
        """An empty market."""

    def __len__(self) -> int:
        """Number of offers."""

    def put_offer(
        self,
        offer: str,
        party: str,
        pay_asset: str,
        get_asset: str,
        place: bytes,
        price_buy: int,
        price_sell: int,
        remaining: int,
        expires_at_ms: int,
    ) -> None:
        """Put an offer in, or in the place of its former self. `place`: 32 bytes that sort."""

    def remove_offer(self, offer: str) -> None:
        """Take an offer out, if it is there."""

    def block_offer(self, offer: str, blocked: bool) -> bool:
        """Pass an offer over for now, or no longer; False where there is no such offer."""

    def put_pool(
        self,
        pool: str,
        pay_asset: str,
        get_asset: str,
        there_in: int,
        there_out: int,
        fee_bps: int,
    ) -> None:
        """Put one direction of a pool in, or in the place of its former self; zeros close it."""

    def routes(
        self,
        send_asset: str,
        receive_asset: str,
        amount: int,
        *,
        sending: bool,
        limit: int,
        time_ms: int,
        party: str = "",
        without: Sequence[str] | None = None,
        budget: int = 20_000,
    ) -> tuple[list[list[tuple[str, str, str, int, int, int]]], bool]:
        """Routes for exactly `amount` sent, or received: best first, `limit` at most.

        Each hop is (venue, asset paid, asset got, paid, got, offers taken). Offers of `party` and
        the assets in `without` are passed over. The second value says whether the first route is
        proven to be the best; else the search ended after `budget` trials of a hop.
        """

    def first_offers(
        self, pay_asset: str, get_asset: str, count: int, *, time_ms: int, party: str = ""
    ) -> list[str]:
        """Ids of the first offers that a payment would take. KeyError where no such book is."""
