"""What transactions about keys share: who approves, and the state of a key."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import KEYS, Approval, Key, Signers, key_id
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.permissions import SCOPE
from tongbao.modules.parties.state import LIVE_KEYS, forget_expired


class ByParty(Transaction):
    """What a party approves for itself."""

    party: PartyId

    def signers(self, view: ReadView) -> Signers:
        """The party's own."""
        return (Approval(self.party, SCOPE),)


def require_new(view: ReadView, party: str, key: Key) -> None:
    name = key_id(key.suite, key.public)
    require(not view.has(KEYS, party, name), PartiesCode.KEY_EXISTS, party=party, key=name)


def require_live(view: ReadView, party: str, key: str) -> Key:
    found = view.get(KEYS, party, key)
    if found is None or found.state(view.time_ms) != "live":
        refuse(PartiesCode.KEY_UNKNOWN, party=party, key=key[:32])
    return found


def revoke_key(ledger: WriteView, party: str, name: str, key: Key) -> None:
    ledger.put(KEYS, party, name, value=replace(key, revoked_at_ms=ledger.time_ms))
    ledger.delete(LIVE_KEYS, party, name)
    forget_expired(ledger, party)
