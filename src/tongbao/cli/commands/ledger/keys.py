"""`tongbao keys`: keys in a folder, encrypted at rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home
from tongbao.cli.client.wallets import PassphraseFile, WalletFolder, open_wallet
from tongbao.cli.shell.output import output

keys = typer.Typer(help="Signing keys, encrypted at rest.", no_args_is_help=True)
Party = Annotated[str, typer.Argument(help="Party whose key it is.")]
Name = Annotated[str, typer.Argument(help="Key name, party--label.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")


def _facts(key: Any) -> dict[str, str]:
    """What others may know; `registered` is what actions take that give a party a key."""
    return {
        "name": key.name,
        "party": key.party,
        "label": key.label,
        "suite": key.suite,
        "id": key.id,
        "public": key.public.hex(),
        "registered": msgspec.json.encode(key.ledger_key()).decode(),
    }


@keys.command("create")
def create(
    party: Party,
    label: Annotated[str, typer.Option(help="Desk or device.")] = "main",
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a new Ed25519 key."""
    from tongbao.sdk.wallet import WalletFault

    try:
        key = open_wallet(home, wallet, passphrase_file).create(party, label)
    except WalletFault as fault:
        output.fail("{fault}", fault=fault)
    output.result(_facts(key), lambda: output.facts(key.name, _facts(key)))


@keys.command("list")
def list_keys(
    party: Annotated[str, typer.Option(help="Only this party's.")] = "",
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
) -> None:
    """List the keys of a folder."""
    found = [_facts(key) for key in open_wallet(home, wallet, None).keys(party or None)]
    rows = [[one["name"], one["suite"], one["id"]] for one in found]
    title = output.text("Keys")
    output.result({"items": found}, lambda: output.table(title, ["name", "suite", "id"], rows))


@keys.command("show")
def show(name: Name, home: Home = DEFAULT_HOME, wallet: WalletFolder = None) -> None:
    """Show what others may know of a key."""
    from tongbao.sdk.wallet import WalletFault

    try:
        key = open_wallet(home, wallet, None).public(name)
    except WalletFault as fault:
        output.fail("{fault}", fault=fault)
    output.result(_facts(key), lambda: output.facts(key.name, _facts(key)))


@keys.command("export")
def export(name: Name, home: Home = DEFAULT_HOME, wallet: WalletFolder = None) -> None:
    """Print the public key as PEM. Private keys are not exported."""
    from tongbao.sdk.wallet import WalletFault

    try:
        typer.echo(open_wallet(home, wallet, None).export_public(name).decode().rstrip())
    except WalletFault as fault:
        output.fail("{fault}", fault=fault)


@keys.command("import")
def import_key(
    party: Party,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PKCS#8 PEM file.")],
    label: Annotated[str, typer.Option(help="Desk or device.")] = "main",
    file_passphrase: Annotated[
        Path | None, typer.Option(help="File with the PEM's own passphrase.")
    ] = None,
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Take an existing Ed25519 key into the folder."""
    from tongbao.sdk.wallet import WalletFault

    own = file_passphrase.read_bytes().strip() if file_passphrase else None
    try:
        target = open_wallet(home, wallet, passphrase_file)
        key = target.import_pem(party, label, file.read_bytes(), own)
    except WalletFault as fault:
        output.fail("{fault}", fault=fault)
    output.result(_facts(key), lambda: output.facts(key.name, _facts(key)))
