"""Tables of the module; the seats themselves and the steps of the protocol are the kernel's."""

from __future__ import annotations

from tongbao.kernel.tables import Table
from tongbao.modules.governance.model import Evidence, Move, SeatKey, Terms, Vote

TERMS: Table[Terms] = Table(
    b"\x58\x01", "governance_terms", (str,), Terms, "`terms` -> how votes are decided"
)
VOTES: Table[Vote] = Table(
    b"\x58\x02", "governance_votes", (str,), Vote, "vote id -> an open question"
)
EVIDENCE: Table[Evidence] = Table(
    b"\x58\x03", "governance_evidence", (str,), Evidence, "evidence id -> who was caught at what"
)
MOVES: Table[Move] = Table(
    b"\x58\x04", "governance_moves", (int, int), Move, "(block time, order) -> power moved"
)
SEAT_KEYS: Table[SeatKey] = Table(
    b"\x58\x05", "governance_seat_keys", (bytes,), SeatKey, "validator's address -> whose key it is"
)
THE_TERMS = "terms"
