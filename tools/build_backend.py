"""The build of the package: maturin's, after the message catalogues are compiled.

PEP 517 builds (`pip install .`, wheels, `make setup`) come through here; see
docs/decisions/languages.md.
"""

from __future__ import annotations

from typing import Any

import maturin
from maturin import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

from catalogues import compile_all

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def build_wheel(*arguments: Any, **settings: Any) -> str:
    """A wheel with the compiled catalogues in it."""
    compile_all()
    return str(maturin.build_wheel(*arguments, **settings))


def build_editable(*arguments: Any, **settings: Any) -> str:
    """An installation that uses this folder, with the compiled catalogues in it."""
    compile_all()
    return str(maturin.build_editable(*arguments, **settings))
