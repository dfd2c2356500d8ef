from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.events import KeyRevoked
from tongbao.modules.parties.keys import ByParty, require_live, revoke_key
from tongbao.modules.parties.model import KeyId, check_text
from tongbao.modules.parties.permissions import SCOPE
from tongbao.modules.parties.state import require_satisfiable


@transaction(code=1007, scope=SCOPE)
class RevokeKey(ByParty, tag="parties.revoke_key"):
    """Let a key count no more; never the last that its policies need."""

    key: KeyId
    reason: str = ""

    def check(self) -> None:
        check_text("reason", self.reason, 0, 200)

    def admit(self, view: ReadView) -> None:
        """A live key."""
        require_live(view, self.party, self.key)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Revoke, and make sure that the party is not locked out."""
        old = require_live(ledger, self.party, self.key)
        revoke_key(ledger, self.party, self.key, old)
        require_satisfiable(ledger, self.party)
        yield KeyRevoked(self.party, self.key, self.reason)
