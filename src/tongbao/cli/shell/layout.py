"""How text lies on a screen: escaped, measured in columns, wrapped only between words.

What the ledger holds was written by others. Control characters and marks that turn the direction
of writing are therefore shown escaped, and no text is read as markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

GAP = "  "
"""Between two columns. No cell holds two blanks in a row, so `awk -F '  +'` takes a line apart."""
EMPTY = "-"
"""In the place of a cell without text, so that a line has as many cells as there are heads."""
PROSE_WIDTH = 24
"""A cell of words may be wrapped to this width, and no narrower."""
_ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_WORDS = re.compile(r"\S+")
_TOGETHER = re.compile(
    r"(?<=\d) (?=[A-Z][A-Z0-9]{2,11}(?![A-Za-z0-9]))|(?<=\d\d-\d\d) (?=\d\d:\d\d)|(?<=\d) (?=UTC)"
)
"""Blanks within an amount with its asset, or a moment: no line ends there."""
_KEPT = "\x00"
_OPENING = ("Ps", "Pi")


def plain(text: str) -> str:
    """Text in which nothing acts on the screen: `\\x1b`, `\\n`, `\\u202e` are shown as such."""
    return _ACTING.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def plain_lines(text: str) -> str:
    """The same for our own sentences, which may hold line ends."""
    return "\n".join(map(plain, text.split("\n")))


def cell(text: str) -> str:
    """What stands in a table: one line, blanks folded, never empty."""
    return re.sub(" {2,}", " ", plain(text)).strip() or EMPTY


def width(text: str) -> int:
    """How many columns a text takes: East Asian wide characters take two, marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Text filled up with blanks to so many columns."""
    blanks = " " * max(columns - width(text), 0)
    return blanks + text if right else text + blanks


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns, broken at blanks and between wide characters only.

    A word that is wider than a line stays whole: an id or an amount is never broken.
    """
    lines: list[str] = []
    line = ""
    for gap, piece in _pieces(_TOGETHER.sub(_KEPT, text)):
        joined = f"{line} {piece}" if line and gap else line + piece
        if line and width(joined) > columns:
            lines.append(line)
            line = piece
        else:
            line = joined
    lines = [*lines, line] if line or not lines else lines
    return [one.replace(_KEPT, " ") for one in lines]


def _pieces(text: str) -> list[tuple[bool, str]]:
    """Words, and of words in wide characters each by itself; True where a blank goes before."""
    found: list[tuple[bool, str]] = []
    for word in _WORDS.findall(text):
        gap, piece = True, ""
        for character in word:
            # Closing marks stay with what they close, opening ones with what they open.
            kind = unicodedata.category(character)
            wide = _width(character) == 2 and (kind[0] != "P" or kind in _OPENING)
            wide = wide or (_width(piece[-1:] or "a") == 2 and character.isalnum())
            if piece and wide and unicodedata.category(piece[-1]) not in _OPENING:
                found.append((gap, piece))
                gap, piece = False, ""
            piece += character
        found.append((gap, piece))
    return found


def numeric(text: str) -> bool:
    """Whether a cell is a number, or an amount with its asset: such columns stand to the right."""
    number, _, asset = text.lstrip("≈-+").partition(" ")
    digits = number.replace(",", "").replace(".", "").replace("-", "")
    return (digits.isascii() and digits.isdigit()) and (not asset or asset.isupper())


class Grid:
    """Rows in aligned columns, of which some may be left out and some wrapped."""

    def __init__(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Of heads and rows as they are read, not yet escaped."""
        self.heads = [cell(one) if one else "#" for one in heads]
        self.rows = [[cell(one) for one in row] for row in rows]
        self._columns = list(zip(*self.rows, strict=True)) if rows else [()] * len(heads)
        self._right = [
            bool(column) and all(one == EMPTY or numeric(one) for one in column)
            and any(one != EMPTY for one in column)
            for column in self._columns
        ]  # fmt: skip
        self._wide = [
            max(map(width, (head, *column)))
            for head, column in zip(self.heads, self._columns, strict=True)
        ]
        self._prose = [
            any(_is_prose(one) for one in column) for column in self._columns
        ]  # fmt: skip

    def fit(self, columns: int, least: Sequence[int]) -> tuple[list[int], dict[int, int]]:
        """Which columns stand within a width, and the widths of those that are wrapped.

        `least` names the columns that may go, the least important first.
        """
        kept = list(range(len(self.heads)))
        gone: list[int] = []
        for place in least:
            if self._least_width(kept) <= columns:
                break
            kept.remove(place)
            gone.append(place)
        for place in reversed(gone):  # what fits after all, the most important first
            if self._least_width([*kept, place]) <= columns:
                kept = sorted([*kept, place])
        spare = columns - self._least_width(kept)
        narrowed: dict[int, int] = {}
        for place in kept:
            if self._prose[place] and self._wide[place] > PROSE_WIDTH:
                given = min(self._wide[place], PROSE_WIDTH + max(spare, 0))
                spare -= given - PROSE_WIDTH
                narrowed[place] = given
        return kept, narrowed

    def _least_width(self, kept: Sequence[int]) -> int:
        wide = [
            min(self._wide[place], PROSE_WIDTH) if self._prose[place] else self._wide[place]
            for place in kept
        ]
        return sum(wide) + len(GAP) * (len(kept) - 1)

    def lines(
        self, kept: Sequence[int], narrowed: dict[int, int], below: int = -1, columns: int = 0
    ) -> list[str]:
        """The heads, then the rows; a row is several lines where one of its cells is wrapped.

        The cell of the column `below` stands in lines of its own, indented.
        """
        lines: list[str] = []
        for row in (self.heads, *self.rows):
            lines += self._row(row, kept, narrowed)
            if below >= 0 and row[below] != EMPTY:
                lines += [f"{GAP}{one}" for one in wrap(row[below], columns - len(GAP))]
        return lines

    def _row(self, row: Sequence[str], kept: Sequence[int], narrowed: dict[int, int]) -> list[str]:
        cells = [
            wrap(row[place], narrowed[place]) if place in narrowed else [row[place]]
            for place in kept
        ]
        lines = []
        for number in range(max(map(len, cells))):
            parts = []
            for place, written in zip(kept, cells, strict=True):
                text = written[number] if number < len(written) else ""
                wide = narrowed.get(place, self._wide[place])
                parts.append(pad(text, wide, right=self._right[place]))
            lines.append(GAP.join(parts).rstrip())
        return lines


def _is_prose(text: str) -> bool:
    """Words rather than an id, an amount or a moment: it may be wrapped."""
    wide = width(text)
    return wide > PROSE_WIDTH and (text.count(" ") > 2 or wide - len(text) > PROSE_WIDTH // 2)
