"""Parties: who takes part, with which keys, and how many of them an action takes."""

from __future__ import annotations

from tongbao.kernel.registry import Module
from tongbao.modules.parties import events, proposals
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.generators import GENERATORS
from tongbao.modules.parties.invariants import INVARIANTS
from tongbao.modules.parties.model import ROLES, Party, Proposal
from tongbao.modules.parties.proposals import actions_of
from tongbao.modules.parties.records import RECORDS
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
from tongbao.modules.parties.transactions.add_key import AddKey
from tongbao.modules.parties.transactions.approve import ApproveProposal
from tongbao.modules.parties.transactions.propose import Propose
from tongbao.modules.parties.transactions.register import RegisterParty
from tongbao.modules.parties.transactions.reinstate import ReinstateParty
from tongbao.modules.parties.transactions.reject import RejectProposal
from tongbao.modules.parties.transactions.revoke_key import RevokeKey
from tongbao.modules.parties.transactions.rotate_key import RotateKey
from tongbao.modules.parties.transactions.set_policy import SetPolicy
from tongbao.modules.parties.transactions.suspend import SuspendParty
from tongbao.modules.parties.transactions.update import UpdateParty
from tongbao.modules.parties.transactions.withdraw import WithdrawProposal

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
    public=(
        events.PartyRegistered, events.PartyUpdated, events.PartySuspended,
        events.PartyReinstated, events.KeyAdded, events.KeyRevoked,
    ),
    codes=PartiesCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    records=RECORDS,
    # What these say, the rows that they change show.
    internal=(
        IDENTIFIERS, LIVE_KEYS, OPEN, events.PartyRegistered, events.PartyUpdated,
        events.PartySuspended, events.PartyReinstated, events.KeyAdded, events.KeyRevoked,
        events.PolicySet, events.Proposed,
    ),
    timers={proposals.TIMER: proposals.proposal_lapses},
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
