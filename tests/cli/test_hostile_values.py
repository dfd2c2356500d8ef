"""Whatever is typed for whatever option of whatever command: a sentence and a status, at once."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tongbao.cli import main
from tongbao.cli.shell import languages

SECONDS = 20.0
"""Longest that one wrong value may take: far more than any does, on a machine that is busy."""
NOT_RUN = {
    "tongbao dev", "tongbao node start", "tongbao network up", "tongbao network serve",
    "tongbao engine install", "tongbao engine run", "tongbao doctor", "tongbao sim",
    "tongbao light proxy", "tongbao light follow", "tongbao desk follow", "tongbao bench settle",
    "tongbao node follow", "tongbao network init", "tongbao tx events",
}  # fmt: skip
"""They go on by themselves when what they are given is right; only wrong values are for them."""
VALUES = [
    "", " ", "0", "-1", "1250,50", "²", "1e9999999", "9" * 5000, "a" * 5000, "\0", "a\0b", "😀",
    "\udcff\udcfe", "\u202e1\u2066", "[bold]x[/bold][/x]", "--", "../../etc", "{}", "[]", "null",
    "{\"a\":", "true", "NaN", "+1h", "0000-01-01", "99999-01-01", "http://[::1",
    "x/y", "/", "CNY", "%s%n", "${HOME}", "\x1b[2J", "\r\n", "١٢",
]  # fmt: skip


def commands() -> list[tuple[str, Any]]:
    """Every command that does something, with the words that lead to it."""
    tree = main.whole_tree()
    return [
        (path, one) for path, one in languages.commands_of(tree) if not hasattr(one, "commands")
    ]


COMMANDS = commands()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Paths that are there, and hold nothing that anybody wants."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "empty").write_bytes(b"")
    (folder / "binary").write_bytes(bytes(range(256)) * 40)
    (folder / "zeros").write_bytes(b"\0" * 100)
    (folder / "wrong.json").write_text('{"a": [1, {"b": null}]}')
    (folder / "list.json").write_text("[1, 2, 3]")
    (folder / "cut.json").write_text('{"body": {"chain"')
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "some.xml").write_text("<a><b/></a>")
    (folder / "folder").mkdir()
    (folder / "locked").write_bytes(b"x")
    (folder / "locked").chmod(0)
    (folder / "dangling").symlink_to(folder / "nowhere")
    return [str(one) for one in sorted(folder.iterdir())]


def required(command: Any) -> tuple[list[str], list[str]]:
    """The least words that a command takes: options, and arguments in their order."""
    options: list[str] = []
    arguments: list[str] = []
    for option in command.params:
        if not option.required:
            continue
        if option.param_type_name == "argument":
            arguments.append("x")
        elif getattr(option, "is_flag", False):
            options.append(option.opts[0])
        else:
            options += [option.opts[0], "1"]
    return options, arguments


def lines(path: str, command: Any, values: list[str], rng: random.Random) -> Iterator[list[str]]:
    """Command lines: each option and each argument has a hostile value in one of them."""
    words = path.split()[1:]
    needed, given = required(command)
    for option in command.params:
        value = rng.choice(values)
        if option.param_type_name == "argument":
            place = len([1 for one in command.params[: command.params.index(option)]
                         if one.param_type_name == "argument"])  # fmt: skip
            typed = [*given[:place], value, *given[place + 1 :]]
            yield [*words, *needed, "--", *typed] if rng.random() < 0.5 else [
                *words, *typed, *needed,
            ]  # fmt: skip
        elif not getattr(option, "is_flag", False):
            name = option.opts[0]
            rest = [
                word
                for place, word in enumerate(needed)
                if word != name and (place == 0 or needed[place - 1] != name)
            ]
            yield [*words, f"{name}={value}", *rest, *given]


def check(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One command line ends as it should."""
    before = time.monotonic()
    status = main.run(line)
    spent = time.monotonic() - before
    printed = capsys.readouterr()
    reported = printed.out + printed.err
    where = f"{line!r}: {status}, {reported[-2000:]}"
    assert status in (0, 1, 2, 3), where
    assert "Traceback" not in reported, where
    assert "fault of its own" not in reported, where
    assert reported.strip(), where
    assert spent < SECONDS, where


def pieces() -> list[str]:
    """Paths of the commands that are tried."""
    return [path for path, _ in COMMANDS]


@pytest.mark.parametrize("path", pieces())
def test_no_value_of_any_option_ends_a_command_in_a_traceback(
    path: str,
    files: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hold_still(monkeypatch, tmp_path)
    rng = random.Random(path)
    [command] = [one for known, one in COMMANDS if known == path]
    for line in lines(path, command, [*VALUES, *files], rng):
        if path in NOT_RUN:
            line = [*line, "--no-such-option"]
        check(line, capsys)


def hold_still(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """No node, no terminal, nothing of this machine's environment."""
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.startswith("TONGBAO_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TONGBAO_HOME", str(folder / "nothing"))
    monkeypatch.setenv("TONGBAO_PASSPHRASE", "x")
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115, PTH123
