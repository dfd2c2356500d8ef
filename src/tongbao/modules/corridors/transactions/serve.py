from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import ServingBegan
from tongbao.modules.corridors.model import Serving
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved
from tongbao.modules.corridors.state import SERVERS, VERSIONS, require_corridor


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
