"""The node that `under_attack.py` attacks, and the honest payer beside the attack."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.submissions import payment

BIN = Path(sys.executable).parent / "tongbao"


@dataclass
class Target:
    """The node that is attacked."""

    port: int
    pid: int
    stopped: threading.Event = field(default_factory=threading.Event)
    requests: Counter[object] = field(default_factory=Counter)
    sockets: list[socket.socket] = field(default_factory=list)
    settled: int = 0
    """Payments of the attack that settled."""

    def ask(
        self, method: str, path: str, raw: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        made = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            kind = {"Content-Type": "application/json"} if raw is not None else {}
            made.request(method, path, raw, kind | headers)
            answer = made.getresponse()
            return answer.status, answer.read()
        finally:
            made.close()

    def loop(self, threads: int, act: Callable[[], tuple[int, bytes]]) -> None:
        """Do something again and again in many threads."""

        def again() -> None:
            while not self.stopped.is_set():
                try:
                    self.requests[act()[0]] += 1
                except (OSError, http.client.HTTPException) as fault:
                    self.requests[type(fault).__name__] += 1
                    time.sleep(0.2)

        for _ in range(threads):
            threading.Thread(target=again, daemon=True).start()

    def answers(self) -> str:
        """How the attack was answered, by status or fault."""
        reported = Counter({str(status): count for status, count in self.requests.items()})
        return ", ".join(f"{count} x {status}" for status, count in reported.most_common()) or "-"

    def hold(self, count: int, reply: bytes = b"") -> None:
        """Open connections, say something on each, and keep them."""
        for _ in range(count):
            with contextlib.suppress(OSError):
                made = socket.create_connection(("127.0.0.1", self.port), timeout=20)
                made.sendall(reply)
                self.sockets.append(made)

    def drip(self, reply: bytes) -> None:
        """Say a little more on every connection, every two seconds."""

        def again() -> None:
            while not self.stopped.wait(2):
                for one in self.sockets:
                    with contextlib.suppress(OSError):
                        one.sendall(reply)

        threading.Thread(target=again, daemon=True).start()

    def memory_mb(self, name: str = "VmRSS") -> int:
        """Resident memory of the node; VmHWM: the most that it ever was."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(one for one in lines if one.startswith(name)).split()[1]) // 1024

    def forget_peak(self) -> None:
        """Count the most from now on."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")


class Latency(NamedTuple):
    """Of payments that settled, in milliseconds; None where none did."""

    p50: int | None
    worst: int | None
    failed: dict[str, int]


class Payer(threading.Thread):
    """Pays every so often, each time on a new connection."""

    def __init__(self, target: Target) -> None:
        super().__init__(daemon=True)
        self._target = target
        self._log: list[tuple[float, float, object]] = []
        self._ended = threading.Event()

    def run(self) -> None:
        """Pay until `end` is called."""
        while not self._ended.wait(0.25):
            began = time.perf_counter()
            status: object
            try:
                status = self._target.ask("POST", "/v1/transactions", payment())[0]
            except (OSError, http.client.HTTPException) as fault:
                status = type(fault).__name__
            self._log.append((began, time.perf_counter() - began, status))

    def end(self) -> None:
        """Pay no more."""
        self._ended.set()
        self.join()

    def reported(self, start: float, end: float) -> Latency:
        """What was paid from one moment to another."""
        mine = [(took, status) for began, took, status in self._log if start <= began < end]
        good = sorted(took for took, status in mine if status == 200)
        failed = dict(Counter(str(status) for _, status in mine if status != 200))
        if not good:
            return Latency(None, None, failed)
        return Latency(round(good[len(good) // 2] * 1000), round(good[-1] * 1000), failed)


@contextlib.contextmanager
def node() -> Iterator[Target]:
    """`tongbao dev` on a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="under-attack-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(BIN), "dev", "--home", str(folder / "home"), "--port", str(port)]
    with (folder / "log").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    target = Target(port, process.pid)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                if target.ask("GET", "/readyz")[0] == 200:
                    break
            time.sleep(0.2)
        yield target
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)
