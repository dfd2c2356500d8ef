"""Acting from the command line: every action is a command, tried before it is signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.sdk.describe import describe

if TYPE_CHECKING:
    from conftest import Shell

pytestmark = pytest.mark.xdist_group("cli")
GROUPS = {
    "account": "accounts",
    "party": "parties",
    "asset": "assets",
    "pay": "payments",
    "corridor": "corridors",
    "fx": "exchange",
}
"""Group of commands -> module whose actions it carries."""
HOLD = (
    "pay", "hold", "--payer", "hengtong/main", "--payee", "ruifeng/main", "--asset", "CNY",
    "--amount", "12.50", "--due-at", "+30m",
)  # fmt: skip


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_every_action_of_a_module_is_a_command_with_its_summary(shell: Shell, group: str) -> None:
    [module] = [one for one in installed() if one.name == GROUPS[group]]
    reported = shell.run(group, "--help", home=False)
    for kind in module.transactions:
        verb = describe(kind).tag.partition(".")[2].replace("_", "-")
        assert f"  {verb} " in reported


def test_an_account_is_opened_and_named_in_words(shell: Shell) -> None:
    reply = shell.run("account", "open", "--account", "ruifeng/payroll", "--servicer", "bank-north",
                     "--assets", "CNY")  # fmt: skip
    assert "Account ruifeng/payroll was opened for ruifeng, kept by bank-north." in reply
    assert shell.json("account", "show", "ruifeng/payroll")["servicer"] == "bank-north"


def test_a_dry_run_says_what_would_be_and_changes_nothing(shell: Shell) -> None:
    tried = shell.json(*HOLD, "--dry-run")
    assert tried["approvals"] == ["hengtong/payments: 2"]
    assert tried["events"][0]["amount_minor"] == "1250"
    assert shell.json("account", "holds", "hengtong/main")["items"] == []


def test_what_would_be_refused_is_not_sent(shell: Shell) -> None:
    reported = shell.json("asset", "redeem", "--asset", "CNY", "--account", "xinyuan/main",
                      "--amount", "99999999999", status=1)  # fmt: skip
    assert "would be refused" in reported["error"]
    assert reported["code"] > 0


def test_one_proposes_another_approves_and_it_is_done(shell: Shell) -> None:
    proposed = shell.json(*HOLD, "--propose", "--sign", "maker")
    proposal = proposed["events"][0]["proposal"]
    waiting = shell.json("party", "proposals", "hengtong", "--state", "open")["items"]
    assert [one["proposal"] for one in waiting] == [proposal]
    done = shell.json("party", "approve", "--party", "hengtong", "--proposal", proposal,
                      "--sign", "checker")  # fmt: skip
    assert [one["event"] for one in done["events"]] == [
        "parties.proposal_approved", "payments.hold_opened",
    ]  # fmt: skip
    [hold] = shell.json("account", "holds", "hengtong/main", "--state", "open")["items"]
    shell.run("pay", "void-hold", "--hold", hold["hold"], "--reason", "test is over")


def test_an_envelope_is_signed_in_two_places_and_then_sent(shell: Shell, tmp_path: Path) -> None:
    envelope = tmp_path / "hold.json"
    written = shell.json(*HOLD, "--sign", "maker", "--out", envelope)
    assert written["missing"] == ["hengtong: 1"]
    shell.run("tx", "sign", envelope, "--as", "hengtong", "--sign", "checker")
    sent = shell.json("tx", "submit", envelope)
    again = shell.json("tx", "submit", envelope)
    assert sent["digest"] == again["digest"]
    hold = sent["events"][0]["hold"]
    shell.run("pay", "void-hold", "--hold", hold, "--reason", "test is over")


def test_several_actions_of_a_file_are_one_transaction(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "actions.json"
    pay = {"type": "payments.transfer", "payer": "mingda/main", "asset": "CNY", "amount_minor": 5}
    both = [{**pay, "payee": "ruifeng/main"}, {**pay, "payee": "nobody/none"}]
    file.write_text(json.dumps(both))
    reported = shell.json("tx", "send", file, status=1)
    assert reported["name"] == "PAYEE_UNKNOWN"
    file.write_text(json.dumps(both[:1] * 2))
    assert len(shell.json("tx", "send", file)["events"]) == 2


def test_every_kind_of_action_can_be_described(shell: Shell) -> None:
    listed = {one["type"] for one in shell.json("tx", "types", home=False)["items"]}
    assert listed == set(Registry(installed()).transactions)
    reported = shell.run("tx", "types", "payments.hold", home=False)
    assert "SHA-256 in hex: whoever shows the preimage posts the whole." in reported
    assert "there is no action" in shell.run("tx", "types", "no.such", status=1, home=False)


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--due-at", "tomorrow", "is not a moment"),
        ("--amount", "1.234", "has at most 2"),
        ("--asset", "NOSUCH", "NOSUCH"),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    shell: Shell, option: str, value: str, reason: str
) -> None:
    words = list(HOLD)
    words[words.index(option) + 1] = value
    assert reason in shell.run(*words, "--dry-run", status=1)
