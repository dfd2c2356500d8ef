"""The trust file: what it keeps, what it forgets, and that no damage goes unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.light.forms import light_client, start
from tests.light.nodes import Shows, after, genesis_store

from tongbao import files
from tongbao.kernel.codes import Refusal
from tongbao.kernel.receipts import Trust
from tongbao.sdk.light import LightCode, TrustedStore, read_trust
from tongbao.sdk.light import store as room
from tongbao.simulator.headers import HeaderChain, constant, rotating

pytestmark = pytest.mark.usefixtures("form")
CHAIN = HeaderChain(rotating(4, 2))


def synced(path: Path, top: int = 20) -> TrustedStore:
    """A store that a client has carried on."""
    store = genesis_store(CHAIN)
    store.path = path
    light_client(store, Shows(CHAIN, top), clock=after(CHAIN, top)).verify_to()
    return store


def code_of(raw: bytes) -> LightCode:
    """Why a file is not taken."""
    with pytest.raises(Refusal) as caught:
        TrustedStore.decode(raw)
    assert isinstance(caught.value.code, LightCode)
    return caught.value.code


def test_what_is_trusted_is_there_again_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "trust"
    store = synced(path)
    again = TrustedStore.open(path)
    assert again.blocks == store.blocks
    assert [one.name for one in tmp_path.iterdir()] == ["trust"]
    assert read_trust(path.read_bytes()) == store.trust()
    light_client(again, Shows(CHAIN, 30), clock=after(CHAIN, 30)).verify_to()
    assert TrustedStore.open(path).newest.height == 30


@given(place=st.integers(0), byte=st.integers(1, 255), cut=st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_damaged_file_is_refused(place: int, byte: int, cut: bool) -> None:
    raw = bytearray(SOUND)
    at = place % len(raw)
    raw[at] ^= byte
    assert code_of(bytes(raw[:at] if cut else raw)) is LightCode.STORE_UNREADABLE


SOUND = genesis_store(CHAIN).encode()


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[" * 100_000, b'{"format":"tongbao.genesis/1"}', b"\xff", b"0" * 70_000_000],
    ids=["empty", "no fields", "deep", "another format", "no text", "huge"],
)
def test_what_is_no_trust_file_is_refused(raw: bytes) -> None:
    assert code_of(raw) is LightCode.STORE_UNREADABLE


def test_it_forgets_first_where_nothing_changed_and_never_where_trust_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MAX_BLOCKS", 12)
    chain = HeaderChain(rotating(4, 6))
    store = genesis_store(chain)
    for height in range(1, 60):
        store.add(chain.block(height))
    heights = [one.height for one in store.blocks]
    assert len(heights) == 12
    assert (heights[0], heights[-1]) == (0, 59)
    monkeypatch.setattr(room, "MAX_BLOCKS", 1000)
    monkeypatch.setattr(room, "MAX_FILE_BYTES", 40_000)
    for height in range(60, 120):
        store.add(chain.block(height))
    assert len(store.encode()) < 40_000
    assert store.newest.height == 119


def test_a_block_is_kept_once_and_found_by_height() -> None:
    store = genesis_store(CHAIN)
    for height in (9, 3, 9, 6):
        store.add(CHAIN.block(height))
    assert [one.height for one in store.blocks] == [0, 3, 6, 9]
    found = [store.nearest(height) for height in (2, 3, 5, 100)]
    assert [one.height for one in found if one is not None] == [0, 3, 3, 9]
    late = TrustedStore(Trust(CHAIN.chain, (), (CHAIN.block(5),)))
    assert late.nearest(4) is None


def test_a_power_cut_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trust"
    store = synced(path)
    before = path.read_bytes()
    store.add(CHAIN.block(25))

    def cut(_: int) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(files.os, "fsync", cut)
    with pytest.raises(OSError, match="power"):
        store.save()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["trust"]


def test_trust_is_given_as_a_file_or_as_height_and_hash(tmp_path: Path) -> None:
    node = Shows(CHAIN, 20)
    path = tmp_path / "trust"
    synced(path)
    assert start("", node, path).newest.height == 20
    assert start(str(path), node).newest.height == 20
    digest = CHAIN.block(7).hash().hex()
    assert start(f"7:{digest}", node).oldest.height == 7
    assert start(f"7:{digest}", node, path).oldest.height == 0
    for wrong in ("", "nothing", "7:zz", "x:00", str(tmp_path)):
        with pytest.raises(Refusal) as caught:
            start(wrong, node)
        assert caught.value.code is LightCode.BAD_TRUST
    other = Shows(HeaderChain(constant(2), chain="other-1"), 20)
    with pytest.raises(Refusal) as caught:
        start(f"7:{other.chain.block(7).hash().hex()}", other, path)
    assert caught.value.code is LightCode.OTHER_CHAIN
