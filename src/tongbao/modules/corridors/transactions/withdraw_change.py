from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import TermsWithdrawn
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved, require_own
from tongbao.modules.corridors.state import VERSIONS, require_corridor
from tongbao.modules.corridors.terms import require_writable


@transaction(code=7003, scope=SCOPE)
class WithdrawChange(Transaction, tag="corridors.withdraw_change"):
    """Take a change back before it takes effect."""

    corridor: str
    by: PartyId
    effective_from_ms: Moment

    def signers(self, view: ReadView) -> Signers:
        """Who withdraws it."""
        return (Approval(self.by, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One who may, and a change that is still to come."""
        require_own(view, require_corridor(view, self.corridor), self.by)
        require_writable(self.effective_from_ms)
        starts = self.effective_from_ms
        ahead = starts > view.time_ms and view.has(VERSIONS, self.corridor, starts)
        there: dict[str, Value] = {"corridor": self.corridor, "effective_from_ms": starts}
        require(ahead, CorridorsCode.CHANGE_UNKNOWN, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove it."""
        ledger.delete(VERSIONS, self.corridor, self.effective_from_ms)
        yield TermsWithdrawn(self.corridor, self.effective_from_ms, self.by)
        yield nothing_moved(self)
