"""An honest payer beside each attack on the doors: latency before, during and after, and memory.

    .venv/bin/python benchmarks/under_attack.py [ATTACK ...] [--seconds 15]

Starts `tongbao dev` on a new folder, and attacks it from this process over the loopback address.
No attack has a key but those marked so; all are from the honest payer's own address, so bounds per
client do not help it. Figures stand in docs/concepts/limits.md.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import itertools
import json
import os
import resource
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

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from submissions import HOUR_MS, SEQUENCE, now_ms, payment, sound_batches, wrong_batch
from tongbao.kernel.transaction import Body, Signature
from tongbao.modules.payments import BulkTransfer
from tongbao.modules.payments.bulk_line import Line
from tongbao.scenarios.consortium import CHAIN, key_of
from tongbao.sdk import desk

BIN = Path(sys.executable).parent / "tongbao"
_STRANGERS = [Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(32)]
_KNOWN = [key_of("hengtong", one).public_key().public_bytes_raw() for one in ("maker", "checker")]


@dataclass
class Target:
    """The node that is attacked."""

    port: int
    pid: int
    stopped: threading.Event = field(default_factory=threading.Event)
    requests: Counter[object] = field(default_factory=Counter)
    sockets: list[socket.socket] = field(default_factory=list)

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

    def hold(self, count: int, said: bytes = b"") -> None:
        """Open connections, say something on each, and keep them."""
        for _ in range(count):
            with contextlib.suppress(OSError):
                made = socket.create_connection(("127.0.0.1", self.port), timeout=20)
                made.sendall(said)
                self.sockets.append(made)

    def memory_mb(self) -> int:
        """Resident memory of the node."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(one for one in lines if one.startswith("VmRSS")).split()[1]) // 1024


def _post(length: int, path: str = "/v1/transactions") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


# ---- attacks -------------------------------------------------------------------------------------


def strangers_batches(target: Target) -> None:
    """d10: batches of 8 MB under keys that nobody has registered."""
    raw = wrong_batch(_STRANGERS)
    target.loop(8, lambda: target.ask("POST", "/v1/transactions/batch", raw, **_NDJSON))


def forged_batches(target: Target) -> None:
    """d10, nearer: wrong signatures under the payer's own, public keys."""
    raw = wrong_batch(_KNOWN)
    target.loop(8, lambda: target.ask("POST", "/v1/transactions/batch", raw, **_NDJSON))


def slow_bodies(target: Target) -> None:
    """Bodies that never come, six hundred every five seconds."""

    def again() -> None:
        while not target.stopped.is_set():
            target.hold(600, _post(1_000_000) + b"{")
            target.stopped.wait(5)

    threading.Thread(target=again, daemon=True).start()


def large_bodies(target: Target) -> None:
    """d6: forty uploads of 31 MB each that are held unfinished."""

    def one() -> None:
        with contextlib.suppress(OSError):
            made = socket.create_connection(("127.0.0.1", target.port), timeout=60)
            target.sockets.append(made)
            made.sendall(_post(33_000_000, "/v1/desk/files"))
            for _ in range(32):
                made.sendall(b"A" * 1_000_000)

    for _ in range(40):
        threading.Thread(target=one, daemon=True).start()


