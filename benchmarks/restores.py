"""Backups of a node that works, and every one of them restored.

A demonstration node takes payments without a pause while backups are made at random moments. Then
each backup is restored, the even ones as on another machine (`newest`), the odd ones where the key
signed later blocks (`accept_loss`: the chain goes on under its next name). Of each: everything that
was acknowledged before it began is there, the state root is the manifest's, payments go on, the
same payment again moves nothing, and one that came after the backup is free again. Run:
python -m benchmarks.restores --backups 50. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.node.conftest import VALIDATOR, Ledger

from tongbao.daemon.solo import RunningNode, running
from tongbao.files import write_private
from tongbao.kernel.genesis import GenesisValidator
from tongbao.keyfiles import write_key
from tongbao.modules import protocols
from tongbao.modules.payments import Transfer
from tongbao.node.answers import Answer, Status
from tongbao.node.audit import audit
from tongbao.node.backup import LossFault, Manifest, make_backup, restore
from tongbao.node.clock import utc_ms
from tongbao.node.home import NodeHome
from tongbao.node.opening import open_application
from tongbao.node.signed import STATE_VARIABLE
from tongbao.scenarios import consortium

SECRET = b"demonstration"
PAYEE = "mingda/main"
AUDITED_EVERY = 10


class Paid(NamedTuple):
    """One acknowledged payment."""

    reference: str
    digest: bytes
    height: int


@dataclass
class Aged:
    """One backup, and how many payments were acknowledged before it began."""

    folder: Path
    made: Manifest
    paid: int
    seconds: float


@contextmanager
def node(home: Path, memory: Path) -> Iterator[RunningNode]:
    """The node of a folder, on a machine whose record of signed blocks is the folder `memory`."""
    os.environ[STATE_VARIABLE] = str(memory)
    with running(home, SECRET, scrub_s=0) as up:
        yield up


def found(home: Path) -> None:
    """A node's folder before its first start."""
    home.mkdir(parents=True)
    write_key(NodeHome(home).validator_file, VALIDATOR._private, SECRET)
    validator = GenesisValidator(consortium.OPERATOR, VALIDATOR.public)
    genesis = consortium.genesis(validator, utc_ms() - 1000)
    write_private(NodeHome(home).genesis_file, genesis.encode())


def pay(up: RunningNode, reference: str) -> Answer:
    """One fen to the payee."""
    one = Ledger(up.application, up.engine)
    return one.send("hengtong", Transfer("hengtong/main", PAYEE, "CNY", 1), reference=reference)


def posted(up: RunningNode) -> int:
    """What the payee has."""
    return Ledger(up.application, up.engine).posted(PAYEE)


def backups(folder: Path, times: int, rng: random.Random) -> tuple[list[Aged], list[Paid], int]:
    """Make them while payments go on; also the payee's balance before the first payment."""
    paid: list[Paid] = []
    made: list[Aged] = []
    stop = threading.Event()
    with node(folder / "home", folder / "machine") as up:
        began_with = posted(up)

        def work() -> None:
            for number in count():
                if stop.is_set():
                    return
                answer = pay(up, f"r{number}")
                assert answer.status is Status.RECORDED and answer.outcome.code == 0
                paid.append(Paid(f"r{number}", answer.digest, answer.height))

        worker = threading.Thread(target=work)
        worker.start()
        try:
            for number in range(times):
                time.sleep(rng.random())
                before, began = len(paid), time.monotonic()
                place = folder / f"backup-{number}"
                one = make_backup(up.application, NodeHome(folder / "home"), place)
                made.append(Aged(place, one, before, time.monotonic() - began))
        finally:
            stop.set()
            worker.join()
    return made, paid, began_with


def examined(
    number: int, aged: Aged, folder: Path, paid: list[Paid], began_with: int
) -> Iterator[str]:
    """What is wrong with one backup once it is restored."""
    known, target, made = number % 2 == 1, folder / "restored", aged.made
    memory = folder / "machine" if known else folder / "elsewhere"
    shutil.rmtree(folder / "elsewhere", ignore_errors=True)
    os.environ[STATE_VARIABLE] = str(memory)
    if known and aged.made.height < paid[-1].height:
        try:
            restore(aged.folder, target)
            yield "restored although later blocks were signed"
        except LossFault:
            pass
    done = restore(aged.folder, target, accept_loss=known, newest=not known)
    if not known:
        app = open_application(target, protocols())
        if (app.tip.height, app.state.root()) != (made.height, made.root):
            yield "another height or root"
        lost = [one for one in paid[: aged.paid] if app.locate(one.digest) is None]
        yield from (f"{one.reference} of block {one.height} is not there" for one in lost)
        yield from (str(one) for one in (audit(app).findings if not number % AUDITED_EVERY else ()))
        app.state.close()
    inside = sum(one.height <= made.height for one in paid)
    if inside < aged.paid:
        yield f"{aged.paid - inside} payments acknowledged before it are of later blocks"
    with node(target, memory) as up:
        if (done.chain == up.application.genesis.chain) and posted(up) != began_with + inside:
            yield f"the payee has {posted(up) - began_with}, of {inside} payments"
        for one in paid[: inside : max(1, inside // 5)]:
            if pay(up, one.reference).status is Status.RECORDED:
                yield f"{one.reference} was paid twice"
        if inside < len(paid) and pay(up, paid[inside].reference).status is not Status.RECORDED:
            yield "a payment of a later block is not free"
        if pay(up, "after").outcome.code != 0:
            yield "payments do not go on"
        if not up.read_model.wait_for(up.application.tip.height, 30):
            yield "the lists do not follow"
    shutil.rmtree(target)


def main() -> int:
    """Make, restore, count; status 1 where something is wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--backups", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tongbao-restores-"))
    found(folder / "home")
    made, paid, began_with = backups(folder, chosen.backups, random.Random(chosen.seed))
    began = time.monotonic()
    faults = [
        f"backup {number} at block {aged.made.height}: {fault}"
        for number, aged in enumerate(made)
        for fault in examined(number, aged, folder, paid, began_with)
    ]
    took = sorted(one.seconds for one in made)
    print(json.dumps({
        "backups": chosen.backups, "seed": chosen.seed, "payments": len(paid),
        "heights": [made[0].made.height, made[-1].made.height, paid[-1].height],
        "backup_s": {"p50": round(took[len(took) // 2], 2), "max": round(took[-1], 2)},
        "restore_and_pay_s": round((time.monotonic() - began) / chosen.backups, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "faults": faults[:20], "wrong": len(faults),
    }))  # fmt: skip
    if not faults:
        shutil.rmtree(folder)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
