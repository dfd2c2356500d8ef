"""What `under_attack.py` submits: sound payments, and batches whose signatures are wrong."""

from __future__ import annotations

import base64
import functools
import itertools
import os
import time
from collections.abc import Callable

import msgspec

from tongbao.kernel.identity import Key
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Signature, Transaction
from tongbao.modules.accounts import OpenAccount
from tongbao.modules.assets import Issue
from tongbao.modules.parties import Propose, RegisterParty
from tongbao.modules.payments import BulkTransfer, Transfer
from tongbao.modules.payments.bulk_line import Line
from tongbao.scenarios.consortium import CHAIN, key_of
from tongbao.sdk.build import build, seal

BATCH_BYTES = 7_900_000
MADE_BATCHES = 90
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


@functools.cache
def sound_singles() -> list[bytes]:
    """What `one_key` sends."""
    return [payment("yuntu") for _ in range(12_000)]


# ---- parties of the attacker's own, as many as it likes ------------------------------------------


PARTIES = tuple(f"crowd-{number}" for number in range(24))


def _signed(party: str, actions: list[Transaction], *keys: tuple[str, str]) -> bytes:
    body = build(CHAIN, party, f"{_RUN}-{next(SEQUENCE)}", actions, now_ms() + HOUR_MS)
    return seal(body, [
        Signature(
            "ed25519", key_of(*one).public_key().public_bytes_raw(),
            key_of(*one).sign(signed_bytes(body)), "" if one[0] == party else one[0],
        )
        for one in keys
    ])  # fmt: skip


def found_parties(post: Callable[[bytes], tuple[int, bytes]]) -> None:
    """Register each with a key, open its account, and give it money."""
    central = (("central-bank", "maker"), ("central-bank", "checker"))
    steps = [_signed("central-bank", [_registered(one) for one in PARTIES], *central)]
    steps += [
        _signed(one, [OpenAccount(f"{one}/main", assets=("CNY",))], (one, "maker"))
        for one in PARTIES
    ]
    money = [Issue("CNY", f"{one}/main", 1_000_000) for one in PARTIES]
    for raw in (*steps, _signed("central-bank", list(money), *central)):
        status, answer = post(raw)
        if status != 200:
            raise SystemExit(f"{status}: {answer.decode()}")


def _registered(party: str) -> RegisterParty:
    public = key_of(party, "maker").public_key().public_bytes_raw()
    keys = (Key("ed25519", public, label="maker"),)
    return RegisterParty(party, "central-bank", party, ("supplier",), "CN", keys)


@functools.cache
def many_batches() -> list[bytes]:
    """What `many_parties` sends: a batch of each party in turn."""
    return [
        b"\n".join(
            _signed(one, [Transfer(f"{one}/main", "mingda/main", "CNY", 1)], (one, "maker"))
            for _ in range(100)
        )
        for _ in range(16)
        for one in PARTIES
    ]


@functools.cache
def proposed() -> msgspec.Raw:
    """Actions of somebody else, 1.4 MB of them."""
    lines = tuple(Line("mingda/main", 1, f"{number:035}") for number in range(8_190))
    return msgspec.Raw(msgspec.json.encode([BulkTransfer("hengtong/main", "CNY", lines)] * 2))


def proposal(actions: msgspec.Raw) -> bytes:
    """Put up by a party that the actions do not concern."""
    due = now_ms() + 29 * 24 * HOUR_MS
    return _signed("yuntu", [Propose("yuntu", actions, due)], ("yuntu", "maker"))
