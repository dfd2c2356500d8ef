"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.fields import Moment, PartyId, Word
from tongbao.kernel.transaction import Event
from tongbao.modules.parties.model import ROLES, KeyId, ProposalId


class PartyRegistered(Event, tag="parties.registered"):
    """A party was admitted."""

    says: ClassVar = "{party} ({name}) was admitted as {roles}, sponsored by {sponsor}."
    labels: ClassVar = {"roles": {role: role.replace("_", " ") for role in ROLES}}

    party: PartyId
    name: str
    roles: tuple[str, ...]
    jurisdiction: str
    sponsor: PartyId
    name_local: str = ""
    lei: str = ""
    uscc: str = ""


class PartyUpdated(Event, tag="parties.updated"):
    """Names or roles changed."""

    says: ClassVar = "{party} is now called {name}, with the roles {roles}."
    labels: ClassVar = {"roles": {role: role.replace("_", " ") for role in ROLES}}

    party: PartyId
    name: str
    roles: tuple[str, ...]
    name_local: str = ""


class PartySuspended(Event, tag="parties.suspended"):
    """None of the party's signatures counts."""

    says: ClassVar = "{by} suspended {party}: {reason}."

    party: PartyId
    by: PartyId
    reason: str


class PartyReinstated(Event, tag="parties.reinstated"):
    """The party's signatures count again."""

    says: ClassVar = "{by} reinstated {party}."

    party: PartyId
    by: PartyId


class KeyAdded(Event, tag="parties.key_added"):
    """A party has a further key."""

    says: ClassVar = "{party} has the further key {key}[ ({label})]."

    party: PartyId
    key: KeyId
    suite: Word
    public: bytes
    scopes: tuple[str, ...]
    weight: int
    expires_at_ms: Moment = 0
    label: str = ""


class KeyRevoked(Event, tag="parties.key_revoked"):
    """A key no longer counts."""

    says: ClassVar = "Key {key} of {party} no longer counts[ ({reason})]."
    labels: ClassVar = {
        "reason": {"rotated": "rotated"},
    }

    party: PartyId
    key: KeyId
    reason: str = ""


class PolicySet(Event, tag="parties.policy_set"):
    """How many of which keys a scope takes."""

    says: ClassVar = "Actions of {party} in {scope} take {keys} key(s) with a weight of {weight}."

    party: PartyId
    scope: str
    keys: int
    weight: int


class Proposed(Event, tag="parties.proposed"):
    """Actions wait for approvals."""

    says: ClassVar = (
        "{proposer} proposed {actions}; it waits for approvals until {expires_at_ms:moment} "
        "(proposal {proposal})."
    )

    proposal: ProposalId
    proposer: PartyId
    expires_at_ms: Moment
    actions: tuple[str, ...]
    """Kinds of the actions, in order."""
    memo: str = ""


class ProposalApproved(Event, tag="parties.proposal_approved"):
    """A further key approved."""

    says: ClassVar = "{party} approved proposal {proposal}."

    proposal: ProposalId
    party: PartyId
    keys: tuple[str, ...]
    applied: bool


class ProposalEnded(Event, tag="parties.proposal_ended"):
    """The proposal was rejected, withdrawn, or its time passed."""

    says: ClassVar = "Proposal {proposal} ended: {how}[ by {party}][, {reason}]."
    labels: ClassVar = {
        "how": {"rejected": "rejected", "withdrawn": "withdrawn", "expired": "expired"},
    }

    proposal: ProposalId
    how: Word
    """`rejected`, `withdrawn` or `expired`."""
    party: PartyId = ""
    reason: str = ""
