"""The proof that enough live keys signed, whatever an action needs."""

from __future__ import annotations

from collections.abc import Iterable

from tongbao.kernel.codes import KernelCode, require
from tongbao.kernel.identity import (
    ANY_SCOPE,
    KEY_SCOPE,
    KEYS,
    POLICIES,
    SUSPENDED,
    Approval,
    Approvals,
    Policy,
)
from tongbao.kernel.views import ReadView

_DEFAULT_POLICY = Policy()


def policy_of(view: ReadView, party: str, scope: str) -> Policy:
    """The policy of a party for a scope: its own, else the one for `*`, else one key.

    Whoever changes keys and policies could have any other action approved: that takes as many keys,
    of as much weight, as the strictest policy of the party. So nobody lowers alone what asks for
    two, nor adds a key that would be the second.
    """
    own = view.get(POLICIES, party, scope) or view.get(POLICIES, party, ANY_SCOPE)
    policy = own or _DEFAULT_POLICY
    if scope == KEY_SCOPE:
        for _, other in view.scan(POLICIES, party):
            policy = Policy(max(policy.keys, other.keys), max(policy.weight, other.weight))
    return policy


def require_active(view: ReadView, party: str) -> None:
    """Refuse while a party is suspended: for what it signed before and did not happen yet."""
    reason = view.get(SUSPENDED, party)
    require(reason is None, KernelCode.PARTY_SUSPENDED, party=party, reason=reason or "")


def require_approvals(view: ReadView, needed: Iterable[Approval], given: Approvals) -> None:
    """Refuse unless live keys of each needed party, with the scope, meet its policy.

    A suspended party's count for nothing, whenever they were given: a proposal keeps approvals.
    """
    known = view.verified_cache
    for party, scope in needed:
        question = (party, scope, given.get(party, ()))
        if known is not None and question in known:
            continue
        count = weight = 0
        for name in given.get(party, ()):
            key = view.get(KEYS, party, name)
            if key is not None and key.state(view.time_ms) == "live" and key.covers(scope):
                count += 1
                weight += key.weight
        policy = policy_of(view, party, scope)
        require(
            count >= policy.keys and weight >= policy.weight,
            KernelCode.APPROVAL_MISSING,
            party=party,
            scope=scope,
            keys=policy.keys,
            weight=policy.weight,
            given_keys=count,
            given_weight=weight,
        )
        require_active(view, party)
        if known is not None:
            known.add(question)


def live_approvals(view: ReadView, party: str) -> dict[str, tuple[str, ...]]:
    """A party's approvals where all of its live keys sign; none where it has none."""
    keys = view.scan(KEYS, party)
    names = tuple(name for (_, name), key in keys if key.state(view.time_ms) == "live")
    return {party: names} if names else {}


def require_live_keys(view: ReadView, given: Approvals) -> None:
    """Refuse the signature of a suspended party, or by a key it lacks or that is no longer live."""
    known = view.verified_cache
    for party, names in given.items():
        question = (party, names)
        if known is not None and question in known:
            continue
        require_active(view, party)
        for name in names:
            require_live_key(view, party, name)
        if known is not None:
            known.add(question)


def require_live_key(view: ReadView, party: str, name: str) -> None:
    """Refuse a key that the party lacks, or that is no longer live."""
    key = view.get(KEYS, party, name)
    require(key is not None, KernelCode.UNKNOWN_KEY, party=party, key=name)
    assert key is not None
    state = key.state(view.time_ms)
    require(state == "live", KernelCode.KEY_NOT_LIVE, party=party, key=name, state=state)
