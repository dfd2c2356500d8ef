"""`tongbao bench`: measure on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from tongbao.cli.output import output

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
    source: Annotated[str, typer.Option(help="memory, or http batches.")] = "memory",
    seed: Annotated[int, typer.Option(help="Seed of the load.")] = 1,
) -> None:
    """Settle transfers durably as fast as it goes, and say where the time went."""
    from tongbao.scenarios.settle_bench import Plan, run_settle

    if shape not in ("single", "bulk") or source not in ("memory", "http"):
        output.fail(
            "--shape is single or bulk; --source is memory or http", "--shape 或 --source 无效"
        )
    plan = Plan(shape, accounts, transactions, seed)
    measured = run_settle(plan, source, lambda *_: None)
    facts = {name: str(value) for name, value in measured.items()}
    output.result(measured, lambda: output.facts("bench settle", facts))
