"""Setting up the demonstration's folder: genesis, validator key, wallet with everybody's keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tongbao.kernel.genesis import GenesisValidator
from tongbao.node.clock import utc_ms
from tongbao.node.home import NodeHome, ValidatorKey, write_private
from tongbao.scenarios.consortium import CHECKER, MAKER, MEMBERS, OPERATOR, Member, genesis, key_of
from tongbao.sdk.wallet import Wallet

PASSPHRASE_FILE = "DEMONSTRATION-PASSPHRASE"  # noqa: S105 - a file's name


def set_up(path: Path) -> None:
    """Make the folder of a new demonstration.

    The passphrase stands beside the keys: this is a demonstration. A real node keeps it elsewhere.
    """
    home = NodeHome(path)
    passphrase = make_wallet(path)
    validator = ValidatorKey.create(home.validator_file, passphrase)
    founded = genesis(GenesisValidator(OPERATOR, validator.public), utc_ms())
    # The genesis comes last: a folder that has one is complete.
    write_private(home.genesis_file, founded.encode())


def make_wallet(path: Path, members: Sequence[Member] = MEMBERS) -> bytes:
    """A wallet below `path` with the keys of every desk; its passphrase, which stands beside it."""
    folder = path / "wallet"
    passphrase = make_passphrase(folder)
    wallet = Wallet(folder, passphrase)
    desks = [(member.id, label) for member in members for label in (MAKER, CHECKER)]
    # Hardening a passphrase is slow on purpose, and runs without Python's lock.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda desk: wallet.add(desk[0], desk[1], key_of(*desk)), desks))
    return passphrase


def make_passphrase(folder: Path) -> bytes:
    """A new passphrase in a new folder for keys that are there to be tried out."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    passphrase = secrets.token_urlsafe(24).encode()
    write_private(folder / PASSPHRASE_FILE, passphrase)
    return passphrase


def passphrase_of(path: Path) -> bytes:
    """The demonstration's passphrase."""
    return (path / "wallet" / PASSPHRASE_FILE).read_bytes().strip()
