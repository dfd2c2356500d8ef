"""The demonstration's folder: made whole or not at all, completed, removed."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from tongbao.keyfiles import SCRYPT_N
from tongbao.node.home import DamagedFile, NodeHome, ValidatorKey
from tongbao.scenarios import founding

ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """The process ended here."""


def passphrase_alone(path: Path) -> bytes:
    """A wallet without keys: they are slow to make, and it is one folder all the same."""
    return founding.make_passphrase(path / "wallet")


@pytest.mark.parametrize("step", range(14))
def test_whoever_is_ended_at_any_rename_or_write_leaves_a_folder_that_is_completed(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, left = tmp_path / "home", [step]

    def counted(real):  # type: ignore[no-untyped-def]
        def one(self: Path, *given: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(self, *given, **named)

        return one

    monkeypatch.setattr(founding, "make_wallet", passphrase_alone)
    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "rmdir", "mkdir"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        with pytest.raises(Killed):
            founding.set_up(home)
            raise Killed
    if founding.needs_founding(home):
        founding.set_up(home)
    assert {one.name for one in home.iterdir()} == {
        "wallet", "validator.pem", "genesis.json", "access.jsonl", "people.tokens",
    }  # fmt: skip
    key = ValidatorKey.load(NodeHome(home).validator_file, founding.passphrase_of(home))
    assert NodeHome(home).genesis().validators[0].public == key.public


def test_a_removal_that_was_ended_half_way_is_finished_by_the_next_start(tmp_path: Path) -> None:
    founding.set_up(tmp_path / "home")
    (tmp_path / "home" / founding.RESETTING).touch()
    (tmp_path / "home" / "wallet" / founding.PASSPHRASE_FILE).unlink()
    assert founding.is_demonstration(tmp_path / "home")
    founding.set_up(tmp_path / "home")
    assert founding.passphrase_of(tmp_path / "home")
    assert not (tmp_path / "home" / founding.RESETTING).exists()


def test_a_foreign_folder_is_no_demonstration(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").touch()
    assert not founding.is_demonstration(tmp_path)


def test_keys_are_scrypts_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    founding.set_up(home)
    for file in (home / "validator.pem", *(home / "wallet").glob("*.pem")):
        assert file.stat().st_mode & 0o777 == 0o600
        assert f"{SCRYPT_N:04x}" in _der(file.read_bytes()).hex()
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "wallet").stat().st_mode & 0o777 == 0o700


def _der(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def test_a_missing_or_empty_passphrase_is_told_in_a_sentence(tmp_path: Path) -> None:
    founding.set_up(tmp_path / "home")
    file = tmp_path / "home" / "wallet" / founding.PASSPHRASE_FILE
    file.write_bytes(b"")
    with pytest.raises(DamagedFile, match="--reset"):
        founding.passphrase_of(tmp_path / "home")
    file.unlink()
    with pytest.raises(DamagedFile, match="--reset"):
        founding.passphrase_of(tmp_path / "home")


def test_ten_kills_during_the_first_start_leave_folders_that_start() -> None:
    command = [sys.executable, "-m", "benchmarks.first_start", "--kills", "10", "--seed", "7"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
