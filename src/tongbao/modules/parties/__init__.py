"""Parties: who takes part, with which keys, and how many of them an action takes."""

from __future__ import annotations

from tongbao.kernel.registry import Module
from tongbao.modules.parties import events, propose
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.generators import GENERATORS
from tongbao.modules.parties.invariants import INVARIANTS
from tongbao.modules.parties.keys import AddKey, RevokeKey, RotateKey, SetPolicy
from tongbao.modules.parties.model import ROLES, Party, Proposal
from tongbao.modules.parties.propose import (
    ApproveProposal,
    Propose,
    RejectProposal,
    WithdrawProposal,
    actions_of,
)
from tongbao.modules.parties.register import (
    RegisterParty,
    ReinstateParty,
    SuspendParty,
    UpdateParty,
)
from tongbao.modules.parties.state import (
    IDENTIFIERS,
    LIVE_KEYS,
    OPEN,
    PARTIES,
    PROPOSALS,
    PROPOSED,
    count_ever,
    count_open,
    has_role,
    require_party,
)

MODULE = Module(
    name="parties",
    number=0x20,
    tables=(PARTIES, IDENTIFIERS, PROPOSALS, PROPOSED, LIVE_KEYS, OPEN),
    transactions=(
        RegisterParty, UpdateParty, SuspendParty, ReinstateParty, AddKey, RotateKey, RevokeKey,
        SetPolicy, Propose, ApproveProposal, RejectProposal, WithdrawProposal,
    ),
    events=(
        events.PartyRegistered, events.PartyUpdated, events.PartySuspended,
        events.PartyReinstated, events.KeyAdded, events.KeyRevoked, events.PolicySet,
        events.Proposed, events.ProposalApproved, events.ProposalEnded,
    ),
    codes=PartiesCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    timers={propose.TIMER: propose.proposal_lapses},
)  # fmt: skip

__all__ = [
    "GENERATORS",
    "MODULE",
    "PARTIES",
    "PROPOSALS",
    "ROLES",
    "AddKey",
    "ApproveProposal",
    "PartiesCode",
    "Party",
    "Proposal",
    "Propose",
    "RegisterParty",
    "ReinstateParty",
    "RejectProposal",
    "RevokeKey",
    "RotateKey",
    "SetPolicy",
    "SuspendParty",
    "UpdateParty",
    "WithdrawProposal",
    "actions_of",
    "count_ever",
    "count_open",
    "has_role",
    "require_party",
]
