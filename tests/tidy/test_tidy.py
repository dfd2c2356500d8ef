"""The tidy check refuses what grows, hides or dangles, and its ratchet only falls."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import tidy
from sources import Finding

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of a small project below tmp_path."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def rules(root: Path) -> list[tuple[str, str]]:
    return [(f.path, f.rule) for f in tidy.check(root)]


def long_function(lines: int) -> str:
    return "def long():\n" + "    x = 1\n" * (lines - 1)


def test_a_small_clean_project_passes(tmp_path: Path, write: Write) -> None:
    write("a.py", "def one():\n    return 1\n")
    write("README.md", "# A\n\nSee [the code](a.py) and [here](#a).\n")
    assert rules(tmp_path) == []


def test_a_file_of_400_lines_passes_and_one_more_is_refused(tmp_path: Path, write: Write) -> None:
    write("a.py", "x = 1\n" * 400)
    assert rules(tmp_path) == []
    write("a.py", "x = 1\n" * 401)
    assert rules(tmp_path) == [("a.py", "size")]


def test_a_function_of_70_lines_passes_and_one_more_is_refused(
    tmp_path: Path, write: Write
) -> None:
    write("a.py", long_function(70))
    assert rules(tmp_path) == []
    write("a.py", long_function(71))
    (finding,) = tidy.check(tmp_path)
    assert (finding.rule, "function long has 71 lines" in finding.why) == ("size", True)


def test_a_rust_function_is_measured_too(tmp_path: Path, write: Write) -> None:
    body = "        let _ = 1;\n" * 70
    write(
        "a.rs", f"impl A {{\n    pub(crate) fn long() {{\n{body}    }}\n    fn short() {{}}\n}}\n"
    )
    (finding,) = tidy.check(tmp_path)
    assert "function long has 72 lines" in finding.why


def test_the_ratchet_lets_a_listed_size_stand_and_refuses_growth(
    tmp_path: Path, write: Write
) -> None:
    write("tools/ratchet.json", json.dumps({"files": {"a.py": 450}, "functions": {}}))
    write("a.py", "x = 1\n" * 450)
    assert rules(tmp_path) == []
    write("a.py", "x = 1\n" * 451)
    assert rules(tmp_path) == [("a.py", "size")]


def test_the_ratchet_has_to_follow_what_shrank(tmp_path: Path, write: Write) -> None:
    write("tools/ratchet.json", json.dumps({"files": {"a.py": 450, "gone.py": 500}}))
    write("a.py", "x = 1\n" * 420)
    assert rules(tmp_path) == [(tidy.RATCHET, "ratchet")] * 2


def test_update_lowers_and_removes_but_never_raises_or_adds() -> None:
    allowed = {
        "files": {"a.py": 450, "b.py": 450, "gone.py": 500}, "functions": {}, "folders": {"a": 20},
    }  # fmt: skip
    found = {
        "files": {"a.py": 420, "b.py": 460, "new.py": 900}, "functions": {"b.py::f": 80},
        "folders": {"a": 18, "b": 17},
    }  # fmt: skip
    assert tidy.lowered(found, allowed) == {
        "files": {"a.py": 420, "b.py": 450}, "functions": {}, "folders": {"a": 18},
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["utils.py", "a/helpers/b.py", "common.rs", "misc.ts", "util/__init__.py"]
)
def test_a_room_that_takes_anything_is_refused(tmp_path: Path, write: Write, name: str) -> None:
    write(name, "x = 1\n")
    assert rules(tmp_path) == [(name, "room-name")]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("unfinished", "# TO" + "DO later"),
        ("unfinished", "# FIX" + "ME"),
        ("unfinished", "# a place" + "holder for now"),
        ("unfinished", "# not imple" + "mented yet"),
        ("machine-path", 'root = "/wo' + 'rk/main"'),
        ("machine-path", "# see /ro" + "ot/.cache"),
        ("machine-path", "# /ho" + "me/me/x"),
        ("registry-host", 'url = "https://py' + 'pi.org/simple"'),
        ("tab", "if x:\n\ty = 1"),
        ("trailing-blank", "x = 1 "),
        ("last-line", "x = 1\n"),
    ],
)
def test_a_line_that_does_not_belong_is_refused(
    tmp_path: Path, write: Write, rule: str, line: str
) -> None:
    write("a.py", line + "\n")
    assert rules(tmp_path) == [("a.py", rule)]


def test_the_last_line_has_to_end(tmp_path: Path, write: Write) -> None:
    write("a.py", "x = 1")
    assert rules(tmp_path) == [("a.py", "last-line")]


def test_a_line_may_say_why_it_is_an_exception(tmp_path: Path, write: Write) -> None:
    write("a.py", "path = '/ho" + "me/x'  # tidy: an example that a test refuses\n")
    assert rules(tmp_path) == []


def test_innocent_words_and_paths_pass(tmp_path: Path, write: Write) -> None:
    write("a.tsx", "<input place" + 'holder="name" />\n')
    write("b.py", 'url = "https://example.com/ho' + 'me/page"\nframework = "a/wo' + 'rk/b"\n')
    write("Makefile", "all:\n\techo\n")
    assert rules(tmp_path) == []


def test_recorded_material_keeps_its_bytes(tmp_path: Path, write: Write) -> None:
    write("tests/golden/a.py", "x\t= 1 ")
    assert rules(tmp_path) == []


@pytest.mark.parametrize(
    "link",
    ["[x](gone.md)", "[x](#gone)", "[x](a.md#gone)", "![x](gone.png)", "[x](../outside.md)"],
)
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, write: Write, link: str) -> None:
    write("a.md", "# Here\n")
    write("README.md", f"# A\n\n{link}\n")
    assert rules(tmp_path) == [("README.md", "link")]


def test_links_that_lead_somewhere_and_code_that_looks_like_one_pass(
    tmp_path: Path, write: Write
) -> None:
    write("docs/a.md", "# One heading: here, `twice`\n")
    text = "# A\n\n[x](docs/a.md#one-heading-here-twice) [y](docs) [z](https://example.com/q)\n"
    write("README.md", text + "\n`[x](gone.md)`\n\n```\n[x](gone.md)\n```\n")
    assert rules(tmp_path) == []


def test_a_chinese_readme_keeps_step_with_its_twin(tmp_path: Path, write: Write) -> None:
    write("README.md", "# A\n\n## B\n")
    write("README.zh-CN.md", "# 甲\n\n## 乙\n")
    assert rules(tmp_path) == []
    write("README.zh-CN.md", "# 甲\n")
    assert rules(tmp_path) == [("README.zh-CN.md", "twin")]


def test_a_chinese_readme_without_its_twin_is_refused(tmp_path: Path, write: Write) -> None:
    write("README.zh-CN.md", "# 甲\n")
    assert rules(tmp_path) == [("README.zh-CN.md", "twin")]


def make_module(write: Write, name: str, entry: str = "MODULE = Module(uses=('b',))\n") -> None:
    room = f"src/tongbao/modules/{name}"
    for file in ("model", "state", "codes", "events", "queries", "invariants", "generators"):
        write(f"{room}/{file}.py", "X = 1\n")
    write(f"{room}/__init__.py", entry)
    write(f"{room}/README.md", "# M\n\n```python\nassert True\n```\n")
    write(f"{room}/transactions/__init__.py", "")
    write(f"{room}/tests/test_a.py", "def test_a_thing_is_so(): ...\n")


def module_findings(root: Path) -> list[Finding]:
    return [f for f in tidy.check(root) if f.rule.startswith("module-")]


def test_a_furnished_module_passes(tmp_path: Path, write: Write) -> None:
    make_module(write, "a")
    assert module_findings(tmp_path) == []


@pytest.mark.parametrize("missing", ["README.md", "codes.py", "invariants.py", "generators.py"])
def test_a_module_without_its_furniture_is_refused(
    tmp_path: Path, write: Write, missing: str
) -> None:
    make_module(write, "a")
    (tmp_path / "src/tongbao/modules/a" / missing).unlink()
    (finding,) = module_findings(tmp_path)
    assert (finding.rule, finding.path) == ("module-file", f"src/tongbao/modules/a/{missing}")


def test_a_module_readme_without_an_example_is_refused(tmp_path: Path, write: Write) -> None:
    make_module(write, "a")
    write("src/tongbao/modules/a/README.md", "# M\n")
    assert [f.rule for f in module_findings(tmp_path)] == ["module-example"]


def test_a_module_without_a_test_is_refused(tmp_path: Path, write: Write) -> None:
    make_module(write, "a")
    (tmp_path / "src/tongbao/modules/a/tests/test_a.py").rename(tmp_path / "test_a.py")
    assert [f.rule for f in module_findings(tmp_path)] == ["module-file"]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("from tongbao.modules.b import Thing", None),
        ("from tongbao.modules import b", None),
        ("from tongbao.modules.a.model import X", None),
        ("from tongbao.modules.b.state import TABLE", "module-door"),
        ("import tongbao.modules.b.state", "module-door"),
        ("from tongbao.modules.c import Thing", "module-uses"),
    ],
)
def test_a_module_enters_another_by_its_door_and_only_if_it_says_so(
    tmp_path: Path, write: Write, statement: str, rule: str | None
) -> None:
    make_module(write, "a")
    write("src/tongbao/modules/a/issue.py", statement + "\n")
    assert [f.rule for f in module_findings(tmp_path)] == ([rule] if rule else [])


_RULE = """
@transaction(code=1)
class Issue(Transaction, tag="a.issue"):
    def check(self): ...
    def admit(self, view): ...
