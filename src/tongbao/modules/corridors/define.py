"""A corridor and its terms: defined, changed at a stated time, a change withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import AssetCode, Moment, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.empowered import SCOPE, nothing_moved, require_operator, require_own
from tongbao.modules.corridors.events import CorridorDefined, TermsSet, TermsWithdrawn
from tongbao.modules.corridors.model import Corridor, Terms, check_corridor_id
from tongbao.modules.corridors.state import CORRIDORS, VERSIONS, require_corridor
from tongbao.modules.corridors.terms import LATEST_MS, check_receivers, check_terms
from tongbao.modules.parties import require_party


def _starts_at(view: ReadView, effective_from_ms: int) -> int:
    """0 is now; anything else lies ahead."""
    _require_writable(effective_from_ms)
    require(
        not effective_from_ms or effective_from_ms > view.time_ms, CorridorsCode.CHANGE_PAST,
        effective_from_ms=effective_from_ms, time_ms=view.time_ms,
    )  # fmt: skip
    return effective_from_ms or view.time_ms


def _require_writable(effective_from_ms: int) -> None:
    """Refuse a time that does not fit into the key of its terms."""
    fits = 0 <= effective_from_ms < LATEST_MS
    require(
        fits, CorridorsCode.BAD_MOMENT, field="effective_from_ms",
        value=str(effective_from_ms)[:40], low=0, high=LATEST_MS - 1,
    )  # fmt: skip


def _admit_terms(view: ReadView, corridor: Corridor, terms: Terms) -> None:
    for seat in terms.seats:
        require_party(view, seat.party)
    for party in terms.screeners:
        require_party(view, party)
    check_receivers(view, corridor, terms)


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
        """Shape."""
        check_corridor_id(self.corridor)
        check_terms(self.terms)

    def admit(self, view: ReadView) -> None:
        """One who may, a new name, two assets, known parties and receivers."""
        require_operator(view, self.by)
        new = not view.has(CORRIDORS, self.corridor)
        require(new, CorridorsCode.CORRIDOR_EXISTS, corridor=self.corridor)
        require_asset(view, self.send_asset)
        require_asset(view, self.receive_asset)
        _starts_at(view, self.effective_from_ms)
        _admit_terms(view, self._corridor(view), self.terms)

    def _corridor(self, view: ReadView) -> Corridor:
        return Corridor(self.corridor, self.send_asset, self.receive_asset, self.by, view.time_ms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it with its first terms."""
        starts = _starts_at(ledger, self.effective_from_ms)
        ledger.put(CORRIDORS, self.corridor, value=self._corridor(ledger))
        ledger.put(VERSIONS, self.corridor, starts, value=self.terms)
        yield CorridorDefined(self.corridor, self.send_asset, self.receive_asset, self.by)
        yield TermsSet(self.corridor, starts, self.terms, self.by)
        yield nothing_moved(self)


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
        """Shape."""
        check_terms(self.terms)

    def admit(self, view: ReadView) -> None:
        """One who may, a time that is free, known parties and receivers."""
        corridor = require_corridor(view, self.corridor)
        require_own(view, corridor, self.by)
        starts = _starts_at(view, self.effective_from_ms)
        free = not view.has(VERSIONS, self.corridor, starts)
        there: dict[str, Value] = {"corridor": self.corridor, "effective_from_ms": starts}
        require(free, CorridorsCode.CHANGE_EXISTS, **there)
        _admit_terms(view, corridor, self.terms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write them under their time."""
        starts = _starts_at(ledger, self.effective_from_ms)
        ledger.put(VERSIONS, self.corridor, starts, value=self.terms)
        yield TermsSet(self.corridor, starts, self.terms, self.by)
        yield nothing_moved(self)


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
        _require_writable(self.effective_from_ms)
        starts = self.effective_from_ms
        ahead = starts > view.time_ms and view.has(VERSIONS, self.corridor, starts)
        there: dict[str, Value] = {"corridor": self.corridor, "effective_from_ms": starts}
        require(ahead, CorridorsCode.CHANGE_UNKNOWN, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove it."""
        ledger.delete(VERSIONS, self.corridor, self.effective_from_ms)
        yield TermsWithdrawn(self.corridor, self.effective_from_ms, self.by)
        yield nothing_moved(self)
