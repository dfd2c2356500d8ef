"""Proposals: actions that wait on the ledger until enough people have approved them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from tongbao.kernel.approvals import require_approvals
from tongbao.kernel.codes import KernelCode, Refusal, refuse, require
from tongbao.kernel.fields import Moment, PartyId, RowId
from tongbao.kernel.identity import Approval, Approvals, Signers
from tongbao.kernel.pipeline import perform
from tongbao.kernel.registry import registry_of
from tongbao.kernel.transaction import (
    MAX_ACTIONS,
    MAX_ENVELOPE_BYTES,
    Event,
    Transaction,
    transaction,
)
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import ProposalApproved, ProposalEnded, Proposed
from tongbao.modules.parties.model import Proposal, check_text
from tongbao.modules.parties.state import OPEN, PROPOSALS, PROPOSED, count_open

SCOPE = "proposals"
TIMER = "parties.proposal"
MAX_LIFE_MS = 30 * 24 * 3600 * 1000
COUNT, BYTES = "proposals", "bytes of proposals"
MAX_PROPOSALS = 64
MAX_PROPOSED_BYTES = MAX_ENVELOPE_BYTES
"""What the open proposals of a party take together at most."""
MAX_DEPTH = 16
"""Nesting of proposed actions; the deepest that any has is about half of it."""
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_NO_BRACKETS = bytes(one for one in range(256) if one not in b"[]{}")
_OWN = ("parties.propose", "parties.approve", "parties.reject", "parties.withdraw")


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
    reason = f"nested deeper than {MAX_DEPTH}"
    require(depth_of(raw) <= MAX_DEPTH, PartiesCode.PROPOSAL_UNREADABLE, reason=reason)


def _read(ledger: WriteView, raw: bytes) -> tuple[Transaction, ...]:
    """The typed actions of a proposal, in their one spelling; a Refusal says why not."""
    unreadable = PartiesCode.PROPOSAL_UNREADABLE
    try:
        actions = registry_of(ledger).action_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The decoder's own words differ by its release, and this outcome is under the block.
        refuse(unreadable, reason="not a list of known actions with known fields")
    require(msgspec.json.encode(actions) == raw, unreadable, reason="not the canonical spelling")
    count = len(actions)
    require(1 <= count <= MAX_ACTIONS, unreadable, reason=f"{count} actions")
    for action in actions:
        kind = str(action.__struct_config__.tag)
        require(kind not in _OWN, PartiesCode.PROPOSAL_NESTED, action=kind)
        action.check()
    return actions


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
        """Shape."""
        check_text("memo", self.memo, 0, 280)

    def admit(self, view: ReadView) -> None:
        """A time to come, not too far."""
        now, due = view.time_ms, self.expires_at_ms
        require(
            now < due <= now + MAX_LIFE_MS, PartiesCode.PROPOSAL_EXPIRY,
            time_ms=now, limit_ms=MAX_LIFE_MS, expires_at_ms=due,
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it, and carry it out at once where the first signatures are enough."""
        _require_signed(ledger, self.proposer)
        raw = bytes(self.actions)
        # Before the actions are read, which costs much more than asking.
        _require_room(ledger, self.proposer, len(raw))
        _require_shallow(raw)
        actions = _read(ledger, raw)
        given = {party: tuple(names) for party, names in sorted(ledger.approvals.items())}
        concerned = tuple(dict.fromkeys(one.party for one in _needed(ledger, actions)))
        proposal = Proposal(
            ledger.next_id(), self.proposer, self.expires_at_ms, given, self.memo,
            concerned,
        )  # fmt: skip
        kinds = tuple(str(action.__struct_config__.tag) for action in actions)
        yield Proposed(proposal.id, self.proposer, self.expires_at_ms, kinds, self.memo)
        ledger.put(PROPOSALS, proposal.id, value=proposal)
        ledger.put(PROPOSED, proposal.id, value=raw)
        ledger.schedule(proposal.expires_at_ms, TIMER, proposal.id)
        if _enough(ledger, actions, given):
            keys = ledger.approvals[self.proposer]
            yield ProposalApproved(proposal.id, self.proposer, keys, True)
            yield from _carry_out(ledger, proposal, actions)


