"""`make soak`: random faults for minutes, and figures at the end.

One seed draws the kinds, nodes and lengths of the faults and what the clients do; how processes
interleave it does not decide, so a seed makes a run alike, not the same.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from tests.network.faults.checker import checker
from tests.network.faults.network import Network
from tests.network.faults.report import Run, passed

from tongbao.node.comet.install import find

PAUSE_S, HOLD_S = (1.0, 6.0), (2.0, 12.0)


def soak(seed: int, minutes: float, wiring: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The figures, and what is wrong with them."""
    os.environ.setdefault("TONGBAO_ENGINE", str(find().path))
    network = Network(folder / "net", 4, wiring)
    try:
        run = Run(network, checker(), seed)
        figures = run.play(lambda nemesis: nemesis.rage(minutes * 60, PAUSE_S, HOLD_S))
    finally:
        network.close()
    wrong = passed(figures)
    return figures | {"passed": not wrong, "wrong": wrong}, wrong


def main() -> int:
    """Run, print, and say by the exit status whether all promises were kept."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--wiring", choices=("", "namespaces", "proxies"), default="")
    options.add_argument("--keep", action="store_true", help="keep the nodes' folders")
    chosen = options.parse_args()
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
