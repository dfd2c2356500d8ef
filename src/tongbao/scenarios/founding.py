"""Setting up the demonstration's folder: genesis, validator key, wallet with everybody's keys."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tongbao.files import sync_folder, write_private
from tongbao.gateway.viewers.access import GRANTS, Grant, digest_of, new_token, write_grants
from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.wording import Text, message
from tongbao.keyfiles import harden
from tongbao.node.clock import utc_ms
from tongbao.node.home import DamagedFile, HomeFault, NodeHome, ValidatorKey
from tongbao.node.signed import forget
from tongbao.scenarios import markets
from tongbao.scenarios.consortium import (
    CHECKER,
    MAKER,
    MEMBERS,
    NEWCOMERS,
    OPERATOR,
    Member,
    genesis,
    key_of,
)
from tongbao.sdk.tokens import write_people
from tongbao.sdk.wallet import Wallet

PASSPHRASE_FILE = "DEMONSTRATION-PASSPHRASE"  # noqa: S105 - a file's name


MAKING, MADE = "founding.new", "founding"
"""Where a folder's first files are made, and what that is called once they are whole."""
LAST = "genesis.json"
RESETTING = "being-removed"
Say = Callable[[str], None]


def needs_founding(path: Path) -> bool:
    """Whether a demonstration is still to be made in a folder, or to be completed."""
    return (path / MADE).exists() or not (path / LAST).exists()


def is_demonstration(path: Path) -> bool:
    """Whether everything in a folder comes from a demonstration, begun or removed half-way."""
    whole = (path / LAST).exists() and (path / "wallet").is_dir()
    begun = (path / MADE).exists() or (path / MAKING).exists() or (path / RESETTING).exists()
    return whole or begun or (path / "wallet" / PASSPHRASE_FILE).exists()


def remove(path: Path) -> None:
    """Empty a demonstration's folder; whoever is ended on the way goes on with it next time."""
    write_private(path / RESETTING, b"")
    _forget(path)
    for one in path.iterdir():
        if one.name != RESETTING:
            shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink()
    (path / RESETTING).unlink()


def _forget(path: Path) -> None:
    """What this machine remembers of the key goes with the key."""
    with contextlib.suppress(HomeFault):
        genesis = NodeHome(path).genesis()
        for one in genesis.validators:
            forget(genesis, one.public)


def set_up(path: Path, say: Say = lambda text: None) -> None:
    """Make the folder of a new demonstration, or complete one that was begun.

    The passphrase stands beside the keys: this is a demonstration. A real node keeps it elsewhere.
    Everything is made beside its place first. So whoever is ended at any moment leaves either
    nothing that counts, or all of it, which the next start puts in its place.
    """
    if (path / RESETTING).exists():
        remove(path)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path / MADE
    if not made.exists():
        _require_new(path)
        making = path / MAKING
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        _make(making, say)
        making.rename(made)
        sync_folder(path)
    for one in sorted(made.iterdir(), key=lambda one: one.name == LAST):
        one.rename(path / one.name)
    sync_folder(path)
    made.rmdir()


def _require_new(path: Path) -> None:
    """What only follows a founding is not founded again: its genesis is gone."""
    home = NodeHome(path)
    for one in (home.ledger, home.validator_file, path / "wallet"):
        if one.exists():
            raise DamagedFile(
                "{genesis_file} is missing, and {name} beside it says that a node was"
                " founded here. {begin_anew}",
                genesis_file=home.genesis_file,
                name=one.name,
                begin_anew=Text(BEGIN_ANEW),
            )


def _make(path: Path, say: Say) -> None:
    say("Making the keys of the demonstration")
    home = NodeHome(path)
    passphrase = make_passphrase(path / "wallet")
    hardened = harden(passphrase)
    _add_keys(Wallet(path / "wallet", passphrase, hardened), (*MEMBERS, *NEWCOMERS))
    validator = ValidatorKey.create(home.validator_file, hardened)
    _know_people(path)
    say("Writing the genesis")
    time_ms = utc_ms()
    first = GenesisValidator(OPERATOR, validator.public)
    write_private(home.genesis_file, genesis(first, time_ms, markets.founded(time_ms)).encode())


def _know_people(path: Path) -> None:
    """A token for everybody who has a desk: the node knows its digest, the folder's owner all."""
    everybody = (*MEMBERS, *NEWCOMERS)
    people = {f"{one.id}/{label}": new_token() for one in everybody for label in (MAKER, CHECKER)}
    grants = []
    for name, token in people.items():
        party, _, person = name.partition("/")
        grants.append(Grant(digest_of(token), party=party, person=person))
    write_people(path, people)
    write_grants(path / GRANTS, grants)


def make_wallet(path: Path, extra: Sequence[Member] = ()) -> bytes:
    """A wallet below `path` with the keys of every desk; its passphrase, which stands beside it."""
    folder = path / "wallet"
    passphrase = make_passphrase(folder)
    _add_keys(Wallet(folder, passphrase, harden(passphrase)), (*MEMBERS, *NEWCOMERS, *extra))
    return passphrase


def _add_keys(wallet: Wallet, members: Iterable[Member]) -> None:
    """Each key is made durable; waiting for the disk is shared."""
    desks = [(member.id, label) for member in members for label in (MAKER, CHECKER)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda desk: wallet.add(desk[0], desk[1], key_of(*desk)), desks))


def make_passphrase(folder: Path) -> bytes:
    """A new passphrase in a new folder for keys that are there to be tried out."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    passphrase = secrets.token_urlsafe(24).encode()
    write_private(folder / PASSPHRASE_FILE, passphrase)
    return passphrase


def passphrase_of(path: Path) -> bytes:
    """The demonstration's passphrase; DamagedFile where it is gone."""
    file = path / "wallet" / PASSPHRASE_FILE
    try:
        found = file.read_bytes().strip()
    except OSError as fault:
        raise DamagedFile(
            "{file} cannot be read: {strerror}. {begin_anew}",
            file=file,
            strerror=fault.strerror,
            begin_anew=Text(BEGIN_ANEW),
        ) from fault
    if not found:
        raise DamagedFile("{file} is empty. {begin_anew}", file=file, begin_anew=Text(BEGIN_ANEW))
    return found


BEGIN_ANEW = message("Put back its copy, or begin anew with `tongbao dev --reset`")
