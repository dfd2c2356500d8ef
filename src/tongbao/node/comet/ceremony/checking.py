"""The rules of a request alone, and of all of them beside the terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.kernel.genesis import MAX_POWER, require_known_suites
from tongbao.kernel.identity import Key, key_id
from tongbao.kernel.signing import ED25519, Suite, implementations
from tongbao.kernel.transaction import Transaction
from tongbao.modules import protocols
from tongbao.modules.governance.model import MAX_SEATS
from tongbao.modules.parties.model import (
    check_identity,
    check_keys,
    check_party_id,
    check_policy,
    check_roles,
    check_suite,
    check_text,
)
from tongbao.node.comet.ceremony.codes import FoundingCode
from tongbao.node.comet.ceremony.documents import Founding, Member, Proof, Request, Terms
from tongbao.node.comet.nodekey import peer_id

MAX_POLICIES = 16
MAX_CHAIN = 50
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}))(?::(\d{1,5}))")
_EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104 - refused, not listened on


@contextmanager
def field(file: str, name: str, value: object) -> Iterator[None]:
    """Whatever is refused inside is stated to be wrong with this field of this file."""
    try:
        yield
    except Refusal as refusal:
        shown = str(value)[:80]
        raise Refusal(
            FoundingCode.BAD_FIELD, {"file": file, "field": name, "value": shown}
        ) from refusal


def _ranged(holds: object, file: str, name: str, value: object, rule: str) -> None:
    shown = str(value)[:80]
    require(holds, FoundingCode.OUT_OF_RANGE, file=file, field=name, value=shown, rule=rule)


# ---- one request ---------------------------------------------------------------------------------


def check_request(file: str, request: Request, suites: Iterable[str]) -> None:
    """The request says sensible things, and every key that it names has signed them.

    `suites` are those that the terms accept; while there are none, those that can be verified.
    """
    accepted = implementations(suites)
    member = request.member
    _check_chain(file, "member.chain", member.chain)
    _check_names(file, member)
    _check_member_keys(file, member, accepted)
    found = _ADDRESS.fullmatch(member.address)
    reachable = found and found[1] not in _EVERYWHERE and 0 < int(found[2]) < 65_536
    _ranged(reachable, file, "member.address", member.address, "host:port")
    _check_power(file, "member.power", member.power)
    wanted = keys_to_sign(member, accepted)
    _check_proofs(file, member, request.signatures, wanted)


def _check_chain(file: str, name: str, chain: str) -> None:
    sound = 0 < len(chain) <= MAX_CHAIN and chain.isprintable() and " " not in chain
    _ranged(sound, file, name, chain, f"1-{MAX_CHAIN} characters")


def _check_power(file: str, name: str, power: int) -> None:
    _ranged(1 <= power <= MAX_POWER, file, name, power, f"1-{MAX_POWER}")


def _check_names(file: str, member: Member) -> None:
    with field(file, "member.party", member.party):
        check_party_id(member.party)
    with field(file, "member.name", member.name):
        check_text("name", member.name, 1, 140)
    with field(file, "member.name_local", member.name_local):
        check_text("name_local", member.name_local, 0, 140)
    with field(file, "member.roles", ", ".join(member.roles)):
        check_roles(member.roles)
    with field(file, "member.jurisdiction", member.jurisdiction):
        check_identity(member.jurisdiction, "", "")
    with field(file, "member.lei", member.lei):
        check_identity(member.jurisdiction, member.lei, "")
    with field(file, "member.uscc", member.uscc):
        check_identity(member.jurisdiction, "", member.uscc)


def _check_member_keys(file: str, member: Member, suites: Mapping[str, Suite]) -> None:
    with field(file, "member.keys", len(member.keys)):
        check_keys(member.keys)
        for key in member.keys:
            check_suite(key, suites)
    _ranged(
        len(member.policies) <= MAX_POLICIES, file, "member.policies", len(member.policies),
        f"0-{MAX_POLICIES}",
    )  # fmt: skip
    for scope, policy in member.policies.items():
        with field(file, "member.policies", scope):
            check_policy(scope, policy)
    for name, public in (("consensus", member.consensus), ("node", member.node)):
        _ranged(len(public) == 32, file, f"member.{name}", f"{len(public)} bytes", "32 bytes")
    seen: dict[bytes, str] = {}
    for name, public in _named_keys(member):
        other, twice = seen.setdefault(public, name), FoundingCode.GIVEN_TWICE
        shown = peer_id(public)
        require(other == name, twice, file=file, field=f"member.{name}", value=shown, other=other)


def _named_keys(member: Member) -> Iterator[tuple[str, bytes]]:
    yield "consensus", member.consensus
    yield "node", member.node
    for key in member.keys:
        yield f"keys {key_id(key.suite, key.public)}", key.public


Signing = Mapping[bytes, tuple[Suite, str]]
"""Public key -> (its suite, what it is)."""


def keys_to_sign(member: Member, suites: Mapping[str, Suite]) -> Signing:
    """A member's keys; those of consensus and node are the engine's, which knows one suite."""
    own = {key.public: (suites[key.suite], key.label or "party") for key in member.keys}
    return own | {member.consensus: (ED25519, "consensus"), member.node: (ED25519, "node")}


def _check_proofs(file: str, member: Member, proofs: Sequence[Proof], wanted: Signing) -> None:
    """Each key once, nobody else's, and each signature fits."""
    given = check_signatures(file, member.party, member.statement(), proofs, wanted)
    for public, (_, which) in wanted.items():
        require(
            public in given, FoundingCode.NOT_SIGNED, file=file, which=which,
            key=peer_id(public), party=member.party,
        )  # fmt: skip


