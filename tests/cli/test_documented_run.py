"""Every command that a page shows is typed, in the page's order, and does what the page says."""

from __future__ import annotations

import csv
import importlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import TONGBAO, Shell, _await
from tests.cli.documented import Reader, blocks, same_shape, steps

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([
    *ROOT.glob("README*.md"), *(ROOT / "examples").glob("*.md"), *(ROOT / "docs").glob("*.md"),
    *(ROOT / "docs" / "tutorials").glob("*.md"), *(ROOT / "docs" / "concepts").glob("*.md"),
])  # fmt: skip
HERE = frozenset(("", "remit", "stopped"))
STORY = "begins a node itself: make run as every fixture does; the stories in test_commands.py, the"
STORY += " fixture `abroad` and tests/scenarios/test_gridlock.py"
CEREMONY = "four institutions' machines: test_founding.py and tests/network/test_founding.py"
SEATS = "engines: tests/network/test_membership.py plays a seat's whole life"
NOT_HERE: dict[tuple[str, str], tuple[int, str]] = {
    ("README.md", "start"): (1, STORY),
    ("README.zh-CN.md", "start"): (1, STORY),
    ("docs/getting-started.md", "start"): (3, STORY),
    ("docs/getting-started.md", "node"): (1, "test_readme.py"),
    ("docs/getting-started.zh-CN.md", "start"): (3, STORY),
    ("docs/getting-started.zh-CN.md", "node"): (1, "test_readme.py"),
    ("docs/concepts/faults.md", "network"): (2, "they are the tests of networks themselves"),
    ("docs/concepts/light-client.md", "network"): (3, "other machines: tests/light, test_light.py"),
    ("docs/concepts/who-may-read-what.md", "network"): (2, "other machines: tests/viewers"),
    ("docs/concepts/who-may-read-what.zh-CN.md", "network"): (2, "other machines: tests/viewers"),
    ("docs/tutorials/deploying.md", "network"): (1, "root and podman: tools/image_check.py"),
    ("docs/tutorials/founding.md", "network"): (6, CEREMONY),
    ("docs/tutorials/membership.md", "network"): (7, SEATS),
    ("docs/tutorials/monitoring.md", "network"): (1, "tests/network/test_monitoring.py"),
    ("docs/tutorials/network.md", "network"): (6, "engines: tests/network, test_network.py"),
}
"""Page and mark -> how many blocks are not typed here, and where they are, or why nowhere."""
pytestmark = pytest.mark.xdist_group("documented")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a demonstration that nobody else uses."""
    folder = tmp_path_factory.mktemp("documented")
    home = folder / ".tongbao"
    with (folder / "dev.log").open("w") as log:
        process = subprocess.Popen(
            [str(TONGBAO), "dev", "--home", str(home), "--port", "0"],
            stdout=log, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
        try:
            _await(process, folder / "dev.log")
            yield home
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


@pytest.fixture(scope="module")
def stopped(demonstration: Path) -> Path:
    """The same ledger in a folder whose node does not run."""
    reader = Reader(demonstration.parent)
    reader.type("tongbao backup kept", ["..."])
    reader.type("tongbao restore kept --home stopped", ["..."])
    return demonstration.parent / "stopped"


def typed(page: Path) -> set[str]:
    return {one.where for one in blocks(page)}


@pytest.mark.parametrize("page", [one for one in PAGES if typed(one) & HERE], ids=name_of)
def test_a_page_is_typed_from_top_to_bottom(
    page: Path, demonstration: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / ".venv").symlink_to(TONGBAO.parents[1])
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    reader = Reader(tmp_path, "zh" if "zh-CN" in page.name else "en")
    for block in blocks(page):
        if block.where not in HERE:
            continue
        home = demonstration
        if block.where == "stopped":
            home = request.getfixturevalue("stopped")
        if block.where == "remit":
            abroad: Shell = request.getfixturevalue("abroad")
            home = abroad.home
        (tmp_path / ".tongbao").unlink(missing_ok=True)
        (tmp_path / ".tongbao").symlink_to(home)
        for command, expected in steps(block):
            try:
                reader.type(command, expected)
            except AssertionError as fault:
                raise AssertionError(f"{name_of(page)}:{block.line}\n{fault}") from None


def test_what_is_not_typed_here_is_counted_and_has_its_reason() -> None:
    found: dict[tuple[str, str], int] = {}
    for page in PAGES:
        for one in blocks(page):
            if one.where not in HERE:
                key = (name_of(page), one.where)
                found[key] = found.get(key, 0) + 1
    assert found == {key: count for key, (count, _) in NOT_HERE.items()}


def test_shapes_are_compared_without_figures_and_ids() -> None:
    assert same_shape(["paid 1,250.50 CNY in block 3"], ["paid 20.00 CNY in  block 17"])
    assert not same_shape(["paid 1,250.50 CNY"], ["refused 1,250.50 CNY"])
    assert same_shape(["first", "..."], ["first", "second"])
    assert not same_shape(["first"], ["first", "second"])


def test_the_picture_of_the_readme_shows_what_the_commands_print_today(
    demonstration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this fails, `make pictures` draws it anew."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    pictures: Any = importlib.import_module("pictures")
    (tmp_path / ".tongbao").symlink_to(demonstration)
    drawn = "".join(ElementTree.parse(pictures.PICTURE).getroot().itertext())
    assert _words(drawn) == _words(" ".join(pictures.lines(tmp_path)))


def _words(text: str) -> str:
    """Its words without figures, ids and where lines break."""
    return " ".join("#" if any(map(str.isdigit, word)) else word for word in text.split())


def test_the_suppliers_of_the_examples_are_paid_line_by_line(
    demonstration: Path, tmp_path: Path
) -> None:
    reader = Reader(tmp_path)
    (tmp_path / ".tongbao").symlink_to(demonstration)
    reader.type(f"python {ROOT / 'examples' / 'write.py'} .", ["..."])
    with (tmp_path / "suppliers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    for row in rows:
        words = f"hengtong/main {row['account']} 12.50 CNY --remittance {row['name']}"
        reader.type(f"tongbao pay send {words}", ["..."])
        reader.type(f"tongbao find {row['name']}", ["..."])
        assert row["account"] in reader.printed[-1]
