"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identity import POLICIES, Policy
from tongbao.kernel.views import ReadView
from tongbao.modules.parties.model import Party, Proposal
from tongbao.modules.parties.state import IDENTIFIERS, PARTIES, PROPOSALS


def parties(view: ReadView, role: str = "") -> Iterator[Party]:
    """Every party, by id; with a role where one is given."""
    return (party for _, party in view.scan(PARTIES) if not role or role in party.roles)


def party_of_number(view: ReadView, kind: str, number: str) -> str | None:
    """The party with a `lei` or `uscc`."""
    return view.get(IDENTIFIERS, kind, number)


def policies_of(view: ReadView, party: str) -> dict[str, Policy]:
    """A party's own policies by scope."""
    return {key[1]: policy for key, policy in view.scan(POLICIES, party)}


def proposals_for(view: ReadView, party: str) -> Iterator[Proposal]:
    """Open proposals that a party made, has approved or is asked to approve."""
    for _, proposal in view.scan(PROPOSALS):
        if party in (proposal.proposer, *proposal.approvals, *proposal.concerned):
            yield proposal
