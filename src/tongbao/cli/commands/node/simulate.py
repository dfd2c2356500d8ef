"""`tongbao sim`: many replicas on one seed, with faults."""

from __future__ import annotations

from typing import Annotated

import typer

from tongbao.cli.shell.output import output
from tongbao.sdk.quantities import BadQuantity, parse_count

MOST_SEED = 2**63 - 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sim")(sim)


def sim(
    seeds: Annotated[str, typer.Option(help="One seed, or a range A-B.")] = "1-4",
    steps: Annotated[int, typer.Option(min=1, help="Transactions drawn for each seed.")] = 500,
    modules: Annotated[
        str, typer.Option(help="Draw of these modules alone, e.g. `exchange,corridors`.")
    ] = "",
) -> None:
    """Simulate: hostile and valid transactions, crashes, an independent model of balances."""
    from tongbao.simulator import simulate_command
    from tongbao.simulator.modules import GENERATORS

    first, _, last = seeds.partition("-")
    try:
        begin = parse_count(first, 0, MOST_SEED)
        chosen = range(begin, parse_count(last or first, begin, MOST_SEED) + 1)
    except BadQuantity as fault:
        output.fail_quantity("--seeds", fault)
    focus = tuple(filter(None, modules.split(",")))
    unknown = sorted(set(focus) - {tag.partition(".")[0] for tag in GENERATORS})
    if unknown:
        names = ", ".join(unknown)
        output.fail("--modules: no such module: {names}", names=names)
    raise SystemExit(simulate_command(chosen, steps, output.json, focus))
