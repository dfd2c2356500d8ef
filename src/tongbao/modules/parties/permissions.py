"""Who may register, change and suspend parties, and how a key is written."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.identity import KEY_SCOPE, KEYS, Key, key_id
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import KeyAdded
from tongbao.modules.parties.model import MAX_KEYS_EVER
from tongbao.modules.parties.state import LIVE_KEYS, count_ever, has_role

SCOPE = KEY_SCOPE


def require_operator(view: ReadView, party: str) -> None:
    founding = view.block.founding
    require(founding or has_role(view, party, "operator"), PartiesCode.NOT_OPERATOR, party=party)


def put_key(ledger: WriteView, party: str, key: Key) -> KeyAdded:
    """Write a key; the event that says so."""
    name = key_id(key.suite, key.public)
    count_ever(ledger, party, "keys", MAX_KEYS_EVER)
    ledger.put(KEYS, party, name, value=key)
    ledger.put(LIVE_KEYS, party, name, value="")
    return KeyAdded(
        party, name, key.suite, key.public, key.scopes, key.weight, key.expires_at_ms, key.label
    )


def require_permission(view: ReadView, party: str) -> None:
    may = has_role(view, party, "operator") or has_role(view, party, "supervisor")
    require(may, PartiesCode.NOT_PERMITTED, party=party)
