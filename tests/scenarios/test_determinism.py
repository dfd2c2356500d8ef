"""One integer replays everything: other hash seeds and other dates change no byte."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tongbao.kernel.pipeline import InternalFault
from tongbao.simulator import Report, run, run_many, world
from tongbao.simulator.__main__ import main
from tongbao.simulator.report import SimulationFault

STEPS = 300


def elsewhere(seed: int, hash_seed: int, shift_days: int) -> Report:
    """The same seed in another interpreter, with another hash seed, on another day."""
    command = [sys.executable, "-m", "tongbao.simulator", str(seed), str(STEPS)]
    done = subprocess.run(
        [*command, "--shift-days", str(shift_days)],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "TZ": "Pacific/Kiritimati"},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2_000:]
    return Report.decode(done.stdout)


def test_two_interpreters_with_other_hash_seeds_and_dates_give_the_same_roots() -> None:
    here = run(7, STEPS)
    for hash_seed, shift_days in ((0, 0), (1, -9_000), (4_294_967_295, 20_000)):
        there = elsewhere(7, hash_seed, shift_days)
        assert there.digest == here.digest
        assert (there.codes, there.done) == (here.codes, here.done)


def test_another_seed_is_another_history() -> None:
    assert run(8, 60).digest != run(9, 60).digest


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_a_seed_plays_without_a_broken_law(seed: int) -> None:
    report = run(seed, STEPS)
    assert report.steps == STEPS
    assert report.blocks > 10


def test_a_world_of_some_modules_draws_of_them_and_of_their_plays_alone() -> None:
    report = run(104, STEPS, ("exchange", "corridors"))
    kinds = {tag.partition(".")[0] for tag in report.done}
    assert {"exchange", "corridors", "accounts"} <= kinds
    assert not kinds & {"governance", "settlement"}
    fault = SimulationFault("no", 1, 2, focus=("exchange", "corridors"))
    assert str(fault).endswith("tongbao sim --seeds 1 --steps 2 --modules exchange,corridors")


def test_many_seeds_run_on_all_cores_and_are_added_up() -> None:
    seen: list[int] = []
    report = run_many(
        range(1, 5), 150, jobs=2, progress=lambda one: seen.extend(one.seeds), recheck_every=2
    )
    assert report.faults == []
    assert sorted(seen) == sorted(report.seeds) == [1, 2, 3, 4]
    assert report.steps == 600
    assert sum(report.done.values()) > 0


def test_a_failing_seed_is_one_line_that_replays_it() -> None:
    fault = SimulationFault("the sums differ", seed=17, steps=2_000, step=31)
    assert str(fault) == ("seed 17, step 31: the sums differ | tongbao sim --seeds 17 --steps 2000")


@pytest.mark.parametrize("kind", [SimulationFault, InternalFault, ZeroDivisionError])
def test_a_seed_that_meets_a_fault_keeps_what_it_covered_until_then(
    kind: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    blocks = 0

    def spoiled(*_: object) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 12:
            raise kind("the sums differ")

    monkeypatch.setattr(world, "audit_block", spoiled)
    assert main(["101-102", str(STEPS)]) == 1
    met, sound = (Report.decode(line) for line in capfdbinary.readouterr().out.splitlines())
    assert 0 < met.steps < STEPS and met.blocks > 0 and met.elapsed_s > 0
    assert sum(met.codes.values()) > 0 and sum(met.done.values()) > 0 and met.digest == ""
    [line] = met.faults
    assert line.startswith(f"seed 101, step {met.steps}: ") and "--seeds 101 --steps 300" in line
    assert (sound.steps, sound.faults) == (STEPS, [])
    total = Report()
    total.add(met)
    total.add(sound)
    assert total.steps == met.steps + STEPS and total.faults == [line]
