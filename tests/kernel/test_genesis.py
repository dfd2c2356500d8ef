"""The genesis: read whole or refused by a code, and the same root from the same file."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tongbao import _core
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import GenesisCode, Predecessor, found, read_genesis
from tongbao.kernel.names import CHAIN
from tongbao.kernel.transaction import MAX_EXPIRY_MS

G = GenesisCode


def changed(bench: Any, **fields: Any) -> bytes:
    plain = msgspec.json.decode(bench.genesis.encode())
    return msgspec.json.encode({**plain, **fields})


def test_a_genesis_comes_back_from_its_file(bench: Any) -> None:
    again = read_genesis(bench.genesis.encode())
    assert again.digest() == bench.genesis.digest()
    assert again.trust() == bench.genesis.trust()


def test_the_digest_is_of_the_meaning_not_of_the_layout(bench: Any) -> None:
    compact = read_genesis(msgspec.json.format(bench.genesis.encode(), indent=-1))
    assert compact.digest() == bench.genesis.digest()
    assert read_genesis(changed(bench, chain="other")).digest() != bench.genesis.digest()


WRONG: list[tuple[dict[str, Any], GenesisCode]] = [
    ({"format": "tongbao.genesis/9"}, G.UNREADABLE),
    ({"chain": ""}, G.UNREADABLE),
    ({"chain": "c" * 51}, G.UNREADABLE),
    ({"chain": 5}, G.UNREADABLE),
    ({"validators": []}, G.UNREADABLE),
    ({"validators": [{"name": "v", "public": "AAAA", "power": 1}]}, G.UNREADABLE),
    ({"validators": [{"name": "v", "public": "A" * 43 + "=", "power": 0}]}, G.UNREADABLE),
    ({"extra": 1}, G.UNREADABLE),
    ({"time_ms": "noon"}, G.UNREADABLE),
    ({"hash": "md5"}, G.UNKNOWN_HASH),
    ({"suites": ["ed25519", "rsa"]}, G.UNKNOWN_SUITE),
    ({"suites": []}, G.UNREADABLE),
    ({"suites": ["ed25519", "ed25519"]}, G.UNREADABLE),
    ({"name_memory_ms": MAX_EXPIRY_MS - 1}, G.MEMORY_TOO_SHORT),
    ({"name_memory_ms": -1}, G.MEMORY_TOO_SHORT),
]


@pytest.mark.parametrize(("fields", "code"), WRONG, ids=str)
def test_a_wrong_genesis_is_refused_by_its_code(
    bench: Any, fields: dict[str, Any], code: GenesisCode
) -> None:
    with pytest.raises(Refusal) as caught:
        read_genesis(changed(bench, **fields))
    assert caught.value.code is code


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 9])
def test_what_is_no_genesis_at_all_is_refused(raw: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read_genesis(raw)
    assert caught.value.code is G.UNREADABLE


def test_founding_writes_settings_and_carries_out_the_actions(bench: Any) -> None:
    actions = msgspec.json.encode([bench.Note("A", "first", "in the beginning")])
    genesis = msgspec.structs.replace(bench.genesis, actions=msgspec.Raw(actions))
    roots = set()
    for _ in range(2):
        state = _core.State.open(None)
        draft = state.draft()
        founded = found(draft, genesis, bench.registry)
        assert founded.events == (bench.Noted("first"),)
        assert draft.get(CHAIN.key("genesis")) == CHAIN.encode(genesis.digest())
        assert draft.get(bench.NOTES.key("first")) == b'"in the beginning"'
        roots.add(state.stage(draft))
    assert len(roots) == 1


@pytest.mark.parametrize(
    "actions", [b"5", b"[5]", b'[{"type":"no.such"}]', b"[" * 5_000, b'"', b"\xff"]
)
def test_actions_that_cannot_be_read_are_refused(bench: Any, actions: bytes) -> None:
    genesis = msgspec.structs.replace(bench.genesis, actions=msgspec.Raw(actions))
    with pytest.raises(Refusal) as caught:
        found(_core.State.open(None).draft(), genesis, bench.registry)
    assert caught.value.code is G.UNREADABLE


def test_an_action_of_the_genesis_that_is_refused_refuses_the_genesis(bench: Any) -> None:
    actions = msgspec.json.encode([bench.Note("A", "n", fault="apply")])
    genesis = msgspec.structs.replace(bench.genesis, actions=msgspec.Raw(actions))
    with pytest.raises(Refusal) as caught:
        found(_core.State.open(None).draft(), genesis, bench.registry)
    assert caught.value.code == 9003


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"suites": ("toy",)}, "of suite ed25519, which"), ({"hash": "sm3"}, "hashed by sha256")],
)
def test_a_chain_that_goes_on_keeps_its_hash_and_leaves_out_no_suite(
    bench: Any, fields: dict[str, Any], why: str
) -> None:
    before = Predecessor(
        bench.chain, "0" * 64, 5, bench.genesis.time_ms, bytes(32), bytes(32),
        bench.genesis.validators,
    )  # fmt: skip
    genesis = msgspec.structs.replace(bench.genesis, predecessor=before, **fields)
    with pytest.raises(Refusal, match=why) as caught:
        found(bench.draft, genesis, bench.registry)
    assert caught.value.code is G.UNREADABLE
