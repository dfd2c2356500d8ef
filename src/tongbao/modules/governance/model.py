"""Values of the module: the terms of voting, what may be voted on, votes, evidence."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from tongbao.kernel.fields import Duration, Field, Hex, Moment, PartyId, Word

VoteId = Annotated[str, Field("id", "Id of a vote.", of="vote")]

SCOPE = "governance"
"""What a key has to be allowed to sign."""

DAY_MS = 24 * 3600 * 1000
MAX_LIFE_MS = 30 * DAY_MS
"""A vote is open for at most so long."""
MAX_WINDOW_MS = 30 * DAY_MS
MAX_SEATS = 100
"""With the kernel's greatest power a seat, far below CometBFT's MaxTotalVotingPower."""
MAX_OPEN = 8
"""Votes that one party may have open at a time."""
MAX_VERSION = 1_000_000
MAX_HEIGHT = 2**53


class Terms(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How votes are decided; set by the genesis, for good."""

    numerator: int = 2
    denominator: int = 3
    """A vote carries with more than numerator / denominator of all power; never below 2/3."""
    window_ms: Duration = DAY_MS
    """Within so much block time less than a third of the power moves, over all votes."""
    notice_blocks: int = 10
    """An upgrade takes at least so many blocks from the vote that carries it."""


class _Change(
    msgspec.Struct,
    frozen=True,
    tag_field="change",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Base of what a vote may bring about."""


class Admit(_Change, frozen=True, tag="admit"):
    """Give a party a seat among those who sign blocks."""

    party: PartyId
    """Who gets the seat; it approves as well."""
    public: bytes
    """Ed25519 consensus key, 32 bytes."""
    proof: bytes
    """Signature by that key over `seat_statement`: who asks for the seat has the key."""
    power: int
    """Voting power of the seat; less than a third of all there is."""


class Remove(_Change, frozen=True, tag="remove"):
    """Take a party's seat away."""

    party: PartyId
    """Who holds it."""


class SetPower(_Change, frozen=True, tag="set_power"):
    """Give a seat another voting power."""

    party: PartyId
    """Who holds the seat."""
    power: int
    """Its new voting power."""


class ReplaceKey(_Change, frozen=True, tag="replace_key"):
    """Give a seat another consensus key, where the old one is lost: with it, rotate instead."""

    party: PartyId
    """Who holds the seat; it approves as well."""
    public: bytes
    """The new Ed25519 consensus key, 32 bytes."""
    proof: bytes
    """Signature by the new key over `seat_statement`."""


class Expel(_Change, frozen=True, tag="expel"):
    """Take the seat of a party that was caught, by the evidence on the ledger."""

    party: PartyId
    """Whom the evidence is against."""
    evidence: str
    """Id of the evidence."""


class Upgrade(_Change, frozen=True, tag="upgrade"):
    """Go by another version of the rules from a height on."""

    version: int
    """Version of the rules, above the one in force."""
    height: int
    """First block under the new rules."""


class CancelUpgrade(_Change, frozen=True, tag="cancel_upgrade"):
    """Take back an upgrade that was agreed on, before its height."""

    version: int
    """The version that was agreed on."""


Change: TypeAlias = Admit | Remove | SetPower | ReplaceKey | Expel | Upgrade | CancelUpgrade
CHANGES = (Admit, Remove, SetPower, ReplaceKey, Expel, Upgrade, CancelUpgrade)
OF_SEATS = (Admit, Remove, SetPower, ReplaceKey, Expel)
"""Changes of who signs blocks."""


class Vote(msgspec.Struct, frozen=True, omit_defaults=True):
    """An open question, and who has answered."""

    id: str
    opener: PartyId
    change: Change
    opened_at_ms: Moment
    expires_at_ms: Moment
    yes: tuple[PartyId, ...] = ()
    """Parties, in the order in which they answered."""
    no: tuple[PartyId, ...] = ()
    note: str = ""
    yes_power: int = 0
    """Power in favour when the newest answer came."""
    no_power: int = 0
    total_power: int = 0


class Count(NamedTuple):
    """Voting power behind each answer, by the seats as they are now."""

    yes: int
    no: int
    total: int

    def carries(self, terms: Terms) -> bool:
        """Whether more than the share that the terms ask for is in favour."""
        return self.yes * terms.denominator > self.total * terms.numerator

    def is_lost(self, terms: Terms) -> bool:
        """Whether it could not carry any more if everybody else were in favour."""
        return Count(self.total - self.no, self.no, self.total).carries(terms) is False


class Move(msgspec.Struct, frozen=True, omit_defaults=True):
    """Power that one change moved: kept for as long as it counts."""

    power: int
    total: int
    """All power before it."""
    cause: str = ""
    """Id of what brought it about: a vote, or the name of a rotation."""
    expelled: bool = False
    """For evidence: it counts for later votes, and no earlier one stands in its way."""


class SeatKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A consensus key that a seat has or had: evidence may come after it is gone."""

    party: PartyId
    public: bytes
    since_ms: Moment
    until_ms: Moment = 0
    """Block time at which it was given up; 0 while the seat has it."""
    rotated: bool = False
    """Whether its holder alone put it in, by rotation."""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A validator was caught."""

    id: str
    party: PartyId
    """Whose key it was; empty where nobody knows."""
    kind: Word
    """`duplicate_vote` or `light_client_attack`."""
    address: Hex
    """Validator's address."""
    height: int
    """Where it happened."""
    happened_at_ms: Moment
    power: int
    recorded_at_ms: Moment
    expelled: bool = False
    """Whether the seat was taken for it."""


def seat_statement(chain: str, party: str, public: bytes) -> bytes:
    """What a consensus key signs to prove that it may stand for a party's seat on a chain.

    Starts like no vote or proposal of CometBFT does, so neither can be taken for the other.
    """
    return b"tongbao.seat/1\0%b\0%b\0%b" % (chain.encode(), party.encode(), public)
