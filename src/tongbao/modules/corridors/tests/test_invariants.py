"""What can never happen: each law is broken on purpose, and notices."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.modules.accounts import RESERVED
from tongbao.modules.corridors import PAYMENTS, RETURNS, VERSIONS, ReturnPayment, ReturnTerms
from tongbao.modules.corridors.model import Step
from tongbao.modules.corridors.tests.setting import (
    HOME,
    PAYER,
    TERMS,
    bench_with,
    held,
    paying,
    payment,
    uetr,
)
from tongbao.modules.testing import Bench


@pytest.fixture
def bench() -> Bench:
    bench = bench_with()
    bench.do("firm-a", paying(bench, 1, send=10_000))
    return bench


@pytest.mark.parametrize(
    "fields",
    [
        {"payee": "firm-c/main"}, {"instructed_minor": 9_999}, {"state": "held"},
        {"credited_minor": 9_950}, {"debited_minor": 10_041}, {"costs": ()},
        {"returned_minor": 10_000}, {"returned_minor": 1}, {"returned_sent_minor": 10_001},
        {"aside_minor": 5}, {"steps": (Step("accepted", 1),)},
    ],
)  # fmt: skip
def test_what_was_settled_stays(bench: Bench, fields: dict[str, Any]) -> None:
    changed = replace(payment(bench, 1), **fields)
    assert bench.broken_by("firm-a", (PAYMENTS, (uetr(1),), changed))


def test_a_payment_is_never_removed(bench: Bench) -> None:
    assert bench.broken_by("firm-a", (PAYMENTS, (uetr(1),), None))


def test_a_payment_does_not_begin_at_its_end(bench: Bench) -> None:
    ended = replace(payment(bench, 1), uetr=uetr(2), state="returned")
    assert bench.broken_by("firm-a", (PAYMENTS, (uetr(2),), ended))


def test_what_is_set_aside_is_what_waits() -> None:
    bench, _ = held()
    one = payment(bench, 1)
    less = replace(one, aside_minor=one.aside_minor - 1)
    assert bench.broken_by("firm-a", (PAYMENTS, (uetr(1),), less))
    assert bench.broken_by("firm-a", (PAYMENTS, (uetr(1),), replace(one, state="ended")))
    assert bench.broken_by("firm-a", (RESERVED, (PAYER, "CNY", "corridors"), None))


def test_terms_in_force_never_change(bench: Bench) -> None:
    [(key, terms)] = bench.view.scan(VERSIONS, HOME)
    assert bench.broken_by("central", (VERSIONS, key, replace(terms, fees=())))
    assert bench.broken_by("central", (VERSIONS, key, None))
    assert bench.broken_by("central", (VERSIONS, (HOME, 5), TERMS))
    ahead = (HOME, bench.time_ms + 5)
    assert not bench.broken_by("central", (VERSIONS, ahead, TERMS))


def test_a_return_is_counted_on_its_original_and_stays(bench: Bench) -> None:
    part = ReturnTerms(uetr(7), "current_rate", amount_minor=100)
    bench.do("firm-b", ReturnPayment(uetr(1), part, "FOCR"))
    one = bench.view.get(RETURNS, uetr(7))
    assert one is not None
    assert bench.broken_by("firm-b", (RETURNS, (uetr(7),), replace(one, received_minor=1)))
    assert bench.broken_by("firm-b", (RETURNS, (uetr(8),), one))
    assert bench.broken_by("firm-b", (RETURNS, (uetr(7),), None))
