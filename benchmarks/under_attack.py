"""An honest payer beside each attack on the doors: latency before, during and after, and memory.

    .venv/bin/python -m benchmarks.under_attack [ATTACK ...] [--seconds 6]

Starts `tongbao dev` on a new folder for each attack, and attacks it from this process over the
loopback address. No attack has a key but those marked so; all are from the honest payer's own
address, so bounds per client do not help it. Prints a row of the table for each attack, and ends
with status 1 where an honest payment's p50 beside one was 0.3 s or more, or a payment failed.
All of them take about six minutes on two quiet cores; what it printed stands in
docs/concepts/limits.md.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import resource
import socket
import threading
import time
from collections.abc import Callable

import msgspec
from benchmarks.attacked import Latency, Payer, Target, node
from benchmarks.submissions import (
    HOUR_MS,
    SEQUENCE,
    found_parties,
    many_batches,
    now_ms,
    proposal,
    proposed,
    sound_batches,
    sound_singles,
    wrong_batch,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.kernel.transaction import Body, Signature
from tongbao.modules.payments import BulkTransfer
from tongbao.modules.payments.bulk_line import Line
from tongbao.scenarios.consortium import CHAIN, key_of
from tongbao.sdk import desk

BOUND_MS = 300
"""Below this the honest payer's median stays beside every attack."""
QUIET_SECONDS = 3.0
_STRANGERS = [Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(32)]
_KNOWN = [key_of("hengtong", one).public_key().public_bytes_raw() for one in ("maker", "checker")]


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
    """Three thousand requests whose headers never end, a byte every two seconds."""
    target.hold(3_000, b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: ")
    target.drip(b"a")


def idle(target: Target) -> None:
    """Five thousand connections without a request."""
    target.hold(5_000)


def many_headers(target: Target) -> None:
    """Requests of twenty thousand header lines."""
    lines = b"".join(b"X-%d: y\r\n" % number for number in range(20_000))
    raw = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n"

    def one() -> tuple[int, bytes]:
        with socket.create_connection(("127.0.0.1", target.port), timeout=60) as made:
            made.sendall(raw)
            answer = made.recv(65_536)
        return (int(answer.split()[1]) if answer else 0), answer

    target.loop(16, one)


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


def deep(target: Target) -> None:
    """Bodies of two million open brackets."""
    raw = b"[" * 2_000_000
    target.loop(8, lambda: target.ask("POST", "/v1/simulate", raw))


def lists(target: Target) -> None:
    """Long pages of every list, and twenty thousand numbers looked up in one question."""
    paths = itertools.cycle((
        "/v1/transactions?limit=1000", "/v1/entries?account=mingda/main&limit=1000",
        "/v1/events?limit=1000&after=0", "/v1/parties?role=zzz", "/v1/trades?limit=1000",
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


def proposals(target: Target) -> None:
    """d8, with one party's key: proposals of 1.4 MB that wait for somebody else, two at a time."""
    raw = proposed()
    target.loop(2, lambda: target.ask("POST", "/v1/transactions", proposal(raw)))


def valid_payments(target: Target) -> None:
    """Another party's own, sound payments: batches of five hundred, eight at a time."""
    _pour(target, 8, "/v1/transactions/batch", sound_batches())


def one_key(target: Target) -> None:
    """Sound payments of one key, each a request of its own, on 32 connections."""
    _pour(target, 32, "/v1/transactions", sound_singles())


def many_parties(target: Target) -> None:
    """Sound payments of 24 funded parties, each with a key and an account of its own: batches of
    a hundred, 24 at a time."""
    _pour(target, 24, "/v1/transactions/batch", many_batches())


def _pour(target: Target, threads: int, path: str, made: list[bytes]) -> None:
    ready = iter(made)
    kind = _NDJSON if path.endswith("batch") else {}

    def one() -> tuple[int, bytes]:
        raw = next(ready, None)
        if raw is None:
            time.sleep(1)
            return 0, b""
        status, answer = target.ask("POST", path, raw, **kind)
        target.settled += answer.count(b'"status":"recorded"')
        return status, answer

    target.loop(threads, one)


_NDJSON = {"Content-Type": "application/x-ndjson"}
ATTACKS: dict[str, Callable[[Target], None]] = {
    one.__name__: one
    for one in (
        strangers_batches, forged_batches, slow_bodies, large_bodies, slow_headers, idle,
        many_headers, streams, schemas, simulations, lists, waiting_reads,
        deep, proofs, idempotency, desk_files, proposals, valid_payments, one_key, many_parties,
    )
}  # fmt: skip


_MADE_BEFORE: dict[str, Callable[[], object]] = {
    "valid_payments": sound_batches, "one_key": sound_singles, "many_parties": many_batches,
    "proposals": proposed,
}  # fmt: skip
"""What is signed before the node starts: the attacker's own work."""


def measure(name: str, seconds: float) -> bool:
    """One attack on a fresh node; whether honest payments went on."""
    _MADE_BEFORE.get(name, list)()
    with node() as target:
        if name == many_parties.__name__:
            found_parties(lambda raw: target.ask("POST", "/v1/transactions", raw))
        time.sleep(1)
        payer = Payer(target)
        payer.start()
        start = time.perf_counter()
        time.sleep(QUIET_SECONDS)
        quiet_mb, begun = target.memory_mb(), time.perf_counter()
        target.forget_peak()
        ATTACKS[name](target)
        time.sleep(max(0.0, begun + seconds - time.perf_counter()))
        target.stopped.set()
        ended = time.perf_counter()
        for one in target.sockets:
            one.close()
        time.sleep(QUIET_SECONDS + 1)
        payer.end()
        peak_mb, last_mb = target.memory_mb("VmHWM"), target.memory_mb()
        windows = ((start, begun), (begun, ended), (ended + 1, time.perf_counter()))
        before, during, after = (payer.reported(*one) for one in windows)
        settled = f"; {target.settled / (ended - begun):,.0f} a second settled beside"
        what = " ".join((ATTACKS[name].__doc__ or "").split()).rstrip(".")
        print(
            f"| `{name}` | {what}{settled if target.settled else ''} | {_ms(before)} |"
            f" {_ms(during)} | {_ms(after)} | {quiet_mb} / {peak_mb} / {last_mb} |"
            f" {target.answers()} |",
            flush=True,
        )
        return during.p50 is not None and during.p50 < BOUND_MS and not during.failed


def _ms(reported: Latency) -> str:
    failed = f", failed {reported.failed}" if reported.failed else ""
    return f"{reported.p50} (worst {reported.worst}){failed}"


def main() -> None:
    """Every attack, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help=", ".join(ATTACKS))
    parser.add_argument("--seconds", type=float, default=6.0)
    given = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print("| attack | what | before | during | after | memory in MB | the attack's answers |")
    print("|---|---|---|---|---|---|---|", flush=True)
    held = [measure(name, given.seconds) for name in given.attacks or ATTACKS]
    print(f"\nheld: {sum(held)} of {len(held)} (p50 below {BOUND_MS} ms, no payment failed)")
    raise SystemExit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
