"""Many seeds on all cores: each process with its own hash seed and its own idea of the date."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tongbao.simulator.report import Report

Progress = Callable[[Report], None]
"""Called after every seed with the figures of that seed alone."""
SEEDS_A_PROCESS = 5


class Chunk(NamedTuple):
    """Seeds for one process."""

    seeds: tuple[int, ...]
    hash_seed: int
    shift_days: int
    """By how many days its clock is wrong."""


def run_many(
    seeds: Iterable[int],
    steps: int,
    jobs: int | None = None,
    progress: Progress | None = None,
    recheck_every: int = 10,
    focus: Sequence[str] = (),
) -> Report:
    """Run every seed in processes of different hash seeds; the figures added up.

    Every `recheck_every`-th seed runs twice, under another hash seed and date, and has to end with
    the same digest. A failing seed is a line in `faults` and counts with what it did until then;
    the others still run.
    """
    wanted = list(seeds)
    started = time.perf_counter()
    total = Report()
    digests: dict[int, str] = {}

    def note(one: Report) -> None:
        total.add(one)
        digests.update(zip(one.seeds, [one.digest], strict=False))
        if progress is not None:
            progress(one)

    def compare(one: Report) -> None:
        for seed in one.seeds:
            first = digests.get(seed)
            if one.faults and first:
                total.faults += one.faults  # met under this hash seed and date alone
            elif not one.faults and first not in (None, "", one.digest):
                total.faults.append(
                    f"seed {seed}: another hash seed and date give another digest |"
                    f" tongbao sim --seeds {seed} --steps {steps}"
                )

    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        list(pool.map(lambda chunk: _run(chunk, steps, note, focus), _chunks(wanted, 0)))
        again = wanted[::recheck_every] if recheck_every else []
        list(pool.map(lambda chunk: _run(chunk, steps, compare, focus), _chunks(again, 1)))
    total.elapsed_s = time.perf_counter() - started
    return total


def _chunks(seeds: Sequence[int], turn: int) -> list[Chunk]:
    return [
        Chunk(
            tuple(seeds[start : start + SEEDS_A_PROCESS]),
            hash_seed=1 + seeds[start] * 2 + turn * 7_919,
            shift_days=(seeds[start] * 997 + turn * 4_001) % 20_000 - 10_000,
        )
        for start in range(0, len(seeds), SEEDS_A_PROCESS)
    ]


def _run(chunk: Chunk, steps: int, note: Progress, focus: Sequence[str]) -> None:
    """One process; it prints one report a line."""
    numbers = ",".join(map(str, chunk.seeds))
    command = [
        sys.executable, "-m", "tongbao.simulator", numbers, str(steps),
        "--shift-days", str(chunk.shift_days), "--modules", ",".join(focus),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONHASHSEED": str(chunk.hash_seed % 2**32)}
    done = 0
    with subprocess.Popen(  # noqa: S603  this very interpreter and module
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            note(Report.decode(line))
            done += 1
        error = process.stderr.read().decode(errors="replace").strip().splitlines()
    for seed in chunk.seeds[done:]:
        last = error[-1] if error else "no word"
        fault = f"seed {seed}: the process ended: {last} | tongbao sim --seeds {seed}"
        note(Report(seeds=[seed], faults=[f"{fault} --steps {steps}"]))
