"""Refusal codes are API: every one is met by a test, and says the same in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from tongbao.modules.corridors import CorridorsCode
from tongbao.words import translated


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("code", CorridorsCode, ids=lambda code: code.name)
def test_both_languages_name_the_same_values(code: CorridorsCode) -> None:
    assert _fields(code.english) == _fields(translated(code.template, "zh"))
    assert 7000 < int(code) < 8000


def test_every_code_is_asserted_by_a_test_of_this_folder() -> None:
    texts = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    met = set(re.findall(r"CorridorsCode\.([A-Z_]+)", texts))
    assert {code.name for code in CorridorsCode} - met == set()
