"""Draw what a terminal shows as an SVG: commands and what they print, from standard input.

Lines that begin with `$ ` are what was typed. Example, beside a running `tongbao dev`:

    (echo '$ tongbao balances hengtong'; tongbao balances hengtong) | python tools/picture.py
"""

from __future__ import annotations

import sys
import unicodedata
from html import escape

CHARACTER, LINE, EDGE = 8.4, 19, 18


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def draw(lines: list[str]) -> str:
    """The picture of some lines."""
    wide = max(map(columns, lines), default=0) * CHARACTER + 2 * EDGE
    high = len(lines) * LINE + 2 * EDGE
    reply = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high}"'
        ' font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14">',
        f'<rect width="{wide:.0f}" height="{high}" rx="8" fill="#0d1117"/>',
    ]
    for number, line in enumerate(lines):
        typed = line.startswith("$ ")
        colour = "#7ee787" if typed else "#e6edf3"
        place = EDGE + (number + 0.75) * LINE
        reply.append(
            f'<text x="{EDGE}" y="{place:.0f}" fill="{colour}" xml:space="preserve"'
            f' textLength="{columns(line) * CHARACTER:.0f}">{escape(line)}</text>'
            if line else ""
        )  # fmt: skip
    return "\n".join([*reply, "</svg>", ""])


if __name__ == "__main__":
    sys.stdout.write(draw(sys.stdin.read().expandtabs().splitlines()))
