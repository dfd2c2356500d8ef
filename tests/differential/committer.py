"""A process that commits until it is killed, saying each height once it is acknowledged.

Block h writes row `n` = h, sets rows `r0` to `r39` to h and appends index rows; every fifth commit
brings two blocks. Whoever opens the store afterwards can see whether a commit was split.
"""

from __future__ import annotations

import sys

from tongbao import _core

ROWS = 40


def record(height: int) -> bytes:
    """The record of a block: a few KB, different in each."""
    return b"block %d " % height * (1 + height % 7 * 300)


def commit_next(state: _core.State) -> int:
    """One commit; the newest height."""
    height = state.height() + 1
    heights = [height, height + 1] if height % 5 == 4 else [height]
    draft = state.draft()
    for row in range(ROWS):
        draft.put(b"r%d" % row, b"%d" % heights[-1])
    draft.put(b"n", b"%d" % heights[-1])
    draft.put(b"only %d" % heights[-1], b"")
    draft.delete(b"only %d" % (heights[0] - 1))
    index = [(b"i%08d" % h, b"%d" % h) for h in heights]
    state.commit(draft, [(h, record(h)) for h in heights], index)
    return heights[-1]


SLICE = 7
KEPT = 20


def prune(state: _core.State) -> None:
    """Forget a slice of blocks with their index rows where one is due."""
    low = state.block_from(0)
    if state.height() - low >= KEPT + SLICE:
        heights = range(low, low + SLICE)
        gone = [b"i%08d" % height for height in heights]
        state.prune(list(heights), gone, [(b"k%08d" % low, b"kept")])


def main(path: str, pruning: bool) -> None:
    """Commit for ever."""
    state = _core.State.open(path)
    while True:
        sys.stdout.write(f"{commit_next(state)}\n")
        sys.stdout.flush()
        if pruning:
            prune(state)
            if state.height() % 50 == 0:
                state.reclaim()


if __name__ == "__main__":
    main(sys.argv[1], "prune" in sys.argv)
