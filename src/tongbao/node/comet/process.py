"""The engine's process: started, watched, started again where that helps, stopped in order."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import structlog

from tongbao.node.comet.files import EnginePaths

log = structlog.get_logger(__name__)

STOP_S = 15.0
RESTARTS = 5
RESTART_WINDOW_S = 120.0
RESTART_WAIT_S = 1.0
LOG_BYTES = 32 * 1_048_576
TAIL_BYTES = 2_000


class EngineEnded(Exception):
    """The engine ends again and again."""


class EngineProcess:
    """One engine, kept running until it is stopped or it makes no sense any more."""

    def __init__(
        self,
        program: Path,
        paths: EnginePaths,
        on_fault: Callable[[BaseException], None],
        reply: bytes = b"",
    ) -> None:
        """`on_fault` is called once, when the engine is given up.

        `reply` is what each start of it reads from its standard input, some hundred bytes.
        """
        self._program = program
        self._paths = paths
        self._on_fault = on_fault
        self._reply = reply
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._ended: deque[float] = deque(maxlen=RESTARTS)
        self._thread = threading.Thread(target=self._watch, name="engine-watch", daemon=True)

    @property
    def pid(self) -> int:
        """Process id of the engine; 0 where it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def start(self) -> None:
        """Start the engine and watch it."""
        self._launch()
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end, then insist."""
        self._stopping.set()
        self.restart()
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_S)

    def restart(self) -> None:
        """Ask the engine to end, then insist; unless all is being stopped it is started again."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            log.warning("engine.killed", pid=process.pid, after_s=STOP_S)
            process.kill()
            process.wait()

    def _launch(self) -> None:
        # Left over by a process that was killed, it would keep the engine from listening.
        (self._paths.run / "signer.sock").unlink(missing_ok=True)
        self._turn_log()
        handle = os.open(self._paths.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        given = self._input()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the operator's engine
                [str(self._program), "start", "--home", str(self._paths.root)],
                cwd=self._paths.home, stdin=given, stdout=handle, stderr=handle,
                process_group=0,  # a terminal's Ctrl-C is passed on by us, in order
            )  # fmt: skip
        finally:
            os.close(handle)
            os.close(given)
        log.info("engine.started", pid=self._process.pid, program=str(self._program))

    def _input(self) -> int:
        """What the engine reads from: a pipe that holds all of it already and then ends."""
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(self._reply)
        return reading

    def _turn_log(self) -> None:
        """Keep one older log, so that logs do not fill the disk."""
        path = self._paths.log
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))

    def _watch(self) -> None:
        while self._process is not None:
            status = self._process.wait()
            if self._stopping.is_set():
                return
            self._ended.append(time.monotonic())
            log.error("engine.ended", status=status, log=str(self._paths.log), reply=self._tail())
            if self._hopeless():
                self._on_fault(EngineEnded(self._why(status)))
                return
            if self._stopping.wait(RESTART_WAIT_S * len(self._ended)):
                return
            try:
                self._launch()
            except OSError as fault:
                self._on_fault(fault)
                return
            if self._stopping.is_set():  # it was stopped while the new one was being started
                self.restart()

    def _hopeless(self) -> bool:
        full = len(self._ended) == RESTARTS
        return full and self._ended[-1] - self._ended[0] < RESTART_WINDOW_S

    def _why(self, status: int) -> str:
        return (
            f"the engine ended {RESTARTS} times within {RESTART_WINDOW_S:.0f} s, last with status"
            f" {status}: {self._tail() or 'it reply nothing'} (its log is {self._paths.log})"
        )

    def _tail(self) -> str:
        """The last line of the engine's log."""
        try:
            with self._paths.log.open("rb") as file:
                file.seek(max(0, self._paths.log.stat().st_size - TAIL_BYTES))
                lines = file.read().decode("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:400] if lines else ""
