"""Receipts after validators changed: trusted by the genesis alone, if they carry the way."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.light.forms import light_client, verify_with_node
from tests.light.nodes import Shows, after, genesis_store
from tests.light.transacting import TransactingChain

from tongbao.kernel.codes import Refusal
from tongbao.kernel.receipts import (
    MAX_PATH,
    Grounds,
    Receipt,
    ReceiptCode,
    Trust,
    verify_receipt,
)
from tongbao.sdk.light import LightCode, TrustedStore, with_path
from tongbao.sdk.verifier import explain_grounds
from tongbao.simulator.headers import Member, rotating

pytestmark = pytest.mark.usefixtures("form")
CHAIN = TransactingChain(rotating(4, 3))
NODE = Shows(CHAIN, 40)
GENESIS = genesis_store(CHAIN).trust()
RECEIPT = with_path(CHAIN.receipt(), NODE, GENESIS)


def code_of(receipt: Receipt, trust: Trust = GENESIS) -> ReceiptCode:
    """The link that does not hold."""
    with pytest.raises(Refusal) as caught:
        verify_receipt(receipt, trust)
    assert isinstance(caught.value.code, ReceiptCode)
    return caught.value.code


def test_with_its_way_a_receipt_is_believed_by_the_genesis_alone() -> None:
    again = Receipt.decode(RECEIPT.encode())
    assert again == RECEIPT
    proven = verify_receipt(again, GENESIS)
    assert (proven.height, proven.envelope["body"]["reference"]) == (30, "r-1")
    assert proven.grounds is not None
    assert proven.grounds == Grounds(0, len(RECEIPT.path) + 1, 4, 4)
    assert 3 < proven.grounds.steps < 20


def test_without_its_way_the_refusal_says_what_is_missing() -> None:
    with pytest.raises(Refusal) as caught:
        verify_receipt(CHAIN.receipt(), GENESIS)
    assert caught.value.code is ReceiptCode.NOT_SIGNED
    assert "no path" in str(caught.value)


def test_a_third_of_the_old_validators_is_way_enough() -> None:
    """Three of four still sign: that is what a light client takes, and so does a receipt."""
    chain = TransactingChain(rotating(4, 100))
    near = verify_receipt(chain.receipt(), genesis_store(chain).trust())
    assert near.grounds == Grounds(0, 1, 4, 4)


def test_a_trust_file_that_knows_the_way_needs_none() -> None:
    store = genesis_store(CHAIN)
    light_client(store, NODE, clock=after(CHAIN, 40)).verify_to(40)
    proven = verify_receipt(CHAIN.receipt(), store.trust())
    assert proven.grounds is not None
    assert 0 < proven.grounds.base <= 31
    very = TrustedStore(Trust(CHAIN.chain, (), (CHAIN.block(31),)))
    assert verify_receipt(CHAIN.receipt(), very.trust()).grounds == Grounds(31, 0, 4, 4)


def test_a_trust_that_begins_later_says_so() -> None:
    late = Trust(CHAIN.chain, (), (CHAIN.block(35),))
    with pytest.raises(Refusal) as caught:
        verify_receipt(CHAIN.receipt(), late)
    assert "before block 35" in str(caught.value)
    assert code_of(CHAIN.receipt(), Trust(CHAIN.chain, ())) is ReceiptCode.NOT_SIGNED
    middle = Trust(CHAIN.chain, (), (CHAIN.block(20),))
    carried = with_path(CHAIN.receipt(), NODE, middle)
    assert verify_receipt(carried, middle).grounds is not None
    assert len(carried.path) < len(RECEIPT.path)


def test_a_node_is_asked_for_the_way_and_not_believed() -> None:
    proven = verify_with_node(CHAIN.receipt(), NODE, GENESIS)
    assert proven.grounds is not None
    late = Trust(CHAIN.chain, (), (CHAIN.block(38),))
    proven = verify_with_node(CHAIN.receipt(), NODE, late)
    assert proven.grounds == Grounds(31, 0, 4, 4)
    strangers = tuple(map(Member, range(900, 904)))
    spoil = {
        height: CHAIN.make(height, None, members=strangers, following=strangers)
        for height in range(1, 31)
    }
    with pytest.raises(Refusal):
        verify_with_node(CHAIN.receipt(), Shows(CHAIN, 40, spoil=spoil), GENESIS)


def test_a_way_with_a_gap_turned_round_or_of_strangers_is_refused() -> None:
    path = RECEIPT.path
    strangers = tuple(map(Member, range(900, 904)))
    forged = CHAIN.make(path[0].height, None, members=strangers, following=strangers)
    for wrong in (path[1:], path[:-1], path[::-1], (forged, *path[1:]), (*path, path[0]), ()):
        spoiled = msgspec.structs.replace(RECEIPT, path=wrong)
        assert code_of(spoiled) is ReceiptCode.NOT_SIGNED


@given(place=st.integers(0), byte=st.integers(1, 255), which=st.integers(0), part=st.integers(0, 2))
@settings(max_examples=150, deadline=None)
def test_no_byte_of_the_way_can_be_changed(place: int, byte: int, which: int, part: int) -> None:
    """But for signatures of those who are not needed, and rounds: the headers stay the same."""
    path = list(RECEIPT.path)
    at = which % len(path)
    name = ("header", "commit", "next_validators")[part]
    if part == 2:
        first = path[at].next_validators[0]
        value: Any = ((first[0], first[1] + byte), *path[at].next_validators[1:])
    else:
        raw = bytearray(getattr(path[at], name))
        raw[place % len(raw)] ^= byte
        value = bytes(raw)
    path[at] = msgspec.structs.replace(path[at], **{name: value})
    spoiled = msgspec.structs.replace(RECEIPT, path=tuple(path))
    try:
        verify_receipt(Receipt.decode(spoiled.encode()), GENESIS)
    except Refusal:
        return
    assert name == "commit"
    assert [one.header for one in path] == [one.header for one in RECEIPT.path]


def test_a_way_of_more_blocks_than_allowed_is_not_read() -> None:
    long = msgspec.structs.replace(RECEIPT, path=RECEIPT.path[:1] * (MAX_PATH + 1))
    with pytest.raises(Refusal) as caught:
        Receipt.decode(long.encode())
    assert caught.value.code is ReceiptCode.UNREADABLE


def test_a_way_that_is_too_long_for_a_receipt_is_not_put_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tongbao.sdk.light.bundling.MAX_PATH", 3)
    with pytest.raises(Refusal) as caught:
        with_path(CHAIN.receipt(), NODE, GENESIS)
    assert caught.value.code is LightCode.TOO_MANY_STEPS


@pytest.mark.parametrize("base", [0, 7])
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_why_a_receipt_may_be_believed_is_said_in_both_languages(base: int, steps: int) -> None:
    proven = verify_receipt(RECEIPT, GENESIS)._replace(grounds=Grounds(base, steps, 3, 4))
    english, chinese = explain_grounds(proven), explain_grounds(proven, "zh")
    assert "3 of 4 validators signed block 31" in english
    assert "4 个验证人中有 3 个签署" in chinese
    if steps:
        assert ("genesis" if base == 0 else "block 7") in english
    assert "{" not in english + chinese
    unproven = proven._replace(grounds=None)
    assert "do not rely on it" in explain_grounds(unproven)
    assert "不可采信" in explain_grounds(unproven, "zh")
