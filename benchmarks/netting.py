"""The netting, measured: the published exercise, the gap to the optimum, the curve, the ledger.

    python benchmarks/netting.py [exercise] [gap] [curve] [specification] [ledger]

Queues of the curve: payments among 32 banks, amounts of a Pareto distribution (shape 0.9), each
bank with about a thousandth of what it owes. Without arguments everything but `specification`.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable

from tongbao.modules.settlement.netting import (
    OBJECTIVES,
    Unit,
    approximate,
    exhaustive,
    in_sequence,
    net,
    weigh,
)
from tongbao.scenarios.gridlock_queue import DATA, published

BANKS = 32


def queue(rng: random.Random, size: int, banks: int, held: int) -> tuple[list[int], list[Unit]]:
    """Payments between two banks each, and what the banks have."""
    capacities = [int(rng.paretovariate(1.1) * held) for _ in range(banks)]
    units = []
    for _ in range(size):
        payer, payee = rng.sample(range(banks), 2)
        amount = int(rng.paretovariate(0.9) * 100)
        units.append(Unit(((payer, amount), (payee, -amount)), 1, amount))
    return capacities, units


def megabytes() -> int:
    """The most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def exercise() -> None:
    """The published queue."""
    found = published(DATA)
    place = {bank: number for number, bank in enumerate(found.opening)}
    units = [
        Unit(((place[p.payer], p.amount_minor), (place[p.payee], -p.amount_minor)), 1,
             p.amount_minor)
        for p in found.payments
    ]  # fmt: skip
    opening = list(found.opening.values())
    print("exercise: in sequence", len(in_sequence(opening, units)))
    for objective in OBJECTIVES:
        began = time.perf_counter()
        chosen = net(opening, units, objective)
        seconds = time.perf_counter() - began
        left = list(opening)
        for number in chosen:
            for bank, change in units[number].effects:
                left[bank] -= change
        value = sum(units[number].value for number in chosen)
        print(f"  by {objective}: {len(chosen)} settled, value {value}, closing {left},"
              f" {seconds * 1000:.0f} ms")  # fmt: skip


def gap(rounds: int = 400) -> None:
    """How often the heuristic finds the optimum of small queues, and the worst it does."""
    for low, high in ((4, 12), (13, 16)):
        for objective in OBJECTIVES:
            rng, optimal, worst, mean = random.Random(20), 0, 0.0, 0.0
            count = rounds if high <= 12 else rounds // 8
            for _ in range(count):
                size, banks = rng.randrange(low, high + 1), rng.randrange(2, 7)
                capacities, units = queue(rng, size, banks, rng.choice((10, 50, 200)))
                best = weigh(units, exhaustive(capacities, units, objective), objective)[0]
                mine = weigh(units, approximate(capacities, units, objective), objective)[0]
                short = (best - mine) / best if best else 0.0
                optimal, worst, mean = optimal + (short == 0), max(worst, short), mean + short
            print(f"gap, {low} to {high} payments, by {objective}: optimal {optimal} of {count},"
                  f" worst {worst:.1%}, mean {mean / count:.3%}")  # fmt: skip


def curve(choose: Callable[..., tuple[int, ...]] = net) -> None:
    """Time against size; the ratio to n log n tells whether it grows faster."""
    print("curve: payments, objective, settled, gross FIFO, seconds, us / (n log2 n), peak MB")
    for size in (1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 70_000, 100_000):
        capacities, units = queue(random.Random(size), size, BANKS, 1_000)
        fifo = in_sequence(capacities, units)
        for objective in OBJECTIVES:
            began = time.perf_counter()
            chosen = choose(capacities, units, objective)
            seconds = time.perf_counter() - began
            scaled = seconds * 1e6 / (size * size.bit_length())
            mine, gross = (weigh(units, one, objective)[0] for one in (chosen, fifo))
            print(f"  {size:>7} {objective:5} {mine:>12} {gross:>12} {seconds:8.3f}"
                  f" {scaled:6.3f} {megabytes():>5}")  # fmt: skip


def ledger() -> None:
    """A queue on a ledger in memory: entering, and a run with all its blocks."""
    from tongbao.modules.settlement import DefineQueue, QueueAsset, RunNetting, SubmitPayment
    from tongbao.modules.testing import OPENING, Bench

    banks = ("bank-a", "bank-b", "firm-a", "firm-b", "firm-c")
    for size, work in ((5_000, 50_000), (20_000, 50_000), (20_000, 5_000)):
        bench, rng = Bench(), random.Random(size)
        rules = DefineQueue("rtgs", "central", (QueueAsset("CNY"),), "count", at_once=False,
                            work_per_block=work)  # fmt: skip
        bench.do("central", rules)
        began = time.perf_counter()
        for start in range(0, size, 50):
            party = banks[start // 50 % len(banks)]
            actions = []
            for _ in range(50):
                payee = rng.choice([one for one in banks if one != party])
                amount = min(OPENING * 50, int(rng.paretovariate(0.9) * 10_000))
                actions.append(
                    SubmitPayment("rtgs", f"{party}/main", f"{payee}/main", "CNY", amount)
                )
            bench.do(party, *actions)
        entered = time.perf_counter() - began
        began = time.perf_counter()
        events = bench.do("central", RunNetting("rtgs", "central"))
        longest, blocks = time.perf_counter() - began, 1
        while not any(type(event).__name__ == "RunEnded" for event in events):
            start_block = time.perf_counter()
            events = bench.advance(1)
            longest = max(longest, time.perf_counter() - start_block)
            blocks += 1
        seconds = time.perf_counter() - began
        [ended] = [event for event in events if type(event).__name__ == "RunEnded"]
        print(f"ledger: {size} queued ({size / entered:,.0f}/s), {work} a block: {ended.count}"
              f" settled in {blocks} block(s), {seconds:.2f} s, longest block {longest:.2f} s,"
              f" peak {megabytes()} MB")  # fmt: skip


PARTS: dict[str, Callable[[], None]] = {
    "exercise": exercise, "gap": gap, "curve": curve, "ledger": ledger,
    "specification": lambda: curve(approximate),
}  # fmt: skip

if __name__ == "__main__":
    for name in sys.argv[1:] or ("exercise", "gap", "curve", "ledger"):
        PARTS[name]()
