"""`make soak`: faults that overlap at random, for minutes, and figures at the end.

One seed draws what goes wrong, where, when and for how long (`--plan 20` prints it), and what the
clients do; how processes interleave it does not decide, so a seed makes a run alike, not the same.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from tests.network.faults.checker import checker
from tests.network.faults.nemesis import Nemesis
from tests.network.faults.network import Network
from tests.network.faults.report import Run, passed
from tests.network.faults.schedule import storms

from tongbao.node.comet.install import find

NODES = 4


def soak(seed: int, minutes: float, wiring: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong with them."""
    os.environ.setdefault("TONGBAO_ENGINE", str(find().path))
    network = Network(folder / "net", NODES, wiring)
    try:
        network.start()
        run = Run(network, checker(), seed)
        figures = run.play(lambda nemesis: _all(nemesis, seed, minutes * 60))
    finally:
        network.close()
    wrong = passed(figures)
    return figures | {"passed": not wrong, "wrong": wrong}, wrong


def _all(nemesis: Nemesis, seed: int, seconds: float) -> None:
    """First two killed at once and one of them back alone; then storms."""
    began = time.monotonic()
    nemesis.strike("two-killed", 8.0, 0, 1)
    left = seconds - (time.monotonic() - began)
    nemesis.rage(storms(seed, NODES, nemesis.network.small_disk), left)


def main() -> int:
    """Run, print, and say by the exit status whether all promises were kept."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--wiring", choices=("", "namespaces", "proxies"), default="")
    options.add_argument(
        "--plan", type=int, default=0, metavar="N", help="only print the first N storms of the seed"
    )
    options.add_argument("--keep", action="store_true", help="keep the nodes' folders")
    chosen = options.parse_args()
    if chosen.plan:
        for storm in itertools.islice(storms(chosen.seed, NODES, NODES - 1), chosen.plan):
            sys.stdout.write(f"calm {storm.calm_s:.1f} s; {storm.line()}\n")
        return 0
    # So that an interrupted run takes its namespaces and mounts down as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="tongbao-soak-"))
    wrong = ["it did not come to an end"]
    try:
        figures, wrong = soak(chosen.seed, chosen.minutes, chosen.wiring, folder)
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(figures)).decode() + "\n")
    finally:
        if chosen.keep or wrong:
            sys.stderr.write(f"the nodes' folders are kept: {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
