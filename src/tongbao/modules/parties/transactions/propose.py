from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Moment, PartyId
from tongbao.kernel.identity import Signers
from tongbao.kernel.transaction import MAX_ENVELOPE_BYTES, Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import ProposalApproved, Proposed
from tongbao.modules.parties.model import Proposal, check_text
from tongbao.modules.parties.proposals import (
    BYTES,
    COUNT,
    SCOPE,
    TIMER,
    apply_actions,
    approvals_needed,
    read_actions,
    require_signed,
    suffices,
)
from tongbao.modules.parties.state import OPEN, PROPOSALS, PROPOSED, count_open

MAX_LIFE_MS = 30 * 24 * 3600 * 1000


MAX_PROPOSALS = 64


MAX_PROPOSED_BYTES = MAX_ENVELOPE_BYTES
"""What the open proposals of a party take together at most."""


MAX_DEPTH = 16
"""Nesting of proposed actions; the deepest that any has is about half of it."""


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


_NO_BRACKETS = bytes(one for one in range(256) if one not in b"[]{}")


def depth_of(raw: bytes) -> int:
    """How deep arrays and objects of a JSON text are nested."""
    deepest = depth = 0
    for bracket in _STRING.sub(b"", raw).translate(None, _NO_BRACKETS):
        if bracket in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _require_shallow(raw: bytes) -> None:
    """How deep a decoder can follow depends on the machine: the bound is our own."""
    reason = "nested too deep"
    require(depth_of(raw) <= MAX_DEPTH, PartiesCode.PROPOSAL_UNREADABLE, reason=reason)


@transaction(code=1009, scope=SCOPE)
class Propose(Transaction, tag="parties.propose"):
    """Put actions up for approval; the proposer's own signatures are the first."""

    proposer: PartyId
    actions: msgspec.Raw
    """JSON array of actions, spelled as in an envelope."""
    expires_at_ms: Moment
    """Block time at which the proposal lapses; at most 30 days ahead."""
    memo: str = ""

    def signers(self, view: ReadView) -> Signers:
        """Any key of the proposer: what its approval weighs, the actions decide."""
        return ()

    def check(self) -> None:
        check_text("memo", self.memo, 0, 280)

    def admit(self, view: ReadView) -> None:
        """A time to come, not too far."""
        now, due = view.time_ms, self.expires_at_ms
        require(
            now < due <= now + MAX_LIFE_MS, PartiesCode.PROPOSAL_EXPIRY,
            time_ms=now, limit_ms=MAX_LIFE_MS, expires_at_ms=due,
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it, and apply it at once where the first signatures are enough."""
        require_signed(ledger, self.proposer)
        raw = bytes(self.actions)
        # Before the actions are read, which costs much more than asking.
        _require_room(ledger, self.proposer, len(raw))
        _require_shallow(raw)
        actions = read_actions(ledger, raw)
        given = {party: tuple(names) for party, names in sorted(ledger.approvals.items())}
        concerned = tuple(dict.fromkeys(one.party for one in approvals_needed(ledger, actions)))
        proposal = Proposal(
            ledger.next_id(), self.proposer, self.expires_at_ms, given, self.memo,
            concerned,
        )  # fmt: skip
        kinds = tuple(str(action.__struct_config__.tag) for action in actions)
        yield Proposed(proposal.id, self.proposer, self.expires_at_ms, kinds, self.memo)
        ledger.put(PROPOSALS, proposal.id, value=proposal)
        ledger.put(PROPOSED, proposal.id, value=raw)
        ledger.schedule(proposal.expires_at_ms, TIMER, proposal.id)
        if suffices(ledger, actions, given):
            keys = ledger.approvals[self.proposer]
            yield ProposalApproved(proposal.id, self.proposer, keys, True)
            yield from apply_actions(ledger, proposal, actions)


def _require_room(ledger: WriteView, party: str, size: int) -> None:
    """Count a proposal: one key makes it for nothing, and it is kept for up to 30 days."""
    total = (ledger.get(OPEN, party, BYTES) or 0) + size
    large = PartiesCode.PROPOSED_TOO_LARGE
    fits = total <= MAX_PROPOSED_BYTES
    require(fits, large, party=party, size=total, limit=MAX_PROPOSED_BYTES)
    count_open(ledger, party, COUNT, 1, MAX_PROPOSALS)
    count_open(ledger, party, BYTES, size)
