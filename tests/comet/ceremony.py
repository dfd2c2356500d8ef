"""Institutions for tests of the founding ceremony: their keys, requests and approvals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.kernel.codes import Code, Refusal
from tongbao.kernel.identity import Key, Policy
from tongbao.node.comet.ceremony.codes import reported
from tongbao.node.comet.ceremony.deriving import Derived
from tongbao.node.comet.ceremony.documents import (
    Approval,
    Founding,
    Member,
    Proof,
    Request,
    Terms,
)

CHAIN = "settle-1"
PARTIES = ("bank-a", "bank-b", "bank-c", "bank-d")
TIME_MS = 1_700_000_000_000
FOUR_EYES = Policy(keys=2, weight=2)


def key_of(*words: str) -> Ed25519PrivateKey:
    """A key derived from words, so that every run is the same."""
    seed = "/".join(words).encode().ljust(32, b".")[:32]
    return Ed25519PrivateKey.from_private_bytes(seed)


def public(key: Ed25519PrivateKey) -> bytes:
    """Its public half."""
    return key.public_key().public_bytes_raw()


class Institution(NamedTuple):
    """One that wants to found a network."""

    party: str

    @property
    def consensus(self) -> Ed25519PrivateKey:
        """Its validator's key."""
        return key_of(self.party, "consensus")

    @property
    def node(self) -> Ed25519PrivateKey:
        """Its node's key."""
        return key_of(self.party, "node")

    def desk(self, label: str) -> Ed25519PrivateKey:
        """The key of one of its people."""
        return key_of(self.party, label)

    def member(self, **more: Any) -> Member:
        """What it says of itself."""
        keys = tuple(
            Key("ed25519", public(self.desk(label)), label=label) for label in ("maker", "checker")
        )
        port = 26_000 + PARTIES.index(self.party) if self.party in PARTIES else 26_999
        reply: dict[str, Any] = {
            "chain": CHAIN, "party": self.party, "name": self.party.title(),
            "roles": ("bank", "operator"), "jurisdiction": "CN", "keys": keys,
            "policies": {"*": FOUR_EYES}, "consensus": public(self.consensus),
            "node": public(self.node), "address": f"{self.party}.example:{port}", "power": 10,
        }  # fmt: skip
        return Member(**{**reply, **more})

    def signed(self, member: Member) -> Request:
        """A request for what is stated, signed with every key."""
        keys = (self.desk("maker"), self.desk("checker"), self.consensus, self.node)
        reply = member.statement()
        return Request(
            member=member, signatures=tuple(Proof(public(one), one.sign(reply)) for one in keys)
        )

    def request(self, **more: Any) -> Request:
        """A signed request."""
        return self.signed(self.member(**more))

    def approval(self, derived: Derived, *labels: str, **more: Any) -> Approval:
        """Its approval, by the consensus key and these desks."""
        made = Approval(
            chain=derived.genesis.chain, party=self.party, genesis=derived.genesis.digest(),
            founding=derived.founding.digest(), signatures=(),
        )  # fmt: skip
        made = msgspec.structs.replace(made, **more)
        keys = [self.consensus, *map(self.desk, labels or ("maker", "checker"))]
        reply = made.statement()
        proofs = tuple(Proof(public(one), one.sign(reply)) for one in keys)
        return msgspec.structs.replace(made, signatures=proofs)


def terms(*actions: dict[str, Any], **more: Any) -> Terms:
    """Terms for all four, ten power each."""
    raw = msgspec.Raw(msgspec.json.encode(actions))
    reply: dict[str, Any] = {"chain": CHAIN, "members": dict.fromkeys(PARTIES, 10), "actions": raw}
    return Terms(**{**reply, **more})


def founding(agreed: Terms | None = None, **instead: Request) -> Founding:
    """All four requests beside terms; `bank_a=...` puts another in the place of one."""
    requests = [
        instead.get(party.replace("-", "_")) or Institution(party).request() for party in PARTIES
    ]
    return Founding(time_ms=TIME_MS, terms=agreed or terms(), requests=tuple(requests))


def refused(act: Callable[[], object]) -> Refusal:
    """The refusal that an act ends with; it reads in both languages, with everything filled in."""
    with pytest.raises(Refusal) as caught:
        act()
    for language in ("en", "zh"):
        assert "{" not in reported(caught.value, language)
    return caught.value


def holds(code: Code, act: Callable[[], object], *words: str) -> None:
    """An act is refused with a code, and says these words."""
    refusal = refused(act)
    assert refusal.code is code, refusal
    for word in words:
        assert word in reported(refusal, "en"), reported(refusal, "en")
