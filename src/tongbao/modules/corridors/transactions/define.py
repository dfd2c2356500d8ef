from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AssetCode, Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import CorridorDefined, TermsSet
from tongbao.modules.corridors.model import Corridor, Terms, check_corridor_id
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved, require_operator
from tongbao.modules.corridors.state import CORRIDORS, VERSIONS
from tongbao.modules.corridors.terms import admit_terms, check_terms, starts_at


@transaction(code=7001, scope=SCOPE)
class DefineCorridor(Transaction, tag="corridors.define"):
    """Open a way between two assets; servers join it by their own consent."""

    corridor: str
    send_asset: AssetCode
    receive_asset: AssetCode
    """The same as `send_asset` for a corridor between two places in one currency."""
    by: PartyId
    """Operator or central bank."""
    terms: Terms
    effective_from_ms: Moment = 0
    """0: from this block on."""

    def signers(self, view: ReadView) -> Signers:
        """Who defines it."""
        return (Approval(self.by, SCOPE),)

    def check(self) -> None:
        check_corridor_id(self.corridor)
        check_terms(self.terms)

    def admit(self, view: ReadView) -> None:
        """One who may, a new name, two assets, known parties and receivers."""
        require_operator(view, self.by)
        new = not view.has(CORRIDORS, self.corridor)
        require(new, CorridorsCode.CORRIDOR_EXISTS, corridor=self.corridor)
        require_asset(view, self.send_asset)
        require_asset(view, self.receive_asset)
        starts_at(view, self.effective_from_ms)
        admit_terms(view, self._corridor(view), self.terms)

    def _corridor(self, view: ReadView) -> Corridor:
        return Corridor(self.corridor, self.send_asset, self.receive_asset, self.by, view.time_ms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it with its first terms."""
        starts = starts_at(ledger, self.effective_from_ms)
        ledger.put(CORRIDORS, self.corridor, value=self._corridor(ledger))
        ledger.put(VERSIONS, self.corridor, starts, value=self.terms)
        yield CorridorDefined(self.corridor, self.send_asset, self.receive_asset, self.by)
        yield TermsSet(self.corridor, starts, self.terms, self.by)
        yield nothing_moved(self)
