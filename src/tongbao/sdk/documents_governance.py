"""Documents about those who sign blocks, and what they decide."""

from __future__ import annotations

from typing import Any

from tongbao.sdk.documents import Document


class Governance(Document, frozen=True):
    """How a chain's validators decide, and how things stand."""

    founded: bool
    """Whether validators change by vote; else they are fixed by the genesis."""
    numerator: int
    denominator: int
    """A vote carries with more than numerator / denominator of all power."""
    window_ms: int
    notice_blocks: int
    members: int
    total_power: int
    moved: int
    """Power that moved within the window before now."""
    movable: int
    """The most that may move now, at once."""
    free_at_ms: int
    """When the oldest move counts no more; 0 where nothing moved."""
    protocol: int
    """Version of the rules of the next block."""
    next_protocol: int | None = None
    next_protocol_height: int | None = None


class Member(Document, frozen=True):
    """A party that holds a seat."""

    party: str
    public: str
    """Ed25519 consensus key, base64."""
    address: str
    """The validator's address, hex."""
    power: int
    share: str
    """Of all power, in percent with two decimals."""


class SeatChange(Document, frozen=True):
    """A change of who signs blocks; the engine obeys two blocks later."""

    height: int
    time_ms: int
    party: str
    how: str
    """`founded`, `admitted`, `removed`, `expelled`, `power` or `key`; `brought_forward` where
    the lists began with the state, and older blocks would have to say how."""
    public: str
    power: int
    """0: the seat is gone."""
    total_power: int


class VoteAnswer(Document, frozen=True):
    """What a member answered last."""

    party: str
    in_favour: bool
    time_ms: int
    """0 where only blocks that the node does not have know it."""


class GovernanceVote(Document, frozen=True):
    """A question to the members."""

    vote: str
    opener: str
    what: str
    """Kind of change, e.g. `admit`."""
    subject: str
    """Whom or what it is about."""
    state: str
    """`open`, `carried`, `rejected`, `withdrawn` or `expired`."""
    opened_at_ms: int
    expires_at_ms: int
    ended_at_ms: int = 0
    """0 while it is open."""
    yes_power: int = 0
    """Power in favour when the newest answer came."""
    no_power: int = 0
    total_power: int = 0
    change: dict[str, Any] = {}
    """What would be done, as in the transaction."""
    answers: tuple[VoteAnswer, ...] = ()
    note: str = ""


class AgreedUpgrade(Document, frozen=True):
    """An upgrade of the rules that the members agreed on."""

    version: int
    height: int
    """First block under the new rules."""
    state: str
    """`agreed`, `taken` or `cancelled`."""
    agreed_at_ms: int
    """0 where it was agreed before the chain was continued."""
    cancelled_at_ms: int = 0


class MisbehaviorEvidence(Document, frozen=True):
    """A validator that was caught."""

    evidence: str
    party: str
    """Whose key it was; empty where nobody knows."""
    kind: str
    """`duplicate_vote` or `light_client_attack`."""
    address: str
    """Validator's address, hex."""
    height: int
    """Where it happened."""
    happened_at_ms: int
    power: int
    recorded_at_ms: int
    state: str
    """`waiting` or `expelled`."""
