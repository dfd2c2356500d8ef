"""Seats, votes, upgrades and evidence: `client.walk(governance.votes("open"))`, in both clients.

And what a seat's consensus key signs before it may stand for one.
"""

from __future__ import annotations

from tongbao.sdk.calls import Call, Listing, listing, one, segment
from tongbao.sdk.documents_governance import (
    AgreedUpgrade,
    Governance,
    GovernanceVote,
    Member,
    MisbehaviorEvidence,
    SeatChange,
)

_ROOT = "/v1/governance"


def governance() -> Call[Governance]:
    """How the validators decide, how much may move now, and which rules come next."""
    return one(_ROOT, Governance)


def members() -> Listing[Member]:
    """Those who sign blocks, by party."""
    return listing(f"{_ROOT}/members", Member)


def seat_changes(party: str | None = None) -> Listing[SeatChange]:
    """Every change of who signs blocks, newest first."""
    return listing(f"{_ROOT}/seat-changes", SeatChange, party=party)


def votes(state: str | None = None, opener: str | None = None) -> Listing[GovernanceVote]:
    """Votes, newest first."""
    return listing(f"{_ROOT}/votes", GovernanceVote, state=state, opener=opener)


def vote(name: str) -> Call[GovernanceVote]:
    """One vote with its answers."""
    return one(f"{_ROOT}/votes/{segment(name)}", GovernanceVote)


def upgrades() -> Listing[AgreedUpgrade]:
    """Upgrades that were agreed on, the highest block first."""
    return listing(f"{_ROOT}/upgrades", AgreedUpgrade)


def evidence(party: str | None = None) -> Listing[MisbehaviorEvidence]:
    """Evidence against validators, newest first."""
    return listing(f"{_ROOT}/evidence", MisbehaviorEvidence, party=party)
