"""Chains of signed headers with changing validators, without ledgers: for light clients.

Everybody knows the keys. Any block can be signed by whom one likes, so that forks can be made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import _core
from tongbao.kernel.blocks import CONSENSUS_HASH, EMPTY_HASH, BlockId
from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.light import LightBlock, genesis_block

START_MS = 1_790_000_000_000
BLOCK_MS = 5_000


class Member(NamedTuple):
    """A validator by its number, with its power."""

    number: int
    power: int = 10

    @property
    def key(self) -> Ed25519PrivateKey:
        """The private key: the SHA-256 of the number."""
        seed = chain_hash(f"header {self.number}".encode())
        return Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        """The public key."""
        return self.key.public_key().public_bytes_raw()


Members = tuple[Member, ...]
Schedule = Callable[[int], Members]
"""Who signs the block at a height."""


def plain(members: Sequence[Member]) -> tuple[tuple[bytes, int], ...]:
    """Keys and powers."""
    return tuple((one.public, one.power) for one in members)


class HeaderChain:
    """One history: its blocks from 1 on, made when they are asked for."""

    def __init__(
        self, schedule: Schedule, chain: str = "headers-1", start_ms: int = START_MS
    ) -> None:
        """A chain whose block at each height is signed by all that `schedule` names."""
        self.schedule = schedule
        self.chain = chain
        self.start_ms = start_ms
        self._blocks: list[LightBlock] = []
        self._keys: dict[Member, tuple[Ed25519PrivateKey, bytes]] = {}

    @property
    def genesis(self) -> LightBlock:
        """What is trusted at the beginning."""
        return genesis_block(self.chain, plain(self.schedule(1)), self.start_ms - 1)

    def fork(self, height: int, salt: bytes = b"fork") -> HeaderChain:
        """Another history that is this one below `height`."""
        other = HeaderChain(self.schedule, self.chain, self.start_ms)
        other._blocks = list(self.up_to(height - 1))
        other._append(salt=salt)
        return other

    def up_to(self, height: int) -> tuple[LightBlock, ...]:
        """The blocks 1 to `height`."""
        while len(self._blocks) < height:
            self._append()
        return tuple(self._blocks[:height])

    def block(self, height: int) -> LightBlock:
        """The block at a height."""
        self.up_to(height)
        return self._blocks[height - 1]

    def _append(self, salt: bytes = b"") -> None:
        before = self._blocks[-1] if self._blocks else None
        self._blocks.append(self.make(len(self._blocks) + 1, before, salt=salt))

    def make(
        self,
        height: int,
        before: LightBlock | None,
        *,
        signers: Sequence[Member] | None = None,
        members: Members | None = None,
        following: Members | None = None,
        salt: bytes = b"",
        time_ms: int | None = None,
        reply: Mapping[str, Any] | None = None,
    ) -> LightBlock:
        """A block at a height after another; by default as the schedule says, signed by all.

        `reply` replaces fields of the header, by the names of `_core.make_header`.
        """
        members = self.schedule(height) if members is None else members
        following = self.schedule(height + 1) if following is None else following
        time_ms = self.start_ms + height * BLOCK_MS if time_ms is None else time_ms
        fields: dict[str, Any] = {
            "chain_id": self.chain, "height": height, "time_ms": time_ms,
            "last_block_id": None if before is None else block_id_of(before),
            "last_commit_hash": EMPTY_HASH if before is None else _core.commit_hash(before.commit),
            "data_hash": EMPTY_HASH, "validators_hash": _core.validators_hash(self._of(members)),
            "next_validators_hash": _core.validators_hash(self._of(following)),
            "consensus_hash": CONSENSUS_HASH,
            "app_hash": chain_hash(b"%d" % height + salt),
            "last_results_hash": EMPTY_HASH, "evidence_hash": EMPTY_HASH,
            "proposer_address": _core.validator_address(self._key(members[0])[1]),
            "app_version": 1,
        }  # fmt: skip
        header = _core.make_header(**{**fields, **(reply or {})})
        signing = set(members if signers is None else signers)
        commit = self._commit(height, header, time_ms, members, signing)
        return LightBlock(
            height, header, commit, tuple(self._of(members)), tuple(self._of(following))
        )

    def _commit(
        self, height: int, header: bytes, time_ms: int, members: Members, signing: set[Member]
    ) -> bytes:
        named = (_core.header_hash(header), 1, bytes(32))
        vote = _core.commit_sign_bytes(self.chain, height, 0, named, time_ms)
        signatures = []
        for one in sorted(members, key=self._place):
            key, public = self._key(one)
            if one in signing:
                address = _core.validator_address(public)
                signatures.append((address, time_ms, key.sign(vote)))
            else:
                signatures.append((b"", 0, b""))
        return _core.make_commit(height, 0, named, signatures)

    def _key(self, member: Member) -> tuple[Ed25519PrivateKey, bytes]:
        if member not in self._keys:
            self._keys[member] = (member.key, member.public)
        return self._keys[member]

    def _place(self, member: Member) -> tuple[int, bytes]:
        """CometBFT's order of a set: by power downwards, then by address."""
        return -member.power, _core.validator_address(self._key(member)[1])

    def _of(self, members: Sequence[Member]) -> list[tuple[bytes, int]]:
        return [(self._key(one)[1], one.power) for one in members]


def block_id_of(block: LightBlock) -> BlockId:
    """The id that a commit gives its block."""
    named: BlockId = _core.commit_fields(block.commit)["block_id"]
    return named


def constant(count: int) -> Schedule:
    """Always the same validators."""
    members = tuple(map(Member, range(count)))
    return lambda _: members


def rotating(count: int, every: int, each: int = 1) -> Schedule:
    """`each` of `count` validators are replaced every `every` blocks; from block 3 on."""

    def members(height: int) -> Members:
        first = max(height - 2, 0) // every * each
        return tuple(Member(number) for number in range(first, first + count))

    return members
