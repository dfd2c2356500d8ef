"""Amounts are shown in units with their asset, moments as dates, durations in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tongbao
from tongbao.kernel import wording
from tongbao.kernel.codes import Code, KernelCode
from tongbao.kernel.genesis import GenesisCode
from tongbao.kernel.transaction import Event
from tongbao.modules import protocols
from tongbao.modules.accounts import AccountsCode
from tongbao.modules.parties import PartiesCode
from tongbao.modules.payments import PaymentsCode
from tongbao.sdk.sentences import Sentences
from tongbao.words import sentence, translated

REGISTRY = protocols().newest
CODES = [*REGISTRY.codes.values(), *GenesisCode]
RAW = "987654300000"
_FIELD = re.compile(r"\{(\w+)(:[^}]*)?\}")
_AMOUNTS = {
    "available", "spent", "posted", "reserved", "supply", "cap", "position", "reserve", "paid",
}  # fmt: skip
"""Names of values that are amounts wherever they stand."""


def short() -> dict[str, object]:
    return {
        "account": "firm-a/main", "asset": "CNY", "available": "1250", "amount": "125050",
        "limit": "100000", "spent": 99,
    }  # fmt: skip


def test_a_refusal_tells_amounts_in_units_with_their_asset() -> None:
    values = short()
    reply = PaymentsCode.INSUFFICIENT_FUNDS.text(values)  # type: ignore[arg-type]
    assert reply == "firm-a/main has 12.50 CNY available; 1,250.50 CNY was to be paid"
    reply = sentence(AccountsCode.LIMIT_PER_DAY.template, values, "zh")  # type: ignore[arg-type]
    assert reply == (
        "账户 firm-a/main 今日限额 1,000.00 CNY，已用 0.99 CNY，再支付 1,250.50 CNY 将超限"
    )


def test_without_the_decimals_of_an_asset_minor_units_are_named_in_words() -> None:
    template, values = "{limit:money}", {"limit": "150", "asset": "USDX.ACME"}
    assert wording.filled(template, values) == "150 minor units of USDX.ACME"
    assert sentence(template, values, "zh") == "USDX.ACME 150 个最小单位"
    assert wording.filled(template, values, {"USDX.ACME": 1}.get) == "15.0 USDX.ACME"


def test_an_amount_takes_the_asset_that_stands_beside_it() -> None:
    values = {"sell_minor": 150, "sell_asset": "JPY", "paid": 150, "asset": "CNY"}
    reply = wording.filled("{sell_minor:money}, {paid:money}, {paid:money sell_asset}", values)
    assert reply == "150 JPY, 1.50 CNY, 150 JPY"


def test_moments_are_dates_and_durations_are_words() -> None:
    values = {"time_ms": 1_796_108_400_123, "limit_ms": 86_400_000, "rest": "90000"}
    reply = wording.filled("{time_ms:moment}; {limit_ms:duration}; {rest:duration}", values)
    assert reply == "2026-12-01 07:00:00 UTC; 24 hours; 90 seconds"
    assert sentence("{limit_ms:duration}", {"limit_ms": 400 * 86_400_000}, "zh") == "400 天"


@pytest.mark.parametrize("claimed", [None, "x", -1, 10**40, "1e9", "９", [1], {}, True])
def test_values_from_outside_are_told_whatever_they_are(claimed: object) -> None:
    for form in ("money", "moment", "duration"):
        wording.filled("{a:" + form + "}", {"a": claimed, "asset": claimed})


@pytest.mark.parametrize("code", CODES, ids=lambda code: f"{int(code)}-{code.name}")
def test_no_refusal_prints_an_amount_or_a_moment_raw(code: Code) -> None:
    for language in ("en", "zh"):
        template = translated(code.template, language)
        names = {name for name, _ in _FIELD.findall(template)}
        values = dict.fromkeys(names, "y") | {
            name: RAW for name, form in _FIELD.findall(template) if form[1:] not in ("", "word")
        }
        values["asset"] = "CNY"
        reply = sentence(code.template, values, language)
        assert RAW not in reply and "{" not in reply, reply
        assert re.search(r"_ms\} (ms|毫秒)", template) is None, "the unit is told with the value"
        bare = {name for name, form in _FIELD.findall(template) if not form}
        assert not bare & _AMOUNTS, f"say {{{(bare & _AMOUNTS).pop()}:money}}"
        raw = [name for name in bare if name.endswith(("_ms", "_minor"))]
        assert not raw, f"say how {raw} are shown"


REPORTED = [kind for kind in REGISTRY.events.values() if kind.__name__ != "Posted"]
"""`payments.posted` is shown leg by leg."""


@pytest.mark.parametrize("kind", REPORTED, ids=lambda kind: kind.__name__)
def test_no_event_prints_an_amount_or_a_moment_raw(kind: type[Event]) -> None:
    fields = set(kind.__struct_fields__)
    for language in ("en", "zh"):
        template = translated(kind.says, language)
        reported = Sentences(language, {"CNY": 2})
        for name, form in _FIELD.findall(template):
            shape, _, field = form[1:].partition(" ")
            own = {name} & fields
            assert own, f"{kind.__name__} has no field {name}"
            assert shape or not name.endswith(("_ms", "_minor")), f"{name} is shown raw"
            value = {one: int(RAW) for one in own}
            assets = {one: "CNY" for one in fields if one.endswith("asset")}
            reply = "".join(reported.tell(kind, {**value, **assets, "event": "x"}))
            if shape:
                assert RAW not in reply, f"{name}: {reply}"
            if shape == "money":
                there = {field, own.copy().pop().removesuffix("_minor") + "_asset", "asset"}
                assert there & fields, f"{kind.__name__}.{name} names no asset"


def test_each_refusal_that_names_an_amount_carries_its_asset() -> None:
    money = {
        code.name for code in CODES
        if any(form.startswith(":money") for _, form in _FIELD.findall(code.template))
    }  # fmt: skip
    assert "INSUFFICIENT_FUNDS" in money
    for where, name, given in _refusals():
        if name in money and None not in given:
            assert any(one.endswith("asset") for one in given), f"{where}: {name} lacks its asset"


def _refusals() -> Iterator[tuple[str, str, set[str | None]]]:
    """Where a code is refused with, its name, and the names of the values given (None: `**`)."""
    for file in sorted((Path(tongbao.__file__).parent / "modules").rglob("*.py")):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("require", "refuse"):
                codes = [arg.attr for arg in node.args if isinstance(arg, ast.Attribute)]
                if codes:
                    given = {keyword.arg for keyword in node.keywords}
                    yield f"{file.name}:{node.lineno}", codes[-1], given


def test_a_code_shows_its_values_by_name_alone() -> None:
    assert "{available}" in PaymentsCode.INSUFFICIENT_FUNDS.english
    assert KernelCode.EXPIRED.text({"expires_at_ms": 0, "time_ms": 0}) == (
        "the transaction expired at 1970-01-01 00:00:00 UTC; the ledger's time is"
        " 1970-01-01 00:00:00 UTC"
    )


def test_a_reason_within_a_refusal_is_read_in_the_language_of_the_refusal() -> None:
    values = {"key": "k1", "reason": "a new key is not revoked"}
    assert "新密钥不能是已吊销的" in sentence(PartiesCode.BAD_KEY.template, values, "zh")
    assert str(values["reason"]) in sentence(PartiesCode.BAD_KEY.template, values, "en")
