from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.identity import POLICIES, Policy
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import PolicySet
from tongbao.modules.parties.keys import ByParty
from tongbao.modules.parties.model import MAX_POLICIES, check_policy
from tongbao.modules.parties.permissions import SCOPE
from tongbao.modules.parties.state import require_party, require_satisfiable


@transaction(code=1008, scope=SCOPE)
class SetPolicy(ByParty, tag="parties.set_policy"):
    """Say how many keys, of which weight together, a scope takes."""

    applies_to: str
    """Scope of actions, or `*` for all without a policy of their own."""
    policy: Policy

    def check(self) -> None:
        check_policy(self.applies_to, self.policy)

    def admit(self, view: ReadView) -> None:
        """A known party, and room for its policy."""
        require_party(view, self.party)
        known = view.has(POLICIES, self.party, self.applies_to)
        others = 0 if known else sum(1 for _ in view.scan(POLICIES, self.party))
        room = others < MAX_POLICIES
        require(room, PartiesCode.TOO_MANY_POLICIES, party=self.party, limit=MAX_POLICIES)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write, and make sure that the party's keys can meet it."""
        ledger.put(POLICIES, self.party, self.applies_to, value=self.policy)
        require_satisfiable(ledger, self.party)
        yield PolicySet(self.party, self.applies_to, self.policy.keys, self.policy.weight)
