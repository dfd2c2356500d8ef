"""`tongbao bench settle`: how many transfers a second settle, durably, and where the time goes.

A ledger is founded in a temporary folder with as many holdings as asked for, transactions are
signed beforehand, and then offered to the engine as fast as it takes them (throughput) and at half
that rate (latency). The bound is what signature verification alone would allow on this machine,
measured in the same run.
"""

from __future__ import annotations

import gc
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import Genesis, GenesisValidator, found
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import KEYS, Key, key_id
from tongbao.kernel.money import Holding, HoldingFlag, holding_key
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Body, Envelope, Outcome, Signature, Transaction
from tongbao.modules import installed
from tongbao.modules.payments import BulkTransfer, Line, Transfer
from tongbao.node.answers import Status
from tongbao.node.application import Application
from tongbao.node.clock import utc_ms
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.node.solo import SoloEngine

PARTIES = 64
GROUP = 500
BULK_LINES = 8_190
OPENING = 1_000_000_000
CHAIN = "tongbao-bench"
_ENCODE = msgspec.json.Encoder().encode
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    shape: str
    """`single`: one transfer and one signature each; `bulk`: 8,190 under one signature."""
    accounts: int
    transactions: int
    """Transfers in all."""
    seed: int = 1


class Bench:
    """A founded ledger with its accounts, keys and signed transactions."""

    def __init__(
        self, plan: Plan, progress: Progress, seated: tuple[GenesisValidator, ...] = ()
    ) -> None:
        """Found the ledger; signing comes with `sign`. Without `seated`, we are its validator."""
        self.plan = plan
        self.progress = progress
        self.folder = Path(tempfile.mkdtemp(prefix="tongbao-bench-"))
        self.registry = Registry(installed())
        self.keys = [
            Ed25519PrivateKey.from_private_bytes(content_digest(f"bench {n}".encode()))
            for n in range(PARTIES)
        ]
        self.signer = ValidatorKey(self.keys[0])
        alone = (GenesisValidator("bench", self.signer.public),)
        self.genesis = Genesis(CHAIN, utc_ms() - 1000, seated or alone)
        before = resident_bytes()
        self.app = self._found()
        self.resident_per_account = max(0, resident_bytes() - before) / plan.accounts

    def account(self, number: int) -> str:
        """The id of the account with a number."""
        return f"bank-{number % PARTIES:02d}/{number:09d}"

    def _found(self) -> Application:
        NodeHome(self.folder).genesis_file.write_bytes(self.genesis.encode())
        state = _core.State.open(str(self.folder / "ledger"))
        draft = state.draft()
        founded = found(draft, self.genesis, self.registry)
        for n, private in enumerate(self.keys):
            public = private.public_key().public_bytes_raw()
            key = Key("ed25519", public)
            draft.put(KEYS.key(f"bank-{n:02d}", key_id("ed25519", public)), KEYS.encode(key))
        holding = Holding(HoldingFlag(0), OPENING, 0).encode()
        for number in range(self.plan.accounts):
            draft.put(holding_key(self.account(number), "CNY"), holding)
            if number % 50_000 == 0:
                self.progress("accounts", number, self.plan.accounts)
        issued = Holding(HoldingFlag.ISSUING, -OPENING * self.plan.accounts, 0)
        draft.put(holding_key("issuer/issue.cny", "CNY"), issued.encode())
        root = state.stage(draft)
        record = BlockRecord(
            0, self.genesis.time_ms, self.genesis.digest().encode(), (b"", 0, b""), b"", root,
            (), (), Outcome(events=founded.events).encode(),
        )  # fmt: skip
        state.commit(draft, [(0, record.encode())], [])
        return Application(state, self.genesis, self.registry)

    def sign(self) -> list[bytes]:
        """The signed envelopes."""
        rng = random.Random(self.plan.seed)  # noqa: S311 - a load, not a secret
        expires = utc_ms() + 3_600_000
        made: list[bytes] = []
        actions = self._singles(rng) if self.plan.shape == "single" else self._bulks(rng)
        for number, (owner, action) in enumerate(actions):
            made.append(self._envelope(owner, f"b{self.plan.seed}-{number}", expires, action))
            if number % 1_000 == 0:
                self.progress("signing", number, self.plan.transactions)
        return made

    def _singles(self, rng: random.Random) -> Iterator[tuple[int, Transaction]]:
        accounts = self.plan.accounts
        for _ in range(self.plan.transactions):
            payer = rng.randrange(accounts)
            payee = (payer + 1 + rng.randrange(accounts - 1)) % accounts
            transfer = Transfer(
                payer=self.account(payer), payee=self.account(payee), asset="CNY",
                amount_minor=rng.randrange(1, 1000), payee_reference=f"E{payer}",
            )  # fmt: skip
            yield payer % PARTIES, transfer

    def _bulks(self, rng: random.Random) -> Iterator[tuple[int, Transaction]]:
        accounts, left = self.plan.accounts, self.plan.transactions
        while left > 0:
            payer = rng.randrange(accounts)
            count = min(BULK_LINES, left)
            lines = tuple(
                Line(
                    self.account((payer + 1 + rng.randrange(accounts - 1)) % accounts),
                    rng.randrange(1, 1000),
                    f"E{n}",
                )
                for n in range(count)
            )
            left -= count
            yield payer % PARTIES, BulkTransfer(payer=self.account(payer), asset="CNY", lines=lines)

    def _envelope(self, owner: int, reference: str, expires: int, action: Transaction) -> bytes:
        body = _ENCODE(Body(CHAIN, f"bank-{owner:02d}", reference, expires, (action,)))
        private = self.keys[owner]
        signature = Signature(
            "ed25519", private.public_key().public_bytes_raw(), private.sign(signed_bytes(body))
        )
        return _ENCODE(Envelope(msgspec.Raw(body), (signature,)))

    def close(self) -> None:
        """Remove the ledger."""
        self.app.state.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def signature_bound(keys: Sequence[Ed25519PrivateKey], count: int = 40_000) -> float:
    """Signatures verified a second on all cores, with the load's keys and the engine's batches."""
    items: list[tuple[bytes, bytes, bytes]] = []
    for n in range(2_000):
        private, message = keys[n % len(keys)], bytes(300) + n.to_bytes(4, "big")
        items.append((private.public_key().public_bytes_raw(), private.sign(message), message))
    began = time.perf_counter()
    for _ in range(count // len(items)):
        if not all(_core.ed25519_verify_batch(items)):
            raise AssertionError("a good signature was not verified")
    return count / (time.perf_counter() - began)


def run_settle(plan: Plan, source: str, progress: Progress) -> dict[str, Any]:
    """Measure and answer with the figures that the command prints."""
    bench = Bench(plan, progress)
    try:
        envelopes = bench.sign()
        bound = signature_bound(bench.keys)
        engine = SoloEngine(bench.app, bench.signer)
        engine.start()
        gc.collect()
        gc.freeze()  # what was built for the measurement is not the engine's to collect
        try:
            if source == "http":
                measured = _drive_http(bench.app, engine, envelopes, plan)
            else:
                measured = drive_memory(engine, envelopes, plan, progress)
        finally:
            engine.stop()
            gc.unfreeze()
        stages = bench.app.meter.shares()
        restart = _restart_seconds(bench)
    finally:
        bench.close()
    per_signature = 1 if plan.shape == "single" else min(BULK_LINES, plan.transactions)
    rate = measured["transfers_per_second"]
    return {
        "shape": plan.shape,
        "source": source,
        "accounts": plan.accounts,
        "transactions": plan.transactions,
        **measured,
        "stages": stages,
        "bound_per_second": round(bound * per_signature),
        "bound_ratio": round(rate / (bound * per_signature), 4),
        "resident_bytes_per_account": round(bench.resident_per_account),
        "restart_seconds": restart,
    }


def _drive_http(
    app: Application, engine: SoloEngine, envelopes: Sequence[bytes], plan: Plan
) -> dict[str, Any]:
    """A gateway in this process, a client in another."""
    from tongbao.bench.settle_http import drive_from_outside
    from tongbao.gateway.bounds.settings import Settings
    from tongbao.gateway.server import GatewayServer
    from tongbao.gateway.services import NodeServices

    server = GatewayServer(NodeServices(app, engine), Settings(), port=0)
    server.start()
    try:
        each = plan.transactions / len(envelopes)
        return drive_from_outside(server.url, envelopes, plan.shape, each)
    finally:
        server.stop()


def drive_memory(
    engine: SoloEngine, envelopes: Sequence[bytes], plan: Plan, progress: Progress
) -> dict[str, Any]:
    """Two thirds of the load as fast as it goes, the rest at half that rate for the latency."""
    group = GROUP if plan.shape == "single" else 1
    transfers = plan.transactions / len(envelopes)
    cut = max(1, len(envelopes) * 2 // 3)
    began = time.perf_counter()
    _await_all(engine, envelopes[:cut], group, None, progress)
    rate = cut / (time.perf_counter() - began)
    rest = envelopes[cut:]
    latencies = _await_all(engine, rest, max(1, group // 10), rate / 2, progress) if rest else []
    return {
        "transfers_per_second": round(rate * transfers),
        "latency_ms": quantiles(latencies),
    }


def _await_all(
    engine: SoloEngine,
    envelopes: Sequence[bytes],
    group: int,
    paced: float | None,
    progress: Progress,
) -> list[float]:
    """Submit all in groups, at most a few blocks ahead; latencies in ms, one a group."""
    flying: list[tuple[float, Future[Any]]] = []
    latencies: list[float] = []
    ahead = max(4, 8_000 // group)

    def note(sent: float) -> Callable[[Future[Any]], None]:
        return lambda _: latencies.append((time.perf_counter() - sent) * 1000)

    began = time.perf_counter()
    for start in range(0, len(envelopes), group):
        if paced is not None:
            time.sleep(max(0.0, began + start / paced - time.perf_counter()))
        sent = time.perf_counter()
        future = engine.submit(envelopes[start : start + group])
        future.add_done_callback(note(sent))
        flying.append((sent, future))
        if len(flying) > ahead:
            _check(flying.pop(0)[1])
        if start % 5_000 == 0:
            progress("settling", start, len(envelopes))
    for _, future in flying:
        _check(future)
    return latencies


def _check(future: Future[Any]) -> None:
    for answer in future.result():
        if answer.status is not Status.RECORDED or answer.outcome.code:
            raise RuntimeError(f"a transfer was not settled: {answer}")


def quantiles(latencies: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    if not latencies:
        return {"p50": 0.0, "p99": 0.0}
    ranked = sorted(latencies)
    return {
        "p50": round(ranked[len(ranked) // 2], 2),
        "p99": round(ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)], 2),
    }


def resident_bytes() -> int:
    """Resident memory of this process now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _restart_seconds(bench: Bench) -> float:
    """Close the ledger and open it again."""
    bench.app.state.close()
    began = time.perf_counter()
    state = _core.State.open(str(bench.folder / "ledger"))
    bench.app = Application(state, bench.genesis, bench.registry)
    return round(time.perf_counter() - began, 3)