def check_signatures(
    file: str, party: str, statement: bytes, proofs: Sequence[Proof], known: Signing
) -> set[bytes]:
    """The keys that signed; refused where one is strange, given twice, or does not fit."""
    given: set[bytes] = set()
    for proof in proofs:
        shown = peer_id(proof.key)
        if proof.key not in known:
            refuse(FoundingCode.STRANGE_SIGNATURE, file=file, key=shown, party=party)
        suite, which = known[proof.key]
        twice = FoundingCode.GIVEN_TWICE
        once = proof.key not in given
        require(once, twice, file=file, field="signatures", value=shown, other=which)
        [fits] = suite.verify_batch([(proof.key, proof.signature, statement)])
        bad = FoundingCode.NOT_SIGNED
        require(fits, bad, file=file, which=which, key=shown, party=party)
        given.add(proof.key)
    return given


def ledger_keys(member: Member) -> dict[bytes, Key]:
    """Its keys on the ledger by their public half."""
    return {key.public: key for key in member.keys}


# ---- all of them ---------------------------------------------------------------------------------


def check_terms(file: str, terms: Terms) -> None:
    """What the terms say is sensible; whether the ledger takes the actions is tried out later."""
    _check_chain(file, "chain", terms.chain)
    with field(file, "agreement", terms.agreement):
        check_text("agreement", terms.agreement, 0, 280)
    count = len(terms.members)
    _ranged(1 <= count <= MAX_SEATS, file, "members", count, f"1-{MAX_SEATS}")
    for party, power in terms.members.items():
        with field(file, "members", party):
            check_party_id(party)
        _check_power(file, f"members.{party}", power)
    with field(file, "suites", ", ".join(terms.suites)):
        require_known_suites(terms.suites)
    read_actions(file, terms)


def read_actions(file: str, terms: Terms) -> Sequence[Transaction]:
    """The opening actions; what cannot be read is named by its place among those of the terms."""
    try:
        return protocols().newest.action_decoder.decode(terms.actions)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        reason = f"actions: {str(fault)[:200]}"
        refuse(FoundingCode.UNREADABLE, file=file, format=Terms.FORMAT, reason=reason)


def check_founding(file: str, founding: Founding, names: Mapping[str, str] | None = None) -> None:
    """Every request alone, all beside one another, and all beside the terms.

    `names` is party -> the file that its request came in, where each came in its own.
    """
    terms, named = founding.terms, names or {}
    check_terms(named.get("", file), terms)
    seen: dict[tuple[str, object], str] = {}
    for request in founding.requests:
        member = request.member
        own = named.get(member.party, f"{file}, requests.{member.party[:40]}")
        check_request(own, request, terms.suites)
        chain = FoundingCode.OTHER_CHAIN
        require(member.chain == terms.chain, chain, file=own, found=member.chain, chain=terms.chain)
        listed = member.party in terms.members
        require(listed, FoundingCode.NOT_A_MEMBER, file=own, party=member.party)
        for name, value, shown in _unique(member):
            other = seen.get((name, value))
            if other is not None:
                refuse(FoundingCode.GIVEN_TWICE, file=own, field=name, value=shown, other=other)
            seen[name, value] = member.party
    parties = [request.member.party for request in founding.requests]
    missing = ", ".join(sorted(set(terms.members) - set(parties)))
    require(not missing, FoundingCode.REQUEST_MISSING, file=named.get("", file), parties=missing)
    require(parties == sorted(parties), FoundingCode.NOT_IN_ORDER, file=file)


def _unique(member: Member) -> Iterator[tuple[str, object, str]]:
    """What no two members may share: field, value, the value as shown."""
    yield "party", member.party, member.party
    yield "address", member.address, member.address
    for _, public in _named_keys(member):
        yield "key", public, peer_id(public)
    for name, number in (("lei", member.lei), ("uscc", member.uscc)):
        if number:
            yield name, number, number
