"""Numbers and currencies by their standards: cases A13, A14 and D09."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tongbao.kernel import identifiers
from tongbao.kernel.currencies import DECIMALS
from tongbao.kernel.generation import both_keys, demo_key
from tongbao.modules.accounts import AccountsCode, LinkIdentifier, UnlinkIdentifier, account_of
from tongbao.modules.assets import AssetsCode, DefineAsset
from tongbao.modules.parties import PARTIES, PartiesCode, RegisterParty
from tongbao.modules.testing import Bench

CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"
BOTH = (*both_keys("firm-a"), *both_keys("bank-a"))


def read(name: str) -> str:
    file = CASES / name
    if not file.exists():
        pytest.skip(f"the case {name} is not beside this clone")
    return file.read_text()


def registered(party: str, **numbers: str) -> RegisterParty:
    return RegisterParty(
        party, "central", party, (), "CN", (demo_key(party, 0),), **numbers
    )  # fmt: skip


def test_a_number_with_impossible_check_digits_is_linked_to_nothing() -> None:
    bench = Bench()
    for number in (
        "DE01370400440000000042",
        "DE00370400440532013000",
        "DE99 3704 0044 0000 0000 42",
    ):
        link = LinkIdentifier("firm-a/main", number)
        bench.refuses(AccountsCode.BAD_IDENTIFIER, "firm-a", link, signers=BOTH)


def test_two_spellings_of_a_number_are_one_and_cannot_lead_to_two_accounts() -> None:
    bench = Bench()
    bench.do("firm-a", LinkIdentifier("firm-a/main", "de89 3704 0044 0532 0130 00"), signers=BOTH)
    second = (*both_keys("firm-b"), *both_keys("bank-a"))
    for spelling in ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"):
        link = LinkIdentifier("firm-b/main", spelling)
        bench.refuses(AccountsCode.IDENTIFIER_TAKEN, "firm-b", link, signers=second)
        assert account_of(bench.view, spelling) == "firm-a/main"
    unlink = UnlinkIdentifier("firm-a/main", "de89370400440532013000")
    bench.do("firm-a", unlink, signers=BOTH)
    assert account_of(bench.view, "DE89370400440532013000") is None


def test_one_company_is_registered_once_however_its_numbers_are_spelled() -> None:
    bench = Bench()
    lei, uscc = "5299 00t8 bm49 aurs do55", "91110000600037341l"
    bench.do("central", registered("one", lei=lei, uscc=uscc))
    party = bench.view.get(PARTIES, "one")
    assert party is not None
    assert (party.lei, party.uscc) == ("529900T8BM49AURSDO55", "91110000600037341L")
    for numbers in ({"lei": "529900T8BM49AURSDO55"}, {"uscc": "9111 0000 6000 3734 1L"}):
        bench.refuses(PartiesCode.IDENTIFIER_TAKEN, "central", registered("two", **numbers))
    wrong = registered("two", lei="00TB00BUGCASE0007001")
    bench.refuses(PartiesCode.BAD_LEI, "central", wrong)
    bench.do("central", registered("two", lei="00TB00BUGCASE0007098"))


def test_a_country_is_one_of_iso_3166() -> None:
    wrong = RegisterParty("one", "central", "one", (), "ZZ", (demo_key("one", 0),))
    Bench().refuses(PartiesCode.BAD_JURISDICTION, "central", wrong)


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("KWD", 3), ("EUR", 2), ("CLF", 4)])
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    bench = Bench()
    for wrong in {0, 2, 3, 4} - {decimals}:
        define = DefineAsset(currency, "central", wrong, "cbdc", currency)
        values = bench.refuses(AssetsCode.CURRENCY_DECIMALS, "central", define)
        assert values["right"] == decimals == DECIMALS[currency]
    bench.do("central", DefineAsset(currency, "central", decimals, "cbdc", currency))


def test_the_lines_of_case_a13_have_no_iban_and_that_of_a14_no_lei() -> None:
    ibans = re.findall(r"<IBAN>([^<]+)</IBAN>", read("A13-iban-check-00-01-99.xml"))
    wrong = [one for one in ibans if one[2:4] in ("00", "01", "99")]
    assert len(wrong) >= 3 and not any(identifiers.iban(one) for one in wrong)
    found = re.findall(r"<LEI>([^<]+)</LEI>", read("A14-lei-01.xml"))
    assert found and not any(identifiers.lei(one) for one in found if one.endswith("01"))