"""


@pytest.mark.parametrize(
    ("file", "source", "rule"),
    [
        ("transactions/issue.py", _RULE, None),
        ("transactions/return_bill.py", _RULE.replace("Issue", "ReturnBill")
         .replace("issue", "return"), None),
        ("transactions/supply.py", _RULE, "transaction-file"),
        ("transactions/issue.py", _RULE + _RULE, "transaction-file"),
        ("transactions/issue.py", "X = 1\n", "transaction-file"),
        ("issue.py", _RULE, "transaction-file"),
        ("transactions/issue.py", _RULE + "    def signers(self, view): ...\n",
         "transaction-order"),
    ],
)  # fmt: skip
def test_a_transaction_stands_alone_in_the_file_of_its_verb_with_its_phases_in_order(
    tmp_path: Path, write: Write, file: str, source: str, rule: str | None
) -> None:
    make_module(write, "a")
    write(f"src/tongbao/modules/a/{file}", source)
    found = {f.rule for f in tidy.check(tmp_path) if f.rule.startswith("transaction-")}
    assert found == ({rule} if rule else set())


@pytest.mark.parametrize(
    "statement",
    [
        "from tongbao.kernel.views import View",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import tongbao.kernel.views",
        "def later():\n    from tongbao.kernel import views",
    ],
)
def test_a_circle_of_imports_is_refused_wherever_they_stand(
    tmp_path: Path, write: Write, statement: str
) -> None:
    write("src/tongbao/kernel/views.py", "from .rules import Rule\n\nView = Rule\n")
    write("src/tongbao/kernel/rules.py", "Rule = 1\n")
    assert rules(tmp_path) == []
    write("src/tongbao/kernel/rules.py", statement + "\n")
    (finding,) = tidy.check(tmp_path)
    assert finding.rule == "circle"
    circle = finding.why.split(": ")[1].split(" -> ")
    assert set(circle) == {f"src/tongbao/kernel/{name}.py" for name in ("rules", "views")}


@pytest.mark.parametrize(
    ("method", "refused"),
    [
        ("def one(self, viewer: Viewer, name: str) -> int: ...", False),
        ("def one(self, name: str, viewer: Viewer) -> int: ...", True),
        ("def one(self) -> int: ...", True),
        ("def height(self) -> int: ...", False),
        ("def _one(self) -> int: ...", False),
    ],
)
def test_a_question_to_the_read_model_that_does_not_say_who_asks_is_refused(
    tmp_path: Path, write: Write, method: str, refused: bool
) -> None:
    write("src/tongbao/readmodel/things.py", f"class ThingQueries:\n    {method}\n")
    assert [one.rule for one in tidy.check(tmp_path)] == ["viewer"] * refused


@pytest.mark.parametrize(
    ("file", "source", "rule"),
    [
        ("src/a.py", "def pay_v2():\n    return 1\n", "version-suffix"),
        ("src/a.py", "class Law:\n    ms_to_wait: int\n", "unit-last"),
        ("src/a.py", "def wait(ms_to_wait: int) -> None: ...\n", "unit-last"),
        ("src/a.py", "class Law:\n    wait_ms: int\n    bytes_per_second: int\n", None),
        ("src/a.py", 'def pay_amount():\n    """Pay the amount."""\n', "docstring"),
        ("src/a.py", 'def check():\n    """Shape."""\n', "docstring"),
        ("src/a.py", 'def pay_amount():\n    """Pay the amount, in minor units."""\n', None),
        ("tests/test_a.py", "def test_pay(): ...\n", "test-name"),
        ("tests/test_a.py", "def test_a_freeze_stops_payments(): ...\n", None),
    ],
)
def test_a_name_says_what_it_names_and_a_docstring_says_more(
    tmp_path: Path, write: Write, file: str, source: str, rule: str | None
) -> None:
    write(file, source)
    assert rules(tmp_path) == ([(file, rule)] if rule else [])


def test_three_files_of_one_prefix_are_a_folder(tmp_path: Path, write: Write) -> None:
    for name in ("pay_file", "pay_bank"):
        write(f"src/{name}.py", "X = 1\n")
    assert rules(tmp_path) == []
    write("src/pay_desk.py", "X = 1\n")
    assert rules(tmp_path) == [("src", "prefix")]


def test_a_folder_of_sixteen_files_is_two_rooms(tmp_path: Path, write: Write) -> None:
    for number in range(15):
        write(f"src/a{number}.py", "X = 1\n")
    assert rules(tmp_path) == []
    write("src/b.py", "X = 1\n")
    assert rules(tmp_path) == [("src", "size")]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("raise Refusal(Code.BROKE, {})", "refusal"),
        ("raise refusal_of(1)", "refusal"),
        ("TABLE = Table(b'a')", "table"),
        ("refuse(Code.BROKE)", None),
    ],
)
def test_a_module_refuses_by_two_words_and_declares_its_tables_in_one_place(
    tmp_path: Path, write: Write, statement: str, rule: str | None
) -> None:
    make_module(write, "a")
    write("src/tongbao/modules/a/rules.py", statement + "\n")
    assert [one for _, one in rules(tmp_path)] == ([rule] if rule else [])


def test_a_code_that_no_test_names_is_refused(tmp_path: Path, write: Write) -> None:
    write("src/codes.py", "class ACode(Code):\n    BROKE = (1, NEVER, 'it broke')\n")
    assert rules(tmp_path) == [("src/codes.py", "code-without-test")]
    write("tests/test_a.py", "X = ACode.BROKE\n")
    assert rules(tmp_path) == []


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("told = 1\n", True),
        ("def carry_out():\n    pass\n", True),
        ("# What a node believes.\n", True),
        ('"""Carried out at once, and told."""\n', True),
        ("message = reply = 1  # applied, verified, shown\n", False),
        ("always = gateways = 1\n", False),
    ],
)
def test_a_private_word_is_refused_where_the_field_has_one(
    tmp_path: Path, write: Write, source: str, refused: bool
) -> None:
    write("src/a.py", source)
    assert {rule for _, rule in rules(tmp_path)} == ({"private-word"} if refused else set())
