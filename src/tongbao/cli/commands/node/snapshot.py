"""`tongbao snapshot`: the whole state at one height, in files that prove themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, ledger_files
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.node.snapshot import Manifest

group = typer.Typer(help="The whole state at one height.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The snapshot's folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="snapshot")


@group.command("export")
def export(folder: Folder, home: Home = DEFAULT_HOME) -> None:
    """Write the newest state of a stopped node, embedded or of a network, into a new folder."""
    from tongbao.node.snapshot import SnapshotFault, export_snapshot

    with ledger_files(home) as app:
        try:
            made = export_snapshot(app, folder)
        except (SnapshotFault, OSError) as fault:
            output.fail("{folder}: {fault}", folder=folder, fault=fault)
    _tell(folder, made)


@group.command("verify")
def verify(
    folder: Folder,
    trust: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Genesis file that you trust; "
                     "default: the one in the folder, whose digest you compare."),
    ] = None,
) -> None:  # fmt: skip
    """Check the proving block's commit, every chunk, and the root over all rows."""
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.genesis import read_genesis
    from tongbao.node.snapshot import GENESIS, SnapshotFault, check_root, read_snapshot

    try:
        genesis = read_genesis((trust or folder / GENESIS).read_bytes())
        made = read_snapshot(folder, genesis)
        check_root(folder, made)
    except (SnapshotFault, Refusal, OSError) as fault:
        output.fail(
            "{folder}: not verified: {fault}", {"verified": False}, folder=folder, fault=fault
        )
    _tell(folder, made)


def _tell(folder: Path, made: Manifest) -> None:
    value: dict[str, Any] = {
        "folder": str(folder), "chain": made.chain, "genesis": made.genesis,
        "height": made.height, "root": made.app_hash.hex(), "chunks": len(made.chunks),
    }  # fmt: skip
    output.result(value, lambda: output.facts("", {name: str(v) for name, v in value.items()}))
