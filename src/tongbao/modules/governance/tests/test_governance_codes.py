"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongbao.kernel.genesis import MAX_POWER, GenesisValidator
from tongbao.modules.governance import (
    Admit,
    CancelUpgrade,
    CastVote,
    Change,
    Expel,
    FoundGovernance,
    GovernanceCode,
    OpenVote,
    Remove,
    RotateSeatKey,
    SetPower,
    Terms,
    Upgrade,
    WithdrawVote,
    seat_proof,
    seat_public,
)
from tongbao.modules.governance.model import MAX_LIFE_MS, MAX_OPEN, MAX_SEATS
from tongbao.modules.parties import SuspendParty
from tongbao.modules.testing import CHAIN, Bench
from tongbao.words import sentence

C = GovernanceCode
SEATED = ("central", "bank-a", "bank-b", "watch")


def founded(
    *powers: int, terms: Terms = Terms(), seated: tuple[str, ...] = SEATED, more: bool = True
) -> Bench:
    """Four members of 10 each, where nothing else is stated."""
    validators = [
        GenesisValidator(party, seat_public(party, 0), power)
        for party, power in zip(seated, powers or (10,) * len(seated), strict=True)
    ]
    actions = (FoundGovernance(terms),) if more else ()
    return Bench(*actions, validators=validators)


def admit(party: str = "firm-a", power: int = 5, **changes: Any) -> Admit:
    """A sound request for a seat, changed."""
    key = seat_public(party, 0)
    proof = seat_proof(CHAIN, party, key, 0)
    fields: dict[str, Any] = {"public": key, "proof": proof, "power": power}
    return Admit(party, **(fields | changes))


def ask(bench: Bench, change: Change, opener: str = "central", **changes: Any) -> OpenVote:
    """A question for an hour."""
    fields = {"expires_at_ms": bench.time_ms + 3_600_000}
    return OpenVote(opener, change, **(fields | changes))


def opened(bench: Bench, change: Change, opener: str = "central") -> str:
    """The id of a question that waits for answers."""
    both = [(opener, 0)] + ([(change.party, 0)] if isinstance(change, Admit) else [])
    signers = list(dict.fromkeys(both))
    first = bench.do(opener, ask(bench, change, opener), signers=signers)[0]
    return str(first.vote)  # type: ignore[attr-defined]


def carried(bench: Bench, change: Change) -> None:
    """All members are for it."""
    vote = opened(bench, change)
    for party in ("bank-a", "bank-b"):
        bench.do(party, CastVote(party, vote, in_favour=True))


def rotate(party: str = "central", **changes: Any) -> RotateSeatKey:
    """A sound rotation to the party's second key, changed."""
    key = seat_public(party, 1)
    proofs = {"proof": seat_proof(CHAIN, party, key, 1),
              "old_proof": seat_proof(CHAIN, party, key, 0)}  # fmt: skip
    return RotateSeatKey(party, **({"public": key} | proofs | changes))


def _rotated(bench: Bench) -> tuple[str, RotateSeatKey]:
    bench.do("central", rotate())
    key = seat_public("central", 2)
    proofs: dict[str, Any] = {"proof": seat_proof(CHAIN, "central", key, 2),
              "old_proof": seat_proof(CHAIN, "central", key, 1)}  # fmt: skip
    return "central", rotate(public=key, **proofs)


Sent = tuple[Any, ...]
"""Party and actions; signers in a list at the end, where they are not the party's two."""
TWO = [("central", 0), ("firm-a", 0)]

