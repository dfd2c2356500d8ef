"""The founding ceremony as typed: refused in both languages, and done by two people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from tongbao.cli.main import app

ONE, OTHER = "bank-a", "bank-b"


def reply(*words: object, status: int = 0, language: str = "en") -> str:
    """What `tongbao network found ...` prints for people."""
    typed = ["--lang", language, "network", "found", *map(str, words)]
    done = CliRunner().invoke(app, typed, env={"COLUMNS": "200"})
    assert done.exit_code == status, (words, done.output, done.exception)
    return done.output


def reported(*words: object, status: int = 0) -> Any:
    """The JSON value that it prints."""
    done = CliRunner().invoke(app, ["--json", "network", "found", *map(str, words)])
    assert done.exit_code == status, (words, done.output, done.exception)
    return json.loads(done.stdout)


class Folder:
    """Two institutions that are to found a network, and what they share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.secret = path / "secret"
        self.secret.write_text("passphrase")
        self.terms = path / "terms.json"
        self.founding = path / "founding.json"

    def request(self, party: str, *more: object, status: int = 0) -> Any:
        """An institution asks."""
        return reported(
            "request", self.path / party, "--chain", "pair-1", "--party", party, "--name", "A bank",
            "--name-local", "某银行", "--jurisdiction", "CN", "--role", "operator", "--address",
            f"{party}.example", "--passphrase-file", self.secret, *more, status=status,
        )  # fmt: skip

    def assembled(self) -> dict[str, Any]:
        """Both have asked, the terms are written, the founding file is made."""
        files = [self.request(party)["file"] for party in (ONE, OTHER)]
        reported("terms", self.terms, "--chain", "pair-1", "--members", f"{ONE}:20,{OTHER}")
        made: dict[str, Any] = reported("assemble", self.terms, *files)
        return made

    def approve(self, party: str, digest: str, *more: object, status: int = 0) -> Any:
        """An institution signs."""
        secret = ("--passphrase-file", self.secret)
        words = ("approve", self.path / party, self.founding, "--digest", digest, *secret, *more)
        return reported(*words, status=status)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder to work in."""
    return Folder(tmp_path)


def test_a_founding_is_shown_with_all_that_matters_in_both_languages(folder: Folder) -> None:
    made = folder.assembled()
    assert made["total_power"] == 30 and made["may_be_away"] == 9
    english, chinese = (reply("check", folder.founding, language=one) for one in ("en", "zh"))
    for text in (english, chinese):
        assert made["genesis"] in text and "66.7" in text and "bank-b.example:26656" in text
        assert all(one["fingerprint"] in text for one in made["members"])
    assert "Of 30 power, 9 may be away" in english and "bank-a has 20 of 30" in english
    assert "总投票权 30" in chinese and "某银行" in chinese and "尚待批准" in chinese


def test_single_files_are_checked_and_told_as_well(folder: Folder) -> None:
    made = folder.assembled()
    request = folder.path / ONE / f"{ONE}.founding-request.json"
    assert "fingerprint" in reply("check", request) and "> 2/3 of 30" in reply(
        "check", folder.terms
    )
    approval = folder.approve(ONE, made["genesis"])["file"]
    assert "check FOUNDING" in reply("check", approval)
    both = reported("check", folder.founding, approval)
    assert (both["approved_by"], both["missing"]) == ([ONE], [OTHER])
    assert "still to approve: bank-b" in reply("check", folder.founding, approval)


def test_a_refusal_names_file_field_and_rule_by_number_and_in_both_languages(
    folder: Folder,
) -> None:
    wrong = folder.request(ONE, "--lei", "529900T8BM49AURSDO00", status=1)
    assert (wrong["code"], wrong["rule"], wrong["field"]) == (164, "BAD_FIELD", "member.lei")
    assert wrong["file"] == f"{ONE}.founding-request.json"
    assert "ISO 17442" in wrong["error"] and "校验位错误" in wrong["error_zh"]
    assert "has to be host:port" in folder.request(OTHER, "--address", "a:b:c", status=1)["error"]
    broken = reported("check", folder.secret, status=1)
    assert (broken["rule"], broken["file"]) == ("UNREADABLE", "secret")
    assert (
        "--members"
        in reported("terms", folder.terms, "--chain", "x", "--members", "a:x", status=1)["error"]
    )


def test_asking_again_keeps_the_keys(folder: Folder) -> None:
    first = folder.request(ONE)
    again = folder.request(ONE, "--power", 30)
    assert first["fingerprint"] != again["fingerprint"]
    requests = msgspec.json.decode(Path(again["file"]).read_bytes())
    assert requests["member"]["power"] == 30
    made = [*(folder.path / ONE).rglob("*.pem")]
    assert len(made) == 4


def test_nobody_approves_a_digest_other_than_the_one_that_was_compared(folder: Folder) -> None:
    made = folder.assembled()
    wrong = folder.approve(ONE, "00" * 32, status=1)
    assert wrong["rule"] == "OTHER_GENESIS" and made["genesis"] in wrong["error"]
    stranger = folder.path / "stranger"
    folder.request("stranger")
    assert stranger.exists()
    other = folder.approve("stranger", made["genesis"], status=1)
    assert other["rule"] == "NOT_A_MEMBER"
    posing = folder.approve("stranger", made["genesis"], "--party", ONE, status=1)
    assert posing["rule"] == "OTHER_KEYS"


def test_two_people_approve_one_after_the_other(folder: Folder) -> None:
    made = folder.assembled()
    half = folder.approve(ONE, made["genesis"], "--sign", "maker")["file"]
    assert reported("check", folder.founding, half, status=1)["rule"] == "TOO_FEW_KEYS"
    whole = folder.approve(ONE, made["genesis"], "--sign", "checker")["file"]
    assert half == whole and reported("check", folder.founding, whole)["approved_by"] == [ONE]


def test_a_node_is_prepared_once_and_only_when_all_have_approved(folder: Folder) -> None:
    made = folder.assembled()
    files = [folder.approve(ONE, made["genesis"])["file"]]
    secret = ("--passphrase-file", folder.secret)
    home = folder.path / ONE
    early = reported("prepare", home, folder.founding, *files, *secret, status=1)
    assert early["rule"] == "APPROVAL_MISSING" and not (home / "genesis.json").exists()
    files.append(folder.approve(OTHER, made["genesis"])["file"])
    prepared = reported("prepare", home, folder.founding, *files, *secret)
    assert prepared["genesis"] == made["genesis"] and prepared["url"] == "http://127.0.0.1:8420"
    for name in ("node.toml", "tongbao.service", "prometheus.yml", "founding/founding.json"):
        assert (home / name).exists()
    again = reported("prepare", home, folder.founding, *files, *secret, status=1)
    assert "holds a node already" in again["error"]
    assert "holds a node already" in folder.request(ONE, status=1)["error"]


def test_a_party_in_two_requests_is_refused_with_both_files(folder: Folder) -> None:
    folder.assembled()
    first = folder.path / ONE / f"{ONE}.founding-request.json"
    copy = folder.path / "copy.json"
    copy.write_bytes(first.read_bytes())
    twice = reported("assemble", folder.terms, first, copy, status=1)
    assert twice["rule"] == "GIVEN_TWICE" and first.name in twice["error"]
    assert twice["file"] == "copy.json"
