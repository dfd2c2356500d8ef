"""Tables of the module, and what others ask of them."""

from __future__ import annotations

from tongbao.kernel.approvals import policy_of
from tongbao.kernel.codes import require
from tongbao.kernel.identity import KEY_SCOPE, KEYS, POLICIES, Key
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.model import Party, Proposal

PARTIES: Table[Party] = Table(b"\x20\x01", "parties", (str,), Party, "party id -> who it is")
IDENTIFIERS: Table[str] = Table(
    b"\x20\x02", "party_identifiers", (str, str), str, "(lei | uscc, number) -> party id"
)
PROPOSALS: Table[Proposal] = Table(
    b"\x20\x03", "proposals", (str,), Proposal, "proposal id -> who approved, until when"
)
PROPOSED: Table[bytes] = Table(
    b"\x20\x04", "proposed", (str,), bytes,
    "proposal id -> canonical JSON array of the actions; apart, because it may be large",
    codec=(bytes, bytes),
)  # fmt: skip
LIVE_KEYS: Table[str] = Table(
    b"\x20\x05", "live_keys", (str, str), str,
    "(party, key id) -> empty: keys not revoked; expired ones leave with the next change",
)  # fmt: skip


OPEN: Table[int] = Table(
    b"\x20\x06", "open_things", (str, str), int,
    "(party, kind) -> how many it has open or ever made, or bytes of them, above zero",
)  # fmt: skip


def count_open(ledger: WriteView, party: str, kind: str, change: int, limit: int = 0) -> None:
    """Count what a party has made and not ended; refuse one above `limit`.

    For state that a key can create at no cost: what is not bounded a party could fill the ledger
    with (docs/concepts/rules-of-the-ledger.md).
    """
    total = (ledger.get(OPEN, party, kind) or 0) + change
    fits = change < 0 or not limit or total <= limit
    require(fits, PartiesCode.TOO_MANY_OPEN, party=party, limit=limit, what=kind)
    if total > 0:
        ledger.put(OPEN, party, kind, value=total)
    else:
        ledger.delete(OPEN, party, kind)


def count_ever(ledger: WriteView, party: str, kind: str, limit: int) -> None:
    """Count one more of what never ends: a closed account and a revoked key keep their rows."""
    total = (ledger.get(OPEN, party, kind) or 0) + 1
    require(total <= limit, PartiesCode.TOO_MANY_EVER, party=party, limit=limit, what=kind)
    ledger.put(OPEN, party, kind, value=total)


def require_party(view: ReadView, party: str) -> Party:
    """A registered party, or a refusal."""
    found = view.get(PARTIES, party)
    require(found is not None, PartiesCode.PARTY_UNKNOWN, party=party[:40])
    assert found is not None
    return found


def has_role(view: ReadView, party: str, role: str) -> bool:
    """Whether a party is registered with a role."""
    found = view.get(PARTIES, party)
    return found is not None and role in found.roles


def live_keys(view: ReadView, party: str) -> dict[str, Key]:
    """A party's live keys by id: looked up at the cost of these, however many it ever had."""
    names = (name for (_, name), _ in view.scan(LIVE_KEYS, party))
    found = ((name, view.get(KEYS, party, name)) for name in names)
    return {
        name: key for name, key in found if key is not None and key.state(view.time_ms) == "live"
    }


def forget_expired(ledger: WriteView, party: str) -> None:
    """Take keys that have expired out of the list of live ones."""
    live = live_keys(ledger, party)
    for (_, name), _ in list(ledger.scan(LIVE_KEYS, party)):
        if name not in live:
            ledger.delete(LIVE_KEYS, party, name)


def require_satisfiable(view: ReadView, party: str) -> None:
    """Refuse a state in which the party's live keys cannot meet one of its own policies.

    Nor may its keys themselves get out of its reach: some live key has to cover their scope.
    """
    live = list(live_keys(view, party).values())
    require(live, PartiesCode.LOCK_OUT, party=party, scope="*")
    policies = {scope: policy for (_, scope), policy in view.scan(POLICIES, party)}
    policies[KEY_SCOPE] = policy_of(view, party, KEY_SCOPE)
    for scope, policy in policies.items():
        able = [key for key in live if key.covers(scope)]
        meets = len(able) >= policy.keys and sum(key.weight for key in able) >= policy.weight
        require(meets, PartiesCode.LOCK_OUT, party=party, scope=scope)
