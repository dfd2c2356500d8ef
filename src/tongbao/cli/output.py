"""What a command prints: tables and sentences for people, one JSON value for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tongbao.cli.languages import ENGLISH, catalogue, environment_language

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_HALTED = 3
"""A node stopped by itself (its store was altered, it does not know the rules to come): starting it
again does not help, somebody has to look."""


class Output:
    """Where a command writes; set up once from the global options."""

    def __init__(self) -> None:
        """Human output in the language of the environment."""
        self.json = False
        self.language = environment_language()
        self._out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
        self._err = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

    def text(self, en: str, zh: str) -> str:
        """One of two sentences, by language."""
        return zh if self.language == "zh" else en

    def word(self, en: str) -> str:
        """A word or sentence that stands in the catalogue, such as a head of a table."""
        return en if self.language == ENGLISH else catalogue(self.language).text(en) or en

    def say(self, en: str, zh: str, style: str | None = None) -> None:
        """A sentence for a person; silent with `--json`."""
        if not self.json:
            self._out.print(self.text(en, zh), style=style, markup=False)

    def result(self, value: Any, show: Callable[[], None] | None = None) -> None:
        """The command's answer: `value` as JSON, or what `show` prints."""
        if self.json or show is None:
            sys.stdout.write(msgspec.json.format(_encode(value), indent=2).decode() + "\n")
        else:
            show()

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table; numbers are right-aligned. Heads are English, and read in the catalogue."""
        table = Table(title=title or None, title_justify="left", header_style="bold")
        listed = [list(row) for row in rows]
        for place, column in enumerate(columns):
            numeric = bool(listed) and all(_numeric(row[place]) for row in listed)
            table.add_column(
                self.word(column), justify="right" if numeric else "left", overflow="fold"
            )
        for row in listed:
            table.add_row(*row)
        self._out.print(table)

    def facts(self, title: str, facts: Mapping[str, str]) -> None:
        """A short list of named facts."""
        table = Table(title=title or None, title_justify="left", show_header=False, box=None)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in facts.items():
            table.add_row(name, value)
        self._out.print(table)

    def fail(
        self,
        en: str,
        zh: str,
        value: Mapping[str, Any] | None = None,
        status: int = EXIT_REFUSED,
    ) -> NoReturn:
        """End with an error that names what, where and which rule."""
        if self.json:
            problem = {"error": en, "error_zh": zh, **(value or {})}
            sys.stdout.write(msgspec.json.format(_encode(problem), indent=2).decode() + "\n")
        else:
            self._err.print(self.text(en, zh), style="red", markup=False)
        raise SystemExit(status)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar on a terminal; yields a function that takes how many are done."""
        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        shown = not self.json and self._err.is_terminal
        with Progress(*columns, console=self._err, disable=not shown, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done: bar.update(task, completed=done)


def _numeric(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace("-", "").isdigit()


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)


def amount_text(amount_minor: int, decimals: int) -> str:
    """An amount as people write it: 1234567 with 2 decimals is 12,345.67."""
    sign, digits = ("-" if amount_minor < 0 else ""), str(abs(amount_minor)).zfill(decimals + 1)
    whole = digits[: len(digits) - decimals] if decimals else digits
    rest = digits[len(digits) - decimals :] if decimals else ""
    return f"{sign}{int(whole):,}" + (f".{rest}" if rest else "")


output = Output()


def minor_units(amount: str, decimals: int) -> int:
    """An amount as people write it, in minor units; refuses more decimals than the asset has."""
    whole, _, rest = amount.replace(",", "").partition(".")
    if not whole.isdigit() or (rest and not rest.isdigit()) or len(rest) > decimals:
        output.fail(
            f"{amount} is not an amount with at most {decimals} decimals",
            f"{amount} 不是至多 {decimals} 位小数的金额",
        )
    return int(whole + rest.ljust(decimals, "0"))
