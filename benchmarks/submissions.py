"""What `under_attack.py` submits: sound payments, and batches whose signatures are wrong."""

from __future__ import annotations

import base64
import functools
import itertools
import os
import time

from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Signature
from tongbao.modules.payments import Transfer
from tongbao.scenarios.consortium import CHAIN, key_of
from tongbao.sdk.build import build, seal

BATCH_BYTES = 7_900_000
MADE_BATCHES = 160
"""Batches of sound payments, signed before the attack begins."""
HOUR_MS = 3_600_000
SEQUENCE = itertools.count()
_RUN = os.urandom(4).hex()


def now_ms() -> int:
    """UTC milliseconds."""
    return int(time.time() * 1000)


def payment(party: str = "hengtong") -> bytes:
    """A sound payment of one fen."""
    body = build(
        CHAIN, party, f"{_RUN}-{next(SEQUENCE)}",
        [Transfer(f"{party}/main", "mingda/main", "CNY", 1)], now_ms() + HOUR_MS,
    )  # fmt: skip
    keys = [key_of(party, one) for one in ("maker", "checker")]
    return seal(body, [
        Signature("ed25519", key.public_key().public_bytes_raw(), key.sign(signed_bytes(body)))
        for key in keys
    ])  # fmt: skip


def wrong_batch(keys: list[bytes]) -> bytes:
    """A batch of payments whose signatures are wrong, under some keys."""
    one = b'{"suite":"ed25519","key":"%s","signature":"%s"}'
    lines: list[bytes] = []
    size = 0
    while size < BATCH_BYTES and len(lines) < 2_000:
        body = build(
            CHAIN, "hengtong", f"x{os.urandom(6).hex()}",
            [Transfer("hengtong/main", "mingda/main", "CNY", 1)], now_ms() + HOUR_MS,
        )  # fmt: skip
        signatures = b",".join(
            one % (base64.b64encode(key), base64.b64encode(os.urandom(32) + bytes(32)))
            for key in keys
        )
        lines.append(b'{"body":' + body + b',"signatures":[' + signatures + b"]}")
        size += len(lines[-1]) + 1
    return b"\n".join(lines) + b"\n"


@functools.cache
def sound_batches() -> list[bytes]:
    """What `valid_payments` sends: signing it is the attacker's own work, done before."""
    return [b"\n".join(payment("yuntu") for _ in range(500)) for _ in range(MADE_BATCHES)]
