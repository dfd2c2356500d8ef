"""The engine's binary: where it is looked for, what is trusted of it, what is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongbao.node.comet import install as module
from tongbao.node.comet.install import (
    MODULE,
    PINNED,
    TARGETS,
    VARIABLE,
    EngineMissing,
    find,
    inspect,
    install,
    installed_path,
)
from tongbao.words import text_of


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of a user who has nothing."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


def program(path: Path, says: str = "echo 0.38.25") -> Path:
    """A program that says something."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


def test_the_search_goes_by_option_environment_path_and_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(EngineMissing) as missing:
        find()
    assert "tongbao engine install" in str(missing.value) and VARIABLE in str(missing.value)
    assert "tongbao engine install" in text_of(missing.value, "zh")
    installed = program(installed_path())
    assert find() == (installed, "installed")
    on_path = program(tmp_path / "bin" / "cometbft")
    assert find() == (on_path, "path")
    monkeypatch.setenv(VARIABLE, str(program(tmp_path / "env")))
    assert find() == (tmp_path / "env", "environment")
    assert find(program(tmp_path / "given")) == (tmp_path / "given", "option")


def test_a_name_that_is_no_program_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    program(installed_path())
    with pytest.raises(EngineMissing, match="is not a program"):
        find(tmp_path / "absent")


@pytest.mark.parametrize("says", ["echo hello", "echo 1.2", "exit 3", "true"])
def test_a_program_that_is_no_engine_is_not_believed(tmp_path: Path, says: str) -> None:
    with pytest.raises(EngineMissing):
        inspect(program(tmp_path / "other", says))


def test_what_the_linker_recorded_counts_more_than_what_the_binary_says(tmp_path: Path) -> None:
    engine = program(tmp_path / "cometbft", "echo 0.39.0")
    recorded = f"cometbft: go1.26.8\\n\\tmod\\t{MODULE}\\tv0.40.0\\th1:sum="
    program(tmp_path / "bin" / "go", f"printf '{recorded}\\n'")
    inside = inspect(engine)
    assert (inside.reply, inside.version, inside.go) == ("0.39.0", "v0.40.0", "go1.26.8")
    assert inside.checksum == "h1:sum="


def test_only_pinned_versions_are_built() -> None:
    for version in ("latest", "v1.0.1", "v0.38.24"):
        with pytest.raises(EngineMissing, match="is not pinned here"):
            install(version)


@pytest.mark.parametrize("version", TARGETS)
def test_every_target_pins_the_checksum_of_its_module(version: str) -> None:
    folder = Path(module.__file__).with_name("pinned") / version
    sums = (folder / "go.sum").read_text().splitlines()
    assert sum(line.startswith(f"{MODULE} {version} h1:") for line in sums) == 1
    assert f"{MODULE} {version} // indirect" in (folder / "go.mod").read_text()


def test_a_failed_build_tells_what_go_said_and_leaves_nothing(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "go", "echo 'verifying module: checksum mismatch' >&2; exit 1")
    with pytest.raises(EngineMissing, match="checksum mismatch"):
        install()
    assert list(installed_path().parent.iterdir()) == []


def test_a_binary_that_is_not_the_pinned_one_is_refused_after_the_build(tmp_path: Path) -> None:
    recorded = f"\\tmod\\t{MODULE}\\t{PINNED}\\th1:other="
    program(tmp_path / "bin" / "go", f"printf 'x: go1\\n{recorded}\\n'")
    program(installed_path())
    with pytest.raises(EngineMissing, match="not the pinned"):
        install()
