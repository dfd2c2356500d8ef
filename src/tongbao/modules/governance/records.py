"""What people list: who signs blocks, what members ask and answer, upgrades, evidence."""

from __future__ import annotations

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.fields import Count, Hex, PartyId, Text, Word
from tongbao.kernel.protocols import STEPS
from tongbao.kernel.records import Ending, EventList, Record
from tongbao.kernel.validators import SEATS, address_of
from tongbao.modules.governance.changes import subject_of
from tongbao.modules.governance.events import SeatChanged, UpgradeCancelled, VoteCast, VoteEnded
from tongbao.modules.governance.model import VoteId
from tongbao.modules.governance.state import EVIDENCE, VOTES

RECORDS = (
    Record(
        "seat", SEATS, "Those who sign blocks; the engine obeys two blocks later.",
        (Column("party", PartyId),),
        derived=(
            Derived("address", Hex, "The validator's address.",
                    lambda seat: address_of(seat.public)),
        ),
        public=True,
    ),
    EventList(
        "seat_change", (SeatChanged,), "Every change of who signs blocks, newest first.",
        public=True, shows=("time_ms", "party", "how", "power", "total_power", "block_height"),
    ),
    Record(
        "vote", VOTES, "Questions to the members, newest first.", (Column("vote", VoteId),),
        state="open", states=("open", "carried", "rejected", "withdrawn", "expired"),
        endings={VoteEnded: Ending(lambda event: str(event.how))},
        derived=(
            Derived("what", Word, "Kind of change, e.g. `admit`.",
                    lambda vote: vote.change.__struct_config__.tag),
            Derived("subject", Text, "Whom or what it is about: a party, or version and height.",
                    lambda vote: subject_of(vote.change)),
        ),
        since="opened_at_ms", public=True,
        shows=(
            "vote", "what", "subject", "state", "yes_power", "no_power", "total_power",
            "expires_at_ms", "note",
        ),
    ),
    EventList(
        "vote_answer", (VoteCast,),
        "What members answered, newest first, with the power behind each answer at that moment.",
        filter_by=("vote",), public=True,
        shows=("time_ms", "party", "in_favour", "yes_power", "no_power", "total_power", "vote"),
    ),
    Record(
        "upgrade", STEPS, "Versions of the rules: the first, and what members agreed on since.",
        (Column("height", Count, "First block under them."),),
        state="agreed", states=("agreed", "cancelled"),
        endings={UpgradeCancelled: Ending("cancelled", by="height")},
        derived=(Derived("version", Count, "Version of the rules.", lambda version: version),),
        public=True,
    ),
    Record(
        "evidence", EVIDENCE, "Validators that the engine caught, newest first.",
        (Column("evidence", Word, "What, where and who."),),
        state=lambda _key, found: "expelled" if found.expelled else "waiting",
        states=("waiting", "expelled"), hidden=("expelled",), since="recorded_at_ms",
        plural="evidence", public=True, shows=("evidence", "party", "kind", "height", "state"),
    ),
)  # fmt: skip
