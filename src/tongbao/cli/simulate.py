"""`tongbao sim`: many replicas on one seed, with faults."""

from __future__ import annotations

from typing import Annotated

import typer

from tongbao.cli.output import output


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sim")(sim)


def sim(
    seeds: Annotated[str, typer.Option(help="One seed, or a range A-B.")] = "1-4",
    steps: Annotated[int, typer.Option(min=1, help="Transactions drawn for each seed.")] = 500,
) -> None:
    """Simulate: hostile and valid transactions, crashes, an independent model of balances."""
    from tongbao.simulator import simulate_command

    first, _, last = seeds.partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        output.fail(f"--seeds {seeds}: a number or A-B", f"--seeds {seeds}：应为一个数字或 A-B")
    chosen = range(int(first), int(last or first) + 1)
    raise SystemExit(simulate_command(chosen, steps, output.json))
