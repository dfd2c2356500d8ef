"""Every ```python block of a README runs, top to bottom, as a reader would type it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sources import ROOT

_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(readme: Path) -> list[tuple[int, str]]:
    """(line, code) of each block."""
    text = readme.read_text(encoding="utf-8")
    return [(text.count("\n", 0, m.start(1)) + 1, m.group(1)) for m in _BLOCK.finditer(text)]


READMES = [
    path
    for path in (
        *ROOT.glob("*.md"),
        *sorted((ROOT / "src").rglob("README.md")),
    )
    if blocks(path)
]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_examples_of_a_readme_run(
    readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "example"}
    for line, code in blocks(readme):
        # Blank lines in front keep the document's line numbers in a failure.
        exec(compile("\n" * (line - 1) + code, str(readme), "exec"), namespace)


def test_blocks_are_found_with_their_line(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# A\n\n```python\nx = 1\n```\n\n```sh\nls\n```\n", encoding="utf-8")
    assert blocks(readme) == [(4, "x = 1\n")]
