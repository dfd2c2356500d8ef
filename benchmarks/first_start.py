"""Kills a demonstration's first start at random moments, and starts it again.

Each time a process founds the demonstration in a new folder and serves it; it is killed (SIGKILL,
every third time SIGINT) somewhere on the way. The next start has to complete the folder, or
`--reset` has to remove it, and the ledger has to pass its audit. Run: python -m
benchmarks.first_start --kills 200. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tongbao.cli.commands.node.dev import _prepare
from tongbao.daemon.solo import running
from tongbao.modules import protocols
from tongbao.node.audit import audit
from tongbao.node.opening import open_application


def start(home: Path, *, reset: bool = False) -> None:
    """What `tongbao dev --exit` does, without the screen."""
    secret = _prepare(home, reset)
    with running(home, secret, scrub_s=0) as up:
        up.read_model.wait_for(up.application.tip.height, 60)


def start_and_audit(home: Path, *, reset: bool) -> None:
    """Start again, and have the ledger audited; in a child as well: it leaves threads behind."""
    start(home, reset=reset)
    app = open_application(home, protocols())
    findings = audit(app).findings
    app.state.close()
    assert not findings, findings


def forked(home: Path, work: Callable[[Path], None] = start) -> int:
    """The same in a process of its own; its id. It is given up after a minute."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        log = os.open(home.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.alarm(60)
        work(home)
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def ended(child: int) -> int:
    """Its exit status; -9 where it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def found_in(home: Path) -> str:
    """How far a start had come, by what it left."""
    if not home.exists():
        return "nothing"
    names = {one.name for one in home.iterdir()}
    for name in ("node.json", "readmodel.db", "ledger", "ledger.making", "genesis.json",
                 "founding", "founding.new"):  # fmt: skip
        if name in names:
            return name
    return "folder"


def main() -> int:
    """Kill so often; status 1 where a folder could not be used afterwards."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="tongbao-first-start-"))
    os.environ.setdefault("TONGBAO_STATE", str(folder / "state"))
    began = time.monotonic()
    assert ended(forked(folder / "measured")) == 0
    whole_s = time.monotonic() - began
    left: Counter[str] = Counter()
    failures = []
    next_s = []
    for number in range(chosen.kills):
        home = folder / f"home-{number}"
        child = forked(home)
        time.sleep(rng.random() * whole_s)
        os.kill(child, signal.SIGINT if number % 3 == 2 else signal.SIGKILL)
        ended(child)
        left[found_in(home)] += 1
        again = time.monotonic()
        status = ended(forked(home, partial(start_and_audit, reset=number % 4 == 3)))
        next_s.append(time.monotonic() - again)
        if status:
            failures.append({"kill": number, "left": sorted(map(str, home.iterdir()))})
            sys.stderr.write(home.with_suffix(".log").read_text())
        else:
            shutil.rmtree(home)
    if not failures:
        shutil.rmtree(folder)
    next_s.sort()
    print(json.dumps({
        "kills": chosen.kills, "seed": chosen.seed, "whole_start_s": round(whole_s, 2),
        "next_good_start_and_audit_s": {
            "p50": round(next_s[len(next_s) // 2], 2), "max": round(next_s[-1], 2)
        },
        "left": dict(left.most_common()), "failures": failures,
    }))  # fmt: skip
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
