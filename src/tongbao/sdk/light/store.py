"""What a light client has come to trust, in one file: durable, bounded, with a checksum."""

from __future__ import annotations

import bisect
from pathlib import Path
from typing import Annotated, Any

import msgspec

from tongbao import _core
from tongbao.files import write_private
from tongbao.kernel.codes import refuse, require
from tongbao.kernel.genesis import Genesis, read_genesis
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.light import LightBlock, ValidatorSet
from tongbao.kernel.receipts import Trust
from tongbao.kernel.validators import Validator
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.providers import AnyProvider, Provider
from tongbao.sdk.light.steps import Ask, Steps, run

FORMAT = "tongbao.trust/1"
MAX_BLOCKS = 1_000
MAX_FILE_BYTES = 64 * 1_048_576
_VALIDATOR_BYTES = 64
"""What a validator takes in the file, about."""


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    chain: str
    genesis: str
    time_ms: int
    validators: ValidatorSet
    blocks: Annotated[tuple[LightBlock, ...], msgspec.Meta(max_length=MAX_BLOCKS)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    checksum: str
    content: msgspec.Raw


class TrustedStore:
    """Verified light blocks by height; where trust began stays, the rest is thinned out."""

    def __init__(self, trust: Trust, genesis: str = "", path: Path | None = None) -> None:
        """Start from what is trusted; `path` keeps it, None keeps it in memory."""
        self.chain = trust.chain
        self.genesis = genesis
        self.path = path
        self._validators = trust.validators
        self._time_ms = trust.time_ms
        self._blocks = sorted(trust.known(), key=lambda one: one.height)
        if not self._blocks:
            raise ValueError("trust begins with a genesis or a block")

    # ---- where trust begins --------------------------------------------------------------------

    @staticmethod
    def from_genesis(genesis: Genesis, path: Path | None = None) -> TrustedStore:
        """Trust the validators that a genesis names."""
        return TrustedStore(genesis.trust(), genesis.digest(), path)

    @staticmethod
    def from_block(
        height: int, digest: bytes, node: Provider, path: Path | None = None
    ) -> TrustedStore:
        """Trust the block with this height and hash; `node` only has to show it."""
        return run(TrustedStore.shown(height, digest, node, path))

    @staticmethod
    def shown(
        height: int, digest: bytes, node: AnyProvider, path: Path | None = None
    ) -> Steps[TrustedStore]:
        """The same as work for either kind of node."""
        block: LightBlock = yield Ask(node.light_block, (height,))
        try:
            given = block.hash()
            chain = _chain_of(block)
            require(
                given == digest, LightCode.WRONG_HASH, node=node.name, height=height,
                given=given.hex(), wanted=digest.hex(),
            )  # fmt: skip
            block.check(chain)
        except ValueError as fault:
            refuse(LightCode.INVALID, node=node.name, height=height, reason=str(fault)[:200])
        return TrustedStore(Trust(chain, (), (block,)), "", path)

    @staticmethod
    def open(path: Path) -> TrustedStore:
        """Read a file; a Refusal says what is wrong with it."""
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        return TrustedStore.decode(raw, path)

    @staticmethod
    def decode(raw: bytes, path: Path | None = None) -> TrustedStore:
        """Read a file's bytes; a Refusal says what is wrong with them."""
        name = str(path or "the file")
        unreadable: Any = LightCode.STORE_UNREADABLE
        require(len(raw) <= MAX_FILE_BYTES, unreadable, file=name, reason="too large")
        try:
            file = msgspec.json.decode(raw, type=_File)
            require(file.format == FORMAT, unreadable, file=name, reason=file.format[:40])
            # Compact first: how the file is laid out does not matter.
            compact = msgspec.json.format(bytes(file.content), indent=-1)
            require(
                content_digest(compact).hex() == file.checksum,
                unreadable, file=name, reason="its checksum differs: the file was damaged",
            )  # fmt: skip
            content = msgspec.json.decode(compact, type=_Content)
            validators = tuple(Validator(*one) for one in content.validators)
            trust = Trust(content.chain, validators, content.blocks, content.time_ms)
            return TrustedStore(trust, content.genesis, path)
        except (ValueError, OverflowError, RecursionError) as fault:
            refuse(unreadable, file=name, reason=str(fault)[:200])

    # ---- blocks --------------------------------------------------------------------------------

    @property
    def blocks(self) -> tuple[LightBlock, ...]:
        """Everything that is trusted, upwards; the first may be the genesis, at height 0."""
        return tuple(self._blocks)

    @property
    def newest(self) -> LightBlock:
        """The highest trusted block."""
        return self._blocks[-1]

    @property
    def oldest(self) -> LightBlock:
        """Where trust begins."""
        return self._blocks[0]

    def nearest(self, height: int) -> LightBlock | None:
        """The highest trusted block that is not above a height."""
        place = bisect.bisect_right(self._blocks, height, key=lambda one: one.height)
        return self._blocks[place - 1] if place else None

    def add(self, block: LightBlock) -> None:
        """Keep a verified block; the caller answers for it."""
        place = bisect.bisect_left(self._blocks, block.height, key=lambda one: one.height)
        if place < len(self._blocks) and self._blocks[place].height == block.height:
            return
        self._blocks.insert(place, block)
        while len(self._blocks) > MAX_BLOCKS or self._bytes() > MAX_FILE_BYTES // 2:
            if len(self._blocks) <= 2:
                return
            self._thin()

    def _bytes(self) -> int:
        largest = max(map(_size, (self._blocks[0], self._blocks[-1])))
        if largest * len(self._blocks) <= MAX_FILE_BYTES // 2:
            return 0
        return sum(map(_size, self._blocks))

    def _thin(self) -> None:
        """Forget a block between two others: one where nothing changed, or else the oldest."""
        for place in range(1, len(self._blocks) - 1):
            before, block = self._blocks[place - 1], self._blocks[place]
            if before.next_validators == block.validators == block.next_validators:
                del self._blocks[place]
                return
        del self._blocks[1]

    def trust(self) -> Trust:
        """What receipts are verified with."""
        signed = tuple(one for one in self._blocks if one.height)
        return Trust(self.chain, self._validators, signed, self._time_ms)

    # ---- the file ------------------------------------------------------------------------------

    def encode(self) -> bytes:
        """The file's bytes."""
        trust = self.trust()
        content = msgspec.json.encode(
            _Content(self.chain, self.genesis, trust.time_ms, trust.validators, trust.blocks)
        )
        checksum = content_digest(content).hex()
        return msgspec.json.encode(_File(FORMAT, checksum, msgspec.Raw(content)))

    def save(self) -> None:
        """Write the file in one step: after a power cut it is the old one or the new one."""
        if self.path is not None:
            write_private(self.path, self.encode())


def read_trust(raw: bytes, name: str = "the file") -> Trust:
    """The trust that a file holds, be it a genesis or a trust file."""
    if is_store(raw):
        return TrustedStore.decode(raw, Path(name)).trust()
    return read_genesis(raw).trust()


class _Format(msgspec.Struct):
    format: str = ""


def is_store(raw: bytes) -> bool:
    """Whether a file says that it is a trust file."""
    try:
        return msgspec.json.decode(raw, type=_Format).format == FORMAT
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _size(block: LightBlock) -> int:
    validators = len(block.validators) + len(block.next_validators)
    return (len(block.header) + len(block.commit)) * 4 // 3 + validators * _VALIDATOR_BYTES


def _chain_of(block: LightBlock) -> str:
    chain: str = _core.header_fields(block.header)["chain_id"]
    return chain
