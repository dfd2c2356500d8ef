"""Starts a node that proposes what it must not: `python hostile.py REFORMED node start ...`.

Everything else about it is honest, and all of it once the file REFORMED is there. In turn its
blocks hold rubbish, an envelope whose signature was changed, an envelope that is too large, one of
another chain, and old transactions of blocks that are long decided.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

TURNS = ("rubbish", "signature", "oversize", "chain", "stale")


def bad_of(turn: str, chain: list[bytes]) -> bytes | None:
    """A transaction that may not stand in a block, or one that stood in one before."""
    old = chain[0] if chain else None
    if turn == "rubbish":
        return b"\x00\xff" * 500
    if old is None:
        return None
    if turn == "signature":
        place = old.rindex(b'"}]}') - 8
        return old[:place] + (b"A" if old[place : place + 1] != b"A" else b"B") + old[place + 1 :]
    if turn == "oversize":
        return old[:-1] + b" " * 1_500_000 + old[-1:]
    if turn == "chain":
        return old.replace(b'"chain":"', b'"chain":"x', 1)
    return old


def main() -> None:
    """Spoil what is proposed, then be the command line."""
    from tongbao.cli.main import main as command
    from tongbao.node.comet.blockwork import BlockWork

    reformed = Path(sys.argv.pop(1))
    honest = BlockWork.propose
    turns = itertools.cycle(TURNS)

    def propose(self: BlockWork, asked: dict[str, Any]) -> list[bytes]:
        chosen = honest(self, asked)
        heights = range(1, self.app.tip.height + 1)
        records = (self.app.block(height) for height in heights)
        decided = (r.transactions[0] for r in records if r is not None and r.transactions)
        old = list(itertools.islice(decided, 1))
        if reformed.exists():
            return chosen
        turn = next(turns)
        bad = bad_of(turn, old)
        if bad is None:
            return chosen
        print(f"hostile proposal: {turn} at {asked['height']}", flush=True)
        return [*chosen, bad]

    BlockWork.propose = propose  # type: ignore[method-assign]
    command()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    main()
