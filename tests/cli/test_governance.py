"""`tongbao governance` against a running node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Shell

from tongbao.node.home import ValidatorKey

pytestmark = pytest.mark.xdist_group("cli")
FAR = 20_000_000


def test_an_upgrade_is_proposed_agreed_listed_and_cancelled(shell: Shell) -> None:
    asked = ("--opener", "central-bank", "--expires-at", "+1h")
    done = shell.json("governance", "propose", "upgrade", "--version", 7, "--height", FAR, *asked)
    assert done["height"] > 0
    listed = shell.json("governance", "upgrades")["items"]
    assert (listed[0]["version"], listed[0]["height"], listed[0]["state"]) == (7, FAR, "agreed")
    assert shell.json("governance", "show")["next_protocol"] == 7
    reported = shell.run("governance", "propose", "cancel-upgrade", "--version", 7, *asked)
    assert "does not take place" in reported
    votes = shell.json("governance", "votes", "--state", "carried")["items"]
    assert [one["what"] for one in votes][:2] == ["cancel_upgrade", "upgrade"]
    assert "central-bank" in shell.run("governance", "answers", "--vote", votes[0]["vote"])


def test_members_history_and_evidence_are_shown(shell: Shell) -> None:
    assert [one["party"] for one in shell.json("governance", "members")["items"]] == [
        "central-bank"
    ]  # fmt: skip
    assert shell.json("governance", "history")["items"] == []
    assert shell.json("governance", "evidence", "--party", "hengtong")["items"] == []


def test_a_seat_file_proves_a_new_key_and_the_embedded_ledger_refuses_the_seat(
    shell: Shell, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not a real one")
    key, seat = tmp_path / "validator.pem", tmp_path / "seat.json"
    made = shell.json(
        "governance", "prove", "hengtong", "--key", key, "--create", "-o", seat,
        "--passphrase-file", secret,
    )  # fmt: skip
    assert made["party"] == "hengtong"
    assert json.loads(seat.read_bytes()) == made
    assert key.stat().st_mode & 0o777 == 0o600
    public = ValidatorKey.load(key, b"not a real one").public
    again = shell.run(
        "governance", "prove", "hengtong", "--key", key, "--create", "--passphrase-file", secret,
        status=1,
    )  # fmt: skip
    assert "exists already" in again
    assert len(public) == 32
    reported = shell.run(
        "governance", "propose", "admit", "--party", "hengtong", "--power", 1, "--seat", seat,
        "--opener", "central-bank", "--expires-at", "+1h", status=1,
    )  # fmt: skip
    assert "MEMBERSHIP_FIXED" in reported
    rotated = shell.run(
        "governance", "prove", "central-bank", "--key", key, "--old-key", key, "-o", seat,
        "--passphrase-file", secret,
    )  # fmt: skip
    assert "old_proof" in rotated
    reported = shell.run(
        "governance", "rotate-key", "--party", "central-bank", "--seat", seat, status=1
    )  # fmt: skip
    assert "MEMBERSHIP_FIXED" in reported
    missing = shell.run(
        "governance", "rotate-key", "--party", "central-bank", "--seat", "none.json", status=1
    )  # fmt: skip
    assert "no seat file" in missing


def test_an_answer_to_a_vote_that_is_not_there_is_refused(shell: Shell) -> None:
    reported = shell.run(
        "governance", "vote", "--party", "central-bank", "--vote", "none", "--in-favour", status=1
    )  # fmt: skip
    assert "VOTE_UNKNOWN" in reported
    reported = shell.run(
        "governance", "withdraw", "--party", "central-bank", "--vote", "none", status=1
    )  # fmt: skip
    assert "VOTE_UNKNOWN" in reported
