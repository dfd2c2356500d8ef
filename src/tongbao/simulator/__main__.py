"""`python -m tongbao.simulator 1-20 2000`: run seeds in this process, one JSON report a line."""

from __future__ import annotations

import argparse
import sys
import time

import msgspec

from tongbao.simulator.report import SimulationFault
from tongbao.simulator.world import run


def main(arguments: list[str]) -> int:
    """Run the seeds that the arguments name; 1 where one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tongbao.simulator", description=__doc__)
    parser.add_argument("seeds", help="7, 1-20 or 1,5,9")
    parser.add_argument("steps", type=int)
    parser.add_argument("--shift-days", type=int, default=0, help="tell this process another date")
    parser.add_argument("--modules", default="", help="draw of these alone: exchange,corridors")
    options = parser.parse_args(arguments)
    shift_date(options.shift_days)
    failed = False
    for seed in parse_seeds(options.seeds):
        try:
            report = run(seed, options.steps, modules_of(options.modules))
        except SimulationFault as fault:
            report = fault.until_then()
            failed = True
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
        sys.stdout.buffer.flush()
    return int(failed)


def parse_seeds(text: str) -> list[int]:
    """`7`, `1-20` and `1,5,9`, also mixed."""
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        seeds.extend(range(int(first), int(last) + 1) if dash else [int(first)])
    return seeds


def modules_of(text: str) -> tuple[str, ...]:
    """`exchange,corridors`; nothing is all of them."""
    return tuple(filter(None, text.split(",")))


def shift_date(days: int) -> None:
    """Make this process see another date; nothing that it computes may notice."""
    if not days:
        return
    seconds = days * 86_400
    true_time, true_time_ns = time.time, time.time_ns
    time.time = lambda: true_time() + seconds
    time.time_ns = lambda: true_time_ns() + seconds * 1_000_000_000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
