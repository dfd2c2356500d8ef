"""Lists, balances and search as somebody at a terminal meets them."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Shell


@pytest.fixture(scope="module")
def paid(shell: Shell) -> str:
    """Digest of a payment that every test may look for."""
    for amount in ("1.10", "1.20", "4321.09"):
        done = shell.json(
            "pay", "send", "hengtong/main", "mingda/main", amount, "CNY",
            "--remittance", f"Rechnung 77 螺丝 {amount}",
        )  # fmt: skip
    return str(done["digest"])


def test_entries_come_newest_first_with_their_remittance_right_after_the_payment(
    shell: Shell, paid: str
) -> None:
    reply = shell.run("account", "entries", "mingda/main", "--limit", 2)
    first = reply.splitlines()[2]
    assert "4,321.09" in first and "Rechnung 77 螺丝 4321.09" in first and "2026" in first
    oldest = shell.json("account", "entries", "mingda/main", "--oldest-first", "--limit", 1)
    assert oldest["items"][0]["block_height"] == 0


def test_a_list_says_how_many_of_how_many_and_goes_on_by_its_cursor(
    shell: Shell, paid: str
) -> None:
    reply = shell.run("account", "entries", "mingda/main", "--limit", 2)
    total = shell.json("account", "entries", "mingda/main", "--limit", 2)["total"]
    assert f"2 of {total} shown" in reply
    cursor = reply.rstrip().rpartition(" ")[2]
    whole = shell.json("account", "entries", "mingda/main", "--limit", 1000)
    rest = shell.json("account", "entries", "mingda/main", "--limit", 1000, "--cursor", cursor)
    assert whole["next_cursor"] is None
    assert rest["items"] == whole["items"][2:]
    other = shell.run("account", "entries", "hengtong/main", "--cursor", cursor, status=1)
    assert "not given by this list" in other


def test_a_mistyped_account_party_or_asset_is_told_and_not_an_empty_table(shell: Shell) -> None:
    for words, reported in (
        (("account", "entries", "mingda/mian"), "no account mingda/mian"),
        (("account", "show", "mingda"), "no account mingda; did you mean mingda/main?"),
        (("account", "holds", "mingda/mian"), "no account mingda/mian"),
        (("account", "list", "--party", "mingdaa"), "no party mingdaa"),
        (("tx", "list", "--party", "mingdaa"), "no party mingdaa"),
        (("balances", "mingdaa"), "no party mingdaa"),
        (("balances", "mingda/mian"), "no account mingda/mian"),
        (("account", "entries", "mingda/main", "--asset", "CYN"), "no asset CYN"),
    ):  # fmt: skip
        assert reported in shell.run(*words, status=1), words


def test_a_party_is_either_side_of_a_transaction(shell: Shell, paid: str) -> None:
    for party in ("hengtong", "mingda"):
        listed = shell.json("tx", "list", "--party", party, "--limit", 100)["items"]
        assert paid in [one["digest"] for one in listed], party
    assert paid not in str(shell.json("tx", "list", "--party", "yuntu", "--limit", 100))


@pytest.mark.parametrize("text", ["4321.09", "4,321.09 CNY", "rechnung 77", "螺丝", "{digest}"])
def test_a_payment_is_found_by_what_somebody_has_of_it(shell: Shell, paid: str, text: str) -> None:
    reply = shell.json("find", text.format(digest=paid[:10]))
    assert paid in [one["digest"] for one in reply["items"]]
    assert paid in shell.run("find", text.format(digest=paid[:10]))


def test_what_nothing_fits_is_said_and_is_no_success(shell: Shell) -> None:
    assert "nothing fits zzz-zzz" in shell.run("find", "zzz-zzz", status=1)


def test_balances_are_in_units_with_a_total_of_each_asset(shell: Shell, paid: str) -> None:
    reply = shell.json("balances")
    sums: dict[str, int] = {}
    for one in reply["items"]:
        if "issuing" not in one["flags"]:
            sums[one["asset"]] = sums.get(one["asset"], 0) + int(one["posted_minor"])
    assert {one["asset"]: int(one["posted_minor"]) for one in reply["totals"]} == sums
    shown = shell.run("balances", "mingda")
    assert "mingda/main" in shown and "hengtong/main" not in shown
    assert shell.run("balances", "mingda/main").count("mingda/main") == 2  # CNY and EUR


def test_the_payees_own_reference_is_shown_with_the_remittance_and_found(shell: Shell) -> None:
    shell.run("pay", "send", "hengtong/main", "mingda/main", "3.33", "CNY", "--remittance",
              "December", "--creditor-reference", "RF18539007547034")  # fmt: skip
    reply = shell.run("account", "entries", "mingda/main", "--limit", 1)
    assert "RF18539007547034 December" in reply
    assert "3.33 CNY" in shell.run("find", "RF18539007547034")
