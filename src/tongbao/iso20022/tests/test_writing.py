"""What goes out: valid by our validator and by the XSD where it is here; ids unchanged."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tongbao.iso20022.currencies import MINOR_UNITS, Money, to_minor, to_text
from tongbao.iso20022.findings import RULES, DocumentRefused
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.initiation.pain002 import write_pain002, write_pain002_refusal
from tongbao.iso20022.interbank.answering import report_on
from tongbao.iso20022.interbank.model import CreditTransfer, TransferMessage
from tongbao.iso20022.interbank.statuses import write_pacs002
from tongbao.iso20022.interbank.transfers import read_pacs008, write_pacs008
from tongbao.iso20022.model import (
    SALARIES_SENT,
    Account,
    AccountStatement,
    Agent,
    Balance,
    Entry,
    EntryDetail,
    Party,
    PaymentStatus,
    Remittance,
    Status,
    StructuredRemittance,
)
from tongbao.iso20022.statements.camt052 import write_camt052
from tongbao.iso20022.statements.camt053 import write_camt053
from tongbao.iso20022.statements.camt054 import write_camt054
from tongbao.iso20022.statements.reading import read_statement
from tongbao.iso20022.xml.reading import read_document
from tongbao.iso20022.xml.second_opinion import second_opinion
from tongbao.words import translated

XSD = Path(__file__).parents[5] / "shared" / "data" / "iso20022" / "xsd"
NOW = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
FILE = read_pain001(payroll_file(4, "6222000000000001", ["6222000000000002"]))
UETR = "e2eae8b6-1a2b-4c3d-8e9f-0123456789ab"


def valid(data: bytes) -> list[str]:
    """Its texts in order, after the XSD agreed (second_opinion is silent without the file)."""
    document = read_document(data)
    assert second_opinion(document, XSD) == ()
    return [leaf.text for leaf in document.root.iter() if leaf.text and leaf.text.strip()]


def statement() -> AccountStatement:
    group = FILE.groups[0]
    entries = tuple(
        Entry(
            line.amount_minor,
            credit=False,
            booked_on="2026-01-15",
            value_on="2026-01-15",
            reference=str(line.index),
            servicer_reference=f"TX-{line.index}",
            code=SALARIES_SENT,
            details=(
                EntryDetail(
                    end_to_end_id=line.end_to_end_id,
                    uetr=line.uetr,
                    amount_minor=line.amount_minor,
                    credit=False,
                    creditor=line.creditor,
                    creditor_account=line.creditor_account,
                    remittance=line.remittance,
                    purpose=line.purpose,
                ),
            ),
        )
        for line in FILE.lines
    )
    paid = sum(entry.amount_minor for entry in entries)
    return AccountStatement(
        id="S-1",
        account=group.debtor_account,
        currency="CNY",
        decimals=2,
        sequence_number=1,
        from_time="2026-01-15T00:00:00Z",
        to_time="2026-01-16T00:00:00Z",
        owner=group.debtor,
        servicer=group.debtor_agent,
        balances=(Balance("OPBD", 5, "2026-01-15"), Balance("CLBD", 5 - paid, "2026-01-15")),
        entries=entries,
        additional="测试 test",
    )


@pytest.mark.parametrize("write", [write_camt052, write_camt053, write_camt054])
def test_a_statement_written_and_read_is_equal(write: object) -> None:
    made = statement()
    if write is write_camt054:
        made = replace(made, balances=())
    data = write([made], message_id="M-1", created_at=NOW, recipient=Party(name="Owner"))  # type: ignore[operator]
    valid(data)
    again = read_statement(data)
    assert again.statements == (made,)
    assert (again.message_id, again.created_at) == ("M-1", "2026-01-15T08:30:00Z")


def test_a_notification_with_balances_is_refused_by_its_schema() -> None:
    with pytest.raises(DocumentRefused) as refused:
        write_camt054([statement()], message_id="M-1", created_at=NOW)
    assert refused.value.findings[0].rule == "xsd.unexpected"


def test_a_text_that_is_too_long_never_leaves_the_house() -> None:
    with pytest.raises(DocumentRefused) as refused:
        write_camt053([replace(statement(), id="x" * 36)], message_id="M-1", created_at=NOW)
    assert refused.value.findings[0].path == "/Document/BkToCstmrStmt/Stmt[1]/Id"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        write_camt053([statement()], message_id="M", created_at=NOW.replace(tzinfo=None))


def statuses(*kinds: Status) -> list[PaymentStatus]:
    return [
        PaymentStatus(line.path, kind, "AC04" if kind is Status.REJECTED else "")
        for line, kind in zip(FILE.lines, kinds, strict=True)
    ]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([Status.SETTLED] * 4, "ACSC"),
        ([Status.ACCEPTED] * 4, "ACCP"),
        ([Status.REJECTED] * 4, "RJCT"),
        ([Status.SETTLED, Status.REJECTED] * 2, "PART"),
        ([Status.SETTLED, Status.ACCEPTED] * 2, "ACCP"),
        ([Status.SETTLED, Status.PENDING] * 2, "PDNG"),
    ],
)
def test_the_group_status_sums_up_its_payments(kinds: list[Status], expected: str) -> None:
    data = write_pain002(FILE, statuses(*kinds), message_id="R-1", created_at=NOW)
    texts = valid(data)
    status = next(read_document(data).root.iter("{*}GrpSts")).text
    assert status == expected
    for line in FILE.lines:
        assert {line.instruction_id, line.end_to_end_id, line.uetr} <= set(texts)
    assert {FILE.message_id, FILE.message, FILE.created_at, FILE.control_sum} <= set(texts)


def test_a_rejection_carries_its_reason_and_our_own_words() -> None:
    reported = [
        PaymentStatus(FILE.lines[0].path, Status.REJECTED, "NARR", ("T-3017 账户限额" + "x" * 200,))
    ]
    data = write_pain002(FILE, reported, message_id="R-1", created_at=NOW)
    texts = valid(data)
    assert "NARR" in texts
    assert any(text.startswith("T-3017 账户限额") and len(text) == 105 for text in texts)


def test_a_payment_with_findings_is_rejected_without_being_told() -> None:
    bad = payroll_file(2, "1", ["GB82WEST12345698765433"])
    texts = valid(write_pain002(read_pain001(bad), [], message_id="R", created_at=NOW))
    assert texts.count("RJCT") == 4
    assert texts.count("AC01") == 2


def test_a_status_for_a_payment_that_is_not_in_the_file_is_an_error() -> None:
    with pytest.raises(KeyError):
        write_pain002(FILE, [PaymentStatus("/x", Status.SETTLED)], message_id="R", created_at=NOW)


@pytest.mark.parametrize(
    "data", [b"", b"<x/>", payroll_file(1, "1", ["2"]).replace(b">1</Nb", b">2</Nb")]
)
def test_a_refused_file_is_answered_too(data: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_pain001(data)
    answer = write_pain002_refusal(refused.value, message_id="R", created_at=NOW)
    assert "RJCT" in valid(answer)


def interbank() -> TransferMessage:
    here, there = Agent(bic="BKCHCNBJXXX"), Agent(bic="DEUTDEFFXXX", name="Bank")
    transfer = CreditTransfer(
        instruction_id="I-1",
        end_to_end_id="E-1",
        transaction_id="T-1",
        uetr=UETR,
        settlement=Money("EUR", 123_45),
        settlement_date="2026-01-15",
        instructed=Money("JPY", 20_000),
        exchange_rate="0.0061725",
        charge_bearer="SHAR",
        instructing_agent=here,
        instructed_agent=there,
        intermediaries=(Agent(bic="CHASUS33XXX"),),
        ultimate_debtor=Party(name="Parent", lei="213800IJKLMNOPQR6732"),
        debtor=Party(name="星河", town="深圳", country="CN", address_lines=("南山区",)),
        debtor_account=Account(other_id="6222", scheme="BBAN"),
        debtor_agent=here,
        creditor_agent=there,
        creditor=Party(name="Käufer GmbH", other_id="HRB 1", other_scheme="CUST"),
        creditor_account=Account(iban="DE89370400440532013000"),
        purpose="GDDS",
        remittance=Remittance(
            ("Invoice 7",),
            (StructuredRemittance("CINV", "7", "2026-01-01", "SCOR", "RF18", ("x",)),),
        ),
        path="/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]",
    )
    return TransferMessage(
        "pacs.008.001.08", "M-1", "2026-01-15T08:30:00Z", "CLRG", instructing_agent=here,
        instructed_agent=there, transfers=(transfer,),
    )  # fmt: skip


def test_a_transfer_between_banks_written_and_read_is_equal() -> None:
    made = interbank()
    data = write_pacs008(made)
    valid(data)
    assert read_pacs008(data) == made


def test_a_bank_that_passes_a_transfer_on_changes_only_what_it_changes() -> None:
    came = read_pacs008(write_pacs008(interbank()))
    onward = replace(came.transfers[0], settlement=Money("EUR", 120_00))
    data = write_pacs008(replace(came, transfers=(onward,)), message_id="M-2", created_at=NOW)
    again = read_pacs008(data)
    assert again.message_id == "M-2"
    assert again.transfers == (onward,)


def test_the_sending_bank_is_answered_per_transfer() -> None:
    message = interbank()
    reported = [PaymentStatus(message.transfers[0].path, Status.REJECTED, "RR04", ("held",))]
    texts = valid(write_pacs002(report_on(message, reported, message_id="R-1", created_at=NOW)))
    assert {"M-1", "E-1", "T-1", UETR, "RJCT", "RR04", "held"} <= set(texts)
    assert texts.index("DEUTDEFFXXX") < texts.index("BKCHCNBJXXX")


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [
        (1, "EUR", "0.01"),
        (0, "EUR", "0.00"),
        (5, "JPY", "5"),
        (1, "KWD", "0.001"),
        (12345, "CLF", "1.2345"),
    ],
)
def test_minor_units_and_text_are_two_ways_to_say_one_amount(
    minor: int, code: str, text: str
) -> None:
    assert to_text(minor, MINOR_UNITS[code]) == text
    assert to_minor(text, code) == minor


def test_every_rule_speaks_both_languages() -> None:
    for name, rule in RULES.items():
        assert name.split(".")[0] in {"xml", "iso", "xsd", "rule", "desk"}
        assert rule.isascii()
        assert not translated(rule, "zh").isascii()


def test_importing_the_package_loads_neither_lxml_nor_metadata() -> None:
    code = (
        "import sys, tongbao.iso20022 as i; "
        "assert not any(m.startswith(('lxml', 'pyiso20022', 'xsdata')) for m in sys.modules); "
        "assert all(getattr(i, name) for name in i.__all__)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
