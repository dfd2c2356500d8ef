"""Which characters a text may hold: the same answer on every release of Python."""

from __future__ import annotations

import unicodedata

import pytest

from tongbao.kernel.text import is_plain

NEW = {"\U0001fae8": "Unicode 15.0", "\U0002ebf0": "Unicode 15.1", "\U00010d40": "Unicode 16.0"}
UNASSIGNED = "\U000323b0"


@pytest.mark.parametrize("character", [*NEW, UNASSIGNED])
def test_a_character_that_some_interpreters_do_not_know_yet_is_allowed_by_all(
    character: str,
) -> None:
    assert is_plain(f"株式会社{character}")


@pytest.mark.parametrize(
    "character",
    ["\n", "\x7f", "\x85", "\xa0", "\u200b", "\u202e", "\u2066", "\u2028", "\u3000", "\ufeff",
     "\ud800", "\ue000", "\ufffe", "\U000e0041", "\U00100000"],
)  # fmt: skip
def test_what_cannot_be_seen_or_turns_the_line_round_is_not(character: str) -> None:
    assert not is_plain(f"a{character}b")
    assert not is_plain(f"银{character}行")


def test_every_assigned_character_is_judged_as_python_judges_it() -> None:
    judged = [
        chr(code) for code in range(0x32000)
        if unicodedata.category(chr(code)) != "Cn" and not 0xD800 <= code < 0xE000
    ]  # fmt: skip
    assert [one for one in judged if is_plain(one) != one.isprintable()] == []


def test_nothing_at_all_is_plain() -> None:
    assert is_plain("")