BROKEN: dict[GovernanceCode, Callable[[Bench], Sent]] = {
    C.BAD_TERMS: lambda b: ("central", FoundGovernance(Terms(1, 2))),
    C.ONLY_AT_FOUNDING: lambda b: ("central", FoundGovernance()),
    C.NOT_A_MEMBER: lambda b: ("firm-b", ask(b, Remove("watch"), "firm-b")),
    C.VOTE_UNKNOWN: lambda b: ("central", CastVote("central", "none", in_favour=True)),
    C.VOTE_EXPIRY: lambda b: (
        "central", ask(b, Remove("watch"), expires_at_ms=b.time_ms + MAX_LIFE_MS + 2),
    ),
    C.TOO_MANY_VOTES: lambda b: (
        "central", *(ask(b, SetPower("watch", 1 + n)) for n in range(MAX_OPEN + 1)),
    ),
    C.VOTED_ALREADY: lambda b: (
        "central", CastVote("central", opened(b, Remove("watch")), in_favour=True),
    ),
    C.NOT_OPENER: lambda b: ("watch", WithdrawVote("watch", opened(b, Remove("watch")))),
    C.BAD_NOTE: lambda b: ("central", ask(b, Remove("watch"), note="a\nb")),
    C.BAD_POWER: lambda b: ("central", ask(b, SetPower("watch", MAX_POWER + 1))),
    C.BAD_CONSENSUS_KEY: lambda b: ("central", ask(b, admit(public=b"short")), TWO),
    C.PROOF_WRONG: lambda b: ("central", rotate(old_proof=bytes(64))),
    C.ROTATED_LATELY: lambda b: _rotated(b),
    C.KEY_USED: lambda b: ("central", rotate(public=seat_public("watch", 0))),
    C.SEAT_TAKEN: lambda b: ("watch", ask(b, admit("watch"), "watch")),
    C.CANDIDATE_SUSPENDED: lambda b: _suspended(b),
    C.LAST_SEAT: lambda b: ("central", ask(b, Remove("central"))),
    C.NOTHING_CHANGES: lambda b: ("central", ask(b, SetPower("watch", 10))),
    C.MOVES_A_THIRD: lambda b: ("central", ask(b, admit(power=14)), TWO),
    C.WINDOW_FULL: lambda b: _window_full(b),
    C.EVIDENCE_UNKNOWN: lambda b: ("central", ask(b, Expel("watch", "none"))),
    C.UPGRADE_VERSION: lambda b: ("central", ask(b, Upgrade(1, 1_000))),
    C.UPGRADE_HEIGHT: lambda b: ("central", ask(b, Upgrade(2, 9))),
    C.UPGRADE_AGREED: lambda b: _agreed_twice(b),
    C.NO_UPGRADE: lambda b: ("central", ask(b, CancelUpgrade(2))),
}  # fmt: skip


def _suspended(bench: Bench) -> Sent:
    """While members vote, the supervisor suspends the candidate."""
    vote = opened(bench, admit())
    bench.do("watch", SuspendParty("firm-a", "watch", "sanctions"))
    bench.do("bank-a", CastVote("bank-a", vote, in_favour=True))
    return ("bank-b", CastVote("bank-b", vote, in_favour=True))


def _window_full(bench: Bench) -> Sent:
    """One seat of 10 came; a second within the day would make it 20 of 40."""
    carried(bench, admit(power=10))
    vote = opened(bench, admit("firm-b", 10))
    for party in ("bank-a", "bank-b"):
        bench.do(party, CastVote(party, vote, in_favour=True))
    return ("watch", CastVote("watch", vote, in_favour=True))


def _agreed_twice(bench: Bench) -> Sent:
    carried(bench, Upgrade(2, 1_000))
    return ("central", ask(bench, Upgrade(3, 2_000)))


def bench_for(code: GovernanceCode) -> Bench:
    """The ledger that a case needs."""
    if code is C.LAST_SEAT:
        return founded(10, seated=("central",))
    return founded()


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code_and_writes_nothing(code: GovernanceCode) -> None:
    bench = bench_for(code)
    party, *rest = BROKEN[code](bench)
    signers = rest.pop() if isinstance(rest[-1], list) else None
    _refused(bench, code, party, rest, signers)


def _refused(
    bench: Bench, code: GovernanceCode, party: str, rest: list[Any], signers: Any = None
) -> None:
    values = bench.refuses(code, party, *rest, signers=signers)
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, values, language)


def test_validators_of_a_chain_without_membership_are_fixed() -> None:
    bench = founded(more=False)
    for action in (ask(bench, Remove("watch")), rotate()):
        _refused(bench, C.MEMBERSHIP_FIXED, "central", [action])


def test_there_are_at_most_a_hundred_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    """With so many, each with the greatest power, the engine can still add them up."""
    assert MAX_SEATS * MAX_POWER <= (2**63 - 1) // 8
    monkeypatch.setattr("tongbao.modules.governance.changes.MAX_SEATS", 4)
    bench = founded()
    _refused(bench, C.TOO_MANY_SEATS, "central", [ask(bench, admit())], TWO)


def test_every_code_of_the_module_is_met() -> None:
    assert set(BROKEN) | {C.MEMBERSHIP_FIXED, C.TOO_MANY_SEATS} == set(C)