@transaction(code=1010, scope=SCOPE)
class ApproveProposal(Transaction, tag="parties.approve"):
    """Approve with the keys that sign this; the last approval needed carries the actions out."""

    party: PartyId
    proposal: RowId

    def signers(self, view: ReadView) -> Signers:
        """Any key of the party: what its approval weighs, the actions decide."""
        return ()

    def admit(self, view: ReadView) -> None:
        """An open proposal."""
        require_proposal(view, self.proposal)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Add the keys; carry out when enough."""
        _require_signed(ledger, self.party)
        proposal = require_proposal(ledger, self.proposal)
        _require_concerned(proposal, self.party)
        known = proposal.approvals.get(self.party, ())
        fresh = tuple(key for key in ledger.approvals[self.party] if key not in known)
        require(fresh, PartiesCode.APPROVED_ALREADY, proposal=self.proposal)
        # Read after what is refused most: reading may cost much more than asking.
        actions = _read(ledger, actions_of(ledger, proposal))
        given = {**proposal.approvals, self.party: (*known, *fresh)}
        given = dict(sorted(given.items()))
        proposal = replace(proposal, approvals=given)
        enough = _enough(ledger, actions, given)
        yield ProposalApproved(self.proposal, self.party, fresh, enough)
        if enough:
            yield from _carry_out(ledger, proposal, actions)
        else:
            ledger.put(PROPOSALS, proposal.id, value=proposal)


@transaction(code=1011, scope=SCOPE)
class RejectProposal(Transaction, tag="parties.reject"):
    """End a proposal, by one whose approval it needs, with a reason."""

    party: PartyId
    proposal: RowId
    reason: str

    def signers(self, view: ReadView) -> Signers:
        """Any key of the party."""
        return ()

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 1, 200)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        _require_signed(ledger, self.party)
        proposal = require_proposal(ledger, self.proposal)
        _require_concerned(proposal, self.party)
        _forget(ledger, proposal)
        yield ProposalEnded(self.proposal, "rejected", self.party, self.reason)


@transaction(code=1012, scope=SCOPE)
class WithdrawProposal(Transaction, tag="parties.withdraw"):
    """Take one's own proposal back."""

    party: PartyId
    proposal: RowId

    def signers(self, view: ReadView) -> Signers:
        """Any key of the proposer."""
        return ()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Forget it."""
        _require_signed(ledger, self.party)
        proposal = require_proposal(ledger, self.proposal)
        mine = proposal.proposer == self.party
        require(mine, PartiesCode.NOT_PROPOSER, party=self.party, proposal=self.proposal)
        _forget(ledger, proposal)
        yield ProposalEnded(self.proposal, "withdrawn", self.party)


def require_proposal(view: ReadView, proposal: str) -> Proposal:
    """An open proposal, or a refusal."""
    found = view.get(PROPOSALS, proposal)
    if found is None or found.expires_at_ms <= view.time_ms:
        refuse(PartiesCode.PROPOSAL_UNKNOWN, proposal=proposal[:128])
    return found


def actions_of(view: ReadView, proposal: Proposal) -> bytes:
    """The proposed actions: a canonical JSON array."""
    raw = view.get(PROPOSED, proposal.id)
    assert raw is not None  # written and removed with the proposal
    return raw


def proposal_lapses(ledger: WriteView, proposal: str) -> Iterator[Event]:
    """Timer: nobody approved in time."""
    found = ledger.get(PROPOSALS, proposal)
    assert found is not None  # whatever ends it before takes the timer back
    _forget(ledger, found)
    yield ProposalEnded(proposal, "expired")


def _require_signed(ledger: WriteView, party: str) -> None:
    require(party in ledger.approvals, PartiesCode.NOT_SIGNED, party=party)


def _needed(view: ReadView, actions: Sequence[Transaction]) -> list[Approval]:
    return [approval for action in actions for approval in action.signers(view)]


def _require_concerned(proposal: Proposal, party: str) -> None:
    concerned = party in proposal.concerned
    require(concerned, PartiesCode.NOT_CONCERNED, party=party, proposal=proposal.id)


def _enough(view: ReadView, actions: Sequence[Transaction], given: Approvals) -> bool:
    try:
        require_approvals(view, _needed(view, actions), given)
    except Refusal as refusal:
        if refusal.code is KernelCode.APPROVAL_MISSING:
            return False
        raise
    return True


def _carry_out(
    ledger: WriteView, proposal: Proposal, actions: Sequence[Transaction]
) -> Iterator[Event]:
    _forget(ledger, proposal)
    yield from perform(ledger, actions, proposal.approvals)


def _require_room(ledger: WriteView, party: str, size: int) -> None:
    """Count a proposal: one key makes it for nothing, and it is kept for up to 30 days."""
    total = (ledger.get(OPEN, party, BYTES) or 0) + size
    large = PartiesCode.PROPOSED_TOO_LARGE
    fits = total <= MAX_PROPOSED_BYTES
    require(fits, large, party=party, size=total, limit=MAX_PROPOSED_BYTES)
    count_open(ledger, party, COUNT, 1, MAX_PROPOSALS)
    count_open(ledger, party, BYTES, size)


def _forget(ledger: WriteView, proposal: Proposal) -> None:
    count_open(ledger, proposal.proposer, COUNT, -1)
    count_open(ledger, proposal.proposer, BYTES, -len(actions_of(ledger, proposal)))
    ledger.delete(PROPOSALS, proposal.id)
    ledger.delete(PROPOSED, proposal.id)
    ledger.unschedule(proposal.expires_at_ms, TIMER, proposal.id)
