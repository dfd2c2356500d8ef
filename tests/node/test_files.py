"""Files at rest: for their owner alone, whole or not there, and keys in one form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tongbao.files import write_private
from tongbao.keyfiles import KeyFault, read_key, write_key


def test_a_private_file_is_for_its_owner_alone_also_where_another_stood(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a.json", b"old")]


@pytest.mark.parametrize("kind", [Ed25519PrivateKey, X25519PrivateKey])
def test_a_key_file_opens_with_its_passphrase_alone_and_is_never_overwritten(
    tmp_path: Path, kind: type[Ed25519PrivateKey | X25519PrivateKey]
) -> None:
    path, private = tmp_path / "key.pem", kind.generate()
    write_key(path, private, b"secret")
    with pytest.raises(FileExistsError):
        write_key(path, kind.generate(), b"secret")
    with pytest.raises(KeyFault):
        read_key(path, b"other")
    found = read_key(path, b"secret")
    assert isinstance(found, kind)
    assert found.private_bytes_raw() == private.private_bytes_raw()
    assert [one.name for one in tmp_path.iterdir()] == ["key.pem"]
