"""Counting a vote: every answer is weighed by the seats as they are at that moment."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import refuse
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.changes import admit_change, apply_change
from tongbao.modules.governance.codes import GovernanceCode
from tongbao.modules.governance.events import VoteCast, VoteEnded
from tongbao.modules.governance.model import Count, Vote
from tongbao.modules.governance.seats import seats_of, terms_of
from tongbao.modules.governance.state import VOTES

TIMER = "governance.vote"


def require_vote(view: ReadView, vote: str) -> Vote:
    """An open vote, or a refusal."""
    found = view.get(VOTES, vote)
    if found is None or found.expires_at_ms <= view.time_ms:
        refuse(GovernanceCode.VOTE_UNKNOWN, vote=vote[:128])
    return found


def count_of(view: ReadView, vote: Vote) -> Count:
    """The power behind each answer; who holds no seat any more counts for nothing."""
    powers = {party: seat.power for party, seat in seats_of(view).items()}
    yes = sum(powers.get(party, 0) for party in vote.yes)
    no = sum(powers.get(party, 0) for party in vote.no)
    return Count(yes, no, sum(powers.values()))


def decide(ledger: WriteView, vote: Vote, party: str, *, in_favour: bool) -> Iterator[Event]:
    """Take an answer down, and carry the change out or close the question where it is decided.

    A change that carries and cannot be applied now refuses the answer that decided it: the
    vote stays open, and the same answer counts once the ledger permits it.
    """
    yes = tuple(one for one in vote.yes if one != party)
    no = tuple(one for one in vote.no if one != party)
    yes, no = ((*yes, party), no) if in_favour else (yes, (*no, party))
    terms, count = terms_of(ledger), count_of(ledger, replace(vote, yes=yes, no=no))
    vote = replace(
        vote, yes=yes, no=no, yes_power=count.yes, no_power=count.no, total_power=count.total
    )
    ledger.put(VOTES, vote.id, value=vote)
    yield VoteCast(vote.id, party, in_favour, count.yes, count.no, count.total)
    if count.carries(terms):
        forget(ledger, vote)
        admit_change(ledger, vote.change)
        yield VoteEnded(vote.id, "carried")
        yield from apply_change(ledger, vote.change, vote.id)
    elif count.is_lost(terms):
        forget(ledger, vote)
        yield VoteEnded(vote.id, "rejected")


def forget(ledger: WriteView, vote: Vote) -> None:
    """Close the question."""
    ledger.delete(VOTES, vote.id)
    ledger.unschedule(vote.expires_at_ms, TIMER, vote.id)


def vote_lapses(ledger: WriteView, vote: str) -> Iterator[Event]:
    """Timer: too few answered in time."""
    found = ledger.get(VOTES, vote)
    assert found is not None  # whatever closes it before takes the timer back
    forget(ledger, found)
    yield VoteEnded(vote, "expired")
