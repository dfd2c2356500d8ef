"""`tongbao bench`: measure on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.commands.node.engine import EnginePath
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.bench.settle import Plan

bench = typer.Typer(help="Measure on this machine.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(bench, name="bench")


@bench.command("settle")
def settle(
    shape: Annotated[
        str, typer.Option(help="single: a signature each; bulk: 8,190 under one.")
    ] = "single",
    accounts: Annotated[int, typer.Option(min=2, help="Accounts on the ledger.")] = 100_000,
    transactions: Annotated[int, typer.Option(min=1, help="Transfers to settle.")] = 100_000,
    source: Annotated[str, typer.Option(help="Solo: memory, or http batches.")] = "memory",
    seed: Annotated[int, typer.Option(help="Seed of the load.")] = 1,
    engine: Annotated[
        str, typer.Option(help="solo; cometbft: a network, beside the engine's own kvstore.")
    ] = "solo",
    validators: Annotated[
        int, typer.Option(min=1, max=32, help="Nodes of the network, all on this machine.")
    ] = 4,
    engine_path: EnginePath = None,
) -> None:
    """Settle transfers durably as fast as it goes, and say where the time went.

    With `--engine cometbft` a network of ours and one of the engine's own application `kvstore`
    are measured in one run, with the same load and transactions of the same size.
    """
    from tongbao.bench.settle import Plan, run_settle

    if shape not in ("single", "bulk") or source not in ("memory", "http"):
        output.fail("--shape is single or bulk; --source is memory or http")
    if engine not in ("solo", "cometbft"):
        output.fail("--engine is solo or cometbft")
    plan = Plan(shape, accounts, transactions, seed)
    if engine == "cometbft":
        measured = _beside_kvstore(plan, validators, engine_path)
    else:
        measured = run_settle(plan, source, lambda *_: None)
    facts = {name: str(value) for name, value in measured.items()}
    output.result(measured, lambda: output.facts("bench settle", facts))


def _beside_kvstore(plan: Plan, validators: int, engine_path: Path | None) -> dict[str, Any]:
    from tongbao.bench.engine import run_beside_kvstore
    from tongbao.node.comet.install import EngineMissing, find

    try:
        program = find(engine_path).path
    except EngineMissing as missing:
        output.fail("{fault}", fault=missing)
    return run_beside_kvstore(plan, validators, program, lambda *_: None)
