"""The registry refuses clashes at start; views read and write typed rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import msgspec
import pytest

from tongbao import _core
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.columns import Column
from tongbao.kernel.fields import RowId
from tongbao.kernel.identity import KEYS, key_id
from tongbao.kernel.money import Holding, HoldingFlag
from tongbao.kernel.records import Record
from tongbao.kernel.registry import Module, Registry
from tongbao.kernel.tables import Table
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import BlockContext, WriteView

ENTRIES: Table[str] = Table(b"\x78\x01", "entries", (str,), str, "entry id -> what it says")
BY_OWNER: Table[str] = Table(b"\x78\x02", "by_owner", (str, str), str, "(owner, entry) -> empty")


def test_two_modules_with_one_transaction_number_do_not_start(bench: Any) -> None:
    class Twin(bench.Note, tag="toy.twin"):  # type: ignore[misc, name-defined]
        """Another kind with the same number."""

    toy = bench.registry.modules["toy"]
    with pytest.raises(ValueError, match="share a number"):
        Registry([toy, Module("twin", 0x71, transactions=(Twin,))])


def test_two_modules_with_one_prefix_do_not_start(bench: Any) -> None:
    toy = bench.registry.modules["toy"]
    with pytest.raises(ValueError, match="share a prefix"):
        Registry([toy, Module("other", 0x71, tables=(bench.NOTES,))])


def test_a_module_that_uses_one_that_is_not_there_does_not_start(bench: Any) -> None:
    toy = bench.registry.modules["toy"]
    with pytest.raises(ValueError, match="not installed"):
        Registry([toy, Module("needy", 0x71, uses=("gold",))])


def test_outcomes_come_back_with_their_events(bench: Any) -> None:
    executed = bench.send()
    assert bench.registry.decode_outcome(executed.encoded) == executed.outcome


def test_a_scan_pages_through_more_rows_than_a_page_in_both_directions(bench: Any) -> None:
    ledger = bench.ledger()
    names = [f"n{number:04}" for number in range(600)]
    for name in names:
        ledger.put(bench.NOTES, name, value="")
    found = [key[0] for key, _ in bench.view().scan(bench.NOTES)]
    assert found == names
    backwards = [key[0] for key, _ in bench.view().scan(bench.NOTES, reverse=True)]
    assert backwards == names[::-1]
    after = [key[0] for key, _ in bench.view().scan(bench.NOTES, after=("n0590",))]
    assert after == names[591:]
    before = bench.view().scan(bench.NOTES, after=("n0003",), reverse=True)
    assert [key[0] for key, _ in before] == ["n0002", "n0001", "n0000"]


def test_a_scan_stays_inside_its_table(bench: Any) -> None:
    keys = [key for key, _ in bench.view().scan(KEYS, "A")]
    assert keys == [("A", bench.a.id)]
    assert list(bench.view().scan(bench.NOTES)) == []


def test_the_holdings_of_an_account_are_its_own(bench: Any) -> None:
    ledger = bench.ledger()
    ledger.put_holding("A/1", "Y", Holding(HoldingFlag.FROZEN, 0, 0))
    ledger.put_holding("A/12", "Z", Holding(HoldingFlag(0), 0, 0))
    assert [asset for asset, _ in bench.view().holdings("A/1")] == ["X", "Y"]
    ledger.delete_holding("A/1", "Y")
    assert [asset for asset, _ in bench.view().holdings("A/1")] == ["X"]
    assert bench.view().holding("A/1", "Y") is None


def test_ids_carry_the_name_of_their_transaction(bench: Any) -> None:
    ledger = bench.ledger()
    ledger.party, ledger.reference = "A", "r9"
    assert [ledger.next_id(), ledger.next_id()] == ["A:r9:2027-01-15.1", "A:r9:2027-01-15.2"]


def test_a_row_under_a_law_is_remembered_as_it_was_before_the_transaction(bench: Any) -> None:
    bench.ledger().put(bench.NOTES, "n", value="old")
    ledger = bench.ledger()
    ledger.put(bench.NOTES, "n", value="new")
    ledger.delete(bench.NOTES, "n")
    assert list(ledger.touched.values()) == [b'"old"']


def test_the_id_of_a_key_depends_on_its_suite() -> None:
    assert key_id("ed25519", b"k") != key_id("p256", b"k")
    assert len(key_id("ed25519", b"k")) == 20


def test_amounts_that_are_no_numbers_do_not_decode(bench: Any) -> None:
    plain = msgspec.to_builtins(bench.body(bench.Pay("A/1", "B/1", 7)))
    for amount in (7.0, "7", None, [7], 7.5, True):
        plain["actions"][0]["amount"] = amount
        raw = msgspec.json.encode(plain)
        with pytest.raises(Refusal) as caught:
            bench.open(bench.seal_raw(raw, "A"))
        assert caught.value.code in (KernelCode.MALFORMED, KernelCode.NOT_CANONICAL)


def test_what_is_neither_listed_nor_internal_does_not_start(bench: Any) -> None:
    toy = bench.registry.modules["toy"]
    name = Column("entry", RowId)
    record = Record("entry", ENTRIES, "Entries.", (name,))

    class Noted(Event, tag="m.told"):
        says: ClassVar = "It was told."

    listed = Module("m", 0x78, tables=(ENTRIES, BY_OWNER), records=(record,))
    with pytest.raises(ValueError, match="by_owner is neither in its records nor internal"):
        Registry([toy, listed])
    reported = replace(listed, internal=(BY_OWNER,), events=(Noted,))
    with pytest.raises(ValueError, match="Noted is neither in its records nor internal"):
        Registry([toy, reported])
    Registry([toy, replace(reported, internal=(BY_OWNER, Noted))])


def test_what_an_attempt_wrote_to_a_listed_table_is_forgotten_where_it_ends(bench: Any) -> None:
    record = Record("entry", ENTRIES, "Entries.", (Column("entry", RowId),))
    listed = Module("m", 0x78, tables=(ENTRIES,), records=(record,))
    registry = Registry([bench.registry.modules["toy"], listed])
    draft = _core.State.open(None).draft()
    ledger = WriteView(draft, BlockContext("test", 1, 1), registry)
    ledger.put(ENTRIES, "a", value="first")
    with pytest.raises(KeyError), ledger.attempt():
        ledger.put(ENTRIES, "b", value="new")
        with ledger.attempt():
            ledger.put(ENTRIES, "a", value="second")
        ledger.delete(ENTRIES, "a")
        raise KeyError
    with ledger.attempt():
        ledger.put(ENTRIES, "c", value="kept")
    key, encode = ENTRIES.key, ENTRIES.encode
    assert ledger.writes() == (
        (key("a"), encode("first"), False), (key("c"), encode("kept"), False),
    )  # fmt: skip