def slow_headers(target: Target) -> None:
    """Three thousand requests whose headers never end."""
    target.hold(3_000, b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: ")


def idle(target: Target) -> None:
    """Five thousand connections without a request."""
    target.hold(5_000)


def many_headers(target: Target) -> None:
    """Requests of twenty thousand header lines."""
    lines = {f"X-{number}": "y" for number in range(20_000)}
    target.loop(16, lambda: target.ask("GET", "/v1/status", **lines))


def streams(target: Target) -> None:
    """Three hundred streams of all events, none of them read."""
    target.hold(300, b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")


def schemas(target: Target) -> None:
    """Descriptions that are expensive to make."""
    paths = itertools.cycle(("/v1/transaction-types", "/openapi.json", "/v1/codes"))
    target.loop(16, lambda: target.ask("GET", next(paths)))


def simulations(target: Target) -> None:
    """Dry runs of 2 MB."""
    lines = tuple(Line("mingda/main", 1, f"r{number}") for number in range(8_190))
    bulk = BulkTransfer("hengtong/main", "CNY", lines, all_or_none=True)
    one = len(msgspec.json.encode(bulk))
    many = (bulk,) * (2_050_000 // one)
    raw = msgspec.json.encode(Body(CHAIN, "hengtong", "s", now_ms() + HOUR_MS, many))
    target.loop(16, lambda: target.ask("POST", "/v1/simulate", raw))


def lists(target: Target) -> None:
    """Long pages of every list, and twenty thousand numbers looked up in one question."""
    paths = itertools.cycle((
        "/v1/transactions?limit=1000", "/v1/accounts/mingda/main/entries?limit=1000",
        "/v1/events?limit=1000&after=0", "/v1/parties?role=zzz", "/v1/exchange/trades?limit=1000",
        "/v1/transactions?party=nobody&limit=1000", "/v1/history?from=1",
    ))  # fmt: skip
    target.loop(8, lambda: target.ask("GET", next(paths), Accept="application/json"))
    raw = json.dumps([f"CN{number:018}" for number in range(20_000)]).encode()
    target.loop(8, lambda: target.ask("POST", "/v1/accounts/resolve", raw))


def waiting_reads(target: Target) -> None:
    """Two hundred who wait for a height that never comes."""
    ahead = {"Tongbao-At-Least-Height": "999999999"}
    target.loop(200, lambda: target.ask("GET", "/v1/parties", **ahead))


def proofs(target: Target) -> None:
    """Proofs of a balance."""
    target.loop(16, lambda: target.ask("GET", "/v1/proofs/holdings/mingda/main/CNY"))


def idempotency(target: Target) -> None:
    """d7: fresh Idempotency-Keys on rubbish."""

    def one() -> tuple[int, bytes]:
        key = {"Idempotency-Key": os.urandom(100).hex()}
        return target.ask("POST", "/v1/transactions", b"{}", **key)

    target.loop(48, one)


def desk_files(target: Target) -> None:
    """d5, with one party's key: files of 24 MB of empty elements, three at a time."""
    name = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
    key = key_of("yuntu", "maker")
    public = key.public_key().public_bytes_raw()

    def one() -> tuple[int, bytes]:
        head = f'<Document xmlns="{name}">'.encode()
        xml = head + b"<a/>" * 5_990_000 + b"<b%d/></Document>" % next(SEQUENCE)
        raw = desk_order(xml, public, key)
        return target.ask("POST", "/v1/desk/files", raw)

    target.loop(3, one)


def desk_order(content: bytes, public: bytes, key: Ed25519PrivateKey) -> bytes:
    """A signed upload."""
    digest = hashlib.sha256(content).hexdigest()
    statement = desk.Statement("upload", CHAIN, "yuntu", "x.xml", 0, digest, now_ms())
    raw = msgspec.json.encode(statement)
    signature = Signature("ed25519", public, key.sign(desk.statement_bytes(raw)))
    return msgspec.json.encode(desk.Order(raw, (signature,), content))


def valid_payments(target: Target) -> None:
    """Another party's own, sound payments: batches of five hundred, eight at a time."""
    ready = iter(sound_batches())

    def one() -> tuple[int, bytes]:
        raw = next(ready, None)
        if raw is None:
            time.sleep(1)
            return 0, b""
        return target.ask("POST", "/v1/transactions/batch", raw, **_NDJSON)

    target.loop(8, one)


_NDJSON = {"Content-Type": "application/x-ndjson"}
ATTACKS: dict[str, Callable[[Target], None]] = {
    one.__name__: one
    for one in (
        strangers_batches, forged_batches, slow_bodies, large_bodies, slow_headers, idle,
        many_headers, streams, schemas, simulations, lists, waiting_reads,
        proofs, idempotency, desk_files, valid_payments,
    )
}  # fmt: skip


# ---- the honest payer ----------------------------------------------------------------------------


class Payer(threading.Thread):
    """Pays every so often, each time on a new connection."""

    def __init__(self, target: Target) -> None:
        super().__init__(daemon=True)
        self._target = target
        self._log: list[tuple[float, float, object]] = []
        self._ended = threading.Event()

    def run(self) -> None:
        """Until it is told to end."""
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

    def told(self, start: float, end: float) -> str:
        """Median and worst latency of what settled, and how many did not."""
        mine = [(took, status) for began, took, status in self._log if start <= began < end]
        good = sorted(took for took, status in mine if status == 200)
        failed = dict(Counter(str(status) for _, status in mine if status != 200))
        if not good:
            return f"none settled {failed}"
        middle, worst = good[len(good) // 2], good[-1]
        return f"p50 {middle * 1000:.0f} ms, max {worst * 1000:.0f} ms, failed {failed or 0}"


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


def measure(name: str, seconds: float) -> None:
    """One attack on a fresh node."""
    if name == valid_payments.__name__:
        sound_batches()
    with node() as target:
        time.sleep(2)
        payer = Payer(target)
        payer.start()
        start = time.perf_counter()
        time.sleep(5)
        quiet_mb, begun = target.memory_mb(), time.perf_counter()
        ATTACKS[name](target)
        peak, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            peak = max(peak, target.memory_mb())
            time.sleep(0.2)
        target.stopped.set()
        ended = time.perf_counter()
        for one in target.sockets:
            one.close()
        time.sleep(6)
        payer.end()
        print(f"{name}: {ATTACKS[name].__doc__}")
        print(f"  before  {payer.told(start, begun)}; {quiet_mb} MB")
        print(f"  during  {payer.told(begun, ended)}; {peak} MB at most")
        print(f"  after   {payer.told(ended, time.perf_counter())}; {target.memory_mb()} MB")
        answers = dict(Counter({str(k): v for k, v in target.requests.items()}))
        print(f"  attack's answers {answers or 'none'}", flush=True)


def main() -> None:
    """Every attack, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=float, default=15.0)
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for name in given.attacks or ATTACKS:
        measure(name, given.seconds)


if __name__ == "__main__":
    main()
