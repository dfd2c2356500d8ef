"""The remote signer: what it signs, and that it never signs twice."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from tests.comet import wire

from tongbao import _core
from tongbao.node.clock import Reading
from tongbao.node.comet import signer as module
from tongbao.node.comet.signer import RemoteSigner, _take
from tongbao.node.home import HomeFault, ValidatorKey
from tongbao.scenarios import consortium

KEY = ValidatorKey(consortium.key_of("central-bank", "validator"))
CHAIN = "chain-1"
TIME = 1_800_000_000_123_456_789


@pytest.fixture
def signer(tmp_path: Path) -> RemoteSigner:
    return RemoteSigner(tmp_path / "socket", KEY, tmp_path / "signed.json", CHAIN)


def signature(answer: bytes) -> bytes:
    """The signature in an answer, or what went wrong."""
    [(number, content)] = wire.answers(answer)
    reply = wire.fields(content)
    if 2 in reply:
        raise AssertionError(str(reply[2][0]))
    inside = wire.fields(bytes(reply[1][0]))  # type: ignore[arg-type]
    return bytes(inside[8 if number == 4 else 7][0])  # type: ignore[arg-type]


def test_a_vote_is_signed_over_its_canonical_bytes(signer: RemoteSigner) -> None:
    asked = wire.vote(wire.PRECOMMIT, 5, 0, 3, TIME, CHAIN)
    identity = (b"\x03" * 32, 1, b"\x04" * 32)
    message = _core.commit_sign_bytes(CHAIN, 5, 0, identity, TIME // 10**6, TIME % 10**6)
    assert _core.ed25519_verify(KEY.public, signature(signer.answer(asked)), message)


def test_a_proposal_and_a_vote_for_nothing_are_signed(signer: RemoteSigner) -> None:
    assert len(signature(signer.answer(wire.proposal(5, 0, 3, TIME, CHAIN)))) == 64
    assert len(signature(signer.answer(wire.vote(wire.PREVOTE, 5, 0, 0, TIME, CHAIN)))) == 64


def test_the_same_vote_again_gets_the_same_signature_whatever_its_time(
    signer: RemoteSigner,
) -> None:
    first = signer.answer(wire.vote(wire.PREVOTE, 5, 0, 3, TIME, CHAIN))
    again = signer.answer(wire.vote(wire.PREVOTE, 5, 0, 3, TIME + 10**9, CHAIN))
    assert again == first


@pytest.mark.parametrize(
    "second",
    [
        wire.vote(wire.PREVOTE, 5, 1, 9, TIME, CHAIN),
        wire.vote(wire.PREVOTE, 5, 0, 3, TIME, CHAIN),
        wire.vote(wire.PRECOMMIT, 4, 7, 3, TIME, CHAIN),
        wire.proposal(5, 1, 3, TIME, CHAIN),
    ],
    ids=["another block", "an earlier round", "an earlier height", "an earlier step"],
)
def test_nothing_is_signed_that_contradicts_or_goes_back(
    signer: RemoteSigner, second: bytes, tmp_path: Path
) -> None:
    signature(signer.answer(wire.vote(wire.PREVOTE, 5, 1, 3, TIME, CHAIN)))
    with pytest.raises(AssertionError):
        signature(signer.answer(second))
    after_a_crash = RemoteSigner(tmp_path / "socket", KEY, tmp_path / "signed.json", CHAIN)
    with pytest.raises(AssertionError):
        signature(after_a_crash.answer(second))
    signature(after_a_crash.answer(wire.vote(wire.PRECOMMIT, 5, 1, 3, TIME, CHAIN)))


def test_another_chain_gets_no_signature(signer: RemoteSigner) -> None:
    with pytest.raises(AssertionError, match="signs for chain-1 alone"):
        signature(signer.answer(wire.vote(wire.PREVOTE, 5, 0, 3, TIME, "chain-2")))


def test_a_validator_whose_clock_jumped_ahead_gives_no_signature_until_it_is_right(
    tmp_path: Path,
) -> None:
    ahead = [10 * 365 * 86_400_000]
    one = RemoteSigner(
        tmp_path / "socket", KEY, tmp_path / "signed.json", CHAIN, lambda: Reading(1, ahead[0])
    )  # fmt: skip
    asked = wire.vote(wire.PREVOTE, 5, 0, 3, TIME, CHAIN)
    with pytest.raises(AssertionError, match="not trusted"):
        signature(one.answer(asked))
    for right in (0, -ahead[0]):
        ahead[0] = right
        assert signature(one.answer(asked))


def test_the_public_key_and_a_ping_are_answered(signer: RemoteSigner) -> None:
    asked = wire.blob(wire.PUBLIC_KEY, wire.blob(1, CHAIN.encode()))
    assert KEY.public in signer.answer(asked)
    [(number, _)] = wire.answers(signer.answer(wire.blob(wire.PING, b"")))
    assert number == 8


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_bytes_come_they_are_refused_in_a_sentence(stream: bytes) -> None:
    try:
        taken = _take(stream)
    except ValueError:
        return
    if taken is not None:
        try:
            _core.signer_read(taken[0])
        except ValueError as fault:
            assert str(fault)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"height":5}', b'{"height": 7', b"\xff", b"[]"])
def test_a_file_that_does_not_say_what_was_signed_last_is_no_fresh_start(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "signed.json"
    file.write_bytes(content)
    with pytest.raises(HomeFault, match=r"signed\.json .* could sign twice"):
        RemoteSigner(tmp_path / "socket", KEY, file, CHAIN)


def test_what_was_signed_is_durable_with_its_name_before_the_signature_leaves(
    signer: RemoteSigner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the folder's own sync a power cut may bring the file before back."""
    synced: list[bool] = []
    sync = os.fsync

    def note(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        assert synced != [True] or (tmp_path / "signed.json").exists()
        sync(handle)

    monkeypatch.setattr(os, "fsync", note)
    signature(signer.answer(wire.vote(wire.PREVOTE, 5, 0, 3, TIME, CHAIN)))
    assert synced == [False, True]


def test_a_full_disk_is_told_and_nothing_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(module, "write_private", full)
    with socket.socket(socket.AF_UNIX) as listener, capture_logs() as lines:
        listener.bind(str(tmp_path / "socket"))
        listener.listen(1)
        signer = RemoteSigner(tmp_path / "socket", KEY, tmp_path / "signed.json", CHAIN)
        signer.start()
        engine, _ = listener.accept()
        with engine:
            engine.settimeout(20)
            asked = wire.vote(wire.PREVOTE, 5, 0, 3, TIME, CHAIN)
            engine.sendall(wire.varint(len(asked)) + asked)
            assert engine.recv(1_024) == b""
        signer.stop()
    reported = [one for one in lines if one["log_level"] == "error"]
    assert reported and "no space left" in reported[0]["error"]
