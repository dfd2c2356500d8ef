"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.fields import Duration, Moment, PartyId, Word
from tongbao.kernel.transaction import Event
from tongbao.modules.governance.model import Change, VoteId


class GovernanceFounded(Event, tag="governance.founded"):
    """Members may change who they are from now on, under these terms."""

    says: ClassVar = (
        "Validators change by vote from now on: more than {numerator}/{denominator} of the power"
        " carries."
    )

    numerator: int
    denominator: int
    window_ms: Duration
    notice_blocks: int


class SeatChanged(Event, tag="governance.seat_changed"):
    """Who signs blocks is another; the engine obeys two blocks later."""

    says: ClassVar = (
        "The seat of {party} has a voting power of {power} now ({how}), of {total_power} in all."
    )
    labels: ClassVar = {
        "how": {
            "founded": "founding member",
            "admitted": "admitted",
            "removed": "removed",
            "expelled": "expelled",
            "power": "power changed",
            "key": "key replaced",
        },
    }

    party: PartyId
    how: Word
    """`founded`, `admitted`, `removed`, `expelled`, `power` or `key`."""
    public: bytes
    """Consensus key of the seat, or the one that it had."""
    power: int
    """0: the seat is gone."""
    total_power: int
    """All power after it."""


class VoteOpened(Event, tag="governance.vote_opened"):
    """A question is put to the members."""

    says: ClassVar = (
        "{opener} asks the members to {what} {subject}, until {expires_at_ms:moment} (vote {vote})"
        "[: {note}]."
    )
    labels: ClassVar = {
        "what": {
            "admit": "admit",
            "remove": "remove",
            "set_power": "set the power of",
            "replace_key": "replace the key of",
            "expel": "expel",
            "upgrade": "upgrade to",
            "cancel_upgrade": "cancel the upgrade to",
        },
    }

    vote: VoteId
    opener: PartyId
    what: Word
    """Kind of change, e.g. `admit`."""
    subject: str
    """Whom or what it is about: a party, or version and height."""
    change: Change
    expires_at_ms: Moment
    note: str = ""


class VoteCast(Event, tag="governance.vote_cast"):
    """A member answered; the power behind each answer by the seats at that moment."""

    says: ClassVar = (
        "{party} answered vote {vote} (in favour: {in_favour}); of {total_power} voting power"
        " {yes_power} is for it and {no_power} against."
    )

    vote: VoteId
    party: PartyId
    in_favour: bool
    yes_power: int
    no_power: int
    total_power: int


class VoteEnded(Event, tag="governance.vote_ended"):
    """The question is closed."""

    says: ClassVar = "Vote {vote} ended: {how}."
    labels: ClassVar = {
        "how": {
            "rejected": "rejected",
            "withdrawn": "withdrawn",
            "expired": "expired",
            "carried": "carried",
        },
    }

    vote: VoteId
    how: Word
    """`carried`, `rejected`, `withdrawn` or `expired`."""


class UpgradeAgreed(Event, tag="governance.upgrade_agreed"):
    """From a height on the ledger goes by another version of its rules."""

    says: ClassVar = "From block {height} on the ledger goes by version {version} of its rules."

    version: int
    height: int


class UpgradeCancelled(Event, tag="governance.upgrade_cancelled"):
    """An agreed upgrade does not take place."""

    says: ClassVar = "The upgrade to version {version} at block {height} does not take place."

    version: int
    height: int


class MisbehaviorRecorded(Event, tag="governance.misbehavior_recorded"):
    """The engine gave evidence that a validator broke its rules."""

    says: ClassVar = (
        "A validator[ of {party}] was caught: {kind} at block {height} (evidence {evidence})."
    )
    labels: ClassVar = {
        "kind": {
            "duplicate_vote": "it signed twice",
            "light_client_attack": "it deceived light clients",
        },
    }

    evidence: str
    party: PartyId
    """Whose key it was; empty where nobody knows."""
    kind: Word
    address: bytes
    height: int
    happened_at_ms: Moment
    power: int


class EvidenceAnswered(Event, tag="governance.evidence_answered"):
    """The seat of a party that was caught is gone, for this evidence."""

    says: ClassVar = "{party} lost its seat for evidence {evidence}."

    evidence: str
    party: PartyId
