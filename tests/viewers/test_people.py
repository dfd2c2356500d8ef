"""As whom a command asks: the most explicit wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongbao.cli.client.people import AS_VARIABLE, choose
from tongbao.sdk.tokens import NODE, read_logins, read_people, write_login, write_people

PEOPLE = {"mingda/maker": "m1", "mingda/checker": "m2", "hengtong/maker": "h1", NODE: "n"}


@pytest.mark.parametrize(
    ("wanted", "words", "person"),
    [
        ("", "status", NODE),
        ("", "account show mingda/main", "mingda/maker"),
        ("", "pay send hengtong/main mingda/main 5 CNY", "hengtong/maker"),
        ("", "pay send alster/main mingda/main 5 EUR", NODE),
        ("", "tx list --party hengtong", "hengtong/maker"),
        ("", "tx list --party=hengtong", "hengtong/maker"),
        ("", "balances mingda", "mingda/maker"),
        ("", "pay bank order.xml --seal-to mingda", NODE),
        ("mingda/checker", "balances hengtong", "mingda/checker"),
        ("mingda", "balances hengtong", "mingda/maker"),
        (NODE, "balances hengtong", NODE),
    ],
)
def test_a_person_is_chosen_by_what_is_said_then_by_the_party_that_is_named(
    wanted: str, words: str, person: str
) -> None:
    chosen = choose(PEOPLE, wanted, words.split())
    assert chosen is not None
    assert (chosen.person, chosen.token) == (person, PEOPLE[person])
    assert chosen.party == ("" if person == NODE else person.partition("/")[0])


def test_the_variable_counts_where_no_option_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AS_VARIABLE, "hengtong")
    chosen, other = choose(PEOPLE, "", ["balances"]), choose(PEOPLE, "mingda", [])
    assert chosen is not None and chosen.person == "hengtong/maker"
    assert other is not None and other.person == "mingda/maker"


def test_a_person_without_a_token_ends_the_command_and_nobody_is_nobody() -> None:
    with pytest.raises(SystemExit):
        choose(PEOPLE, "yuntu", [])
    assert choose({}, "", ["balances"]) is None


def test_tokens_are_kept_by_folder_and_by_node(tmp_path: Path) -> None:

    folder = tmp_path
    write_people(folder, {"a/b": "t"})
    assert read_people(folder) == {"a/b": "t"}
    for url, token in (("http://x.example", "one"), ("http://y.example", "two")):
        write_login(folder, url, "a/b", token)
    write_login(folder, "http://x.example:80", "a/b", "three")
    assert read_logins(folder, "http://x.example") == {"a/b": "three"}
    write_login(folder, "http://y.example", "a/b", "")
    assert read_logins(folder, "http://y.example") == {}
    assert (folder / "logins").stat().st_mode & 0o777 == 0o600
