"""Governance: who signs blocks, and by which version of the rules, decided by vote."""

from __future__ import annotations

from tongbao.kernel.registry import Module
from tongbao.modules.governance import counting, events
from tongbao.modules.governance.changes import subject_of
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.evidence import evidence_id, record_misbehavior
from tongbao.modules.governance.generators import (
    GENERATORS,
    LEAST_SEATS,
    NEWEST_VERSION,
    seat_owner,
    seat_proof,
    seat_public,
)
from tongbao.modules.governance.invariants import INVARIANTS
from tongbao.modules.governance.model import (
    CHANGES,
    OF_SEATS,
    Admit,
    CancelUpgrade,
    Change,
    Count,
    Evidence,
    Expel,
    Remove,
    ReplaceKey,
    SeatKey,
    SetPower,
    Terms,
    Upgrade,
    Vote,
    seat_statement,
)
from tongbao.modules.governance.queries import evidence, members, open_votes, seat_keys
from tongbao.modules.governance.records import RECORDS
from tongbao.modules.governance.seats import terms_of, window_of
from tongbao.modules.governance.state import EVIDENCE, MOVES, SEAT_KEYS, TERMS, VOTES
from tongbao.modules.governance.transactions.cast import CastVote
from tongbao.modules.governance.transactions.found import FoundGovernance
from tongbao.modules.governance.transactions.open import OpenVote
from tongbao.modules.governance.transactions.rotate_key import RotateSeatKey
from tongbao.modules.governance.transactions.withdraw import WithdrawVote

MODULE = Module(
    name="governance",
    number=0x58,
    uses=("parties",),
    tables=(TERMS, VOTES, EVIDENCE, MOVES, SEAT_KEYS),
    transactions=(FoundGovernance, OpenVote, CastVote, WithdrawVote, RotateSeatKey),
    events=(
        events.GovernanceFounded, events.SeatChanged, events.VoteOpened, events.VoteCast,
        events.VoteEnded, events.UpgradeAgreed, events.UpgradeCancelled,
        events.MisbehaviorRecorded, events.EvidenceAnswered,
    ),
    codes=GovernanceCode,
    generators=GENERATORS,
    invariants=INVARIANTS,
    timers={counting.TIMER: counting.vote_lapses},
    on_misbehavior=record_misbehavior,
    records=RECORDS,
    public=(
        events.GovernanceFounded, events.VoteOpened, events.UpgradeAgreed,
        events.MisbehaviorRecorded, events.EvidenceAnswered,
    ),
    internal=(
        TERMS, MOVES, SEAT_KEYS, events.GovernanceFounded, events.VoteOpened, events.UpgradeAgreed,
        events.MisbehaviorRecorded, events.EvidenceAnswered,
    ),
)  # fmt: skip

__all__ = [
    "CHANGES",
    "EVIDENCE",
    "GENERATORS",
    "LEAST_SEATS",
    "MODULE",
    "MOVES",
    "NEWEST_VERSION",
    "OF_SEATS",
    "SEAT_KEYS",
    "TERMS",
    "VOTES",
    "Admit",
    "CancelUpgrade",
    "CastVote",
    "Change",
    "Count",
    "Evidence",
    "Expel",
    "FoundGovernance",
    "GovernanceCode",
    "OpenVote",
    "Remove",
    "ReplaceKey",
    "RotateSeatKey",
    "SeatKey",
    "SetPower",
    "Terms",
    "Upgrade",
    "Vote",
    "WithdrawVote",
    "evidence",
    "evidence_id",
    "members",
    "open_votes",
    "seat_keys",
    "seat_owner",
    "seat_proof",
    "seat_public",
    "seat_statement",
    "subject_of",
    "terms_of",
    "window_of",
]
