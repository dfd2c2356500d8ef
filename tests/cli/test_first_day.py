"""A first day: the first screen, what a dry run tells, balances, quotes, Chinese values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tongbao.cli.shell.output import Output
from tongbao.kernel.wording import Text
from tongbao.node.application import REPAIR, StorageFault
from tongbao.words import text_of

if TYPE_CHECKING:
    from conftest import Shell

pytestmark = pytest.mark.xdist_group("cli")
PAY = ("pay", "send", "hengtong/main", "mingda/main")


def test_the_first_screen_shows_what_every_company_holds_in_every_currency(shell: Shell) -> None:
    reported = (shell.folder / "dev.log").read_text()
    rows = {line.split("  ")[0]: line.split() for line in reported.splitlines()}
    assert {"80,000,000.00", "250,000.00", "500,000.00"} <= set(rows["hengtong"])
    assert {"1,000,000.00", "40,000,000.00"} <= set(rows["victoria-fx"])
    assert {"500,000,000.00"} <= set(rows["bank-south"])
    assert "tongbao fx quote 1000 EUR --to CNY" in reported


def test_a_quote_from_euro_to_yuan_works_on_the_default_demonstration(shell: Shell) -> None:
    [option, *_] = shell.json("fx", "quote", "1000", "EUR", "--to", "CNY")["options"]
    assert [hop["get_asset"] for hop in option["hops"]] == ["HKD", "CNY"]
    assert 7_000_00 < int(option["credited_minor"]) < 7_500_00


def test_a_dry_run_tells_amount_ends_and_the_balance_after(shell: Shell) -> None:
    before = shell.json("account", "show", "hengtong/main")
    reported = shell.run(*PAY, "1250.50", "CNY", "--remittance", "INV-1", "--dry-run")
    assert (
        "1,250.50 CNY" in reported and "mingda/main" in reported and "hengtong, 2 keys" in reported
    )
    reply = shell.json(*PAY, "1250.50", "CNY", "--dry-run")
    assert int(reply["available_minor"]) - int(reply["available_after_minor"]) == 125_050
    assert shell.json("account", "show", "hengtong/main") == before


def test_a_dry_run_of_a_payment_that_would_be_refused_ends_with_one(shell: Shell) -> None:
    reported = shell.run(*PAY, "99999999999", "CNY", "--dry-run", status=1)
    assert "would be refused" in reported and "CNY" in reported


def test_balances_of_zero_are_left_out_and_counted_unless_all_are_asked_for(shell: Shell) -> None:
    short = shell.json("balances", "--asset", "CNY")["items"]
    whole = shell.json("balances", "--asset", "CNY", "--all")["items"]
    assert all(int(one["posted_minor"]) or int(one["reserved_minor"]) for one in short)
    assert len(whole) > 300 > len(short)
    assert "balances of zero left out" in shell.run("balances")


def test_an_asset_that_is_not_there_is_told_with_its_neighbours(shell: Shell) -> None:
    reported = shell.run("balances", "--asset", "CNX", status=1)
    assert "there is no asset CNX; did you mean CNY" in reported


def test_roles_kinds_and_policies_are_words_on_a_chinese_screen() -> None:
    screen = Output()
    screen.language = "zh"
    assert screen.value("roles", "central_bank, operator") == "中央银行、运营机构"
    assert screen.value("kind", "cbdc") == "央行数字货币"
    assert screen.value("policy", "open") == "不限持有人"
    assert screen.value("account", "open") == "open"


def test_a_sentence_within_a_fault_is_translated_too() -> None:
    reported = text_of(
        StorageFault("{ledger}: {fault}. {repair}", ledger="x", fault="y", repair=Text(REPAIR)),
        "zh",
    )
    assert "恢复最新备份" in reported


def test_a_mistyped_account_party_or_asset_is_told_with_its_neighbours(shell: Shell) -> None:
    for words, near in (
        (("pay", "send", "hengtong/main", "mingda/mian", "1", "CNY"), "mingda/main?"),
        (("pay", "send", "hengtnog/main", "mingda/main", "1", "CNY"), "hengtong/main?"),
        ((*PAY, "1", "CNX"), "CNY?"),
        (("account", "entries", "mingda/mian"), "mingda/main?"),
        (("balances", "mingad"), "mingda?"),
        (("tx", "list", "--party", "hengtnog"), "hengtong?"),
    ):
        assert f"did you mean {near}" in shell.run(*words, status=1), words


def test_a_number_that_no_account_has_is_told_before_anything_is_signed(shell: Shell) -> None:
    reported = shell.run(
        "pay", "send", "hengtong/main", "DE89370400440532013000", "1", "CNY", status=1
    )
    assert "no account here has the number DE89370400440532013000" in reported


def test_a_party_is_shown_in_chinese_without_raw_fields_or_milliseconds(shell: Shell) -> None:
    reported = shell.run("--lang", "zh", "party", "show", "hengtong")
    assert "核心企业" in reported and "有效" in reported
    assert not {"name_local", "registered_at_ms", "core_enterprise", "active"} & set(
        reported.split()
    )


def test_an_asset_without_a_cap_does_not_show_one_of_zero(shell: Shell) -> None:
    assert "supply cap" not in shell.run("asset", "show", "EUR")


def test_a_list_that_is_not_counted_still_tells_how_to_go_on(shell: Shell) -> None:
    shell.run(*PAY, "1.00", "CNY")
    reported = shell.run("block", "list", "--limit", "1")
    assert "1 shown; the next ones: --cursor" in reported
