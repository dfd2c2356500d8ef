"""The genesis that a founding file leads to: the same for everybody, tried out in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from tongbao import _core
from tongbao.kernel.codes import Refusal, require
from tongbao.kernel.genesis import Founded, Genesis, GenesisValidator, found, read_genesis
from tongbao.kernel.identity import KEYS, POLICIES, SUSPENDED, Policy, key_id
from tongbao.kernel.signing import SUITES
from tongbao.kernel.transaction import Event, Transaction
from tongbao.kernel.views import DraftSource, ReadView
from tongbao.modules import protocols
from tongbao.modules.governance import FoundGovernance
from tongbao.modules.parties import PARTIES, Party, RegisterParty, SetPolicy
from tongbao.node.comet.ceremony.checking import check_founding, check_request, field, read_actions
from tongbao.node.comet.ceremony.codes import FoundingCode
from tongbao.node.comet.ceremony.documents import Founding, Member, Request, Terms


class Derived(NamedTuple):
    """A founding file that holds, and what it leads to."""

    founding: Founding
    genesis: Genesis
    events: tuple[Event, ...]
    """What happens before the first block, in order."""

    @property
    def members(self) -> dict[str, Member]:
        """By party, in order."""
        return {one.member.party: one.member for one in self.founding.requests}


def try_request(file: str, request: Request) -> None:
    """Hold one request to every rule that needs no other: as if it founded a chain alone."""
    check_request(file, request, SUITES)
    member = request.member
    terms = Terms(
        chain=member.chain, members={member.party: member.power}, suites=tuple(SUITES)
    )  # fmt: skip
    _derive(file, Founding(time_ms=1, terms=terms, requests=(request,)))


def derive(file: str, founding: Founding, names: dict[str, str] | None = None) -> Derived:
    """Hold a founding file to every rule; its genesis, or a Refusal with file, field and rule.

    `names` is party -> the file of its request, and "" -> that of the terms.
    """
    check_founding(file, founding, names)
    return _derive((names or {}).get("", file), founding)


def _derive(file: str, founding: Founding) -> Derived:
    terms = founding.terms
    members = [request.member for request in founding.requests]
    opening = _opening(file, terms)
    actions: list[Transaction | msgspec.Raw] = [_registered(one) for one in members]
    for one in members:
        actions += [
            SetPolicy(party=one.party, applies_to=scope, policy=policy)
            for scope, policy in sorted(one.policies.items())
        ]
    of_members = len(actions)
    actions += [*opening, FoundGovernance(terms=terms.governance)]
    validators = tuple(
        GenesisValidator(one.party, one.consensus, terms.members[one.party]) for one in members
    )
    made = Genesis(
        terms.chain, founding.time_ms, validators, suites=terms.suites,
        name_memory_ms=terms.name_memory_ms, actions=msgspec.Raw(msgspec.json.encode(actions)),
    )  # fmt: skip
    try:
        genesis, draft, done = _tried(made)
    except Refusal as refusal:
        where = _first_refused(made, actions, of_members, of_members + len(opening))
        raise Refusal(FoundingCode.OPENING_REFUSED, {"file": f"{file}{where}"}) from refusal
    _require_untouched(file, draft, done, members)
    return Derived(founding, genesis, done.events)


def _tried(made: Genesis) -> tuple[Genesis, DraftSource, Founded]:
    """Tried out in memory: the genesis as everybody reads it, and what it leads to."""
    genesis = read_genesis(made.encode())
    draft = _core.State.open(None).draft()
    return genesis, draft, found(draft, genesis, protocols().of(genesis.protocol))


def _first_refused(made: Genesis, actions: Sequence[object], first: int, end: int) -> str:
    """The place of the opening action that the ledger refuses, among those of the terms; empty
    where it refuses what stands before or behind them."""

    def refuses(count: int) -> bool:
        raw = msgspec.Raw(msgspec.json.encode(actions[:count]))
        try:
            _tried(msgspec.structs.replace(made, actions=raw))
        except Refusal:
            return True
        return False

    found_at = bisect_left(range(first, end + 1), True, key=refuses)  # it is refused from there on
    inside = 0 < found_at <= end - first
    return f", actions[{found_at - 1}]" if inside else ""


def _opening(file: str, terms: Terms) -> list[msgspec.Raw]:
    with field(file, "governance", "terms"):
        FoundGovernance(terms=terms.governance).check()
    own = not any(isinstance(one, FoundGovernance) for one in read_actions(file, terms))
    require(own, FoundingCode.GOVERNANCE_TWICE, file=file)
    return msgspec.json.decode(terms.actions, type=list[msgspec.Raw])


def _registered(member: Member) -> RegisterParty:
    """A founder vouches for itself; the others do so by approving the genesis."""
    return RegisterParty(
        party=member.party, sponsor=member.party, name=member.name, roles=member.roles,
        jurisdiction=member.jurisdiction, keys=member.keys, name_local=member.name_local,
        lei=member.lei, uscc=member.uscc,
    )  # fmt: skip


def _require_untouched(file: str, draft: DraftSource, done: Founded, members: list[Member]) -> None:
    """No opening action may give a member other keys, policies or roles than it asked for."""
    view = ReadView(draft, done.block)
    for member in members:
        party = member.party
        wanted = Party(
            party, member.name, member.roles, member.jurisdiction, view.time_ms, party,
            member.name_local, member.lei, member.uscc,
        )  # fmt: skip
        keys = {name: key for (_, name), key in view.scan(KEYS, party)}
        policies: dict[str, Policy] = {s: p for (_, s), p in view.scan(POLICIES, party)}
        for what, holds in (
            ("keys", keys == {key_id(one.suite, one.public): one for one in member.keys}),
            ("policies", policies == member.policies),
            ("names/roles", view.get(PARTIES, party) == wanted),
            ("standing", not view.has(SUSPENDED, party)),
        ):
            touched = FoundingCode.MEMBER_TOUCHED
            require(holds, touched, file=file, party=party, what=what)
