"""The genesis: what everyone agrees on before the first block, and what verifiers trust."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from tongbao.kernel.blocks import Written
from tongbao.kernel.codes import Code, Retry, refuse, require
from tongbao.kernel.hashing import STATE_HASHES, content_digest
from tongbao.kernel.names import CHAIN, DEFAULT_MEMORY_MS
from tongbao.kernel.pipeline import perform_approved
from tongbao.kernel.protocols import STEPS, state_hash_of, suites_of, version_at
from tongbao.kernel.receipts import Trust
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import SUITES, USUAL_SUITES
from tongbao.kernel.text import is_plain
from tongbao.kernel.transaction import MAX_EXPIRY_MS, Event
from tongbao.kernel.validators import SEATS, Seat, Validator
from tongbao.kernel.views import BlockContext, DraftSource, WriteView
from tongbao.kernel.wording import Text

FORMAT = "tongbao.genesis/1"
MAX_POWER = 2**40
"""Far above any use, and far below where CometBFT's sums would overflow."""


class GenesisCode(Code):
    """Why a genesis is not taken."""

    UNREADABLE = (121, Retry.NEVER, "this is not a genesis: {reason:word}")
    UNKNOWN_SUITE = (
        122,
        Retry.NEVER,
        "the genesis names the signature suite {suite}, and this release of Tongbao knows {known}",
    )
    MEMORY_TOO_SHORT = (
        123,
        Retry.NEVER,
        "names would be kept for {memory_ms:duration}, less than the longest expiry,"
        " {limit_ms:duration}",
    )
    UNKNOWN_HASH = (
        124,
        Retry.NEVER,
        "the genesis names the state hash {hash}, and this release of Tongbao knows {known}",
    )


class GenesisValidator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One who signs blocks from the first."""

    name: str
    public: bytes
    """Ed25519 public key."""
    power: int = 1


class Predecessor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chain that this one continues, and its last block: what a snapshot of it has to be."""

    chain: str
    genesis: str
    """Digest of its genesis, hex."""
    height: int
    """Its last block that counts; the new chain's heights go on from here."""
    time_ms: int
    """Time of that block."""
    block: bytes
    """Hash of that block's header."""
    app_hash: bytes
    """State root after that block."""
    validators: tuple[GenesisValidator, ...]
    """Those of its genesis: from them its receipts lead on, where others signed later."""


