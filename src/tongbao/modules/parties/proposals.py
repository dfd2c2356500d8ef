"""Proposals: actions that wait on the ledger until enough people have approved them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tongbao.kernel.approvals import require_approvals
from tongbao.kernel.codes import KernelCode, Refusal, refuse, require
from tongbao.kernel.identity import Approval, Approvals
from tongbao.kernel.pipeline import perform
from tongbao.kernel.registry import registry_of
from tongbao.kernel.transaction import MAX_ACTIONS, Event, Transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties.codes import PartiesCode
from tongbao.modules.parties.events import ProposalEnded
from tongbao.modules.parties.model import Proposal
from tongbao.modules.parties.state import PROPOSALS, PROPOSED, count_open

SCOPE = "proposals"


TIMER = "parties.proposal"


COUNT, BYTES = "proposals", "bytes of proposals"


_OWN = ("parties.propose", "parties.approve", "parties.reject", "parties.withdraw")


def read_actions(ledger: WriteView, raw: bytes) -> tuple[Transaction, ...]:
    """The typed actions of a proposal, in their one spelling; a Refusal says why not."""
    unreadable = PartiesCode.PROPOSAL_UNREADABLE
    try:
        actions = registry_of(ledger).action_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The decoder's own words differ by its release, and this outcome is under the block.
        refuse(unreadable, reason="not a list of known actions with known fields")
    require(msgspec.json.encode(actions) == raw, unreadable, reason="not the canonical spelling")
    count = len(actions)
    require(1 <= count <= MAX_ACTIONS, unreadable, reason="another number of actions than 1 to 64")
    for action in actions:
        kind = str(action.__struct_config__.tag)
        require(kind not in _OWN, PartiesCode.PROPOSAL_NESTED, action=kind)
        action.check()
    return actions


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
    remove_proposal(ledger, found)
    yield ProposalEnded(proposal, "expired")


def require_signed(ledger: WriteView, party: str) -> None:
    require(party in ledger.approvals, PartiesCode.NOT_SIGNED, party=party)


def approvals_needed(view: ReadView, actions: Sequence[Transaction]) -> list[Approval]:
    return [approval for action in actions for approval in action.signers(view)]


def require_concerned(proposal: Proposal, party: str) -> None:
    concerned = party in proposal.concerned
    require(concerned, PartiesCode.NOT_CONCERNED, party=party, proposal=proposal.id)


def suffices(view: ReadView, actions: Sequence[Transaction], given: Approvals) -> bool:
    try:
        require_approvals(view, approvals_needed(view, actions), given)
    except Refusal as refusal:
        if refusal.code is KernelCode.APPROVAL_MISSING:
            return False
        raise
    return True


def apply_actions(
    ledger: WriteView, proposal: Proposal, actions: Sequence[Transaction]
) -> Iterator[Event]:
    remove_proposal(ledger, proposal)
    yield from perform(ledger, actions, proposal.approvals)


def remove_proposal(ledger: WriteView, proposal: Proposal) -> None:
    count_open(ledger, proposal.proposer, COUNT, -1)
    count_open(ledger, proposal.proposer, BYTES, -len(actions_of(ledger, proposal)))
    ledger.delete(PROPOSALS, proposal.id)
    ledger.delete(PROPOSED, proposal.id)
    ledger.unschedule(proposal.expires_at_ms, TIMER, proposal.id)
