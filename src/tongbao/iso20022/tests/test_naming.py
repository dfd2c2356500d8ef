"""How an account of the ledger is named in a message."""

from __future__ import annotations

from datetime import UTC, datetime

from tongbao.iso20022 import read_statement
from tongbao.iso20022.model import AccountStatement
from tongbao.iso20022.naming import account_named, shortened
from tongbao.iso20022.statements.camt054 import write_camt054

LONG = "a-party-with-a-rather-long-name-1/an-account-with-forty-characters-in-its-n"
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_an_iban_stands_in_iban_and_another_number_in_othr() -> None:
    assert account_named("DE89370400440532013000").iban == "DE89370400440532013000"
    assert account_named("DE89 3704 0044 0532 0130 00").iban == "DE89370400440532013000"
    assert account_named("hengtong/main").other_id == "hengtong/main"


def test_an_id_of_more_than_34_characters_is_written_and_read_again_whole() -> None:
    day = "2026-11-30T00:00:00Z"
    made = AccountStatement("S1", account_named(LONG, "CNY"), "CNY", 2, created_at=day)
    written = write_camt054([made], message_id="M1", created_at=NOW)
    account = read_statement(written).statements[0].account
    assert account.number == LONG
    assert account.other_id == shortened(LONG)
    assert len(account.other_id) == 34
    assert shortened(LONG) != shortened(LONG + "x")
