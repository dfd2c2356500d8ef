"""The line of a terminal on which a step of long work is shown, with the seconds it takes."""

from __future__ import annotations

import threading
import time
from typing import TextIO

from tongbao.cli.shell import layout

_EVERY_SECONDS = 0.5
_SHOWN_FROM_SECONDS = 1.0


class Ticker:
    """Rewrites one line while a step lasts."""

    def __init__(self, stream: TextIO, columns: int) -> None:
        """On a terminal of so many columns."""
        self._stream = stream
        self._columns = columns
        self._what = ""
        self._since = 0.0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, what: str) -> None:
        """Another step; the one before is done."""
        self.end(done=True)
        self._what, self._since = what, time.monotonic()
        self._over.clear()
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def end(self, *, done: bool) -> None:
        """The step is over; its line stays."""
        if self._thread is None:
            return
        self._over.set()
        self._thread.join()
        self._thread = None
        self._draw("✓" if done else "✗")
        self._stream.write("\n")
        self._stream.flush()

    def _tick(self) -> None:
        while True:
            self._draw("…")
            if self._over.wait(_EVERY_SECONDS):
                return

    def _draw(self, mark: str) -> None:
        seconds = time.monotonic() - self._since
        spent = f" {seconds:.0f} s" if seconds >= _SHOWN_FROM_SECONDS else ""
        line = f"{mark} {self._what}"
        while layout.width(line + spent) >= self._columns:
            line = line[:-1]
        self._stream.write(f"\r\x1b[K{line}{spent}")
        self._stream.flush()
