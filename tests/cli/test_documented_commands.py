"""Every command that a page of the documentation shows is one that there is, with these options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tongbao.cli.main import _global_first, whole_tree

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([
    *ROOT.glob("README*.md"), *(ROOT / "examples").glob("*.md"), *(ROOT / "docs").rglob("*.md"),
])  # fmt: skip
_BLOCK = re.compile(r"^```(?:sh|console|bash)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_BEFORE = frozenset(("|", "||", "&&", ";", "&", "sudo", "exec", "nice"))
_ENDS = frozenset(("|", "||", "&&", ";", "&", ">", ">>", "<", "2>", "2>&1"))


def commands(page: Path) -> list[list[str]]:
    """The words of each `tongbao` command in the blocks of a page."""
    found = []
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        for line in block.group(1).replace("\\\n", " ").splitlines():
            try:
                words = shlex.split(line.removeprefix("$ "), comments=True)
            except ValueError:
                continue  # a part of a script over several lines
            places = [
                n for n, word in enumerate(words)
                if Path(word).name == "tongbao" and (n == 0 or words[n - 1] in _BEFORE)
            ]  # fmt: skip
            if not places:
                continue
            rest = words[places[0] + 1 :]
            end = next((n for n, word in enumerate(rest) if word in _ENDS), len(rest))
            if rest[:end]:
                found.append(rest[:end])
    return found


@pytest.fixture(scope="module")
def tree() -> Any:
    """Every command that there is."""
    return whole_tree()


def understood(tree: Any, words: list[str]) -> None:
    """Raises where a command or an option is not there, or one that it needs is missing."""
    _, rest = _global_first(words)
    command, context = tree, tree.context_class(tree, info_name="tongbao")
    while hasattr(command, "commands"):
        assert rest or not command.no_args_is_help, words
        if not rest or rest[0] in ("--help", "-h", "--version"):
            return
        _, command, rest = command.resolve_command(context, rest)
        context = command.context_class(command, info_name=command.name, parent=context)
    if "--help" in rest or "-h" in rest:
        return
    given, left, _ = command.make_parser(context).parse_args(args=list(rest))
    for parameter in command.params:
        reported = given.get(parameter.name)
        needed = parameter.required and parameter.param_type_name == "option"
        assert not needed or reported is not None, f"{words}: {parameter.opts} is missing"
    assert not left, f"{words}: nothing takes {left}"


@pytest.mark.parametrize(
    "page",
    [one for one in PAGES if commands(one)],
    ids=lambda one: one.relative_to(ROOT).as_posix(),
)
def test_a_page_shows_only_commands_that_there_are(page: Path, tree: Any) -> None:
    faults = []
    for words in commands(page):
        try:
            understood(tree, words)
        except Exception as fault:
            faults.append(f"{' '.join(words)}: {fault}")
    assert not faults, "\n".join(faults)
