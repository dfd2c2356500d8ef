"""A small ledger for the tests and examples of modules: the real pipeline, real signatures.

Nothing is imitated: transactions are signed by demonstration keys, verified, named and carried
out in blocks.
"""

from __future__ import annotations

import random  # determinism: a test injects the source
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # determinism: test keys alone
    Ed25519PrivateKey,
)

from tongbao import _core
from tongbao.kernel.blocks import apply_block
from tongbao.kernel.codes import OK, Code, Refusal
from tongbao.kernel.generation import Generator, both_keys, demo_key, demo_seed
from tongbao.kernel.genesis import Genesis, GenesisValidator, found
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import key_id
from tongbao.kernel.laws import broken_laws
from tongbao.kernel.pipeline import open_envelope
from tongbao.kernel.proving import verify
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import USUAL_SUITES, signed_bytes
from tongbao.kernel.transaction import Body, Envelope, Event, Signature, Transaction
from tongbao.kernel.validators import Misbehavior
from tongbao.kernel.views import BlockContext, ReadView, WriteView
from tongbao.modules import installed
from tongbao.modules.accounts import OpenAccount
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.parties import RegisterParty

CHAIN = "bench"
START_MS = 1_800_000_000_000
"""2027-01-15 08:00 UTC."""
DAY_MS = 24 * 3600 * 1000
OPENING = 1_000_000
"""What each main account holds of CNY at first, in fen."""
MEMBERS: dict[str, tuple[str, ...]] = {
    "central": ("central_bank", "operator"),
    "bank-a": ("bank", "issuer"),
    "bank-b": ("bank",),
    "firm-a": ("core_enterprise",),
    "firm-b": ("supplier",),
    "firm-c": ("supplier",),
    "watch": ("supervisor",),
}


class Drawn(NamedTuple):
    """How draws went."""

    meant: int
    """Drawn to be done."""
    done: int
    """Of these, how many were."""


class Refused(AssertionError):
    """A transaction was refused where it should have been done."""


def demo_key_id(party: str, number: int) -> str:
    """Its name on the ledger."""
    return key_id("ed25519", demo_key(party, number).public)


def founding() -> tuple[Transaction, ...]:
    """Members with two keys each, CNY, and a main account with money for banks and firms."""
    actions: list[Transaction] = [
        RegisterParty(
            party=party, sponsor="central", name=party, roles=roles, jurisdiction="CN",
            keys=(demo_key(party, 0), demo_key(party, 1)),
        )
        for party, roles in MEMBERS.items()
    ]  # fmt: skip
    actions.append(
        DefineAsset(
            asset="CNY", issuer="central", decimals=2, kind="cbdc", name="Digital yuan",
            freezable=True, clawback_allowed=True,
        )
    )  # fmt: skip
    for party in ("bank-a", "bank-b", "firm-a", "firm-b", "firm-c"):
        servicer = "bank-a" if party.startswith("firm") else ""
        account = f"{party}/main"
        actions.append(OpenAccount(account=account, servicer=servicer, assets=("CNY",)))
        actions.append(Issue(asset="CNY", account=account, amount_minor=OPENING))
    return tuple(actions)


