"""What a command prints: tables and sentences for people, one JSON value for programs.

On a terminal a table stands in aligned columns; those that matter least are left out where the
terminal is too narrow, and a line says so. Piped, the same table has every column, neither
wrapped nor coloured, between columns two blanks or more. See docs/decisions/terminal.md.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

from tongbao.cli.shell import layout
from tongbao.cli.shell.languages import environment_language
from tongbao.kernel.codes import Refusal
from tongbao.kernel.wording import Text
from tongbao.sdk.quantities import BadQuantity, amount_text, parse_amount
from tongbao.words import ENGLISH, sentence, text_of, translated

__all__ = ["EXIT_HALTED", "EXIT_REFUSED", "EXIT_USAGE", "Output", "amount_text", "minor_units",
           "output"]  # fmt: skip

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_HALTED = 3
"""A node stopped by itself (its store was altered, it does not know the rules to come): starting it
again does not help, somebody has to look."""
LEAST = (
    "of", "basis", "memo", "tx memo", "source", "by", "suite", "weight", "purpose", "kind",
    "path", "taker", "maker", "receipt", "digest",
)  # fmt: skip
"""Heads of columns that matter least, in the order in which they are left out; after them the last
column goes first. A table may name others."""
VALUE_HEADS = ("state", "roles", "kind", "policy", "flags", "scope", "scopes")
"""Columns and facts whose values are words of ours, see `wording.VALUES`."""
_COMMANDS = ("tongbao ", "export ")
"""A line that is there to be copied stays whole, whatever the width."""
_ENDS_IN_COMMAND = re.compile(r"^(.*[:;：；]) ?((?:tongbao|--[a-z]+) [^`。]*)$")
"""A sentence that ends in what is to be typed: where it does not fit, that gets its own line."""
_STYLES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


class Output:
    """Where a command writes; set up once from the global options."""

    def __init__(self) -> None:
        """Human output in the language of the environment."""
        self.json = False
        self.verbose = False
        self.language = environment_language()

    def text(self, template: str, /, **values: Any) -> str:
        """A sentence of the code, in the language of the screen."""
        return _text(template, values, self.language)

    def word(self, en: str, context: str = "") -> str:
        """A word or sentence that stands in the catalogue, such as a head of a table."""
        return translated(en, self.language, context)

    def value(self, head: str, reported: str) -> str:
        """A value of a column or fact: states, roles and the like are words of ours."""
        if self.language == ENGLISH or head not in VALUE_HEADS:
            return reported
        head = "scope" if head == "scopes" else head
        words = (translated(word, self.language, head) for word in re.split(r",? ", reported))
        return self.text(", ").join(words)

    def say(self, template: str, style: str | None = None, /, **values: Any) -> None:
        """A sentence for a person; silent with `--json`."""
        if not self.json:
            _write(sys.stdout, self.text(template, **values), style)

    def note(self, template: str, /, **values: Any) -> None:
        """A remark beside the answer, with `--verbose` alone."""
        if self.verbose:
            _write(sys.stderr, self.text(template, **values), "dim")

    def result(self, value: Any, show: Callable[[], None] | None = None) -> None:
        """The command's answer: `value` as JSON, or what `show` prints."""
        if self.json or show is None:
            _write_json(value)
        else:
            show()

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        least: Sequence[str] = (),
        below: str = "",
    ) -> None:
        """A table; numbers are right-aligned. Heads are English, and read in the catalogue.

        `least` names the columns that are left out first on a narrow terminal, the least
        important first; then those of `LEAST`, then the last ones. The first column stays. The
        column `below` is never left out: where it finds no place it stands under each row.
        """
        # A head may be written in the language of the screen already.
        ours = {self.word(one): one for one in (*LEAST, *VALUE_HEADS)}
        columns = [ours.get(one, one) for one in columns]
        listed = [
            [self.value(head, one) for head, one in zip(columns, row, strict=True)] for row in rows
        ]
        grid = layout.Grid([self.word(one) for one in columns], listed)
        kept, narrowed = list(range(len(columns))), dict[int, int]()
        wide = _columns(sys.stdout)
        if wide:
            kept, narrowed = grid.fit(wide, _order(columns, least))
        if title:
            _write(sys.stdout, title, "bold")
        under = columns.index(below) if below else -1
        under = -1 if under in kept else under
        head, *lines = grid.lines(kept, narrowed, under, wide)
        sys.stdout.write(_styled(sys.stdout, head, "bold") + "\n")
        sys.stdout.writelines(f"{line}\n" for line in lines)
        if wide and not lines:
            self.say("Nothing to show.", "dim")
        left = [grid.heads[place] for place in range(len(columns)) if place not in (*kept, under)]
        if left:
            self.say(
                "Left out at this width: {heads}; a wider terminal or --json shows it.",
                "dim",
                heads=self.text(", ").join(left),
            )

    def facts(self, title: str, facts: Mapping[str, str]) -> None:
        """A short list of named facts. Names are English, and read in the catalogue."""
        if title:
            _write(sys.stdout, title, "bold")
        reported = {
            layout.plain(self.word(name)): str(value) for name, value in facts.items() if value
        }
        left = max(map(layout.width, reported), default=0)
        wide = _columns(sys.stdout)
        for name, value in reported.items():
            lines = [layout.plain(value)]
            if wide and layout.numeric(value) is False:
                lines = layout.wrap(lines[0], max(wide - left - 3, layout.PROSE_WIDTH))
            if wide and max(map(layout.width, lines)) > wide - left - len(layout.GAP):
                # An id that does not fit beside its name stands whole below it.
                sys.stdout.write(_styled(sys.stdout, name, "bold") + "\n")
                sys.stdout.writelines(f"{layout.GAP}{one}\n" for one in lines)
                continue
            start = _styled(sys.stdout, layout.pad(name, left), "bold")
            sys.stdout.write(f"{start}{layout.GAP}{lines[0]}".rstrip() + "\n")
            sys.stdout.writelines(f"{' ' * left}{layout.GAP}{line}\n" for line in lines[1:])

    def fail(
        self,
        template: str,
        answer: Mapping[str, Any] | None = None,
        status: int = EXIT_REFUSED,
        /,
        **values: Any,
    ) -> NoReturn:
        """End with an error that names what, where and which rule; `answer` goes with `--json`."""
        if self.json:
            reply = {"error": _text(template, values, ENGLISH),
                    "error_zh": _text(template, values, "zh")}  # fmt: skip
            _write_json({**reply, **(answer or {})})
        else:
            sys.stdout.flush()
            _write(sys.stderr, self.text(template, **values), "red")
        raise SystemExit(status)

    def fail_quantity(self, option: str, fault: BadQuantity) -> NoReturn:
        """End because what was typed is no amount, price or time; `option` says where it stood."""
        self.fail("{option}: {fault}" if option else "{fault}", option=option, fault=fault)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar on a terminal; yields a function that takes how many are done."""
        if self.json or not sys.stderr.isatty():
            yield lambda done: None
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        console = Console(stderr=True, highlight=False, markup=False)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(layout.plain(what), total=total)
            yield lambda done: bar.update(task, completed=done)

    @contextmanager
    def steps(self) -> Iterator[Callable[..., None]]:
        """Long work on a terminal: yields `step(template, ...)`, which says what is being done.

        Each step stands on one line of standard error with the seconds it takes; the line stays
        when the step is over. Nothing is written where standard error is no terminal.
        """
        if self.json or not sys.stderr.isatty():
            yield lambda template, /, **values: None
            return
        from tongbao.cli.shell.ticking import Ticker

        ticker = Ticker(sys.stderr, _columns(sys.stderr) or 80)
        try:
            yield lambda template, /, **values: ticker.begin(
                layout.plain(self.text(template, **values))
            )
        except BaseException:
            ticker.end(done=False)
            raise
        ticker.end(done=True)


def _text(template: str, values: Mapping[str, Any], language: str) -> str:
    values = {name: _value(one) for name, one in values.items()}
    if isinstance(template, Text):
        return text_of(template, language)
    return sentence(template, values, language)


def _value(value: Any) -> Any:
    """A refusal in a sentence goes with its name."""
    if not isinstance(value, Refusal):
        return value
    return Text("{text} ({name})", text=value.text, name=value.code.name)


def _columns(stream: TextIO) -> int:
    """Columns of the terminal that a stream goes to; 0 where it is none, or it has no width."""
    try:
        return shutil.get_terminal_size().columns if stream.isatty() else 0
    except (OSError, ValueError):
        return 0


def _order(columns: Sequence[str], least: Sequence[str]) -> list[int]:
    """Places of columns in the order in which they are left out; the first one never is."""
    named = [*least, *(one for one in LEAST if one not in least)]
    first = [columns.index(one) for one in named if one in columns]
    rest = [place for place in reversed(range(len(columns))) if place not in first]
    return [place for place in [*first, *rest] if place]


def _write(stream: TextIO, text: str, style: str | None = None) -> None:
    """A sentence: whole where it is piped, between words in lines on a terminal."""
    wide = _columns(stream)
    for line in layout.plain_lines(text).split("\n"):
        indent = line[: len(line) - len(line.lstrip(" "))]
        lines = [line]
        if wide and layout.width(line) > wide and not line.lstrip().startswith(_COMMANDS):
            ends = _ENDS_IN_COMMAND.match(line)
            lines = layout.wrap(ends[1] if ends else line, wide - len(indent))
            lines = [indent + one for one in [*lines, *([f"  {ends[2]}"] if ends else [])]]
        stream.writelines(f"{_styled(stream, one, style)}\n" for one in lines)


def _styled(stream: TextIO, text: str, style: str | None) -> str:
    import os

    plain = style is None or not text or not stream.isatty() or os.environ.get("NO_COLOR")
    if plain or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{_STYLES[style or 'bold']}m{text}\x1b[0m"


def _write_json(value: Any) -> None:
    import msgspec

    raw = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2)
    sys.stdout.write(raw.decode() + "\n")


output = Output()


def minor_units(amount: str, decimals: int, asset: str = "", option: str = "") -> int:
    """An amount as people type it, in minor units; one that is none ends the command."""
    try:
        return parse_amount(amount, decimals, asset)
    except BadQuantity as fault:
        output.fail_quantity(option, fault)


def some_units(amount: str, decimals: int, asset: str = "", option: str = "") -> int:
    """The same for an amount that moves: nothing is none."""
    minor = minor_units(amount, decimals, asset, option)
    if not minor:
        output.fail("{option}: an amount is above zero", option=option)
    return minor
