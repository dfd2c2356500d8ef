"""Tables of the module, and what others ask of them."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.identity import KEYS, POLICIES, Key, policy_of
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.model import Party, Proposal

KEY_SCOPE = "parties"
"""Scope of the keys that approve changes of a party's keys and policies."""
PARTIES: Table[Party] = Table(b"\x20\x01", "parties", (str,), Party, "party id -> who it is")
IDENTIFIERS: Table[str] = Table(
    b"\x20\x02", "party_identifiers", (str, str), str, "(lei | uscc, number) -> party id"
)
PROPOSALS: Table[Proposal] = Table(
    b"\x20\x03", "proposals", (str,), Proposal, "proposal id -> actions that wait for approvals"
)


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


def keys_of(view: ReadView, party: str) -> dict[str, Key]:
    """Every key a party ever had, by id."""
    return {key[1]: value for key, value in view.scan(KEYS, party)}


def require_satisfiable(view: ReadView, party: str) -> None:
    """Refuse a state in which the party's live keys cannot meet one of its own policies.

    Nor may its keys themselves get out of its reach: some live key has to cover their scope.
    """
    live = [key for key in keys_of(view, party).values() if key.state(view.time_ms) == "live"]
    require(live, PartiesCode.LOCK_OUT, party=party, scope="*")
    policies = {scope: policy for (_, scope), policy in view.scan(POLICIES, party)}
    policies.setdefault(KEY_SCOPE, policy_of(view, party, KEY_SCOPE))
    for scope, policy in policies.items():
        able = [key for key in live if key.covers(scope)]
        meets = len(able) >= policy.keys and sum(key.weight for key in able) >= policy.weight
        require(meets, PartiesCode.LOCK_OUT, party=party, scope=scope)
