"""Payments within the ledger returned, cancelled and asked about by their UETR: typed, and by
banks' messages."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Shell
from tests.cli.test_bank_messages import _question, _recall, _returns, balance, bank, new, typed

from tongbao import iso20022

# On the node of the tests of payments abroad, and beside them.
pytestmark = pytest.mark.xdist_group("abroad")
PAYER, PAYEE = "hengtong/main", "mingda/main"


def paid(abroad: Shell, amount: str = "250.00", reference: str = "") -> str:
    """A payment within the ledger; its UETR."""
    words = ("--reference", reference) if reference else ()
    return str(typed(abroad, "pay", "send", PAYER, PAYEE, amount, "CNY", *words)["uetr"])


def test_a_payment_is_asked_back_returned_in_part_and_then_whole_as_typed(abroad: Shell) -> None:
    before = balance(abroad, PAYER, "CNY")
    uetr = paid(abroad)
    assert typed(abroad, "pay", "confirm", uetr)["credited_minor"] == "25000"
    asked = typed(abroad, "pay", "cancel", uetr, "--reason", "DUPL", "--note", "paid twice")
    assert [one["event"] for one in asked["events"]] == ["payments.return_requested"]
    typed(abroad, "pay", "answer", uetr, "--reject", "--reason", "LEGL")
    track = typed(abroad, "pay", "track", uetr)
    assert (track["state"], track["request"]["state"]) == ("settled", "declined")
    typed(abroad, "pay", "return", uetr, "--amount", "50.00", "--reason", "AC04")
    typed(abroad, "pay", "return", uetr, "--amount", "200.01", status=1)
    # Nothing is nothing, and not all that is left; a UETR may be typed in capitals.
    for nothing in ("0", "0.00"):
        refused = typed(abroad, "pay", "return", uetr, "--amount", nothing, status=1)
        assert "leave --amount out" in refused["error"]
    assert typed(abroad, "pay", "track", uetr.upper())["returned_minor"] == "5000"
    typed(abroad, "pay", "cancel", uetr)
    typed(abroad, "pay", "answer", uetr, "--accept")
    track = typed(abroad, "pay", "track", uetr)
    assert (track["state"], track["request"]["state"]) == ("returned", "returned")
    first, second = (one["return_uetr"] for one in track["returns"])
    assert typed(abroad, "pay", "track", second)["uetr"] == uetr
    assert balance(abroad, PAYER, "CNY") == before
    entries = typed(abroad, "account", "entries", PAYER, "--limit", "2")["items"]
    assert {one["uetr"] for one in entries} == {first, second}
    assert {one["remittance"] for one in entries} == {f"return of {uetr}"}


def test_a_second_payment_under_a_uetr_is_refused_abroad_too(abroad: Shell) -> None:
    uetr = paid(abroad)
    words = ("pay", "send", PAYER, PAYEE, "1", "CNY", "--uetr", uetr)
    assert "UETR_TAKEN" in json.dumps(typed(abroad, *words, status=1))


def test_a_camt056_asks_and_is_answered_pending_then_rejected_or_cancelled(abroad: Shell) -> None:
    def answer(uetr: str, status: int = 0) -> str:
        reply = bank(abroad, _recall(OrgnlUETR=uetr), status=status)
        reported = iso20022.read_camt029(Path(reply["camt_029"]).read_bytes())
        [word] = reply["answers"].values()
        assert reported.status == word[:4]
        individual = {"CNCL": "ACCR", "PECR": "RJCR"}.get(reported.status, reported.status)
        assert [one.status for group in reported.groups for one in group.answers] == [individual]
        return str(word)

    declined, accepted, apart = paid(abroad), paid(abroad), paid(abroad)
    for uetr in (declined, accepted, apart):
        assert answer(uetr) == "PDCR"
        assert answer(uetr) == "PDCR"
    typed(abroad, "pay", "answer", declined, "--reject", "--reason", "LEGL", "--note", "owed")
    typed(abroad, "pay", "answer", accepted, "--accept")
    typed(abroad, "pay", "return", apart, "--amount", "1")
    assert [answer(one)[:4] for one in (declined, accepted, apart)] == ["RJCR", "CNCL", "PECR"]
    assert answer(str(uuid.uuid4()), status=1)[:4] == "RJCR"


def test_a_camt029_of_the_payee_s_bank_declines_or_returns(abroad: Shell) -> None:
    for verdict, state in (("RJCR", "declined"), ("CNCL", "returned")):
        uetr = paid(abroad)
        bank(abroad, _recall(OrgnlUETR=uetr))
        agent = "<Agt><FinInstnId><BICFI>HANSDEHHXXX</BICFI></FinInstnId></Agt>"
        message = (
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>'
            f"<Assgnmt><Id>{new('A')}</Id><Assgnr>{agent}</Assgnr><Assgne>{agent}</Assgne>"
            "<CreDtTm>2026-11-28T11:00:00Z</CreDtTm></Assgnmt>"
            f"<Sts><Conf>{verdict}</Conf></Sts><CxlDtls><TxInfAndSts><OrgnlUETR>{uetr}</OrgnlUETR>"
            "<CxlStsRsnInf><Rsn><Cd>LEGL</Cd></Rsn></CxlStsRsnInf></TxInfAndSts></CxlDtls>"
            "</RsltnOfInvstgtn></Document>"
        )
        assert list(bank(abroad, message)["answers"].values()) == [verdict]
        assert typed(abroad, "pay", "track", uetr)["request"]["state"] == state


def test_a_pacs004_returns_it_once_in_its_own_currency_and_never_above(abroad: Shell) -> None:
    uetr = paid(abroad)
    message = _returns(uetr, ("R1", "100.00"), ("R2", "50.00"), ("R3", "100.01"))
    reply = bank(abroad, message, status=1)
    first, second, third = reply["answers"].values()
    assert "RETURN_ABOVE_REST" in third
    assert list(bank(abroad, message, status=1)["answers"].values())[:2] == [first, second]
    track: Any = typed(abroad, "pay", "track", uetr)
    assert track["returned_minor"] == "15000"
    report = iso20022.read_pacs002(Path(reply["pacs_002"]).read_bytes())
    assert [one.status for one in report.transactions] == ["ACSC", "ACSC", "RJCT"]
    other = bank(abroad, _returns(uetr, ("R1", "99.00")), status=1)
    assert next(iter(other["answers"].values())).startswith("AM05")
    euros = bank(abroad, _returns(uetr, ("R5", "1.00")).replace("CNY", "EUR"), status=1)
    assert next(iter(euros["answers"].values())).startswith("AM11")
    out = abroad.folder / "domestic-return.xml"
    typed(abroad, "pay", "message", uetr, "--as", "pacs.004", "--out", out)
    parts = iso20022.read_pacs004(out.read_bytes()).returns
    assert [one.returned.amount_minor for one in parts if one.returned] == [10_000, 5_000]
    assert {one.original.uetr for one in parts} == {uetr}
    for kind, side in (("pacs.002", "payer"), ("camt.054", "payer"), ("camt.054", "payee")):
        typed(abroad, "pay", "message", uetr, "--as", kind, "--side", side, "--out", out)


def test_a_pacs028_finds_it_by_uetr_and_by_end_to_end_id(abroad: Shell) -> None:
    reference = new("E")
    uetr = paid(abroad, "3.00", reference)
    typed(abroad, "pay", "return", uetr, "--amount", "1.00")
    for names in ({"OrgnlUETR": uetr}, {"OrgnlEndToEndId": reference}):
        assert list(bank(abroad, _question(**names))["answers"].values()) == ["ACSC"], names


def test_a_scheduled_payment_is_cancelled_by_its_uetr_before_its_time(abroad: Shell) -> None:
    typed_uetr, asked_uetr = str(uuid.uuid4()), str(uuid.uuid4())
    for uetr in (typed_uetr, asked_uetr):
        typed(
            abroad, "pay", "schedule-transfer", "--payer", PAYER, "--payee", PAYEE, "--asset",
            "CNY", "--amount", "5", "--due-at", "+1d", "--uetr", uetr,
        )  # fmt: skip
    assert typed(abroad, "pay", "track", typed_uetr)["state"] == "waiting"
    typed(abroad, "pay", "confirm", typed_uetr, status=1)
    typed(abroad, "pay", "cancel", typed_uetr)
    assert list(bank(abroad, _recall(OrgnlUETR=asked_uetr))["answers"].values()) == ["CNCL"]
    for uetr in (typed_uetr, asked_uetr):
        assert typed(abroad, "pay", "track", uetr)["state"] == "cancelled"


def test_a_hold_is_posted_in_its_own_asset_whatever_is_typed_behind_the_amount(
    abroad: Shell,
) -> None:
    words = ("--payer", PAYER, "--payee", PAYEE, "--asset", "CNY", "--amount", "12.50")
    made = typed(abroad, "pay", "hold", *words, "--due-at", "+1h")
    hold = next(one["hold"] for one in made["events"] if "hold" in one)

    def post(amount: str, status: int = 0) -> Any:
        how = ("--amount", amount, "--no-final", "--dry-run")
        return typed(abroad, "pay", "post-hold", "--hold", hold, *how, status=status)

    for right in ("1.25 CNY", "1.25  CNY", "1.25"):
        assert post(right)["events"][0]["amount_minor"] == "125"
    for wrong, why in (
        ("1.25 EUR", "of CNY, not of EUR"), ("125 HKD", "not of HKD"), ("1.25 cny", "not of cny"),
        ("0", "leave --amount out"), ("0.00 CNY", "leave --amount out"),
        ("1,25 CNY", "is not an amount"),
    ):  # fmt: skip
        assert why in post(wrong, status=1)["error"], wrong


def test_a_typed_payment_bears_a_purpose_of_the_code_set_as_files_do(abroad: Shell) -> None:
    for code, status in (("GDDS", 0), ("gdds", 1), ("QQQQ", 1), ("SALARY", 1)):
        words = ("pay", "send", PAYER, PAYEE, "1", "CNY", "--purpose", code, "--dry-run")
        reported = typed(abroad, *words, status=status)
        assert not status or "--purpose" in reported["error"]


@pytest.mark.parametrize("decimals", ["-1", "19", "99999999"])
def test_an_asset_of_impossible_decimals_is_refused_before_its_cap_is_read(
    abroad: Shell, decimals: str
) -> None:
    words = ("asset", "define", "--asset", "ABC", "--issuer", "central-bank", "--kind", "cbdc")
    more = ("--name", "x", "--decimals", decimals, "--supply-cap", "5", "--dry-run")
    assert "from 0 to 18" in typed(abroad, *words, *more, status=1)["error"]
