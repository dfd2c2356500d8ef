from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import ServingEnded
from tongbao.modules.corridors.permissions import SCOPE, nothing_moved
from tongbao.modules.corridors.state import SERVERS, require_corridor


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
