"""Types what a page of the documentation shows, block after block, as its reader would.

A fence says by the word behind `sh` (or `console`) where its commands run:

    sh            on the running demonstration, in a folder where `.tongbao` is its home
    sh remit      on the demonstration of the remittance story
    sh stopped    in a folder whose node is not running
    sh node       by tests of their own (test_readme.py)
    sh start      begins a node itself: where is stated in the test
    sh network    needs engines, other machines, root or the internet: the test names each page

In a `console` block lines behind `$ ` are typed, and the others are what is printed then: figures
and ids may differ, words may not; `...` stands for any lines. Words in capitals (`BATCH`) are to be
filled in from what was printed before.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.conftest import TONGBAO

from tongbao.cli.main import run

_FENCE = re.compile(r"^( *)```(sh|console)( \w+)?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PLACEHOLDERS = {
    "BATCH": r"settlement batch (\S+?),",
    "UETR": r"\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
    "DIGEST": r"\b([0-9a-f]{64})\b",
    "QUOTE": r"--quote (\S+)",
    "KEY": r"--public (\S+=)",
    "FILE": r"\b(D-[0-9a-f]{12})\b",
}
"""What a reader fills in, and how it looks in what was printed."""


@dataclass(frozen=True)
class Block:
    """A fence of a page: where it runs, and what stands in it."""

    kind: str
    where: str
    line: int
    text: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are to be typed, in their order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for one in _FENCE.finditer(text):
        indent, kind, where, body = one.groups()
        lines = [line.removeprefix(indent) for line in body.splitlines()]
        number = text.count("\n", 0, one.start()) + 1
        found.append(Block(kind, (where or "").strip(), number, "\n".join(lines)))
    return found


def steps(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Each command of a block with what the page says that it prints."""
    if block.kind == "sh":
        for command in _commands(block.text.splitlines()):
            yield command, []
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        length = 1
        while lines[length - 1].endswith("\\"):
            length += 1
        [command] = _commands(lines[:length])
        yield command, lines[length:]


def _commands(lines: list[str]) -> Iterator[str]:
    """Lines joined to commands: continued ones, quoted line ends, documents up to their end."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        text = "\n".join(waiting)
        document = re.search(r"<<-? *'?(\w+)'?", text)
        if document and waiting[-1] != document[1]:
            continue
        if not document and (line.endswith("\\") or not _whole(text)):
            continue
        waiting = []
        if text.strip() and not text.lstrip().startswith("#"):
            yield text
    assert not waiting, waiting


def _whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return True


@dataclass
class Reader:
    """Types commands in a folder, and remembers what was printed."""

    folder: Path
    language: str = "en"
    printed: list[str] = field(default_factory=list)

    def type(self, command: str, expected: list[str]) -> None:
        """One command; it has to end well, and to print what the page says."""
        command = self._filled(command)
        status, reply = self._run(command)
        self.printed.append(reply)
        assert status == 0, f"$ {command}\n{reply}\nstatus {status}"
        assert same_shape(expected, reply.splitlines()), "\n".join(
            [f"$ {command}", *expected, "--- but printed:", reply]
        )

    def _filled(self, command: str) -> str:
        def value(match: re.Match[str]) -> str:
            found = re.findall(PLACEHOLDERS[match[0]], "\n".join(self.printed))
            assert found, f"{match[0]}: nothing of the kind was printed before `{command}`"
            return str(found[-1])

        return re.sub(rf"(?<![\w.-])({'|'.join(PLACEHOLDERS)})(?![\w.])", value, command)

    def _run(self, command: str) -> tuple[int, str]:
        plain = command.replace("\\\n", " ")
        if not re.search(r"[|<>;&$]|^\w+=", re.sub(r"'[^']*'|\"[^\"$]*\"", "", plain)):
            words = shlex.split(plain, comments=True)
            if Path(words[0]).name == "tongbao":
                return self._in_process(words[1:])
        done = subprocess.run(
            ["sh", "-ec", command], cwd=self.folder, capture_output=True, text=True, timeout=120,
            check=False, env={**os.environ, **self._environment()},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def _environment(self) -> dict[str, str]:
        path = f"{TONGBAO.parent}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "COLUMNS": "160", "NO_COLOR": "1", "TONGBAO_LANG": self.language}

    def _in_process(self, words: list[str]) -> tuple[int, str]:
        reply, before = io.StringIO(), dict(os.environ)
        os.environ.update(self._environment())
        try:
            with (
                contextlib.chdir(self.folder),
                contextlib.redirect_stdout(reply),
                contextlib.redirect_stderr(reply),
            ):
                status = run(words)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return status, reply.getvalue()


_VARIABLE = re.compile(r"\b(?=\w*\d)[\w:.,@-]+|[=─━-]{3,}")


def _shape(line: str) -> str:
    """A line without figures, ids and the widths of its gaps."""
    return " ".join(_VARIABLE.sub("#", line).split())


def same_shape(expected: list[str], reply: list[str]) -> bool:
    """Whether what is printed looks as the page says."""
    rest = [_shape(line) for line in reply if line.strip()]
    anywhere = False
    for line in (one for one in expected if one.strip()):
        if line.strip() == "...":
            anywhere = True
            continue
        wanted = _shape(line)
        if wanted not in rest if anywhere else rest[:1] != [wanted]:
            return False
        rest = rest[rest.index(wanted) + 1 :]
        anywhere = False
    return anywhere or not rest or not expected
