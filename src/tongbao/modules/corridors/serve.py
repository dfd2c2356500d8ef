"""Serving a corridor: by the server's own consent, to be ended by it at any time."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.empowered import SCOPE, nothing_moved
from tongbao.modules.corridors.events import ServingBegan, ServingEnded
from tongbao.modules.corridors.model import Serving, Terms
from tongbao.modules.corridors.state import SERVERS, VERSIONS, require_corridor


def is_served(view: ReadView, corridor: str, terms: Terms, party: str, role: str) -> bool:
    """Whether a party has the seat by the terms, and gave its consent."""
    seated = any(seat.party == party and role in seat.roles for seat in terms.seats)
    return seated and view.has(SERVERS, corridor, party)


def require_served(view: ReadView, corridor: str, terms: Terms, party: str, role: str) -> None:
    """Refuse where a party does not serve a corridor as `sender`, `receiver` or `maker`."""
    served = is_served(view, corridor, terms, party, role)
    require(served, CorridorsCode.NOT_SERVED, party=party, corridor=corridor, role=role)


@transaction(code=7004, scope=SCOPE)
class Serve(Transaction, tag="corridors.serve"):
    """Consent to serve a corridor whose terms, now or to come, name the party."""

    corridor: str
    party: PartyId

    def signers(self, view: ReadView) -> Signers:
        """The server."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """A seat, not taken yet."""
        require_corridor(view, self.corridor)
        there: dict[str, Value] = {"party": self.party, "corridor": self.corridor}
        versions = view.scan(VERSIONS, self.corridor)
        seated = any(seat.party == self.party for _, one in versions for seat in one.seats)
        require(seated, CorridorsCode.NOT_SEATED, **there)
        new = not view.has(SERVERS, self.corridor, self.party)
        require(new, CorridorsCode.SERVES_ALREADY, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the consent."""
        ledger.put(SERVERS, self.corridor, self.party, value=Serving(ledger.time_ms))
        yield ServingBegan(self.corridor, self.party)
        yield nothing_moved(self)


@transaction(code=7005, scope=SCOPE)
class StopServing(Transaction, tag="corridors.stop_serving"):
    """Serve no new payments; those accepted go their way."""

    corridor: str
    party: PartyId

    def signers(self, view: ReadView) -> Signers:
        """The server."""
        return (Approval(self.party, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """A consent that was given."""
        require_corridor(view, self.corridor)
        there: dict[str, Value] = {"party": self.party, "corridor": self.corridor}
        require(view.has(SERVERS, self.corridor, self.party), CorridorsCode.SERVES_NOT, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove it."""
        ledger.delete(SERVERS, self.corridor, self.party)
        yield ServingEnded(self.corridor, self.party)
        yield nothing_moved(self)
