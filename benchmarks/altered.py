"""One byte altered, many times, in a store large enough that it was written into tables.

    .venv/bin/python -m benchmarks.altered --trials 200 --transfers 80000

Prints, per file of the store, how often the alteration was noticed at start, on reading, by the
audit, or was harmless (everything read was as before).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.node.altered import UNNOTICED, trials

from tongbao.bench.settle import Bench, Plan, drive_memory
from tongbao.node.solo import SoloEngine


def main() -> None:
    """Make the store, alter it, count."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=200)
    options.add_argument("--transfers", type=int, default=80_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    plan = Plan("single", 10_000, chosen.transfers, chosen.seed)
    bench = Bench(plan, lambda *_: None)
    try:
        envelopes = bench.sign()
        engine = SoloEngine(bench.app, bench.signer)
        engine.start()
        drive_memory(engine, envelopes, plan, lambda *_: None)
        engine.stop()
        bench.app.state.close()
        began = time.monotonic()
        with tempfile.TemporaryDirectory(dir=bench.folder.parent) as scratch:
            made = trials(bench.folder, Path(scratch), chosen.trials, chosen.seed)
            found = Counter((trial.file, trial.noticed) for trial in made)
        table: dict[str, dict[str, int]] = {}
        for (file, noticed), times in sorted(found.items()):
            table.setdefault(file, {})[noticed] = times
        unnoticed = sum(n for (_, noticed), n in found.items() if noticed == UNNOTICED)
        reported = {
            "trials": chosen.trials, "unnoticed": unnoticed, "files": table,
            "seconds": round(time.monotonic() - began),
        }  # fmt: skip
        print(json.dumps(reported, indent=2))
    finally:
        bench.close()


if __name__ == "__main__":
    main()
