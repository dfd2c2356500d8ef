from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.identity import Key
from tongbao.kernel.protocols import accepted_suites
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.keys import ByParty, require_new
from tongbao.modules.parties.model import MAX_KEYS, check_key, check_suite
from tongbao.modules.parties.permissions import SCOPE, put_key
from tongbao.modules.parties.state import forget_expired, live_keys, require_party


@transaction(code=1005, scope=SCOPE)
class AddKey(ByParty, tag="parties.add_key"):
    """Give a party a further key."""

    key: Key

    def check(self) -> None:
        check_key(self.key)

    def admit(self, view: ReadView) -> None:
        """A new key of a suite that the chain accepts, and room for it."""
        require_party(view, self.party)
        check_suite(self.key, accepted_suites(view))
        require_new(view, self.party, self.key)
        count = len(live_keys(view, self.party)) + 1
        require(count <= MAX_KEYS, PartiesCode.KEY_COUNT, count=count, limit=MAX_KEYS)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the key."""
        forget_expired(ledger, self.party)
        yield put_key(ledger, self.party, self.key)
