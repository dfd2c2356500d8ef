"""The batch desk as its users type it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.conftest import Shell

from tongbao.iso20022.initiation.example import payroll_file
from tongbao.scenarios.consortium import employee_account

pytestmark = pytest.mark.xdist_group("cli")
MAKER, CHECKER = ("--as", "hengtong/maker"), ("--as", "hengtong/checker")


def salaries(path: Path, seed: int) -> Path:
    """Four salaries, the first to an account that nobody has."""
    numbers = ["6217999999999999999", *(employee_account(n)[1] for n in (1, 2, 3))]
    today = datetime.now(UTC).date()
    path.write_bytes(payroll_file(4, "hengtong/main", numbers, seed=seed, day=today))
    return path


def test_a_file_is_uploaded_repaired_approved_released_and_followed(
    shell: Shell, tmp_path: Path
) -> None:
    taken = shell.json("desk", "upload", salaries(tmp_path / "may.xml", 501), *MAKER)
    name = taken["file"]
    assert taken["states"] == {"ready": 3, "refused": 1}
    shown = shell.run("desk", "show", name, "--state", "refused")
    assert "6217999999999999999" in shown
    assert "AC03" in shown
    number = employee_account(4)[1]
    fixed = shell.json(
        "desk", "repair", f"{name}/1", "--set", f"CdtrAcct/Id/Othr/Id={number}", *MAKER
    )
    assert fixed["states"] == {"ready": 4}
    refused = shell.run("desk", "release", name, *MAKER, status=1)
    assert "NOT_APPROVED" in refused
    assert shell.json("desk", "approve", name, *CHECKER).get("missing", []) == []
    assert shell.json("desk", "release", name, *MAKER)["state"] == "released"
    out = tmp_path / "out"
    done = shell.json("desk", "follow", name, "--out", out, "--seconds", "30")
    assert (done["state"], done["states"]) == ("done", {"settled": 4})
    assert (out / f"{name}.pain.002.xml").exists()
    assert (out / f"{name}.camt.054.xml").exists()
    acts = shell.json("desk", "show", name)["acts"]
    assert [one["action"] for one in acts] == [
        "upload", "sign", "repair", "sign", "sign", "release"
    ]  # fmt: skip
    assert "maker" in shell.run("desk", "show", name)
    listed = shell.json("desk", "list", "--state", "done")["items"]
    assert name in [one["file"] for one in listed]
    assert name in shell.run("desk", "list")


def test_a_limit_holds_and_a_file_is_cancelled(shell: Shell, tmp_path: Path) -> None:
    both = ("--as", "hengtong/maker,checker")
    shell.json("desk", "limit", "checker", "CNY", "1.00", *both)
    try:
        assert "1.00" in shell.run("desk", "limits", "--party", "hengtong")
        name = shell.json("desk", "upload", salaries(tmp_path / "june.xml", 502), *MAKER)["file"]
        assert "OVER_LIMIT" in shell.run("desk", "approve", name, *CHECKER, status=1)
    finally:
        shell.json("desk", "limit", "checker", "CNY", "none", *both)
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="minutes")
    planned = shell.json("desk", "check", name, "--at", later, *MAKER)
    assert planned["planned_at_ms"] > 0
    assert shell.json("desk", "cancel", name, *MAKER)["state"] == "cancelled"
    reported = shell.run("desk", "follow", name)
    assert "cancelled" in reported
    assert shell.json("desk", "limits")["items"] == []


def test_what_cannot_be_done_at_the_desk_is_told_in_one_sentence(
    shell: Shell, tmp_path: Path
) -> None:
    path = salaries(tmp_path / "bad.xml", 503)
    path.write_bytes(path.read_bytes().replace(b"<PmtMtd>TRF", b"<PmtMtd>ZZZ"))
    reported = shell.json("desk", "upload", path, *MAKER, status=1)
    assert reported["findings"][0]["rule"] == "xsd.enumeration"
    assert "ZZZ" in shell.run("desk", "upload", path, *MAKER, status=1)
    assert "no key" in shell.run("desk", "cancel", "D-000000000000", "--as", "no/one", status=1)
    assert "NOT_FOUND" in shell.run("desk", "show", "D-000000000000", status=1)
    assert "FILE/ITEM" in shell.run("desk", "repair", "x", "--set", "a=b", *MAKER, status=1)
    bad_time = shell.run("desk", "release", "D-000000000000", "--at", "noon", *MAKER, status=1)
    assert "is not a moment" in bad_time
