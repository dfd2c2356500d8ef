"""Tallies: laws that sum whole tables, held by what a transaction touches alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tongbao import _core
from tongbao.kernel.laws import broken_anywhere, broken_laws
from tongbao.kernel.registry import Module, Registry, Tally
from tongbao.kernel.tables import Table
from tongbao.kernel.transaction import Event, Transaction
from tongbao.kernel.views import BlockContext, WriteView

PARTS: Table[int] = Table(b"\x72\x01", "parts", (str, str), int, "(whole, part) -> share")
WHOLES: Table[int] = Table(b"\x72\x02", "wholes", (str,), int, "whole -> sum of its parts")


def _part(key: tuple[Any, ...], value: int) -> Iterator[tuple[tuple[str, ...], int]]:
    yield (key[0],), value


def _whole(key: tuple[Any, ...], value: int) -> Iterator[tuple[tuple[str, ...], int]]:
    yield (key[0],), -value


class Cut(Transaction, tag="cake.cut"):
    """Stands for the module's transactions."""


class WasCut(Event, tag="cake.was_cut"):
    """Stands for its events."""


@pytest.fixture
def registry() -> Registry:
    law = Tally("a whole is the sum of its parts", ((PARTS, _part), (WHOLES, _whole)))
    return Registry([
        Module("cake", 0x72, tables=(PARTS, WHOLES), transactions=(Cut,), events=(WasCut,),
               tallies=(law,), internal=(PARTS, WHOLES, WasCut))
    ])  # fmt: skip


def _ledger(registry: Registry, draft: _core.Draft) -> WriteView:
    return WriteView(draft, BlockContext("cake", 1, 1), registry)


def test_rows_that_add_up_break_no_tally_and_one_that_does_not_is_named(registry: Registry) -> None:
    draft = _core.State.open(None).draft()
    ledger = _ledger(registry, draft)
    ledger.put(PARTS, "cake", "half", value=5)
    assert list(broken_laws(ledger)) == ["a whole is the sum of its parts: cake is off by 5"]
    ledger.put(WHOLES, "cake", value=5)
    assert list(broken_laws(ledger)) == []
    assert list(broken_anywhere(ledger, registry)) == []


def test_a_tally_looks_at_what_a_transaction_changed_and_not_at_every_row(
    registry: Registry,
) -> None:
    draft = _core.State.open(None).draft()
    _ledger(registry, draft).put(PARTS, "cake", "stale", value=3)
    ledger = _ledger(registry, draft)
    ledger.put(PARTS, "cake", "half", value=5)
    ledger.put(WHOLES, "cake", value=5)
    assert list(broken_laws(ledger)) == []
    broken = ["a whole is the sum of its parts: cake is off by 3"]
    assert list(broken_anywhere(ledger, registry)) == broken
    ledger.delete(PARTS, "cake", "half")
    assert list(broken_laws(ledger)) == ["a whole is the sum of its parts: cake is off by -5"]
