"""Every file of a stopped node's folder damaged in five ways, and the node started again.

One bit altered, eight, cut in half, emptied, removed: `tongbao dev --exit` either starts (what can
be made again was, and the audit is clean) or ends with status 3 and one sentence that names a file.
Never a traceback, never another status. Run: python -m benchmarks.damaged. The last line is one
JSON object; it names what was not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from benchmarks.first_start import ended, forked

from tongbao.cli.main import main as program
from tongbao.cli.shell.output import EXIT_HALTED
from tongbao.modules import protocols
from tongbao.node.audit import audit
from tongbao.node.opening import open_application

WAYS = ("1 bit", "8 bits", "half", "empty", "removed")
REPORTED = 120


def typed(*words: str) -> Callable[[Path], None]:
    """A command as somebody types it, on a node's folder."""

    def run(home: Path) -> None:
        sys.argv = ["tongbao", words[0], "--home", str(home), *words[1:]]
        program()

    return run


def audited(home: Path) -> None:
    """The whole chain again."""
    app = open_application(home, protocols())
    findings = audit(app).findings
    app.state.close()
    assert not findings, findings


def harm(file: Path, way: str, rng: random.Random) -> None:
    """Damage a file."""
    if way == "removed":
        file.unlink()
    elif way in ("half", "empty"):
        os.truncate(file, file.stat().st_size // 2 if way == "half" else 0)
    else:
        raw = bytearray(file.read_bytes())
        for _ in range(int(way.split()[0])):
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        file.write_bytes(raw)


def worth_it(file: Path) -> bool:
    """Of the wallet's keys, one stands for all."""
    alike = file.parent.name == "wallet" and "mingda--maker" not in file.name
    return file.stat().st_size > 0 and (not alike or "PASSPHRASE" in file.name)


def judged(home: Path, file: Path) -> tuple[str, str]:
    """How the start ended, and what is wrong with that; nothing where it is right."""
    log = home.with_suffix(".log")
    log.unlink(missing_ok=True)
    status = ended(forked(home, typed("dev", "--port", "0", "--exit")))
    reply = log.read_text(errors="replace")
    last = " ".join(reply.split())[-REPORTED:]
    if "Traceback" in reply:
        return "traceback", last
    if status == EXIT_HALTED:
        named = file.name in reply or "ledger" in reply or "wrong passphrase" in reply
        return "status 3", "" if named else f"the file is not named: {last}"
    if status:
        return f"status {status}", last
    status = ended(forked(home, audited))
    return "starts", "" if status == 0 else "started, and the audit finds faults"


def main() -> int:
    """Damage, start, count; status 1 where something is not as stated."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    rng = random.Random(chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="tongbao-damaged-"))
    os.environ["TONGBAO_STATE"] = str(folder / "state")
    whole, home = folder / "whole", folder / "home"
    if ended(forked(whole, typed("dev", "--port", "0", "--scenario", "payroll", "--exit"))):
        sys.stderr.write(whole.with_suffix(".log").read_text())
        return 1
    shutil.copytree(folder / "state", folder / "state-then")
    found: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    for file in sorted(one for one in whole.rglob("*") if one.is_file() and worth_it(one)):
        name = file.relative_to(whole)
        for way in WAYS:
            for place, then in ((home, whole), (folder / "state", folder / "state-then")):
                shutil.rmtree(place, ignore_errors=True)
                shutil.copytree(then, place)
            harm(home / name, way, rng)
            how, fault = judged(home, name)
            found[str(name), way, how] += 1
            if fault:
                wrong.append(f"{name}, {way}: {how}: {fault}")
    table: dict[str, dict[str, str]] = {}
    for name_, way, how in found:
        table.setdefault(name_, {})[way] = how
    totals = Counter(how for _, _, how in found.elements())
    shutil.rmtree(folder)
    print(json.dumps({"files": table, "ended": totals, "wrong": wrong}, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
