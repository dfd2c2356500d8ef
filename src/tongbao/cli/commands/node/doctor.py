"""`tongbao doctor`: is this machine fit, and is this folder's ledger sound?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, running_node
from tongbao.cli.shell.output import output

SYNCS = 20
SLOW_SYNC_MS = 20.0
LOW_DISK_BYTES = 2 * 1024**3


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(home: Home = DEFAULT_HOME) -> None:
    """Check the machine, the build and the node's folder; say what to do about what is wrong."""
    checks = list(_checks(home))
    value = {"ok": all(c.ok for c in checks), "checks": [c._asdict() for c in checks]}
    rows = [["ok" if c.ok else "!!", c.name, c.found, c.advice] for c in checks]
    title = output.text("Doctor")
    output.result(value, lambda: output.table(title, ["", "check", "found", "advice"], rows))
    if not value["ok"]:
        raise SystemExit(1)


def _check(name: str, ok: bool, found: str, advice: str) -> Check:
    """One that needs advice only where it is not as it should be."""
    return Check(name, ok, found, "" if ok else advice)


def _checks(home: Path) -> Iterator[Check]:
    from tongbao import _core

    version = platform.python_version()
    yield _check("python", sys.version_info >= (3, 11), version, "Python 3.11 or later")
    message = b"tongbao"
    digest = _core.sha256_many([message])[0].hex()[:12]
    accelerated = "with SHA instructions" if _core.sha256_is_accelerated() else "portable code"
    yield Check("core", True, f"loaded, SHA-256 {digest}, {accelerated}")
    yield _check("cores", (os.cpu_count() or 1) >= 2, str(os.cpu_count()), "two cores or more")
    where = home if home.exists() else Path.cwd()
    free = shutil.disk_usage(where).free
    yield _check("disk", free > LOW_DISK_BYTES, f"{free // 1024**2} MiB free", "free some space")
    sync = _sync_ms(where)
    advice = "every block waits for one sync: use a faster disk"
    yield Check("sync", sync < SLOW_SYNC_MS, f"{sync:.2f} ms median", advice if sync > 5 else "")
    postgres = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    found = str(postgres[-1]) if postgres else "not installed; SQLite serves"
    yield Check("postgresql", True, found)
    yield _engine()
    yield from _folder(home)


def _engine() -> Check:
    """The engine of a network node; a chain of its own needs none."""
    from tongbao.node.comet.install import TARGETS, EngineMissing, find, inspect

    try:
        found = find()
        inside = inspect(found.path)
    except EngineMissing:
        return Check("engine", True, "not installed; a chain of its own needs none",
                     "`tongbao engine install` for a network")  # fmt: skip
    advice = "" if inside.version in TARGETS else f"this release runs beside {', '.join(TARGETS)}"
    reply = f"CometBFT {inside.version} ({found.source}) {found.path}"
    return Check("engine", not advice, reply, advice)


def _sync_ms(where: Path) -> float:
    """Median time of a small write and sync in the folder."""
    times: list[float] = []
    with tempfile.NamedTemporaryFile(dir=where) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(b"x" * 512)
            file.flush()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[SYNCS // 2]


def _folder(home: Path) -> Iterator[Check]:
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.protocols import UnknownProtocol
    from tongbao.modules import protocols
    from tongbao.node.application import StorageFault, StoreBusy
    from tongbao.node.home import HomeFault, NodeHome
    from tongbao.node.opening import NoLedgerYet, open_application

    folder = NodeHome(home)
    if not folder.exists():
        yield Check("ledger", True, f"none in {home} yet", "`tongbao dev` makes one")
        return
    mode = folder.validator_file.stat().st_mode & 0o777 if folder.validator_file.exists() else 0
    yield _check("validator key", mode in (0, 0o600), f"mode {mode:o}", "chmod 600 validator.pem")
    reply = running_node(home)
    if reply is not None:
        yield Check("node", True, f"running at {reply.get('url')}")
        return
    try:
        app = open_application(home, protocols(), make=False)
        found = f"block {app.tip.height}, root {app.state.root().hex()[:12]}, store opens clean"
        app.state.close()
        yield Check("ledger", True, found)
    except NoLedgerYet as fault:
        yield Check("ledger", True, str(fault))
    except UnknownProtocol as fault:
        yield Check("ledger", False, str(fault), "install that release of Tongbao")
    except StoreBusy as fault:
        yield Check("ledger", False, str(fault), "stop that process, or look again later")
    except (StorageFault, HomeFault, Refusal) as fault:
        yield Check("ledger", False, str(fault), "restore from a snapshot; see `tongbao audit`")
