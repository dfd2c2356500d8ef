"""What people list: parties, their keys and policies, and what waits for their approval."""

from __future__ import annotations

import msgspec

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.current import Lapse
from tongbao.kernel.fields import PartyId, Text, Word
from tongbao.kernel.identity import KEYS, POLICIES, SUSPENDED
from tongbao.kernel.records import Beside, Ending, Record
from tongbao.modules.parties.events import ProposalApproved, ProposalEnded
from tongbao.modules.parties.model import KeyId, ProposalId
from tongbao.modules.parties.state import PARTIES, PROPOSALS, PROPOSED


def _kinds(actions: bytes) -> tuple[str, ...]:
    return tuple(one["type"] for one in msgspec.json.decode(actions))


RECORDS = (
    Record(
        "party", PARTIES, "The parties, by id.", (Column("party", PartyId),),
        plural="parties", state="active", states=("active", "suspended"),
        beside=Beside(
            SUSPENDED, (Derived("reason", Text, "Why it is suspended.", str),), "suspended"
        ),
        since="registered_at_ms", filter_by=("role",), search=("party", "name", "name_local"),
        by_key=True, public=True,
    ),
    Record(
        "key", KEYS, "Public keys of parties, by party and key id.",
        (Column("party", PartyId), Column("key", KeyId, "As signatures and refusals name it.")),
        state=lambda _key, key: "revoked" if key.revoked_at_ms else "live",
        states=("live", "expired", "revoked"),
        lapse=Lapse("live", "expires_at_ms", "expired"),
        by_key=True, public=True,
    ),
    Record(
        "policy", POLICIES, "Approval policies of parties: how many of which keys a scope takes.",
        (Column("party", PartyId), Column("scope", Word, "The class of action.")),
        plural="policies", by_key=True,
    ),
    Record(
        "proposal", PROPOSALS,
        "Actions that wait for approvals, newest first, with what became of them.",
        (Column("proposal", ProposalId),),
        state="open", states=("open", "executed", "rejected", "withdrawn", "expired"),
        beside=Beside(PROPOSED, (
            Derived("actions", tuple[Word, ...], "Kinds of the actions, in order.", _kinds),
            Derived("content", Text, "The actions as JSON.", bytes.decode, shown=False),
        )),
        endings={
            ProposalApproved: Ending(
                "executed", when="applied", applies="content", sets={"content": ""}
            ),
            ProposalEnded: Ending(lambda event: str(event.how), takes=("reason",)),
        },
    ),
)  # fmt: skip
