from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.fields import Moment, Word
from tongbao.kernel.identity import Key
from tongbao.kernel.protocols import accepted_suites
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.events import KeyRevoked
from tongbao.modules.parties.keys import ByParty, require_live, require_new, revoke_key
from tongbao.modules.parties.model import check_key, check_suite
from tongbao.modules.parties.permissions import SCOPE, put_key
from tongbao.modules.parties.state import require_satisfiable


@transaction(code=1006, scope=SCOPE)
class RotateKey(ByParty, tag="parties.rotate_key"):
    """Replace a key by another with the same scopes and weight, in one step.

    One that has expired already locks out as a revocation does.
    """

    old: str
    """Id of the key that goes."""
    suite: Word
    public: bytes
    expires_at_ms: Moment = 0

    def admit(self, view: ReadView) -> None:
        """A live key, and a new one that is sound."""
        new = self._successor(require_live(view, self.party, self.old))
        check_key(new)
        check_suite(new, accepted_suites(view))
        require_new(view, self.party, new)

    def _successor(self, old: Key) -> Key:
        return replace(old, suite=self.suite, public=self.public, expires_at_ms=self.expires_at_ms)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Revoke the old, write the new."""
        old = require_live(ledger, self.party, self.old)
        revoke_key(ledger, self.party, self.old, old)
        yield KeyRevoked(self.party, self.old, "rotated")
        yield put_key(ledger, self.party, self._successor(old))
        require_satisfiable(ledger, self.party)