class Bench:
    """A ledger in memory with the members of `founding`.

    `do` carries a transaction out in a block of its own and gives its events; `refuses` asserts
    the exact code, and that nothing but the name was written.
    """

    def __init__(
        self,
        *more: Transaction,
        founded: Sequence[Transaction] | None = None,
        validators: Sequence[GenesisValidator] = (),
    ) -> None:
        """Found the ledger; `more` actions come after the common ones.

        One validator signs, whose name is no party's, where none are given.
        """
        actions = (*(founding() if founded is None else founded), *more)
        self.registry = Registry(installed(), suites=USUAL_SUITES)
        alone = GenesisValidator("bench", demo_key("validator", 0).public)
        raw = msgspec.Raw(msgspec.json.encode(actions))
        genesis = Genesis(CHAIN, START_MS, tuple(validators) or (alone,), actions=raw)
        self.state = _core.State.open(None)
        draft = self.state.draft()
        self.founded = found(draft, genesis, self.registry).events
        self._commit(draft)
        self.time_ms = START_MS
        self._references = 0

    @property
    def view(self) -> ReadView:
        """The committed state."""
        return ReadView(self.state, BlockContext(CHAIN, self.state.height(), self.time_ms))

    def balance(self, account: str, asset: str = "CNY") -> int:
        """Settled balance in minor units; 0 where the account does not hold the asset."""
        holding = self.view.holding(account, asset)
        return 0 if holding is None else holding.posted

    def available(self, account: str, asset: str = "CNY") -> int:
        """What may be spent."""
        holding = self.view.holding(account, asset)
        return 0 if holding is None else holding.available

    def do(
        self,
        party: str,
        *actions: Transaction,
        signers: Sequence[tuple[str, int]] | None = None,
    ) -> tuple[Event, ...]:
        """Carry actions out as one transaction of `party`; raises Refused where it is refused.

        `signers` are (party, number of its key); without them `party` signs with both its keys.
        """
        answer = self.offer(party, *actions, signers=signers)
        if isinstance(answer, Refusal):
            raise Refused(f"{answer.code.name}: {answer}")
        return answer

    def refuses(
        self,
        code: Code,
        party: str,
        *actions: Transaction,
        signers: Sequence[tuple[str, int]] | None = None,
    ) -> dict[str, Any]:
        """Assert that the transaction is refused with `code` and writes nothing; its values."""
        before = self._rows()
        answer = self.offer(party, *actions, signers=signers)
        if not isinstance(answer, Refusal):
            raise AssertionError(f"done, and not refused with {code.name}")
        if answer.code is not code:
            raise AssertionError(f"{answer.code.name} ({answer}), and not {code.name}")
        if self._rows() != before:
            raise AssertionError(f"refused with {code.name}, and something was written")
        return dict(answer.values)

    def offer(
        self,
        party: str,
        *actions: Transaction,
        signers: Sequence[tuple[str, int]] | None = None,
    ) -> tuple[Event, ...] | Refusal:
        """Sign, verify and apply in the next block: the events, or the refusal."""
        self._references += 1
        body = Body(CHAIN, party, f"r{self._references}", self.time_ms + 60_000, actions)
        raw = self._signed(body, both_keys(party) if signers is None else tuple(signers))
        try:
            opened = open_envelope(raw, self.registry, CHAIN)
        except Refusal as refusal:
            return refusal
        [verdict] = verify([opened], self.registry)
        if verdict is not None:
            return verdict
        draft = self.state.draft()
        block = BlockContext(CHAIN, self.state.height() + 1, self.time_ms + 1)
        applied = apply_block(draft, block, self.registry, [opened], strict=True)
        self.time_ms += 1
        self._commit(draft)
        outcome = applied.executed[0].outcome
        if outcome.code == OK:
            return outcome.events
        return Refusal(self.registry.codes[outcome.code], outcome.values)

    def advance(self, ms: int, *misbehavior: Misbehavior) -> tuple[Event, ...]:
        """A block `ms` later without transactions: what time brings, and evidence."""
        self.time_ms += ms
        draft = self.state.draft()
        block = BlockContext(CHAIN, self.state.height() + 1, self.time_ms)
        applied = apply_block(
            draft, block, self.registry, (), misbehavior=misbehavior, strict=True
        )  # fmt: skip
        events = applied.events
        self._commit(draft)
        return events

    def draw(self, generators: Mapping[str, Generator], rounds: int, seed: int) -> Drawn:
        """Draw from every generator in turn and offer what comes; each has to be repeatable."""
        rng, meant, done = random.Random(seed), 0, 0  # noqa: S311  a test, to be replayed
        for tag in sorted(generators) * rounds:
            once = rng.randrange(2**32)
            first, again = (generators[tag](random.Random(once), self.view) for _ in range(2))  # noqa: S311
            if first != again:
                raise AssertionError(f"{tag} draws differently from the same seed")
            if first is None:
                continue
            answer = self.offer(first.party, *first.actions, signers=first.signers)
            meant += not first.hostile
            done += not first.hostile and not isinstance(answer, Refusal)
        return Drawn(meant, done)

    def broken_by(self, party: str, *writes: Any) -> bool:
        """Whether a law of a module forbids the rows (table, key parts, value or None)."""
        draft = self.state.draft()
        ledger = WriteView(draft, BlockContext(CHAIN, 1, self.time_ms), self.registry, party=party)
        for table, key, value in writes:
            if value is None:
                ledger.delete(table, *key)
            else:
                ledger.put(table, *key, value=value)
        return any(True for _ in broken_laws(ledger))

    def put(self, table: Any, *key: Any, value: Any) -> None:
        """Write a row past every rule, for a state that takes too long to come to."""
        draft = self.state.draft()
        context = BlockContext(CHAIN, 1, self.time_ms)
        WriteView(draft, context, self.registry).put(table, *key, value=value)
        self._commit(draft)

    def _signed(self, body: Body[Any], signers: Sequence[tuple[str, int]]) -> bytes:
        raw = msgspec.json.encode(body)
        signatures = []
        for owner, number in signers:
            private = Ed25519PrivateKey.from_private_bytes(demo_seed(owner, number))
            public = private.public_key().public_bytes_raw()
            by = "" if owner == body.party else owner
            signatures.append(Signature("ed25519", public, private.sign(signed_bytes(raw)), by))
        return msgspec.json.encode(Envelope(msgspec.Raw(raw), tuple(signatures)))

    def _commit(self, draft: _core.Draft) -> None:
        self.state.stage(draft)
        height = 0 if self.state.block(0) is None else self.state.height() + 1
        self.state.commit(draft, [(height, b"")], [])

    def _rows(self) -> bytes:
        """A digest of every row but those of names, which a refusal uses up."""
        rows = self.state.scan(b"", None, 1_000_000)
        kept = (key + b"\0" + value for key, value in rows if key[:1] not in (b"\x01", b"\x05"))
        return content_digest(b"".join(kept))
