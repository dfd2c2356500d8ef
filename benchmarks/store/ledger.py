"""The ledger's own figures: tree, store, restart, memory and transfers, at a number of holdings.

python benchmarks/store/ledger.py [HOLDINGS] [DIRECTORY]
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tongbao import _core
from tongbao.kernel.money import Holding, HoldingFlag, holding_key

ASSET = "CNY.e-CNY/issuer"
T = TypeVar("T")


def account(number: int) -> str:
    """One of many accounts at a thousand banks."""
    return f"bank{number % 1000:03}/account{number:07}"


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def resident_mb() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def found(path: str, holdings: int) -> None:
    """A ledger of so many holdings."""
    state = _core.State.open(path)
    draft = state.draft()
    record = Holding(HoldingFlag(0), 10**12, 0).encode()
    for number in range(holdings):
        draft.put(holding_key(account(number), ASSET), record)
    seconds, _ = timed(lambda: state.stage(draft))
    print(f"tree of {holdings} new rows: {seconds:.2f} s, {holdings / seconds:,.0f} rows/s")
    seconds, _ = timed(lambda: state.commit(draft, [(0, b"genesis")], []))
    print(f"made durable in {seconds:.2f} s")
    state.close()


def run_blocks(state: _core.State, holdings: int, updates: int, size: int, blocks: int) -> None:
    """Blocks of random updates beside a record of `size` bytes."""
    staging, committing = [], []
    dice = random.Random(updates)
    for _ in range(blocks):
        draft = state.draft()
        for number in dice.sample(range(holdings), updates):
            record = Holding(HoldingFlag(0), dice.getrandbits(60), 0).encode()
            draft.put(holding_key(account(number), ASSET), record)
        height = state.height() + 1
        block = dice.randbytes(size)
        staging.append(timed(lambda d=draft: state.stage(d))[0])
        committing.append(
            timed(lambda d=draft, h=height, b=block: state.commit(d, [(h, b), (h + 1, b"")], []))[0]
        )
    both = sorted(a + b for a, b in zip(staging, committing, strict=True))
    print(
        f"{updates} updates + {size} B: tree {updates * blocks / sum(staging):,.0f} updates/s, "
        f"{blocks / sum(both):.1f} blocks/s, median {both[blocks // 2] * 1e3:.1f} ms, "
        f"p99 {both[int(blocks * 0.99)] * 1e3:.1f} ms"
    )


def transfer(state: _core.State, holdings: int) -> None:
    """One payer to 8,190 others."""
    dice = random.Random(1)
    credits = [account(number) for number in dice.sample(range(1, holdings), 8_190)]
    amounts = [dice.randrange(1, 1000) for _ in credits]
    best = 9.0
    for _ in range(5):
        draft = state.draft()
        draft.put(holding_key(account(0), ASSET), Holding(HoldingFlag(0), 10**12, 0).encode())
        seconds, failed = timed(
            lambda d=draft: d.bulk_move(account(0), ASSET, credits, amounts, True, 0, True)
        )
        assert not failed
        best = min(best, seconds)
    print(f"bulk_move of 8,190 lines: {best * 1e3:.1f} ms, {8_190 / best:,.0f} lines/s")
    seconds, _ = timed(draft.holding_deltas)
    print(f"holding_deltas over them: {seconds * 1e3:.1f} ms")
    keys = [
        holding_key(account(number), ASSET) for number in dice.choices(range(holdings), k=10**5)
    ]
    seconds, _ = timed(lambda: [state.get(key) for key in keys])
    print(f"get: {seconds * 10:.2f} us")


def restart(path: str) -> None:
    """Open the ledger again in a fresh process."""
    before = resident_mb()
    seconds, state = timed(lambda: _core.State.open(path))
    memory = (resident_mb() - before) * 1e6 / max(len(state), 1)
    print(f"restart with {len(state)} rows: {seconds:.2f} s, {memory:.0f} resident bytes a row")
    seconds, _ = timed(state.verify_integrity)
    print(f"verify_integrity: {seconds:.2f} s")


def main() -> None:
    """Everything, or with `restart PATH` that alone."""
    if sys.argv[1:2] == ["restart"]:
        restart(sys.argv[2])
        return
    holdings = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    path = tempfile.mkdtemp(dir=sys.argv[2] if len(sys.argv) > 2 else None)
    try:
        subprocess.run(
            [sys.executable, "-c", f"import ledger; ledger.found({path!r}, {holdings})"],
            check=True, cwd=Path(__file__).parent,
        )  # fmt: skip
        state = _core.State.open(path)
        run_blocks(state, holdings, 4_000, 1_000_000, 120)
        run_blocks(state, holdings, 8_190, 500_000, 120)
        transfer(state, holdings)
        print({name: f"{value:,}" for name, value in state.stats().items()})
        state.close()
        subprocess.run([sys.executable, __file__, "restart", path], check=True)
    finally:
        shutil.rmtree(path)


if __name__ == "__main__":
    main()
