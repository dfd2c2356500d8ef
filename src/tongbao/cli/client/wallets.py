"""Which wallet a command signs with, and where its passphrase comes from."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.sdk.wallet import Wallet

DEMONSTRATION = "DEMONSTRATION-PASSPHRASE"
"""The file beside a demonstration's keys that holds their passphrase."""
PASSPHRASE_VARIABLE = "TONGBAO_PASSPHRASE"  # noqa: S105 - the variable's name
WalletFolder = Annotated[
    Path | None,
    typer.Option("--wallet", envvar="TONGBAO_WALLET", help="Key folder; default: HOME/wallet."),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="File with the passphrase; else variable or prompt."),
]


def open_wallet(home: Path, folder: Path | None, passphrase_file: Path | None) -> Wallet:
    """The wallet in a folder; the passphrase is asked for only when a key is used."""
    from tongbao.sdk.wallet import Wallet

    where = folder or home / "wallet"
    return Wallet(where, lambda name: passphrase(name, where, passphrase_file))


def passphrase(name: str, folder: Path, file: Path | None) -> bytes:
    """From a file, the environment, the demonstration's own file, or the terminal."""
    demonstration = folder / DEMONSTRATION
    for source in (file, demonstration if demonstration.exists() else None):
        if source is not None:
            return _passphrase_in(source)
    if PASSPHRASE_VARIABLE in os.environ:
        return os.environ[PASSPHRASE_VARIABLE].encode()
    if not os.isatty(0):
        output.fail(
            "key {name} needs a passphrase: --passphrase-file, or {passphrase_variable}",
            name=name,
            passphrase_variable=PASSPHRASE_VARIABLE,
        )
    return getpass.getpass(output.text("Passphrase of {name}: ", name=name)).encode()


def _passphrase_in(file: Path) -> bytes:
    try:
        found = file.read_bytes().strip()
    except OSError as fault:
        output.fail(
            "{file}: the passphrase cannot be read: {strerror}", file=file, strerror=fault.strerror
        )
    if not found:
        output.fail("{file} holds no passphrase", file=file)
    return found
