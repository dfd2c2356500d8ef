"""Compiles the message catalogues below src/tongbao/locale to what gettext reads.

    python tools/catalogues.py

Every build of the package does the same first (tools/build_backend.py), so that an installed
Tongbao always has them.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "src" / "tongbao" / "locale"


def read(path: Path) -> Catalog:
    """The catalogue of a language, as it is written by people."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name, abort_invalid=True)


def compile_all() -> None:
    """Write the compiled form beside each catalogue."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        found = read(path)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, found)


if __name__ == "__main__":
    compile_all()
