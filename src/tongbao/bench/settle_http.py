"""The HTTP half of `tongbao bench settle`: a client in its own process posts batches."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

BATCH = {"single": 500, "bulk": 1}
CONNECTIONS = 4


def drive_from_outside(
    url: str, envelopes: Sequence[bytes], shape: str, transfers_each: float
) -> dict[str, Any]:
    """Have another process post all envelopes; its figures."""
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
        file.write(b"\n".join(envelopes))
        file.flush()
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "tongbao.bench.settle_http", url, file.name, shape],
            capture_output=True,
            check=True,
        )
    measured: dict[str, Any] = msgspec.json.decode(done.stdout)
    measured["transfers_per_second"] = round(measured.pop("rate") * transfers_each)
    return measured


async def _post_all(url: str, envelopes: Sequence[bytes], shape: str) -> dict[str, Any]:
    size = BATCH[shape]
    batches = [envelopes[i : i + size] for i in range(0, len(envelopes), size)]
    cut = max(1, len(batches) * 2 // 3)
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=120) as client:
        began = time.perf_counter()
        await _run(client, batches[:cut], None)
        rate = sum(map(len, batches[:cut])) / (time.perf_counter() - began)
        latencies = await _run(client, batches[cut:], rate / 2)
    ranked = sorted(latencies) or [0.0]
    return {
        "rate": rate,
        "latency_ms": {
            "p50": round(ranked[len(ranked) // 2], 2),
            "p99": round(ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)], 2),
        },
    }


async def _run(
    client: httpx.AsyncClient, batches: Sequence[Sequence[bytes]], paced: float | None
) -> list[float]:
    latencies: list[float] = []
    room = asyncio.Semaphore(CONNECTIONS)
    began = time.perf_counter()

    async def post(batch: Sequence[bytes]) -> None:
        async with room:
            sent = time.perf_counter()
            answer = await client.post(
                "/v1/transactions/batch",
                content=b"\n".join(batch),
                headers={"content-type": "application/x-ndjson"},
            )
            answer.raise_for_status()
            latencies.append((time.perf_counter() - sent) * 1000)

    tasks: list[asyncio.Task[None]] = []
    posted = 0
    for batch in batches:
        if paced is not None:
            await asyncio.sleep(max(0.0, began + posted / paced - time.perf_counter()))
        tasks.append(asyncio.create_task(post(batch)))
        posted += len(batch)
    await asyncio.gather(*tasks)
    return latencies


def _main(read: Callable[[str], bytes]) -> None:
    url, file, shape = sys.argv[1:4]
    measured = asyncio.run(_post_all(url, read(file).splitlines(), shape))
    sys.stdout.write(msgspec.json.encode(measured).decode())


if __name__ == "__main__":
    _main(lambda name: Path(name).read_bytes())
