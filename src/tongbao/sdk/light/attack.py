"""Two blocks of one height, both signed by enough: the evidence of it, in a file."""

from __future__ import annotations

import msgspec

from tongbao import _core
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.light import SUCCESS, LightBlock, Limits, genesis_block, step, time_of

FORMAT = "tongbao.attack/1"
MAX_EVIDENCE_BYTES = 32 * 1_048_576


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block and who showed it."""

    node: str
    block: LightBlock


class Accused(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A validator whose signatures stand under both blocks."""

    address: str
    """First 20 bytes of the key's SHA-256, hex."""
    public: bytes
    power: int
    """In the first of the two sets."""


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: a common trusted block, and two blocks that cannot both follow it."""

    format: str
    chain: str
    found_at_ms: int
    common: LightBlock
    first: Shown
    second: Shown
    accused: tuple[Accused, ...]

    def encode(self) -> bytes:
        """The file's bytes: indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    @staticmethod
    def decode(raw: bytes) -> Evidence:
        """Read a file. Raises msgspec.DecodeError, or ValueError for what is no evidence."""
        if len(raw) > MAX_EVIDENCE_BYTES:
            raise ValueError("evidence is smaller than that")
        evidence = msgspec.json.decode(raw, type=Evidence)
        if evidence.format != FORMAT:
            raise ValueError(f"not of format {FORMAT}")
        return evidence

    def holds(self) -> bool:
        """Whether both blocks are of one height, differ, and have the signatures of enough."""
        first, second = self.first.block, self.second.block
        try:
            first.check(self.chain)
            second.check(self.chain)
            return first.height == second.height and first.hash() != second.hash()
        except ValueError:
            return False

    def follow(self) -> tuple[bool, bool]:
        """Whether the first and the second block follow from the common one in a single step.

        One that does not was reached over blocks between, which the file leaves out.
        """
        first, second = (
            step(self.common, shown.block, Limits(time_of(shown.block))).kind == SUCCESS
            for shown in (self.first, self.second)
        )
        return first, second

    def guilty(self) -> tuple[Accused, ...]:
        """Whose own signatures hold under both blocks: found anew, whatever the file says."""
        return _guilty(self.chain, self.first.block, self.second.block)


def make_evidence(
    chain: str, common: LightBlock, first: Shown, second: Shown, now_ms: int
) -> Evidence:
    """Put evidence together, with those who provably signed both."""
    accused = _guilty(chain, first.block, second.block)
    return Evidence(FORMAT, chain, now_ms, common, first, second, accused)


def _guilty(chain: str, first: LightBlock, second: LightBlock) -> tuple[Accused, ...]:
    return tuple(
        Accused(_core.validator_address(public).hex(), public, power)
        for public, power in first.validators
        if _signed(chain, public, first) and _signed(chain, public, second)
    )


def _signed(chain: str, public: bytes, block: LightBlock) -> bool:
    """Whether a key's own signature holds: as if it alone had been trusted before.

    The first two blocks have nothing before them; nobody is accused there.
    """
    if block.height < 3:
        return False
    alone = genesis_block(chain, [(public, 1)])
    return step(alone, block, Limits(time_of(block))).kind == SUCCESS


def file_name(evidence: Evidence) -> str:
    """What the file of an attack is called."""
    block = evidence.second.block
    name = f"attack-{evidence.chain}-{block.height}-{short_hash(block)}.json"
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in name)


def short_hash(block: LightBlock) -> str:
    """The beginning of a block's hash, for names of files; also of what is no header."""
    try:
        return block.hash().hex()[:16]
    except ValueError:
        return content_digest(block.header).hex()[:16]
