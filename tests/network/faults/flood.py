"""A client that floods one node with transactions that can never be settled."""

from __future__ import annotations

import base64
import statistics
import threading
import time
from dataclasses import dataclass, field

import httpx
import msgspec
from tests.network.faults.clients import MARKER, envelope
from tests.network.faults.processes import AUTHORISATION, TOKEN

from tongbao.modules.payments import Transfer
from tongbao.sdk import Client

BATCH = 200


def payment(chain: str, reference: str) -> bytes:
    """A good payment of one fen."""
    pay = Transfer(payer=MARKER[0], payee=MARKER[1], asset="CNY", amount_minor=1)
    return envelope(reference, pay, chain)


def spoiled(chain: str, number: int) -> bytes:
    """A payment whose signatures are of another one: it costs the node a verification."""
    one, other = (
        msgspec.json.decode(payment(chain, f"flood-{number}-{n}"), type=dict[str, msgspec.Raw])
        for n in range(2)
    )
    return msgspec.json.encode({"body": one["body"], "signatures": other["signatures"]})


@dataclass
class Flood:
    """Floods a node's gateway and its engine until it is stopped."""

    url: str
    rpc: str
    chain: str
    threads: int = 3
    sent: int = 0
    accepted: int = 0
    """What a node took as settled or promised: must stay zero."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        bad = [spoiled(self.chain, n) for n in range(BATCH)]
        for number in range(self.threads):
            thread = threading.Thread(target=self._flood, args=(number, bad), daemon=True)
            self._running.append(thread)
            thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        for thread in self._running:
            thread.join(30)

    def _flood(self, number: int, bad: list[bytes]) -> None:
        lines = b"\n".join(bad)
        rubbish = [
            {"jsonrpc": "2.0", "id": n, "method": "broadcast_tx_async",
             "params": {"tx": base64.b64encode(b"%d " % n + one).decode()}}
            for n, one in enumerate(bad)
        ]  # fmt: skip
        with httpx.Client(timeout=60, trust_env=False, headers=AUTHORISATION) as http:
            while not self._stop.is_set():
                if number == 0:
                    http.post(self.rpc, content=msgspec.json.encode(rubbish))
                else:
                    url = f"{self.url}/v1/transactions/batch"
                    kind = {"content-type": "application/x-ndjson"}
                    answer = http.post(url, content=lines, headers=kind)
                    if answer.status_code == 200:
                        self.accepted += sum(one["status"] != "rejected" for one in answer.json())
                self.sent += BATCH


def latencies(url: str, chain: str, count: int, prefix: str) -> list[float]:
    """Seconds that payments through a node take, one after the other."""
    found = []
    with Client(url, token=TOKEN, timeout_seconds=30) as client:
        for number in range(count):
            sealed = payment(chain, f"{prefix}-{number}")
            began = time.monotonic()
            assert client.submit_and_wait(sealed).done
            found.append(time.monotonic() - began)
    return found


def figures(before: list[float], during: list[float], flood: Flood) -> dict[str, float]:
    """What the flood did to the others."""
    return {
        "median_s_before": round(statistics.median(before), 3),
        "median_s_during": round(statistics.median(during), 3),
        "worst_s_during": round(max(during), 3),
        "flooded": flood.sent,
        "accepted": flood.accepted,
    }
