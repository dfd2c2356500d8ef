"""Every function of the core that takes bytes of others is called inside the guard for panics."""

from __future__ import annotations

import re
from pathlib import Path

ROOM = Path(__file__).parents[2] / "core" / "src" / "python"
NO_WORK = {"sha256_is_accelerated"}
"""Reads a flag."""
_FUNCTION = re.compile(r"^#\[pyfunction\].*?^}", re.M | re.S)
_HELPER = re.compile(r"^(?:pub\(super\) )?fn (\w+).*?^}", re.M | re.S)
_GUARD = re.compile(r"\b(?:guarded|read|sure)\(")


def test_every_function_of_the_core_works_inside_the_guard() -> None:
    sources = [path.read_text(encoding="utf-8") for path in sorted(ROOM.glob("*.rs"))]
    safe = {"MerkleList::new"}
    for source in sources:
        safe |= {found[1] for found in _HELPER.finditer(source) if _GUARD.search(found[0])}
    functions = [found[0] for source in sources for found in _FUNCTION.finditer(source)]
    assert len(functions) > 30
    for function in functions:
        name = re.search(r"fn (?:r#)?(\w+)", function)
        assert name is not None
        guarded = _GUARD.search(function) or any(f"{one}(" in function for one in safe)
        assert guarded or name[1] in NO_WORK, name[1]


def test_a_list_of_hashes_is_made_and_its_paths_are_told_inside_the_guard() -> None:
    source = (ROOM / "hashes.rs").read_text(encoding="utf-8")
    assert "sure(levels)" in source
    assert "let path = sure(" in (ROOM / "mod.rs").read_text(encoding="utf-8")
