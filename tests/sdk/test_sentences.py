"""What a receipt says in words: every event has its sentence, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Event
from tongbao.modules import installed
from tongbao.sdk.sentences import Sentences
from tongbao.words import translated

EVENTS = Registry(installed()).events
COMPUTED = {"amount"}


def tell(language: str, tag: str, **fields: Any) -> list[str]:
    sentences = Sentences(language, {"CNY": 2})
    return list(sentences.tell(EVENTS.get(tag), {"event": tag, **fields}))


@pytest.mark.parametrize("tag", sorted(set(EVENTS) - {"payments.posted"}))
def test_every_event_says_itself_in_both_languages_by_fields_it_has(tag: str) -> None:
    kind: type[Event] = EVENTS[tag]
    en, zh = kind.says, translated(kind.says, "zh")
    assert en.endswith(".")
    assert zh.endswith("。")
    assert not re.search("[\u4e00-\u9fff]", en)
    assert re.search("[\u4e00-\u9fff]", zh)
    for sentence in (en, zh):
        unknown = set(re.findall(r"\{(\w+)\}", sentence)) - set(kind.__struct_fields__) - COMPUTED
        assert not unknown, f"{tag} has no {unknown}"


def test_amounts_moments_lists_and_switches_are_told_as_people_write_them() -> None:
    fields: dict[str, Any] = {
        "payer": "a/main", "payee": "b/main", "asset": "CNY", "amount_minor": 123456,
        "due_at_ms": 1_700_000_000_000, "hold": "h",
    }  # fmt: skip
    [reported] = tell("en", "payments.hold_opened", **fields)
    assert "1,234.56 CNY" in reported
    assert "2023-11-14 22:13:20 UTC" in reported
    [reported] = tell("zh", "accounts.reference_required_set", account="a/main", required=True)
    assert reported.endswith("：是。")


def test_what_an_event_leaves_empty_is_not_spoken_of() -> None:
    fields = {"payer": "a/main", "payee": "b/main", "asset": "CNY", "amount_minor": 100}
    assert tell("en", "payments.transferred", **fields) == ["1.00 CNY moved from a/main to b/main."]
    [reported] = tell("en", "payments.transferred", **fields, remittance="invoice 7")
    assert reported == "1.00 CNY moved from a/main to b/main: invoice 7."


def test_a_journal_is_told_leg_by_leg_and_not_endlessly() -> None:
    legs = [["a/main", "b/main", "CNY", n] for n in range(1, 9)]
    reported = tell("en", "payments.posted", cause="x", postings=legs)
    assert reported[0] == "  0.01 CNY moved from a/main to b/main"
    assert reported[-1] == "  and 3 more"


def test_what_is_claimed_with_wrong_types_is_told_and_never_breaks() -> None:
    for value in (None, 7, 1.5, "x" * 10_000, [1], {"a": 1}, "\x1b[31m"):
        for tag in EVENTS:
            fields = dict.fromkeys(EVENTS[tag].__struct_fields__, value)
            for line in tell("zh", tag, **fields):
                assert line.isprintable()
