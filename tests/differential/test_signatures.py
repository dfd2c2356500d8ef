"""Ed25519 by ZIP-215: the core, the oracle in Python, Wycheproof; single and batch agree."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from zip215 import ORDER, sign, small_order_encodings, verify

from cases import load_case
from tongbao import _core

DIFFERS_FROM_WYCHEPROOF = {
    151: "R encodes y = 1 with the sign of x set although x = 0. RFC 8032 refuses to decode it; "
    "ZIP-215 takes every encoding that decompresses, x = 0 with either sign",
}
"""Vectors whose verdict by ZIP-215 is not the file's, and why. All others agree."""

Item = tuple[bytes, bytes, bytes]


def vectors() -> list[tuple[Item, dict[str, Any]]]:
    """Every Wycheproof vector as an item, with what the file says of it."""
    found = []
    for group in load_case("wycheproof/ed25519_test.json")["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            item = (public, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            found.append((item, case))
    return found


def test_every_wycheproof_vector_has_its_verdict() -> None:
    cases = vectors()
    right = 0
    for item, case in cases:
        verdict = _core.ed25519_verify(*item)
        expected = case["result"] == "valid"
        if case["tcId"] in DIFFERS_FROM_WYCHEPROOF:
            expected = not expected
        assert verdict == verify(*item) == expected, case
        right += 1
    print(f"Wycheproof Ed25519: {right} of {len(cases)}, {len(DIFFERS_FROM_WYCHEPROOF)} by ZIP-215")
    assert right == len(cases) == 151


def test_a_batch_answers_like_singles_on_wycheproof() -> None:
    items = [item for item, _ in vectors()]
    singles = [_core.ed25519_verify(*item) for item in items]
    assert _core.ed25519_verify_batch(items) == singles
    dice = random.Random(215)
    for _ in range(50):
        mix = dice.choices(range(len(items)), k=dice.randrange(1, 600))
        verdicts = _core.ed25519_verify_batch([items[i] for i in mix])
        assert verdicts == [singles[i] for i in mix]


def test_zip215_takes_points_of_small_order_and_unreduced_encodings() -> None:
    """All 196 combinations hold by ZIP-215 with s = 0: 8A and 8R vanish."""
    encodings = small_order_encodings()
    items = [(a, r + bytes(32), b"Zcash") for a in encodings for r in encodings]
    verdicts = [_core.ed25519_verify(*item) for item in items]
    assert verdicts == [verify(*item) for item in items]
    assert _core.ed25519_verify_batch(items) == verdicts
    print(f"small order: {sum(verdicts)} of {len(items)} hold")
    assert sum(verdicts) == 196


def test_a_signature_with_a_torsion_part_holds_singly_and_in_a_batch() -> None:
    """The cofactored equation forgives a small-order part; checks without cofactor would differ."""
    public, signature, message = sign(123456789, b"pay", 987654321)
    items = [(public, signature, message)] * 3
    for torsion in small_order_encodings()[8:]:
        items.append((torsion, torsion + bytes(32), message))
    assert _core.ed25519_verify_batch(items) == [verify(*item) for item in items]


def test_a_scalar_at_or_above_the_group_order_is_refused() -> None:
    public, signature, message = sign(7, b"once", 11)
    s = int.from_bytes(signature[32:], "little") + ORDER
    forged = (public, signature[:32] + s.to_bytes(32, "little"), message)
    assert _core.ed25519_verify(public, signature, message)
    assert not _core.ed25519_verify(*forged)
    assert _core.ed25519_verify_batch([(public, signature, message), forged]) == [True, False]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, ORDER - 1), st.binary(max_size=80), st.integers(0, 9)),
        min_size=1,
        max_size=6,
    )
)
def test_core_and_oracle_agree_on_good_and_damaged_items(
    drawn: list[tuple[int, bytes, int]],
) -> None:
    items: list[Item] = []
    for secret, message, damage in drawn:
        public, signature, _ = sign(secret, message, secret ^ 1)
        if damage < 3:
            place = secret % 64
            flipped = signature[place] ^ (1 << damage)
            signature = signature[:place] + bytes([flipped]) + signature[place + 1 :]
        elif damage == 3:
            public = bytes([public[0] ^ 1]) + public[1:]
        elif damage == 4:
            signature = signature[: secret % 64]
        items.append((public, signature, message))
    expected = [verify(*item) for item in items]
    assert [_core.ed25519_verify(*item) for item in items] == expected
    assert _core.ed25519_verify_batch(items) == expected


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(max_size=70), st.binary(max_size=9))))
def test_any_bytes_have_a_verdict(items: list[Item]) -> None:
    verdicts = [_core.ed25519_verify(*item) for item in items]
    assert _core.ed25519_verify_batch(items) == verdicts


@given(st.lists(st.binary(max_size=200)))
def test_sha256_many_is_sha256_of_each(items: list[bytes]) -> None:
    assert _core.sha256_many(items) == [hashlib.sha256(item).digest() for item in items]


def test_sha256_many_on_all_cores_keeps_the_order() -> None:
    items = [i.to_bytes(4, "big") * (i % 40) for i in range(5_000)]
    assert _core.sha256_many(items) == [hashlib.sha256(item).digest() for item in items]
