"""`tongbao backup` and `tongbao restore`: a whole node of a chain of its own, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, ledger_files, running_node
from tongbao.cli.shell.output import EXIT_HALTED, output

if TYPE_CHECKING:
    from tongbao.node.backup import Manifest

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The backup's folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    folder: Folder,
    home: Home = DEFAULT_HOME,
    keys: Annotated[
        bool, typer.Option("--keys/--no-keys", help="With the keys, which stay encrypted.")
    ] = True,
) -> None:
    """Write the ledger, the desk and the keys of a node into a new folder, also while it runs.

    Everything that was acknowledged before the backup began is in it. For an embedded node; the
    ledger of a network node is on the other nodes.
    """
    from tongbao.node.backup import BackupFault, make_backup
    from tongbao.node.backup_asked import ask_for_backup
    from tongbao.node.comet.settings import is_network_node
    from tongbao.node.home import NodeHome

    if is_network_node(home):
        output.fail(
            "{home} is a network node: keep its keys and node.toml; the ledger comes from"
            " the other nodes (docs/tutorials/network.md)",
            home=home,
        )
    place = NodeHome(home)
    try:
        if running_node(home) is not None:
            made = ask_for_backup(place, folder, keys=keys)
        else:
            with ledger_files(home) as app:
                made = make_backup(app, place, folder.absolute(), keys=keys)
    except (BackupFault, OSError, ValueError) as fault:
        output.fail("{folder}: {fault}", folder=folder, fault=fault)
    _tell(folder, made)


def restore(
    folder: Folder,
    home: Home = DEFAULT_HOME,
    newest: Annotated[
        bool,
        typer.Option("--newest", help="My word that no block was made after this backup."),
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss",
            help="Give up what was acknowledged after this backup; the chain goes on under a"
            " new name.",
        ),
    ] = False,
) -> None:
    """Put a backup into a new folder, after every byte of it was checked.

    Where blocks were signed after the backup, or nobody knows, it ends with status 3 and says how
    to go on: one key never signs two blocks of a height. So it does where a file of the backup is
    damaged: nothing is put back then.
    """
    from tongbao.kernel.codes import Refusal
    from tongbao.node.application import StorageFault
    from tongbao.node.backup import BackupFault, DamagedBackup, LossFault
    from tongbao.node.backup import restore as put_back
    from tongbao.node.home import HomeFault
    from tongbao.node.snapshot import SnapshotFault

    try:
        done = put_back(folder, home, accept_loss=accept_loss, newest=newest)
    except (LossFault, DamagedBackup) as fault:
        output.fail("{folder}: {fault}", None, EXIT_HALTED, folder=folder, fault=fault)
    except (BackupFault, SnapshotFault, StorageFault, HomeFault, Refusal, OSError) as fault:
        output.fail("{folder}: {fault}", folder=folder, fault=fault)
    made = done.made
    if done.lost:
        output.say(
            "The chain goes on as {chain} after block {height} of {chain_2}; what was"
            " acknowledged later is lost. Tell those who hold its receipts.",
            "yellow",
            chain=done.chain,
            height=made.height,
            chain_2=made.chain,
        )
    _tell(home, made, chain=done.chain)


def _tell(folder: Path, made: Manifest, chain: str = "") -> None:
    value: dict[str, Any] = {
        "folder": str(folder), "chain": chain or made.chain, "height": made.height,
        "root": made.root.hex(), "files": len(made.files), "keys": made.keys,
    }  # fmt: skip
    output.result(value, lambda: output.facts("", {name: str(v) for name, v in value.items()}))
