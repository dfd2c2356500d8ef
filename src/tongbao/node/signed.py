"""What a validator of a chain of its own signed last: one key never signs two blocks of a height.

The height and id of the newest signed block stand in two places outside of the ledger: beside the
key in the node's folder, and once for this machine below `TONGBAO_STATE` (default: the user's state
folder), under a name made of chain and key. So neither an older ledger nor an older copy of the
whole folder goes on from where another block was signed already. A block is announced once both
have its id; until then nobody has seen its signature. docs/decisions/sign-state.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

import msgspec
import structlog

from tongbao.files import STATE_VARIABLE, state_folder
from tongbao.kernel.genesis import Genesis
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.wording import Text, message
from tongbao.node.application import Application, StorageFault
from tongbao.node.home import DamagedFile, HomeFault, NodeHome

log = structlog.get_logger(__name__)
SLOT_BYTES = 512
"""Two slots are written in turn, so that a torn write leaves the one before."""
_HOME_BYTES = 100


class LastSigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The newest block that a key signed."""

    chain: str
    genesis: str
    height: int
    block: str
    """Block hash, hex; empty for the founding."""
    home: str = ""
    """The folder it was signed in, for people."""


class SignedElsewhere(StorageFault):
    """The ledger here is not the one that this key signed last."""


class KeyInUse(HomeFault):
    """Another process signs with this key."""


def machine_file(genesis: Genesis, public: bytes) -> Path:
    """The machine's record of one key on one chain."""
    name = content_digest(genesis.digest().encode() + public).hex()[:32]
    return state_folder() / "signed" / f"{name}.json"


class _Record:
    """One file: two slots, each a line of JSON with its checksum, blanks to its end."""

    def __init__(self, path: Path) -> None:
        """Open or create; OSError where that cannot be."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._next = 0

    def lock(self) -> bool:
        """Keep others from signing with this key; False where one does."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def read(self) -> LastSigned | None:
        """The newer slot that is whole; None for a new file. DamagedFile where neither is."""
        raw = os.pread(self._file, 2 * SLOT_BYTES, 0)
        slots = [raw[:SLOT_BYTES], raw[SLOT_BYTES:]]
        found = [(one.height, place) for place, slot in enumerate(slots) if (one := _slot(slot))]
        if not found:
            if raw.strip():
                raise DamagedFile("{path} is damaged", path=self.path)
            return None
        place = max(found)[1]
        self._next = 1 - place
        return _slot(slots[place])

    def write(self, signed: LastSigned, *, durable: bool) -> None:
        """Write the other slot."""
        body = msgspec.json.encode(signed)
        line = body + b" " + content_digest(body).hex()[:16].encode()
        if len(line) >= SLOT_BYTES:
            raise ValueError("what was signed does not fit its place")
        os.pwrite(self._file, line.ljust(SLOT_BYTES - 1) + b"\n", self._next * SLOT_BYTES)
        if durable:
            os.fdatasync(self._file)
        self._next = 1 - self._next

    def close(self) -> None:
        """Let go of the file, and of the lock."""
        os.close(self._file)


def _slot(raw: bytes) -> LastSigned | None:
    body, _, check = raw.strip().rpartition(b" ")
    if not body or content_digest(body).hex()[:16].encode() != check:
        return None
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(body, type=LastSigned)
    return None


class SignedBlocks:
    """Both records of one key on one chain, open while the node runs."""

    def __init__(self, home: NodeHome, genesis: Genesis, public: bytes) -> None:
        """Open them. KeyInUse where another process of this machine signs with the key."""
        self._genesis = genesis
        # The end of it, in bytes of UTF-8: a slot holds no more, whatever the folder is called.
        self._home = os.fsencode(home.path.absolute())[-_HOME_BYTES:].decode("utf-8", "ignore")
        self._beside = _Record(home.last_signed_file)
        self._machine = _of_machine(machine_file(genesis, public))
        if self._machine is not None and not self._machine.lock():
            self.close()
            raise KeyInUse(
                "the key of {path} signs in another process of this machine already: one"
                " key signs in one place",
                path=home.path,
            )

    def check(self, app: Application) -> None:
        """SignedElsewhere unless the ledger holds the block that was signed last."""
        tip = app.tip
        for known in self._known():
            if known.height > tip.height:
                raise _older(known, tip.height)
            record = app.block(known.height)
            same = record is None or record.block_id[0].hex() == known.block
            if not same:
                raise SignedElsewhere(
                    "the key of this node signed block {height} of {chain} with the hash"
                    " {block}, and the ledger here has another one. {go_on}",
                    height=known.height,
                    chain=known.chain,
                    block=known.block[:16],
                    go_on=Text(GO_ON),
                )
        self.note(tip.height, tip.block_id[0] if tip.block_id else b"")

    def _known(self) -> list[LastSigned]:
        """Both records; one that is damaged is made again from the other."""
        found: list[LastSigned] = []
        damaged: list[DamagedFile] = []
        records = [one for one in (self._beside, self._machine) if one is not None]
        for record in records:
            try:
                known = record.read()
            except DamagedFile as fault:
                damaged.append(fault)
            else:
                found += [] if known is None or known.genesis != self._genesis.digest() else [known]
        if damaged and not found:
            raise DamagedFile(
                "{damaged}: it says what this validator signed last, and without it the"
                " node could sign twice. Put back its copy; where the ledger here is"
                " surely the newest, remove the file",
                damaged=damaged[0],
            )
        for one in damaged:
            log.warning("signed.made_again", meaning=f"{one}, and was written again")
        return found

    def note(self, height: int, block: bytes) -> None:
        """A block was signed; durable once this returns."""
        genesis = self._genesis
        signed = LastSigned(genesis.chain, genesis.digest(), height, block.hex(), self._home)
        self._beside.write(signed, durable=self._machine is None)
        if self._machine is not None:
            self._machine.write(signed, durable=True)

    def close(self) -> None:
        """Let go of both."""
        self._beside.close()
        if self._machine is not None:
            self._machine.close()


GO_ON = message(
    "Blocks that were acknowledged are not here. Put back the newest copy of the ledger; or, where"
    " there is none, give them up in the open: `tongbao restore BACKUP --accept-loss` goes on under"
    " a new chain name"
)


def _older(known: LastSigned, height: int) -> SignedElsewhere:
    lost = (
        Text("block {height}", height=known.height) if known.height == height + 1
        else Text("blocks {first} to {last}", first=height + 1, last=known.height)
    )  # fmt: skip
    return SignedElsewhere(
        "the ledger here ends at block {height}, and the key of this node has signed {lost} of"
        " {chain} already: it does not sign a second one of the same height. {go_on}",
        height=height, lost=lost, chain=known.chain, go_on=Text(GO_ON),
    )  # fmt: skip


def _of_machine(path: Path) -> _Record | None:
    try:
        return _Record(path)
    except OSError as fault:
        log.warning(
            "signed.not_on_machine",
            meaning=f"{path.parent} cannot be written ({fault.strerror}): an older copy of the"
            f" whole folder would not be noticed. Set {STATE_VARIABLE} to a folder that stays",
        )
        return None


def forget(genesis: Genesis, public: bytes) -> None:
    """Remove the machine's record of a key that is being removed itself."""
    machine_file(genesis, public).unlink(missing_ok=True)


def signed_on_machine(genesis: Genesis, public: bytes) -> LastSigned | None:
    """What this machine remembers of a key; None for nothing."""
    path = machine_file(genesis, public)
    if not path.exists():
        return None
    record = _Record(path)
    try:
        return record.read()
    finally:
        record.close()
