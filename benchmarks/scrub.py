"""What it costs that a node reads its own store again, and how long a pass takes.

    .venv/bin/python -m benchmarks.scrub --accounts 1000000 --transfers 60000

Prints the work of one pass in bytes and its shortest time; settled transfers a second with no pass
going on, with one at the default pace, and with one at the fastest pace, in turn on one ledger (the
median of the rounds), and the ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from tongbao.bench.settle import Bench, Plan
from tongbao.node.home import NodeHome
from tongbao.node.scrub import MOST_RATE, PERIOD_S, Scrubber, scrub_now
from tongbao.node.solo import SoloEngine

PACES = {"off": 0.0, "default": PERIOD_S, "fastest": 1.0}
"""Seconds a pass is to take; one second asks for more than the bound on the pace gives."""
AT_ONCE = 4_000


def settle(bench: Bench, envelopes: list[bytes], period_s: float) -> float:
    """Transfers a second, offered in groups as the engine takes them."""
    engine = SoloEngine(bench.app, bench.signer)
    genesis = NodeHome(bench.folder).genesis_file
    scrubber = Scrubber(bench.app, genesis, engine.halt, period_s)
    engine.start()
    scrubber.start()
    began = time.perf_counter()
    groups = [envelopes[at : at + AT_ONCE] for at in range(0, len(envelopes), AT_ONCE)]
    futures = [engine.submit(group) for group in groups]
    for future in futures:
        future.result(timeout=600)
    rate = len(envelopes) / (time.perf_counter() - began)
    scrubber.stop()
    engine.stop()
    assert engine.fault is None, engine.fault
    return rate


def main() -> None:
    """Found, settle in turns, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=1_000_000)
    options.add_argument("--transfers", type=int, default=60_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    plan = Plan("single", chosen.accounts, chosen.transfers * chosen.rounds)
    bench = Bench(plan, lambda *_: None)
    try:
        envelopes = bench.sign()
        share = chosen.transfers // len(PACES)
        rates: dict[str, list[float]] = {name: [] for name in PACES}
        for number in range(chosen.rounds):
            turns = list(PACES)[number % 3 :] + list(PACES)[: number % 3]
            for name in turns:
                some, envelopes = envelopes[:share], envelopes[share:]
                rates[name].append(settle(bench, some, PACES[name]))
        began, cpu = time.perf_counter(), time.thread_time()
        compared = scrub_now(bench.app.state)
        median = {name: statistics.median(found) for name, found in rates.items()}
        total = bench.app.state.scrub().total
        reported: dict[str, Any] = {
            "accounts": chosen.accounts,
            "pass_mb": round(total / 1e6), "compared_mb": round(compared / 1e6),
            "pass_seconds_without_pause": round(time.perf_counter() - began, 2),
            "pass_cpu_seconds": round(time.thread_time() - cpu, 2),
            "pass_seconds_fastest_pace": round(total / MOST_RATE, 1),
            "pass_seconds_default": PERIOD_S,
            "transfers_per_second": {name: round(rate) for name, rate in median.items()},
            "ratio_default": round(median["default"] / median["off"], 3),
            "ratio_fastest": round(median["fastest"] / median["off"], 3),
        }  # fmt: skip
        print(json.dumps(reported, indent=2))
    finally:
        bench.close()


if __name__ == "__main__":
    main()
