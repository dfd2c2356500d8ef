"""A light client from the genesis over a long chain of changing validators; one JSON object.

Usage: python benchmarks/light.py [blocks] [validators]

Blocks are made first and kept in memory: what is measured is verification, without a network.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import msgspec

from tongbao.kernel.light import LightBlock
from tongbao.kernel.receipts import Trust
from tongbao.kernel.validators import Validator
from tongbao.sdk.light import LightClient, Options, TrustedStore
from tongbao.simulator.headers import BLOCK_MS, HeaderChain, rotating


class Shows:
    """A node that has everything in memory."""

    name = "memory"

    def __init__(self, chain: HeaderChain, top: int) -> None:
        self.chain = chain
        self.top = top
        self.asked = 0

    def light_block(self, height: int | None) -> LightBlock:
        """The block at a height, or the newest."""
        self.asked += 1
        return self.chain.block(self.top if height is None else height)


def walk(chain: HeaderChain, top: int, *, sequential: bool) -> dict[str, Any]:
    """Figures of one walk from the genesis to the top; the best of three by CPU time."""
    members = tuple(Validator(*one) for one in chain.block(1).validators)
    best: dict[str, Any] = {}
    for _ in range(3):
        store = TrustedStore(Trust(chain.chain, members, (), chain.start_ms - 1))
        node = Shows(chain, top)
        client = LightClient(
            store, node, options=Options(sequential=sequential),
            clock=lambda: chain.start_ms + top * BLOCK_MS + 1_000,
        )  # fmt: skip
        begun, spent = time.perf_counter(), time.process_time()
        trusted = client.verify_to(top)
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        if not best or spent < best["cpu_seconds"]:
            size = sum(len(msgspec.json.encode(one)) for one in trusted.path)
            best = {
                "seconds": round(took, 4), "cpu_seconds": round(spent, 4),
                "verified": trusted.verified, "asked": node.asked, "path_bytes": size,
            }  # fmt: skip
    return best


def main(top: int, count: int) -> None:
    """Measure and print."""
    figures: dict[str, Any] = {"blocks": top, "validators": count}
    for every in (top * 2, 1_000, 100, 10):
        chain = HeaderChain(rotating(count, every))
        begun = time.perf_counter()
        chain.up_to(top)
        made = round(time.perf_counter() - begun, 2)
        figures[f"one replaced every {every} blocks" if every < top else "none replaced"] = {
            "making_seconds": made,
            "skipping": walk(chain, top, sequential=False),
            "sequential": walk(chain, top, sequential=True),
        }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [10_000, 4][len(numbers) :]))
