"""The determinism lint refuses what may differ between replicas, and lets the rest pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from determinism import check_folders, check_source

REFUSED = {
    "clock": [
        "import time",
        "from time import monotonic",
        "import datetime\nnow = datetime.datetime.now()",
        "from datetime import date\ntoday = date.today()",
        "from datetime import datetime\nwhen = datetime.fromtimestamp(0)",
        "from zoneinfo import ZoneInfo",
    ],
    "randomness": [
        "import random",
        "from random import Random",
        "import secrets",
        "from uuid import uuid4",
    ],
    "environment": ["import os", "from os import environ", "import platform", "import sys"],
    "network": ["import socket", "import urllib.request", "from http.client import HTTPConnection"],
    "file": [
        "from pathlib import Path",
        "text = open('x').read()",
        "def read(path):\n    return path.read_text()",
        "def save(path):\n    path.write_bytes(b'')",
        "import tempfile",
        "print('hello')",
    ],
    "float": [
        "rate = 0.5",
        "rate = float('1')",
        "def rate(x: float) -> int:\n    return int(x)",
        "import math\nroot = math.sqrt(4)",
        "from math import log",
        "from fractions import Fraction\nhalf = Fraction.from_float(1)",
    ],
    "true-division": ["half = 1 / 2", "def half(n):\n    n /= 2\n    return n"],
    "ambient-context": ["from decimal import Decimal"],
    "hash": ["key = hash('a')", "name = id(object())", "order = sorted([], key=hash)"],
    "hash-order": [
        "for x in {1, 2}:\n    pass",
        "names = list({1, 2})",
        "names = [x for x in set('ab')]",
        "text = ','.join({'a', 'b'})",
        "def first(names: set[str]):\n    return next(iter(names))",
        "def walk(names: frozenset[str] | None):\n    return tuple(names)",
        "def both(a: dict, b: dict):\n    return [k for k in a.keys() & b.keys()]",
        "seen = set()\ndef walk():\n    for x in seen:\n        yield x",
        "seen = {1, 2}\nany_of_them = seen.pop()",
        "first, second = {1, 2}",
        "row = (*{1, 2},)",
        "def all_of():\n    yield from {1, 2}",
        "def both(a: set, b):\n    for x in a | b:\n        print",
        "for place, x in enumerate(set('ab')):\n    pass",
    ],
    "library": [
        "from stdnum import lei",
        "import stdnum.cn.uscc",
        "from schwifty import IBAN",
        "def check(x):\n    from stdnum import iban\n    return iban.is_valid(x)",
    ],
    "unicode-tables": [
        "import unicodedata",
        "def plain(text):\n    return text.isprintable()",
        "def same(a, b):\n    return a.casefold() == b.casefold()",
        "names = list(filter(str.isalpha, 'ab'))",
    ],
    "concurrency": [
        "import threading",
        "import asyncio",
        "from concurrent.futures import ThreadPoolExecutor",
        "async def later():\n    return 1",
    ],
    "global-state": [
        "count = 0\ndef bump():\n    global count\n    count += 1",
        "CACHE = {}\ndef keep(k, v):\n    CACHE[k] = v",
        "SEEN = []\ndef see(x):\n    SEEN.append(x)",
        "SEEN: set[str] = set()\nclass A:\n    def see(self, x):\n        SEEN.add(x)",
        "CACHE = {}\ndef drop(k):\n    del CACHE[k]",
        "class Counter:\n    total = 0\n    def bump(self):\n        Counter.total = 1",
    ],
    "swallowed-exception": [
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept:\n    pass",
        "def g():\n    try:\n        return f()\n    except BaseException:\n        return None",
    ],
}

ACCEPTED = [
    "from datetime import date\nday = date(2026, 1, 1).isoformat()",
    "import math\nroot = math.isqrt(4)\nshared = math.gcd(4, 6)",
    "half = 7 // 2",
    "names = sorted({1, 2})\ncount = len({1, 2})\nhas = 1 in {1, 2}",
    "def smallest(names: set[int]) -> int:\n    return min(x for x in names)",
    "ordered = dict.fromkeys('ab')\nnames = list(ordered)\nfor name in ordered:\n    pass",
    "class Row:\n    id: str\n    hash: bytes\n    def key(self):\n        return self.id",
    "def find(id: str) -> str:\n    return id",
    "def collect(x):\n    found = []\n    found.append(x)\n    return found",
    "def table(x):\n    rows = {}\n    rows[x] = 1\n    return rows",
    "TABLE = {'a': 1}\ndef read(k):\n    return TABLE[k]",
    "TABLE = {}\nfor letter in 'ab':\n    TABLE[letter] = 1",
    "try:\n    f()\nexcept ValueError:\n    pass",
    "try:\n    f()\nexcept Exception as fault:\n    raise RuntimeError from fault",
    "def draw(names: set):\n    names = sorted(names)\n    return len(names)",
]


@pytest.mark.parametrize(
    ("rule", "source"),
    [(rule, source) for rule, sources in REFUSED.items() for source in sources],
)
def test_what_may_differ_between_replicas_is_refused_under_its_rule(rule: str, source: str) -> None:
    findings = check_source(source + "\n", "kernel/x.py")
    assert rule in {finding.rule for finding in findings}
    assert all(finding.line >= 1 and finding.why for finding in findings)


@pytest.mark.parametrize("source", ACCEPTED)
def test_what_is_the_same_everywhere_passes(source: str) -> None:
    assert check_source(source + "\n", "kernel/x.py") == []


def test_a_finding_names_file_line_rule_and_why() -> None:
    (finding,) = check_source("x = 1\nrate = 0.5\n", "kernel/x.py")
    assert str(finding).startswith("kernel/x.py:2: float: floats round differently from money")


def test_a_mark_with_a_reason_allows_its_own_line_only() -> None:
    source = "a = 0.5  # determinism: a label, never computed with\nb = 0.5\n"
    assert [finding.line for finding in check_source(source, "kernel/x.py")] == [2]


def test_a_mark_without_a_reason_allows_nothing() -> None:
    rules = [f.rule for f in check_source("a = 0.5  # determinism:\n", "kernel/x.py")]
    assert rules == ["float", "mark-without-reason"]


def test_a_mark_that_allows_nothing_is_refused() -> None:
    (finding,) = check_source("a = 1  # determinism: just in case\n", "kernel/x.py")
    assert finding.rule == "needless-mark"


def test_a_generator_draws_from_the_random_it_is_given() -> None:
    lines = ("from random import Random", "def draw(random: Random):", "    return random.random()")
    source = "\n".join(lines) + "\n"
    assert check_source(source, "modules/m/generators.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "import random\nx = random.random()",
        "from random import randrange",
        "from random import Random\nR = Random(1)",
        "import time",
    ],
)
def test_a_generator_makes_no_randomness_of_its_own(source: str) -> None:
    assert check_source(source + "\n", "modules/m/generators.py") != []


def test_tests_are_not_read_and_everything_else_below_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "m" / "tests").mkdir(parents=True)
    (tmp_path / "m" / "tests" / "test_a.py").write_text("import time\n", encoding="utf-8")
    (tmp_path / "m" / "state.py").write_text("import time\n", encoding="utf-8")
    assert [f.path for f in check_folders([tmp_path], tmp_path)] == ["m/state.py"]
