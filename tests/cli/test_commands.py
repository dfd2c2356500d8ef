"""Every command against a running node, as text and as JSON."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.conftest import TONGBAO, Shell

from tongbao.iso20022 import read_pain001
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.scenarios.consortium import employee_account

pytestmark = pytest.mark.xdist_group("cli")


def salaries(path: Path, count: int, seed: int, payer: str = "hengtong/main") -> Path:
    """A pain.001 of salaries to employees of the demonstration."""
    numbers = [employee_account(n + 1)[1] for n in range(count)]
    today = datetime.now(UTC).date()
    path.write_bytes(payroll_file(count, payer, numbers, seed=seed, day=today))
    return path


def test_one_payment_from_sending_to_its_verified_receipt(shell: Shell, tmp_path: Path) -> None:
    sent = shell.json(
        "pay", "send", "hengtong/main", "mingda/main", "1250.50", "CNY", "--remittance", "INV-17"
    )
    digest = sent["digest"]
    shown = shell.json("tx", "show", digest)
    assert shown["body"]["actions"][0]["amount_minor"] == "125050"
    listed = shell.json("tx", "list", "--party", "hengtong")["items"]
    assert digest in [one["digest"] for one in listed]
    receipt = tmp_path / "receipt.json"
    shell.run("receipt", "get", digest, "-o", receipt)
    trust = shell.home / "genesis.json"
    assert "1,250.50 CNY" in shell.run("verify", receipt, "--trust", trust, home=False)
    assert shell.json("verify", receipt, "--trust", trust, home=False)["height"] > 0
    receipt.write_bytes(receipt.read_bytes().replace(b"125050", b"125051"))
    refused = shell.run("verify", receipt, "--trust", trust, home=False, status=1)
    assert "NOT" in refused or "not" in refused


def test_a_payment_that_the_ledger_refuses_ends_with_its_code(shell: Shell) -> None:
    reported = shell.run("pay", "send", "xinyuan/main", "mingda/main", "99999999", "CNY", status=1)
    assert "4005" in reported or "INSUFFICIENT_FUNDS" in reported


def test_a_payment_file_is_checked_paid_and_answered(shell: Shell, tmp_path: Path) -> None:
    file = salaries(tmp_path / "may.xml", 40, seed=1)
    tried = shell.json("pay", "file", file, "--dry-run")
    assert not list(tmp_path.glob("may.*.xml"))
    assert sum(len(batch.get("lines", [])) or batch["payments"] for batch in tried["batches"]) == 40
    paid = shell.json("pay", "file", file, "--out", tmp_path / "out")
    assert (paid["payments"], paid["settled"], paid["refused"]) == (40, 40, 0)
    assert (tmp_path / "out" / "may.pain.002.xml").exists()
    assert (tmp_path / "out" / "may.camt.054.xml").exists()
    trust = shell.home / "genesis.json"
    for receipt in paid["receipts"]:
        shell.run("verify", receipt, "--trust", trust, home=False)


def test_a_payment_file_sent_twice_is_paid_once(shell: Shell, tmp_path: Path) -> None:
    file = salaries(tmp_path / "june.xml", 10, seed=2)
    shell.run("pay", "file", file, "--out", tmp_path)
    before = shell.json("account", "show", "hengtong/main")["holdings"]
    again = shell.json("pay", "file", file, "--out", tmp_path / "again")
    assert (again["earlier"], again["settled"]) == (True, 10)
    assert shell.json("account", "show", "hengtong/main")["holdings"] == before
    for kind in ("pain.002", "camt.054"):
        first, second = (folder / f"june.{kind}.xml" for folder in (tmp_path, tmp_path / "again"))
        assert first.read_bytes() == second.read_bytes()
        assert first.stat().st_mode & 0o777 == 0o600


def test_an_unknown_payee_is_refused_with_line_path_and_reason(
    shell: Shell, tmp_path: Path
) -> None:
    file = salaries(tmp_path / "typo.xml", 3, seed=3)
    number = employee_account(2)[1]
    file.write_bytes(file.read_bytes().replace(number.encode(), b"6217880099999999999"))
    tried = shell.json("pay", "file", file, "--dry-run", status=1)
    [refused] = tried["refused"]
    assert refused["line"] > 1
    assert refused["path"].startswith("/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]")
    assert refused["reason"] == "AC03"
    paid = shell.json("pay", "file", file, "--out", tmp_path, status=1)
    assert (paid["settled"], paid["refused"]) == (2, 1)


def test_a_broken_file_is_refused_whole_with_its_place(shell: Shell, tmp_path: Path) -> None:
    file = salaries(tmp_path / "broken.xml", 3, seed=4)
    good = file.read_bytes()
    file.write_bytes(good.replace(b"<NbOfTxs>3</NbOfTxs>", b"<NbOfTxs>4</NbOfTxs>", 1))
    reported = shell.run("pay", "file", file, "--dry-run", status=1)
    assert "NbOfTxs" in reported
    file.write_bytes(good[: len(good) // 2])
    shell.run("pay", "file", file, status=1)
    assert read_pain001(good).lines


@pytest.mark.parametrize(
    "words",
    [
        ("account", "list"), ("account", "show", "hengtong/main"),
        ("account", "entries", "hengtong/main"), ("party", "list"), ("party", "show", "hengtong"),
        ("asset", "list"), ("asset", "show", "CNY"), ("tx", "list"), ("block", "list"),
        ("block", "show", "1"), ("status",), ("codes",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_there_is_can_be_looked_at_as_text_and_as_json(
    shell: Shell, words: tuple[str, ...]
) -> None:
    shell.json("pay", "send", "hengtong/main", "mingda/main", "1", "CNY")
    assert shell.json(*words)
    assert len(shell.run(*words)) > 40


def test_what_is_not_there_is_told_in_one_sentence(shell: Shell) -> None:
    for words in (
        ("account", "show", "no/one"), ("tx", "show", "0" * 64), ("asset", "show", "NONE"),
    ):  # fmt: skip
        reported = shell.run(*words, status=1)
        assert "Traceback" not in reported
        assert reported.strip()


def test_keys_are_made_listed_and_exported(shell: Shell, tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("a long passphrase")
    wallet = tmp_path / "wallet"
    more = ("--wallet", wallet, "--passphrase-file", secret)
    made = shell.json("keys", "create", "newfirm", "--label", "desk", *more, home=False)
    assert made["party"] == "newfirm"
    [listed] = shell.json("keys", "list", "--wallet", wallet, home=False)["items"]
    assert listed["id"] == made["id"]
    exported = shell.run("keys", "export", "newfirm--desk", "--wallet", wallet, home=False)
    assert "BEGIN PUBLIC KEY" in exported


def test_the_doctor_finds_a_sound_machine(shell: Shell) -> None:
    # A disk that others keep busy is slow, and the doctor has to say so: it may end with either.
    command = [str(TONGBAO), "doctor", "--json", "--home", str(shell.home)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    reported = json.loads(done.stdout)
    sound = {one["name"]: one["ok"] for one in reported["checks"]}
    assert sound.pop("sync") is (done.returncode == 0) is reported["ok"]
    assert {"python", "core", "disk", "engine"} <= set(sound)
    assert all(sound.values()), reported


def test_english_and_chinese(shell: Shell) -> None:
    assert "账户" in shell.run("--lang", "zh", "account", "list")


def test_a_second_node_in_the_same_folder_is_refused(shell: Shell) -> None:
    reported = shell.run("dev", "--exit", status=1)
    assert "runs in" in reported or "已有节点" in reported


def test_the_story_is_told_and_the_chain_audited(shell: Shell, tmp_path: Path) -> None:
    home = tmp_path / "story"
    reported = shell.run("dev", "--home", home, "--scenario", "payroll", "--exit", home=False)
    for step in "123456":
        assert f"\n{step}." in "\n" + reported
    assert "APPROVAL_MISSING" in reported  # one person alone does not lower the policy
    report = shell.json("audit", "--home", home, home=False)
    assert report["findings"] == []
    assert report["transactions"] >= 2
    again = shell.json("dev", "--home", home, "--exit", home=False)
    assert again
