"""The docstring report counts what is public, and only that."""

from __future__ import annotations

from pathlib import Path

from docstrings import share_of

SOURCE = '''
from typing import overload

class Documented:
    """Yes."""

    def method(self):
        """Yes."""

    def bare(self): ...

    def _private(self): ...

class _Hidden:
    def anything(self): ...

@overload
def twice(x: int) -> int: ...
def twice(x):
    """Yes."""
'''


def test_public_classes_methods_and_functions_count_and_private_ones_do_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.py").write_text(SOURCE, encoding="utf-8")
    share = share_of(tmp_path)
    assert (share.total, share.percent) == (4, 75)
    assert [missing.split(" ")[1] for missing in share.missing] == ["Documented.bare"]


def test_a_package_without_public_names_is_whole(tmp_path: Path) -> None:
    assert share_of(tmp_path).percent == 100
