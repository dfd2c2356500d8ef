"""Every node of a network's folder on this machine: processes, and waiting until they are ready."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from tongbao.cli.shell.output import output
from tongbao.node.comet.network import NetworkMap, NodeEntry

READY_S = 90.0
STOP_S = 40.0
POLL_S = 0.1
TAIL_BYTES = 4_000


class NodeProcess(NamedTuple):
    """A node that was started here."""

    entry: NodeEntry
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.home / "node.log"

    def last_words(self) -> str:
        """The end of its log."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:400] if lines else ""


def start_node(entry: NodeEntry, home: Path, more: Sequence[str]) -> NodeProcess:
    """`tongbao node start` in a process of its own, which a terminal's Ctrl-C does not reach."""
    program = "from tongbao.cli.__main__ import main; main()"
    command = [sys.executable, "-c", program, "node", "start", "--home", str(home), *more]
    handle = os.open(home / "node.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            command, stdin=subprocess.DEVNULL, stdout=handle, stderr=handle, process_group=0
        )
    finally:
        os.close(handle)
    return NodeProcess(entry, home, process)


@contextmanager
def all_nodes(folder: Path, known: NetworkMap, more: Sequence[str]) -> Iterator[list[NodeProcess]]:
    """Start every node; stop all of them at the end."""
    nodes: list[NodeProcess] = []
    try:
        for entry in known.nodes:
            nodes.append(start_node(entry, folder / entry.home, more))  # noqa: PERF401
        yield nodes
    finally:
        for one in nodes:
            with contextlib.suppress(ProcessLookupError):
                one.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_S
        for one in nodes:
            try:
                one.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()


def wait_until_ready(nodes: Sequence[NodeProcess], stop: threading.Event) -> float:
    """Until every node takes transactions and a first block is made; seconds it took.

    Ends the command where a node ends or the time is over.
    """
    began = time.monotonic()
    with httpx.Client(timeout=2.0, trust_env=False) as http, output.steps() as step:
        for number, one in enumerate(nodes, 1):
            name, where = one.entry.name, f"{number}/{len(nodes)}"
            step("Node {name} starts ({where})", name=name, where=where)
            while not _ready(http, one):
                if stop.wait(POLL_S):
                    return time.monotonic() - began
                if time.monotonic() - began > READY_S:
                    output.fail(
                        "{name} is not ready after {ready_s} s; see {log}",
                        name=one.entry.name,
                        ready_s=f"{READY_S:.0f}",
                        log=one.log,
                    )
    return time.monotonic() - began


def _ready(http: httpx.Client, one: NodeProcess) -> bool:
    if one.process.poll() is not None:
        reply = one.last_words()
        output.fail(
            "{name} ended with status {returncode}: {reply}",
            name=one.entry.name,
            returncode=one.process.returncode,
            reply=reply,
        )
    try:
        answer = http.get(f"{one.entry.url}/readyz")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and answer.json().get("height", 0) > 0


def watch(nodes: Sequence[NodeProcess], stop: threading.Event) -> None:
    """Until Ctrl-C; tells of a node that ends, and ends where none is left."""
    gone: set[str] = set()
    while not stop.wait(0.5):
        for one in nodes:
            status = one.process.poll()
            if status is None or one.entry.name in gone:
                continue
            gone.add(one.entry.name)
            reply = one.last_words()
            output.say(
                "{name} ended with status {status}: {reply}",
                "red",
                name=one.entry.name,
                status=status,
                reply=reply,
            )
        if len(gone) == len(nodes):
            output.fail("no node is left")
