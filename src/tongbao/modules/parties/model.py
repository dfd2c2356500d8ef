"""Values of the module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

import msgspec

from tongbao.kernel import identifiers
from tongbao.kernel.codes import KernelCode, refuse, require
from tongbao.kernel.fields import Field, Lei, Moment, PartyId, Uscc
from tongbao.kernel.identity import Key, Policy, key_id
from tongbao.kernel.signing import Suite
from tongbao.kernel.text import is_plain
from tongbao.modules.parties.codes import PartiesCode

ProposalId = Annotated[str, Field("id", "Id of a proposal.", of="proposal")]
KeyId = Annotated[str, Field("id", "Id of a key: its suite and the beginning of its hash.")]

ROLES = (
    "central_bank", "bank", "issuer", "core_enterprise", "supplier", "logistics", "exchange",
    "custodian", "auditor", "supervisor", "operator",
)  # fmt: skip
MAX_KEYS = 32
MAX_KEYS_EVER = 10_000
"""Keys of a party in all: a revoked one keeps its row, so that it never counts again."""
MAX_POLICIES = 64
"""Policies of a party: each change of its keys asks every one of them."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
_SCOPE = re.compile(r"\*|[a-z][a-z_]{1,31}")


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """A legal person or body admitted to the network."""

    id: str
    name: str
    """In English."""
    roles: tuple[str, ...]
    jurisdiction: str
    """ISO 3166-1 alpha-2."""
    registered_at_ms: Moment
    registered_by: PartyId
    name_local: str = ""
    """In its own language."""
    lei: Lei = ""
    uscc: Uscc = ""


class Proposal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Actions that wait for approvals."""

    id: str
    proposer: PartyId
    expires_at_ms: Moment
    approvals: dict[PartyId, tuple[str, ...]]
    """Party -> ids of its keys that approved, in order."""
    memo: str = ""
    concerned: tuple[PartyId, ...] = ()
    """Parties whose approval the actions needed when they were proposed."""


def check_party_id(party: str) -> None:
    """Refuse a word that is no party id."""
    require(_ID.fullmatch(party), PartiesCode.BAD_PARTY_ID, party=party[:40])


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    fits = low <= len(value) <= high and is_plain(value)
    require(fits, PartiesCode.BAD_TEXT, field=field, low=low, high=high)


def check_roles(roles: tuple[str, ...]) -> None:
    """Refuse a role that is not in the vocabulary, or twice."""
    known = ", ".join(ROLES)
    for place, role in enumerate(roles):
        fits = role in ROLES and role not in roles[:place]
        require(fits, PartiesCode.BAD_ROLE, role=role[:32], known=known)


def check_identity(jurisdiction: str, lei: str, uscc: str) -> None:
    """Country code, LEI and USCC with their check digits."""
    known = jurisdiction in identifiers.COUNTRIES
    require(known, PartiesCode.BAD_JURISDICTION, value=jurisdiction[:8])
    if lei:
        require(identifiers.lei(lei), PartiesCode.BAD_LEI, lei=lei[:24])
    if uscc:
        require(identifiers.uscc(uscc), PartiesCode.BAD_USCC, uscc=uscc[:24])


def check_suite(key: Key, suites: Mapping[str, Suite]) -> None:
    """Refuse a key whose suite the chain does not accept, or whose size is not its suite's."""
    suite = suites.get(key.suite)
    if suite is None:
        refuse(KernelCode.UNKNOWN_SUITE, suite=key.suite[:32])
    sized, name = len(key.public) == suite.public_size, key_id(key.suite, key.public)
    reason = "a public key of another length than its suite has"
    require(sized, PartiesCode.BAD_KEY, key=name, reason=reason)


def check_key(key: Key) -> None:
    """Refuse a key whose scopes, weight or label are wrong."""
    name, bad = key_id(key.suite, key.public), PartiesCode.BAD_KEY
    scoped = 1 <= len(key.scopes) <= 16 and all(_SCOPE.fullmatch(s) for s in key.scopes)
    require(scoped, bad, key=name, reason="1 to 16 scopes, each a word or *")
    require(1 <= key.weight <= 1000, bad, key=name, reason="a weight of 1 to 1000")
    require(key.expires_at_ms >= 0, bad, key=name, reason="expires_at_ms below zero")
    require(key.revoked_at_ms == 0, bad, key=name, reason="a new key is not revoked")
    check_text("label", key.label, 0, 40)


def check_keys(keys: tuple[Key, ...]) -> None:
    """A party's first keys: some, each once, each sound."""
    count = len(keys)
    require(1 <= count <= MAX_KEYS, PartiesCode.KEY_COUNT, count=count, limit=MAX_KEYS)
    names = {key_id(key.suite, key.public) for key in keys}
    require(len(names) == count, PartiesCode.BAD_KEY, key="", reason="a key stands twice")
    for key in keys:
        check_key(key)


def check_policy(scope: str, policy: Policy) -> None:
    """Refuse a policy that asks for nothing or for too much."""
    sound = 1 <= policy.keys <= 16 and 1 <= policy.weight <= 1000 and _SCOPE.fullmatch(scope)
    require(sound, PartiesCode.BAD_POLICY)
