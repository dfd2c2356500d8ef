"""Starts a node whose clock is wrong: `python skewed.py CLOCK-FILE node start ...`.

The file says by how many seconds; it may change while the node runs. Wrong are the clock that our
process reads, and the times in the votes that it signs: what a validator with a wrong clock tells
the others, of which the block time is the median. Not wrong are the engine's timers, which count
from a monotonic clock anyway.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from pathlib import Path

POLL_S = 0.2
_VOTE_TIME = 5
"""Field of `tendermint.types.Vote`."""


class WrongClock:
    """The offset in a file, read again and again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.offset_ns = 0
        threading.Thread(target=self._follow, name="wrong-clock", daemon=True).start()

    def _follow(self) -> None:
        while True:
            with contextlib.suppress(OSError, ValueError):
                self.offset_ns = int(self._file.read_text()) * 10**9
            time.sleep(POLL_S)

    def spoil(self) -> None:
        """Have this process trust the wrong clock."""
        true_time, true_time_ns = time.time, time.time_ns
        time.time = lambda: true_time() + self.offset_ns / 10**9
        time.time_ns = lambda: true_time_ns() + self.offset_ns

    def shifted(self, request: bytes) -> bytes:
        """A request to sign a vote, with the wrong time in it; any other as it is."""
        from tests.comet import wire

        kind, content = wire.read_varint(request)
        if kind >> 3 != wire.SIGN_VOTE or not self.offset_ns:
            return request
        _, content = wire.read_varint(content)
        asked = wire.fields(content)
        vote = b"".join(
            self._field(wire, number, value)
            for number, values in wire.fields(bytes(asked[1][0])).items()  # type: ignore[arg-type]
            for value in values
        )
        others = b"".join(self._plain(wire, n, v) for n, vs in asked.items() if n != 1 for v in vs)
        return wire.blob(wire.SIGN_VOTE, wire.blob(1, vote) + others)

    def _field(self, wire, number: int, value: int | bytes) -> bytes:  # type: ignore[no-untyped-def]
        if number != _VOTE_TIME or isinstance(value, int):
            return self._plain(wire, number, value)
        reported = wire.fields(value)
        time_ns = int(reported.get(1, [0])[0]) * 10**9 + int(reported.get(2, [0])[0])
        return wire.blob(number, wire.timestamp(time_ns + self.offset_ns))

    @staticmethod
    def _plain(wire, number: int, value: int | bytes) -> bytes:  # type: ignore[no-untyped-def]
        if isinstance(value, int):
            return wire.varint(number << 3) + wire.varint(value)
        return wire.blob(number, value)


def main() -> None:
    """Spoil the clock, then be the command line."""
    clock = WrongClock(Path(sys.argv.pop(1)))
    clock.spoil()
    from tongbao.cli.main import main as command
    from tongbao.node.comet.signer import RemoteSigner

    answer = RemoteSigner.answer
    RemoteSigner.answer = lambda self, request: answer(self, clock.shifted(request))  # type: ignore[method-assign]
    command()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))
    main()
