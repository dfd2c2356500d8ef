"""kill -9 under load: nothing acknowledged is lost, nothing half-done is visible.

A child process runs the solo engine on a store on disk and prints what was acknowledged; it is
killed at a random instant; the store is opened again and held against every word that was printed.

    python benchmarks/kill.py --times 200
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tongbao import _core
from tongbao.kernel.codes import OK
from tongbao.kernel.genesis import read_genesis
from tongbao.kernel.receipts import Receipt, verify_receipt
from tongbao.kernel.registry import Registry
from tongbao.node.answers import Answer, Status
from tongbao.node.application import Application
from tongbao.node.audit import audit
from tongbao.node.clock import utc_ms
from tongbao.node.index import digest_at
from tongbao.node.solo import SoloEngine
from tongbao.simulator.founding import VALIDATOR
from tongbao.simulator.load import ASSET, PAYEE, paying_genesis, payment
from tongbao.simulator.modules import MODULES

GROUP = 20
IN_FLIGHT = 8
ROUNDS_A_HOME = 10
PATIENCE_S = 60.0


class Acknowledged(msgspec.Struct, array_like=True, frozen=True):
    """What the child was shown, as one line of its output."""

    digest: bytes
    height: int
    position: int
    code: int


def open_ledger(home: Path) -> Application:
    """The ledger in a folder."""
    genesis = read_genesis((home / "genesis.json").read_bytes())
    return Application(_core.State.open(str(home / "ledger")), genesis, Registry(MODULES))


# ---- the child -----------------------------------------------------------------------------------


def child(home: Path, turn: int) -> None:
    """Submit payments for ever; print what was acknowledged, a group a write."""
    # The simulator founds its chain on a day of its own, long before this one.
    engine = SoloEngine(open_ledger(home), VALIDATOR, accept_clock=True)
    engine.start()
    flying: deque[Future[list[Answer]]] = deque()
    number = 0
    while True:
        while len(flying) < IN_FLIGHT:
            names = [f"k{turn}-{number + n}" for n in range(GROUP)]
            flying.append(engine.submit([payment(name, utc_ms()) for name in names]))
            number += GROUP
        lines = b"".join(
            msgspec.json.encode(
                Acknowledged(a.digest, a.height, a.position, a.outcome.code)
            ) + b"\n"
            for a in flying.popleft().result()
            if a.status is Status.RECORDED
        )  # fmt: skip
        os.write(1, lines)


# ---- the parent ----------------------------------------------------------------------------------


def load_and_kill(home: Path, turn: int, rng: random.Random) -> list[Acknowledged]:
    """One round; everything that the child could say before it died."""
    command = [sys.executable, str(Path(__file__).resolve()), "--child", str(home)]
    process = subprocess.Popen([*command, "--turn", str(turn)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    reply: list[bytes] = []
    heard = threading.Event()
    listener = threading.Thread(target=_listen, args=(process.stdout, reply, heard))
    listener.start()
    alive = heard.wait(PATIENCE_S)
    time.sleep(rng.uniform(0.0, 0.25))
    process.send_signal(signal.SIGKILL)
    process.wait()
    listener.join()
    if not alive:
        raise RuntimeError("the node acknowledged nothing")
    whole = b"".join(reply).split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=Acknowledged) for line in whole]


def _listen(pipe: BinaryIO, reply: list[bytes], heard: threading.Event) -> None:
    while piece := os.read(pipe.fileno(), 65_536):
        reply.append(piece)
        heard.set()


def examine(app: Application, words: Sequence[Acknowledged], rng: random.Random) -> list[str]:
    """Hold the reopened ledger against what was acknowledged; what is wrong with it."""
    wrong = [fault for word in words for fault in _lost(app, word)]
    for word in rng.sample(list(words), min(5, len(words))):
        receipt = app.receipt(word.height, word.position)
        if receipt is None:
            wrong.append(f"no receipt for {word.digest.hex()}")
        else:
            verify_receipt(Receipt.decode(receipt.encode()), app.genesis.trust())
    return wrong + _half(app)


def _lost(app: Application, word: Acknowledged) -> list[str]:
    found = app.locate(word.digest)
    if found is None or (found.height, found.position) != (word.height, word.position):
        return [f"acknowledged and lost: {word.digest.hex()} in block {word.height}"]
    record = app.block(word.height)
    if record is None or digest_at(record, word.position) != word.digest:
        return [f"block {word.height} does not hold {word.digest.hex()}"]
    if app.registry.decode_outcome(record.outcomes[word.position]).code != word.code:
        return [f"the outcome of {word.digest.hex()} is another one"]
    return []


def _half(app: Application) -> list[str]:
    """Blocks, index and balances tell one story."""
    wrong: list[str] = []
    paid = 0
    for height in range(1, app.tip.height + 1):
        record = app.block(height)
        if record is None:
            return [f"block {height} is missing"]
        for position, outcome in enumerate(record.outcomes):
            paid += app.registry.decode_outcome(outcome).code == OK
            place = app.locate(digest_at(record, position))
            if place is None or (place.height, place.position) != (height, position):
                wrong.append(f"block {height} place {position} is not in the index")
    if app.tip.height % 2:
        wrong.append("a block stands without its seal")
    holding = app.view().holding(PAYEE, ASSET)
    if holding is None or holding.posted != paid:
        wrong.append(f"{paid} payments of 1 stand in blocks, the payee holds {holding}")
    return wrong


def kill_many(times: int, seed: int = 1, audits: bool = True) -> dict[str, Any]:
    """`times` rounds; figures and what went wrong."""
    rng = random.Random(seed)
    started = time.perf_counter()
    acknowledged = 0
    wrong: list[str] = []
    reopen_ms: list[float] = []
    turn = 0
    while turn < times:
        with tempfile.TemporaryDirectory(prefix="tongbao-kill-") as folder:
            home = Path(folder)
            (home / "genesis.json").write_bytes(paying_genesis().encode())
            for turn in range(turn + 1, min(turn + ROUNDS_A_HOME, times) + 1):  # noqa: B020
                words = load_and_kill(home, turn, rng)
                acknowledged += len(words)
                opening = time.perf_counter()
                app = open_ledger(home)
                reopen_ms.append((time.perf_counter() - opening) * 1_000)
                wrong += [f"round {turn}: {fault}" for fault in examine(app, words, rng)]
                if audits and (turn % ROUNDS_A_HOME == 0 or turn == times):
                    wrong += [f"round {turn}: audit: {f}" for f in audit(app).findings]
                app.state.close()
    return {
        "times": times,
        "seed": seed,
        "acknowledged": acknowledged,
        "lost_or_half": len(wrong),
        "findings": wrong[:20],
        "reopen_ms_max": round(max(reopen_ms, default=0.0), 1),
        "elapsed_s": round(time.perf_counter() - started, 1),
    }


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--turn", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        child(options.child, options.turn)
    result = kill_many(options.times, options.seed)
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    return int(bool(result["lost_or_half"]))


if __name__ == "__main__":
    sys.exit(main())
