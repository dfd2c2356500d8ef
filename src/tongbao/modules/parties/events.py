"""What the module announces."""

from __future__ import annotations

from tongbao.kernel.transaction import Event


class PartyRegistered(Event, tag="parties.registered"):
    """A party was admitted."""

    party: str
    name: str
    roles: tuple[str, ...]
    jurisdiction: str
    sponsor: str
    name_local: str = ""
    lei: str = ""
    uscc: str = ""


class PartyUpdated(Event, tag="parties.updated"):
    """Names or roles changed."""

    party: str
    name: str
    roles: tuple[str, ...]
    name_local: str = ""


class PartySuspended(Event, tag="parties.suspended"):
    """None of the party's signatures counts."""

    party: str
    by: str
    reason: str


class PartyReinstated(Event, tag="parties.reinstated"):
    """The party's signatures count again."""

    party: str
    by: str


class KeyAdded(Event, tag="parties.key_added"):
    """A party has a further key."""

    party: str
    key: str
    suite: str
    public: bytes
    scopes: tuple[str, ...]
    weight: int
    expires_at_ms: int = 0
    label: str = ""


class KeyRevoked(Event, tag="parties.key_revoked"):
    """A key no longer counts."""

    party: str
    key: str
    reason: str = ""


class PolicySet(Event, tag="parties.policy_set"):
    """How many of which keys a scope takes."""

    party: str
    scope: str
    keys: int
    weight: int


class Proposed(Event, tag="parties.proposed"):
    """Actions wait for approvals."""

    proposal: str
    proposer: str
    expires_at_ms: int
    actions: tuple[str, ...]
    """Kinds of the actions, in order."""
    memo: str = ""


class ProposalApproved(Event, tag="parties.proposal_approved"):
    """A further key approved."""

    proposal: str
    party: str
    keys: tuple[str, ...]
    carried_out: bool


class ProposalEnded(Event, tag="parties.proposal_ended"):
    """The proposal was rejected, withdrawn, or its time passed."""

    proposal: str
    how: str
    """`rejected`, `withdrawn` or `expired`."""
    party: str = ""
    reason: str = ""
