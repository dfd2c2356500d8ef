"""Paying abroad as a user types it, on the node that the story of a remittance left running."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Shell

from tongbao import iso20022
from tongbao.iso20022.model import Account, Agent, Party, Remittance
from tongbao.paymentfiles.banking import people
from tongbao.sdk.travel_rule import subject_digest

# The tests are one story on one node, in this order.
pytestmark = pytest.mark.xdist_group("abroad")
PAYER, PAYEE = "alster/main", "mingda/main"
ACROSS = ("pay", "send", PAYER, PAYEE)


@pytest.fixture(scope="module")
def ends(abroad: Shell) -> tuple[str, ...]:
    """Both ends screened and clear, and an envelope for the payment."""
    people = {}
    for name, account in (("buyer", PAYER), ("seller", PAYEE)):
        path = abroad.folder / f"{name}.json"
        path.write_text(json.dumps({"name": name, "account": account, "country": "DE"}))
        reply = abroad.json("travel", "subject", path, home=False)
        abroad.run(
            "corridor", "attest", "--subject", reply["subject"], "--by", "supervisor", "--verdict",
            "clear", "--list-version", "UN 2026-11-24", "--expires-at", "+1d",
        )  # fmt: skip
        people[name] = reply["subject"]
    return "--originator", people["buyer"], "--beneficiary", people["seller"]


def test_the_story_tells_every_step(abroad: Shell) -> None:
    reported = (abroad.folder / "dev.log").read_text()
    for step in "12345678":
        assert f"\n{step}." in "\n" + reported
    assert "Charged equals shown" in reported or "分毫不差" in reported


def test_a_quote_shows_each_cost_line_with_its_receiver(abroad: Shell) -> None:
    reported = abroad.run("fx", "quote", "1000", "EUR", "--to", "CNY", "--payer", PAYER)
    for word in ("central-bank/fees.eur", "hanse-bank/fees", "bank-north/fees", "spread", "0.35"):
        assert word in reported
    reply = abroad.json("fx", "quote", "1000", "EUR", "--to", "CNY")
    [option] = reply["options"]
    sent = sum(int(c["amount_minor"]) for c in option["costs"] if c["asset"] == "EUR")
    assert int(option["debited_minor"]) == 100_000 + sent
    assert reply["reference_rate"]["source"].startswith("ECB")
    failed = abroad.json("fx", "quote", "9000000", "EUR", "--to", "CNY", status=1)
    assert failed["options"] == []


def test_a_reserved_quote_is_paid_tracked_confirmed_and_returned(
    abroad: Shell, ends: tuple[str, ...]
) -> None:
    reply = abroad.json("fx", "quote", "800", "EUR", "--to", "CNY", "--payer", PAYER, "--reserve")
    quote = reply["reserved"]["quote"]
    unsure = abroad.json(*ACROSS, "800", "EUR", "--to", "CNY", "--quote", quote, *ends, status=1)
    assert "--yes" in unsure["error"]
    paid = abroad.json(*ACROSS, "800", "EUR", "--to", "CNY", "--quote", quote, "--yes", *ends)
    settled = next(e for e in paid["events"] if e["event"] == "corridors.settled")
    uetr, option = settled["uetr"], reply["options"][0]
    assert settled["debited_minor"] == option["debited_minor"]
    assert settled["credited_minor"] == option["credited_minor"]
    abroad.run("pay", "confirm", uetr)
    abroad.run("pay", "return", uetr, "--amount", "1000", "--reason", "AC04")
    track = abroad.json("pay", "track", uetr)
    assert [one["step"] for one in track["steps"]] == [
        "accepted", "settled", "credited", "returned_part",
    ]  # fmt: skip
    charged = [(c["kind"], c["receiver"], c["amount_minor"]) for c in track["charges"]]
    assert charged == [(c["kind"], c["receiver"], c["amount_minor"]) for c in option["costs"]]
    reported = abroad.run("pay", "track", track["returns"][0]["return_uetr"])
    assert "original rate" in reported
    assert uetr in reported


def test_a_payment_without_an_envelope_is_held_and_released(
    abroad: Shell, ends: tuple[str, ...]
) -> None:
    paid = abroad.json(*ACROSS, "20000", "CNY", "--from", "EUR", "--bearer", "DEBT", "--yes", *ends)
    held = next(e for e in paid["events"] if e["event"] == "corridors.held")
    uetr = held["uetr"]
    assert held["reasons"] == ["TRAVEL_RULE_MISSING"]
    waiting = abroad.json("pay", "list", "--state", "held")["items"]
    assert uetr in [one["uetr"] for one in waiting]
    refused = abroad.json("pay", "release", uetr, "--by", "supervisor", "--note", "x", status=1)
    assert refused["name"] == "ENVELOPE_MISSING"
    envelope = _sealed(abroad, uetr)
    abroad.run(
        "corridor", "attach-envelope", "--uetr", uetr, "--by", "hanse-bank", "--travel-rule",
        envelope["travel_rule"],
    )  # fmt: skip
    abroad.run("pay", "release", uetr, "--by", "supervisor", "--note", "complete now")
    assert abroad.json("pay", "track", uetr)["state"] == "settled"
    again = abroad.json("pay", "release", uetr, "--by", "supervisor", "--note", "x", status=1)
    assert again["name"] == "WRONG_STATE"


def _sealed(abroad: Shell, uetr: str) -> Any:
    made = abroad.json("travel", "key", "bank-south")
    abroad.run("corridor", "publish-sealing-key", "--party", "bank-south", "--suite", "x25519",
               "--public", made["public"])  # fmt: skip
    folder: Path = abroad.folder
    sealed = abroad.json(
        "travel", "seal", folder / "buyer.json", folder / "seller.json", "--uetr", uetr,
        "--to", "bank-south", "--to", "supervisor", "--out", folder / "sealed.json",
    )  # fmt: skip
    opened = abroad.json("travel", "open", folder / "sealed.json", "--party", "bank-south")
    assert opened["travel_rule"] == sealed["travel_rule"]
    person = opened["ivms101"]["originator"]["originatorPersons"][0]["legalPerson"]
    assert person["name"]["nameIdentifier"][0]["legalPersonName"] == "buyer"
    return sealed


def test_a_settled_payment_is_cancelled_by_its_payee_s_consent(
    abroad: Shell, ends: tuple[str, ...]
) -> None:
    paid = abroad.json(*ACROSS, "500", "EUR", "--to", "CNY", "--yes", *ends)
    uetr = next(e["uetr"] for e in paid["events"] if e["event"] == "corridors.settled")
    abroad.run("pay", "cancel", uetr, "--reason", "DUPL", "--note", "sent twice")
    abroad.run("pay", "answer", uetr, "--accept", "--note", "agreed")
    track = abroad.json("pay", "track", uetr)
    assert track["state"] == "cancelled"
    assert track["returns"][0]["treatment"] == "original_rate"


def test_a_corridor_is_shown_with_its_fees_rules_and_sources_and_its_terms_can_be_changed(
    abroad: Shell,
) -> None:
    reported = abroad.run("corridor", "show", "EUR-CNY")
    for word in ("hanse-bank/fees", "FATF Recommendation 16", "CNAPS", "victoria-fx"):
        assert word in reported
    terms = json.loads(abroad.run("corridor", "terms", "EUR-CNY"))
    terms["fees"][0]["fixed_minor"] += 5
    abroad.run("corridor", "change", "--corridor", "EUR-CNY", "--by", "central-bank", "--terms",
               json.dumps(terms))  # fmt: skip
    reply = abroad.json("fx", "quote", "1000", "EUR", "--to", "CNY")
    assert reply["options"][0]["costs"][0]["amount_minor"] == "40"
    assert len(abroad.json("corridor", "show", "EUR-CNY")["versions"]) == 2
    charges = abroad.json("corridor", "charges", "--account", "central-bank/fees.eur")["items"]
    assert {one["kind"] for one in charges} <= {"network", "receiving_bank"}
    assert (
        abroad.json("corridor", "list", "--send-asset", "EUR")["items"][0]["corridor"] == "EUR-CNY"
    )


def test_reference_rates_are_listed_and_the_ecb_s_needs_no_node(abroad: Shell) -> None:
    assert abroad.json("fx", "rates", "--base", "EUR")["items"][0]["quote"] == "CNY"
    reply = abroad.json("fx", "reference", "EUR", "CNY", "--day", "2024-01-02", home=False)
    assert reply["day"] == "2024-01-02"


# ---- banks' own messages -------------------------------------------------------------------------


NONCE = "ff" * 16
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
UETR = "4d3c1d0a-5f0b-4c7e-9a61-0f7b2a9c5d11"


def _order(path: Path, uetr: str, creditor: str = PAYEE) -> iso20022.TransferMessage:
    """A pacs.008 as a bank in Hamburg sends it, written to a file."""
    here, there = Agent(bic="DEUTDEFFXXX"), Agent(bic="BKCHCNBJXXX")
    transfer = iso20022.CreditTransfer(
        "E2E-7", iso20022.Money("EUR", 50_000), instruction_id="I1", transaction_id="T1",
        uetr=uetr, settlement_date=TODAY, charge_bearer="SHAR",
        debtor=Party(name="Alster Maschinenbau GmbH", country="DE", town="Hamburg"),
        debtor_account=Account(other_id=PAYER), debtor_agent=here, creditor_agent=there,
        creditor=Party(name="Mingda Precision", country="CN", town="Shenzhen"),
        creditor_account=Account(other_id=creditor), purpose="GDDS",
        remittance=Remittance(("invoice 7",)),
    )  # fmt: skip
    message = iso20022.TransferMessage(
        "", "MSG-1", "2026-11-25T08:00:00Z", "INDA", settlement_date=TODAY,
        instructing_agent=here, instructed_agent=there, transfers=(transfer,),
    )  # fmt: skip
    path.write_bytes(iso20022.write_pacs008(message))
    return iso20022.read_pacs008(path.read_bytes())


def test_a_bank_s_pacs008_is_answered_by_pacs002_and_camt054_and_done_once(
    abroad: Shell, ends: tuple[str, ...]
) -> None:
    path = abroad.folder / "order.xml"
    read = _order(path, UETR)
    for person in people(read.transfers[0]):
        abroad.run(
            "corridor", "attest", "--subject", subject_digest(person, NONCE), "--by", "supervisor",
            "--verdict", "clear", "--list-version", "UN 1", "--expires-at", "+1d",
        )  # fmt: skip
    shown = abroad.run("pay", "bank", path, "--dry-run", "--nonce", NONCE)
    assert "central-bank/fees.eur" in shown
    reply = abroad.json("pay", "bank", path, "--yes", "--nonce", NONCE, "--seal-to", "supervisor",
                        "--as", "node")  # fmt: skip
    assert list(reply["statuses"].values()) == ["ACSC"]
    report = iso20022.read_pacs002(Path(reply["pacs_002"]).read_bytes())
    assert report.transactions[0].original.uetr == UETR
    [notice] = iso20022.read_statement(Path(reply["camt_054"]).read_bytes()).statements
    track = abroad.json("pay", "track", UETR)
    assert notice.entries[0].amount_minor == int(track["debited_minor"])
    assert "central-bank/fees.eur" in notice.entries[0].details[0].additional
    assert (track["purpose"], track["payee_reference"]) == ("GDDS", "E2E-7")
    again = abroad.json("pay", "bank", path, "--yes", "--nonce", NONCE)
    assert again["statuses"] == reply["statuses"]
    lost = _order(path, UETR.replace("4d", "5d"), "nobody/main")
    reply = abroad.json("pay", "bank", path, "--yes", status=1)
    assert list(reply["statuses"].values()) == ["RJCT"]
    assert [one["reason"] for one in reply["refused"]] == ["AC03"]
    report = iso20022.read_pacs002(Path(reply["pacs_002"]).read_bytes())
    assert report.transactions[0].reasons[0].code == "AC03"
    assert lost.transfers[0].accepted


def test_a_camt056_is_answered_by_camt029_and_what_came_back_is_a_pacs004(abroad: Shell) -> None:
    read = _order(abroad.folder / "original.xml", UETR)
    now = datetime.now(UTC)
    ask = iso20022.request_cancellation(
        read.transfers, read, iso20022.Reason("DUPL"), assignment_id="C-1", created_at=now
    )
    path = abroad.folder / "cancel.xml"
    path.write_bytes(iso20022.write_camt056(ask))
    reply = abroad.json("pay", "bank", path, "--yes")
    assert list(reply["answers"].values()) == ["PDCR"]
    abroad.run("pay", "answer", UETR, "--accept")
    reply = abroad.json("pay", "bank", path, "--yes")
    assert list(reply["answers"].values()) == ["CNCL"]
    assert iso20022.read_camt029(Path(reply["camt_029"]).read_bytes()).status == "CNCL"
    out = abroad.folder / "return.xml"
    abroad.run("pay", "message", UETR, "--as", "pacs.004", "--out", out)
    [back] = iso20022.read_pacs004(out.read_bytes()).returns
    assert back.original.uetr == UETR
    assert back.fx_treatment is iso20022.FxTreatment.ORIGINAL_RATE
    assert back.returned is not None
    assert back.returned.currency == "EUR"
    refused = abroad.json("pay", "bank", out, "--yes", status=1)
    assert "WRONG_STATE" in next(iter(refused["answers"].values()))
    question = iso20022.request_status(read.transfers[0], read, message_id="Q-1", created_at=now)
    path.write_bytes(iso20022.write_pacs028(question))
    reply = abroad.json("pay", "bank", path)
    assert list(reply["answers"].values()) == ["ACSC"]
    for kind, reader in (
        ("pacs.002", iso20022.read_pacs002),
        ("camt.054", iso20022.read_statement),
    ):
        abroad.run("pay", "message", UETR, "--as", kind, "--side", "payee", "--out", out)
        assert reader(out.read_bytes()) is not None


def test_a_broken_message_is_refused_with_its_place_and_moves_nothing(abroad: Shell) -> None:
    path = abroad.folder / "broken.xml"
    _order(path, UETR.replace("4d", "6d"))
    path.write_bytes(path.read_bytes().replace(b"<EndToEndId>E2E-7</EndToEndId>", b""))
    reply = abroad.json("pay", "bank", path, "--yes", status=1)
    assert reply["findings"][0]["path"].endswith("PmtId[1]/TxId") or reply["findings"][0]["rule"]
    assert abroad.json("pay", "bank", abroad.folder / "seller.json", "--yes", status=1)
