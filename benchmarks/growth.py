"""How a node's disk grows with what it settles, with the engine's pruning on and off.

    .venv/bin/python -m benchmarks.growth --transfers 20000

Two networks of one validator each settle the same; sizes are allocated bytes (a journal is laid
out before it is written). `keep_blocks` bounds what the engine keeps; our ledger keeps its blocks.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.bench.engine import Seat, found_ours, running, seats_of
from tongbao.bench.engine_load import Load
from tongbao.bench.settle import Plan
from tongbao.node.comet.install import find

KEEP = 5
RATE = 1_200.0
"""Slow enough that there are blocks enough to prune."""
PARTS = {"ledger": "ledger", "engine": "engine/data", "engine blocks": "engine/data/blockstore.db",
         "engine state": "engine/data/state.db", "consensus log": "engine/data/cs.wal"}  # fmt: skip


def allocated(folder: Path) -> int:
    """Bytes on disk of everything below a folder."""
    return sum(p.lstat().st_blocks * 512 for p in folder.rglob("*") if not p.is_dir())


def sizes(seat: Seat) -> dict[str, int]:
    """By part of the node's folder."""
    return {name: allocated(seat.home.path / path) for name, path in PARTS.items()}


def grown(transfers: int, keep: int) -> dict[str, object]:
    """Bytes a 1,000 transfers, measured over the second half of them."""
    with tempfile.TemporaryDirectory(prefix="tongbao-growth-") as scratch:
        folder = Path(scratch)
        keys = [Ed25519PrivateKey.generate()]
        plan = Plan("single", 10_000, transfers)
        envelopes = found_ours(folder, plan, keys, lambda *_: None, keep_blocks=keep)
        seats = seats_of(folder, 1)
        with running(seats, find().path, ours=True):
            load = Load([seats[0].rpc])
            half = len(envelopes) // 2
            load.drive(envelopes[:half], RATE)
            time.sleep(3)
            before, first = sizes(seats[0]), load.height()
            load.drive(envelopes[half:], RATE)
            time.sleep(3)
            after, last = sizes(seats[0]), load.height()
            oldest = int(load.ask("status")["sync_info"]["earliest_block_height"])
            load.close()
        per = {name: round((after[name] - before[name]) * 1000 / half) for name in after}
        sent = sum(map(len, envelopes[half:])) * 1000 / half
        return {
            "bytes_a_1000_transfers": per,
            "signed_bytes_a_1000": round(sent),
            "blocks": last - first,
            "oldest_block": oldest,
            "all_bytes_at_the_end": after,
        }


def main() -> None:
    """Both, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--transfers", type=int, default=80_000)
    chosen = options.parse_args()
    reported = {"transfers": chosen.transfers, "pruning_off": grown(chosen.transfers, 0),
            f"pruning_on_keep_{KEEP}": grown(chosen.transfers, KEEP)}  # fmt: skip
    print(json.dumps(reported, indent=2))


if __name__ == "__main__":
    main()
