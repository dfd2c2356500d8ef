"""Help pages in languages whose characters are two columns wide and whose words have no spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from gettext import gettext
from typing import Any

# typer brings its own click, and exports neither of these.
from typer._click.core import Command
from typer._click.formatting import HelpFormatter

from tongbao.cli.shell.layout import width as cell_len
from tongbao.cli.shell.values import Quick

_WIDE = (
    "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
)
_OPENING = "（「『【《“‘(["
_CLOSING = r"(?:[，。、；：！？）」』】》”’…]|[,.;:!?)\]](?!\w))"
_PIECES = re.compile(
    rf"\s+|\[[^\[\]；]+[；\]]|(?<=；)[^\[\]；\s]+\]"
    rf"|[{_OPENING}]*(?:[^\s{_WIDE}]+|[{_WIDE}]){_CLOSING}*|[{_OPENING}]+|{_CLOSING}+"
)
"""What a line may be broken between: a word, or one wide character, with its punctuation; and
what stands in brackets, up to the next semicolon."""
_EXTRA = re.compile(r"  \[(?P<extra>[^\]]*)\]$")
_TYPE = re.compile(r"<[^>|]+>")


class WideFormatter(HelpFormatter):
    """Measures by columns, breaks between any two wide characters, and has gettext's headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that tells how a command is called."""
        start = f"{prefix or gettext('Usage:')}{prog} "
        self.write(wrap(args, self.width, start, " " * cell_len(start)) + "\n")

    def write_heading(self, heading: str) -> None:
        """A heading, with the colon of the language."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs, between which stands an empty line."""
        indent = " " * self.current_indent
        self.write("\n\n".join(_paragraphs(text, self.width, indent)) + "\n")

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Two columns: what is typed, and what it means."""
        listed = [(_TYPE.sub(_typed, first), _explained(second)) for first, second in rows]
        left = min(max(cell_len(first) for first, _ in listed), col_max)
        indent = " " * (self.current_indent + left + col_spacing)
        for first, second in listed:
            start = " " * self.current_indent + first
            if second and cell_len(first) > left:
                self.write(start + "\n")
                start = ""
            start += " " * (cell_len(indent) - cell_len(start)) if second else ""
            paragraphs = _paragraphs(second, self.width - 2, indent)
            self.write(start + "\n\n".join(paragraphs).lstrip() + "\n")


class Page(Quick):
    """A command's context that writes such pages."""

    formatter_class = WideFormatter

    def __init__(self, command: Command, *arguments: Any, **settings: Any) -> None:
        """Of a command, whose option for help is only made here."""
        super().__init__(command, *arguments, **settings)
        option = command.get_help_option(self)
        if option is not None and option.help:
            option.help = gettext(option.help)


def _typed(match: re.Match[str]) -> str:
    return gettext(match.group())


def _explained(meaning: str) -> str:
    """Typer's remarks after a meaning, with the brackets and marks of the language."""
    return _EXTRA.sub(lambda found: f" [{found['extra'].replace('; ', '；')}]", meaning)


def _paragraphs(text: str, width: int, indent: str) -> list[str]:
    return [wrap(one, width, indent, indent) for one in text.split("\n\n")]


def wrap(text: str, width: int, first: str = "", rest: str = "") -> str:
    """Text in lines of at most so many columns; `first` and `rest` go before them.

    No line begins with closing punctuation or ends with an opening mark. A word that is longer
    than a line stays whole.
    """
    lines, line, gap, fresh = [], first, "", True
    pieces: list[Any] = _PIECES.findall(text)
    for piece in pieces:
        if piece.isspace():
            gap = "" if fresh else " "
            continue
        if not fresh and cell_len(line + gap + piece) > width:
            lines.append(line)
            line, gap = rest, ""
        line, gap, fresh = line + gap + piece, "", False
    return "\n".join([*lines, line])
