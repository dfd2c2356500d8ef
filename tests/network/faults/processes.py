"""A node under test: its processes, whatever they are, and what may be done to them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

ENGINE_NAME = "cometbft"
TOKEN = "faults-of-four-nodes-are-read-with-it"
AUTHORISATION = {"Authorization": f"Bearer {TOKEN}"}
"""With each request: nodes that other machines reach answer nobody else."""


def clock_file(log: Path) -> Path:
    """Where a node is shown how wrong its clock is."""
    return log.with_suffix(".clock")


def family(pid: int) -> list[int]:
    """A process and all that descend from it, itself first."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def name_of(pid: int) -> str:
    """The program of a process; empty once it is gone."""
    with contextlib.suppress(OSError):
        first = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        return Path(first.decode()).name
    return ""


class NodeProcess:
    """One node, started again and again in the same folder."""

    def __init__(self, home: Path, command: Sequence[str], url: str, log: Path) -> None:
        """`command` starts the node in the foreground and reads the clock's fault from the file
        beside the log; `url` is its gateway's."""
        self.home = home
        self.url = url
        self._command = list(command)
        self._log = log
        self._clock = clock_file(log)
        self._process: subprocess.Popen[bytes] | None = None
        self._held: list[int] = []
        self._http = httpx.Client(base_url=url, timeout=2.0, trust_env=False, headers=AUTHORISATION)
        self.set_clock(0)

    def start(self) -> None:
        """Begin; `wait_ready` says when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, start_new_session=True
            )

    def set_clock(self, seconds: int) -> None:
        """How far its clock is off from now on; see `skewed`."""
        self._clock.write_text(f"{seconds:d}\n")

    @property
    def alive(self) -> bool:
        """Whether its first process runs."""
        return self._process is not None and self._process.poll() is None

    def processes(self) -> tuple[list[int], list[int]]:
        """(ours, the engine's) process ids."""
        if self._process is None:
            return [], []
        everyone = family(self._process.pid)
        engine = [pid for pid in everyone if name_of(pid) == ENGINE_NAME]
        return [pid for pid in everyone if pid not in engine], engine

    def kill(self, which: str = "all") -> None:
        """`kill -9`: `all`, only `ours`, or only the `engine`; what is left is reaped by `stop`."""
        ours, engine = self.processes()
        for pid in {"all": engine + ours, "ours": ours, "engine": engine}[which]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._held += engine if which == "ours" else []

    def pause(self) -> None:
        """SIGSTOP to all of it."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        ours, engine = self.processes()
        for pid in ours + engine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def end(self, seconds: float = 30.0) -> None:
        """SIGTERM, and `kill -9` for what does not obey."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.go_on()
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.reap()

    def reap(self) -> None:
        """Nothing of it runs any more when this returns."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.kill()
        for pid in self._held:  # engines whose parent was killed alone
            if name_of(pid) == ENGINE_NAME:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.wait(10)
        until = time.monotonic() + 10
        while any(name_of(pid) == ENGINE_NAME for pid in self._held) and time.monotonic() < until:
            time.sleep(0.05)
        self._held.clear()
        self._process = None

    # ---- what it says --------------------------------------------------------------------------

    def status(self) -> dict[str, object] | None:
        """Its status, or None where it does not answer."""
        with contextlib.suppress(httpx.HTTPError, ValueError):
            answer = self._http.get("/v1/status")
            if answer.status_code == 200:
                reply: dict[str, object] = answer.json()
                return reply
        return None

    def height(self) -> int:
        """Height, or -1 where it does not answer."""
        reply = self.status()
        return -1 if reply is None else int(str(reply["height"]))

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Until it answers."""
        until = time.monotonic() + seconds
        while self.status() is None:
            if time.monotonic() > until or not self.alive:
                tail = self._log.read_text(errors="replace")[-2_000:]
                raise AssertionError(f"{self.home.name} does not answer:\n{tail}")
            time.sleep(0.1)

    def get(self, path: str, **parameters: object) -> dict[str, object]:
        """A document from its gateway."""
        answer = self._http.get(path, params=parameters, timeout=20.0)  # type: ignore[arg-type]
        answer.raise_for_status()
        reply: dict[str, object] = answer.json()
        return reply
