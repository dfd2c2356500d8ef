"""The command: seeds on all cores, progress while they run, figures at the end."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tongbao.kernel.codes import OK
from tongbao.kernel.registry import Registry
from tongbao.simulator.fleet import run_many
from tongbao.simulator.modules import GENERATORS, MODULES
from tongbao.simulator.report import Report


def simulate_command(
    seeds: Sequence[int], steps: int, json: bool, modules: Sequence[str] = ()
) -> int:
    """Run the seeds and print what they did; 1 where one of them met a fault."""
    columns = (
        TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TextColumn("seeds"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("seeds", total=len(seeds))
        report = run_many(seeds, steps, progress=lambda _: progress.advance(task), focus=modules)
    codes = Registry(MODULES).codes
    unreached = [codes[n].name for n in report.never_reached(codes)]
    if json:
        reported = report.plain() | {
            "codes_never_reached": unreached,
            "kinds_never_done": report.never_done(GENERATORS),
        }
        sys.stdout.write(msgspec.json.encode(reported).decode() + "\n")
    else:
        _show(report, unreached)
    return int(bool(report.faults))


def _show(report: Report, unreached: list[str]) -> None:
    console = Console()
    table = Table("kind", "done", "refused", title=f"{len(report.seeds)} seeds")
    for tag in sorted(GENERATORS):
        table.add_row(tag, str(report.done[tag]), str(report.refused[tag]))
    console.print(table)
    answered = sum(count for code, count in report.codes.items() if code != OK)
    console.print(
        f"{report.steps} envelopes, {report.blocks} blocks, {answered} refusals, "
        f"{report.timers} timer events, {report.crashes} crashes, {report.torn} torn writes, "
        f"{report.elapsed_s:.1f} s"
    )
    if unreached:
        console.print(f"codes that never answered: {', '.join(unreached)}")
    for fault in report.faults:
        console.print(f"FAULT {fault}", style="bold red", markup=False)
    console.print("no law was broken" if not report.faults else f"{len(report.faults)} faults")
