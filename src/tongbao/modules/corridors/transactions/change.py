from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import TermsSet
from tongbao.modules.corridors.model import Terms
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved, require_own
from tongbao.modules.corridors.state import VERSIONS, require_corridor
from tongbao.modules.corridors.terms import admit_terms, check_terms, starts_at


@transaction(code=7002, scope=SCOPE)
class ChangeTerms(Transaction, tag="corridors.change"):
    """State what will hold from a time on; what was accepted before keeps its own charges."""

    corridor: str
    by: PartyId
    terms: Terms
    """All of them: what is left out no longer holds."""
    effective_from_ms: Moment = 0

    def signers(self, view: ReadView) -> Signers:
        """Who changes it."""
        return (Approval(self.by, SCOPE),)

    def check(self) -> None:
        check_terms(self.terms)

    def admit(self, view: ReadView) -> None:
        """One who may, a time that is free, known parties and receivers."""
        corridor = require_corridor(view, self.corridor)
        require_own(view, corridor, self.by)
        starts = starts_at(view, self.effective_from_ms)
        free = not view.has(VERSIONS, self.corridor, starts)
        there: dict[str, Value] = {"corridor": self.corridor, "effective_from_ms": starts}
        require(free, CorridorsCode.CHANGE_EXISTS, **there)
        admit_terms(view, corridor, self.terms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write them under their time."""
        starts = starts_at(ledger, self.effective_from_ms)
        ledger.put(VERSIONS, self.corridor, starts, value=self.terms)
        yield TermsSet(self.corridor, starts, self.terms, self.by)
        yield nothing_moved(self)
