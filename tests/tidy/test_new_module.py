"""What the scaffold writes passes every check and its own tests as it stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import determinism
import tidy
from docstrings import share_of
from new_module import ModuleExists, scaffold
from sources import ROOT

INSTALLED = ROOT / "src" / "tongbao" / "modules"


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """The folder of modules in an empty project."""
    return tmp_path / "src" / "tongbao" / "modules"


@pytest.mark.parametrize(("name", "noun"), [("warrants", "Warrant"), ("bills_of_lading", "Entry")])
def test_a_new_module_is_tidy_deterministic_documented_and_formatted(
    tmp_path: Path, modules: Path, name: str, noun: str
) -> None:
    scaffold(modules, name, noun)
    assert tidy.check(tmp_path) == []
    assert determinism.check_folders([modules], tmp_path) == []
    assert share_of(modules).percent == 100
    ruff = Path(sys.executable).with_name("ruff")
    config = f"--config={ROOT / 'pyproject.toml'}"
    for command in (
        ["check", config, "--per-file-ignores=**/tests/**:S"],
        ["format", "--check", config],
    ):
        done = subprocess.run(
            [ruff, *command, modules], cwd=modules, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_a_new_module_passes_its_own_tests_and_its_readme_runs(modules: Path) -> None:
    scaffold(modules, "warrants", "Warrant", INSTALLED)
    readme = (modules / "warrants" / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    conftest = (
        "import tongbao.modules\ntongbao.modules.__path__ = [*tongbao.modules.__path__, {!r}]\n"
        "tongbao.modules.NAMES = (*tongbao.modules.NAMES, 'warrants')\n"
    )
    (modules / "conftest.py").write_text(conftest.format(str(modules)), encoding="utf-8")
    (modules / "warrants" / "tests" / "test_readme.py").write_text(
        f"def test_example():\n    exec({example!r}, {{}})\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider",
         "--rootdir", modules, "-c", "/dev/null", modules],
        capture_output=True, text=True, check=False, cwd=modules,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout


def test_numbers_and_codes_are_the_next_free_ones(modules: Path) -> None:
    scaffold(modules, "warrants", "Warrant")
    scaffold(modules, "bills", "Bill")
    assert "number=0x28," in (modules / "bills" / "__init__.py").read_text(encoding="utf-8")
    assert " 2000," in (modules / "bills" / "codes.py").read_text(encoding="utf-8")


def test_a_module_is_never_written_over(modules: Path) -> None:
    scaffold(modules, "warrants", "Warrant")
    with pytest.raises(ModuleExists):
        scaffold(modules, "warrants", "Warrant")


@pytest.mark.parametrize("name", ["Warrants", "a", "../x", "w-x", "x_"])
def test_a_name_that_is_not_a_package_is_refused(modules: Path, name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        scaffold(modules, name, "Entry")
    assert not modules.exists()


def test_every_door_of_a_new_module_follows_from_its_folder_and_one_line(
    tmp_path: Path, modules: Path
) -> None:
    """Command, list, row, HTTP, OpenAPI, page of reference and simulator; nobody wrote them."""
    scaffold(modules, "warrants", "Warrant", INSTALLED)
    done = subprocess.run(
        [sys.executable, "-m", "tests.tidy.derived", modules, tmp_path / "home"],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=240,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tools'}", "TONGBAO_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["registered"]["events"] == [
        {"event": "warrants.registered", "entry": "w1", "owner": "hengtong"}
    ]
    [row] = found["listed"]
    assert (row["entry"], row["owner"], row["text"], row["state"]) == (
        "w1", "hengtong", "a fact", "registered",
    )  # fmt: skip
    assert row["created_at_ms"] == row["registered_at_ms"] > 0
    assert found["others"] == []
    assert found["shown"] == row
    assert found["http"] == [row]
    assert found["nobody"] == []
    assert found["paths"] == ["/v1/warrants", "/v1/warrants/{key}"]
    assert {"Warrant", "Page_Warrant_", "warrants.RegisterWarrant"} <= set(found["schemas"])
    assert found["drawn"] == ["warrants.register"]
    for part in ("`warrants.register`", "`warrants.registered`", "GET /v1/warrants", "| `entry` |"):
        assert part in found["page"], part