class Genesis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    chain: str
    """Name of the chain; part of every signature."""
    time_ms: int
    """UTC milliseconds; the first block is later."""
    validators: tuple[GenesisValidator, ...]
    format: str = FORMAT
    protocol: int = 1
    """Version of the rules at the first block."""
    hash: str = STATE_HASHES[0]
    """What the state tree and the digests of results are made with (`hashing.state_hash`)."""
    suites: tuple[str, ...] = USUAL_SUITES
    """Signature suites that the chain accepts, each once."""
    name_memory_ms: int = DEFAULT_MEMORY_MS
    """How long a transaction's name is kept."""
    actions: msgspec.Raw = msgspec.Raw(b"[]")
    """JSON array of actions, applied without approvals before the first block."""
    predecessor: Predecessor | msgspec.UnsetType = msgspec.UNSET
    """Left out by a chain that begins with nothing."""

    @property
    def before(self) -> Predecessor | None:
        """The chain that this one continues, or None."""
        return self.predecessor if isinstance(self.predecessor, Predecessor) else None

    @property
    def founding_height(self) -> int:
        """Height at which the genesis acts; the first block has the next one."""
        return self.before.height + 1 if self.before else 0

    def encode(self) -> bytes:
        """The file's bytes."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    def digest(self) -> str:
        """SHA-256 of the compact form, in hex: what institutions compare."""
        return content_digest(msgspec.json.encode(self)).hex()

    def trust(self) -> Trust:
        """What a verifier of receipts starts from."""
        before = self.before
        earlier = None
        if before is not None:
            earlier = Trust(before.chain, _plain(before.validators), until=before.height)
        time_ms = max(self.time_ms - 1, 0)
        return Trust(self.chain, _plain(self.validators), time_ms=time_ms, before=earlier)


def _plain(validators: tuple[GenesisValidator, ...]) -> tuple[Validator, ...]:
    return tuple(Validator(one.public, one.power) for one in validators)


class Founded(NamedTuple):
    """What the genesis wrote."""

    events: tuple[Event, ...]
    block: BlockContext
    writes: tuple[Written, ...] = ()
    """What it wrote to tables that people list."""


def read_genesis(raw: bytes) -> Genesis:
    """Decode and check a genesis file; a Refusal says what is wrong."""
    try:
        # Compact first, so that layout does not enter the digest through the raw actions.
        genesis = msgspec.json.decode(msgspec.json.format(raw, indent=-1), type=Genesis)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refuse(GenesisCode.UNREADABLE, reason=str(error)[:200])
    unreadable = GenesisCode.UNREADABLE
    require(genesis.format == FORMAT, unreadable, reason=genesis.format[:40])
    require(0 < len(genesis.chain) <= 50, unreadable, reason="chain has 1 to 50 characters")
    require(genesis.validators, unreadable, reason="it names no validator")
    for validator in genesis.validators:
        require(
            len(validator.public) == 32 and 0 < validator.power <= MAX_POWER,
            unreadable,
            reason=Text(
                "validator {name} needs a 32-byte key and a power above zero",
                name=validator.name[:40],
            ),
        )
        require(
            0 < len(validator.name) <= 64 and is_plain(validator.name),
            unreadable,
            reason="a validator's name has 1 to 64 printable characters",
        )
    _require_known(genesis)
    require(genesis.protocol > 0, unreadable, reason="a protocol version is above zero")
    names = {validator.name for validator in genesis.validators}
    keys = {validator.public for validator in genesis.validators}
    require(
        len(names) == len(keys) == len(genesis.validators),
        unreadable,
        reason="two validators share a name or a key",
    )
    require(
        genesis.name_memory_ms >= MAX_EXPIRY_MS,
        GenesisCode.MEMORY_TOO_SHORT,
        memory_ms=genesis.name_memory_ms,
        limit_ms=MAX_EXPIRY_MS,
    )
    if genesis.before:
        _check_predecessor(genesis, genesis.before)
    return genesis


def _check_predecessor(genesis: Genesis, before: Predecessor) -> None:
    unreadable = GenesisCode.UNREADABLE
    hashes = len(before.block) == len(before.app_hash) == 32 and len(before.genesis) == 64
    sound = before.height > 0 and hashes and before.validators
    require(sound, unreadable, reason="the predecessor needs a height, validators and hashes")
    later = genesis.time_ms > before.time_ms
    require(later, unreadable, reason="the genesis is not later than the predecessor's last block")
    other = genesis.chain != before.chain
    require(other, unreadable, reason="a chain that continues another has a name of its own")


def _require_known(genesis: Genesis) -> None:
    """Refuse a suite or a hash of which this release has no implementation."""
    named, known = genesis.hash, ", ".join(STATE_HASHES)
    require(named in STATE_HASHES, GenesisCode.UNKNOWN_HASH, hash=named[:40], known=known)
    require_known_suites(genesis.suites)


def require_known_suites(suites: tuple[str, ...]) -> None:
    """Refuse to accept no suite, one twice, or one that this release cannot verify."""
    once = 0 < len(set(suites)) == len(suites)
    require(once, GenesisCode.UNREADABLE, reason="it names signature suites, each once")
    for suite in suites:
        known = ", ".join(SUITES)
        require(suite in SUITES, GenesisCode.UNKNOWN_SUITE, suite=suite[:40], known=known)


def found(draft: DraftSource, genesis: Genesis, registry: Registry) -> Founded:
    """Write the state before the first block into a draft: empty, or over the predecessor's."""
    block = BlockContext(genesis.chain, genesis.founding_height, genesis.time_ms, founding=True)
    ledger = WriteView(draft, block, registry, party="genesis", reference="genesis")
    ledger.put(CHAIN, "name_memory_ms", value=str(genesis.name_memory_ms))
    ledger.put(CHAIN, "genesis", value=genesis.digest())
    if genesis.before:
        for (name,), _ in list(ledger.scan(SEATS)):
            ledger.delete(SEATS, name)
        holds = version_at(ledger, block.height + 1)
        other = Text(
            "the predecessor goes by protocol {holds}, not {given}",
            holds=holds, given=genesis.protocol,
        )  # fmt: skip
        require(genesis.protocol == holds, GenesisCode.UNREADABLE, reason=other)
        hashed = state_hash_of(ledger)
        other = Text(
            "the predecessor's state is hashed by {hashed}, not {given}",
            hashed=hashed, given=genesis.hash,
        )  # fmt: skip
        require(genesis.hash == hashed, GenesisCode.UNREADABLE, reason=other)
        left_out = ", ".join(one for one in suites_of(ledger) if one not in genesis.suites)
        other = Text(
            "keys of the predecessor are of suite {suites}, which the genesis leaves out",
            suites=left_out,
        )
        require(not left_out, GenesisCode.UNREADABLE, reason=other)
    else:
        ledger.put(STEPS, 0, value=genesis.protocol)
    ledger.put(CHAIN, "hash", value=genesis.hash)
    ledger.put(CHAIN, "suites", value=" ".join(genesis.suites))
    for validator in genesis.validators:
        ledger.put(SEATS, validator.name, value=Seat(validator.public, validator.power))
    try:
        actions = registry.action_decoder.decode(genesis.actions)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refuse(GenesisCode.UNREADABLE, reason=Text("actions: {fault}", fault=str(error)[:200]))
    for action in actions:
        action.check()
    events = tuple(perform_approved(ledger, actions))
    return Founded(events, block, tuple(Written(-1, *row) for row in ledger.writes()))
