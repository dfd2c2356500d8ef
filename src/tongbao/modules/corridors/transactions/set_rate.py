from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AssetCode, Moment, PartyId, RowId, Whole
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import RateSet
from tongbao.modules.corridors.model import Rate, check_text
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved, require_operator
from tongbao.modules.corridors.state import RATES

MAX_DECIMALS = 18


@transaction(code=7006, scope=SCOPE)
class SetReferenceRate(Transaction, tag="corridors.set_rate"):
    """State how many units of `quote` one unit of `base` is worth, as of a time."""

    base: AssetCode
    quote: RowId
    value: Whole
    """The rate times `10**decimals`: 7.8123 is 78123 with 4 decimals."""
    decimals: int
    observed_at_ms: Moment
    source: str
    """Who publishes it, e.g. a central bank's fixing of a day."""
    by: PartyId
    """Operator or central bank."""

    def signers(self, view: ReadView) -> Signers:
        """Who states it."""
        return (Approval(self.by, SCOPE),)

    def check(self) -> None:
        sound = 0 < self.value <= MAX_AMOUNT and 0 <= self.decimals <= MAX_DECIMALS
        require(sound and self.base != self.quote, CorridorsCode.BAD_RATE)
        check_text("source", self.source, 1, 200)

    def admit(self, view: ReadView) -> None:
        """One who may, two assets, a time that has come."""
        require_operator(view, self.by)
        require_asset(view, self.base)
        require_asset(view, self.quote)
        require(
            0 <= self.observed_at_ms <= view.time_ms, CorridorsCode.BAD_MOMENT,
            field="observed_at_ms", value=self.observed_at_ms, low=0, high=view.time_ms,
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it under its time; one for the same time is corrected."""
        rate = Rate(self.value, self.decimals, self.observed_at_ms, self.source, self.by)
        ledger.put(RATES, self.base, self.quote, self.observed_at_ms, value=rate)
        yield RateSet(
            self.base, self.quote, self.value, self.decimals, self.observed_at_ms, self.source,
            self.by,
        )  # fmt: skip
        yield nothing_moved(self)
