"""What a payer wrote reaches the payee: each payment's own, neither cut nor lent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.gateway.conftest import Node, desk_node, payroll, sign, wallet  # noqa: F401

from tongbao.iso20022 import read_pain001, read_statement
from tongbao.iso20022.model import PaymentLine, Proprietary
from tongbao.node.clock import utc_ms
from tongbao.paymentfiles import plan
from tongbao.paymentfiles.carrying import details_of, remittance_of
from tongbao.paymentfiles.desk.statement import statement
from tongbao.paymentfiles.judging import Directory, Terms
from tongbao.scenarios import consortium
from tongbao.sdk.build import build
from tongbao.sdk.rows import Entry

TERMS = Terms(utc_ms(), waits=True)
CASES = Path(__file__).parents[3] / "shared" / "data" / "cases"
FIRST, SECOND = (consortium.employee_account(place) for place in (1, 2))


class Known(Directory):
    """Every account is the first or the second employee's."""

    def account_of(self, number: str) -> str | None:
        return {FIRST[1]: FIRST[0], SECOND[1]: SECOND[0], "hengtong/main": number}.get(number)

    def decimals_of(self, asset: str) -> int | None:
        return 2

    def holding_state(self, account: str, asset: str) -> str:
        return ""


def two_payments(first: str, second: str) -> bytes:
    """A salary file whose payments say what is given, inside CdtTrfTxInf after CdtrAcct."""
    content = payroll(2).decode()
    head, *payments = content.split("<CdtTrfTxInf>")
    made = []
    for payment, reported in zip(payments, (first, second), strict=True):
        before, _, after = payment.partition("</CdtrAcct>")
        made.append(before + "</CdtrAcct>" + reported + after[after.index("</CdtTrfTxInf>") :])
    return "<CdtTrfTxInf>".join([head, *made]).encode()


def lines(first: str, second: str) -> tuple[PaymentLine, ...]:
    return read_pain001(two_payments(first, second)).lines


def given_back(line: PaymentLine) -> object:
    details = details_of(line)
    assert details is not None
    entry = Entry(
        remittance="\n".join(details.remittance),
        creditor_reference=details.creditor_reference, structured=details.structured,
    )  # fmt: skip
    return remittance_of(entry)


def test_every_occurrence_of_a_text_and_every_field_of_a_reference_is_given_back() -> None:
    reported = (
        "<RmtInf><Ustrd>INV 4711</Ustrd><Ustrd>INV 4712 less credit note 88</Ustrd><Strd>"
        "<RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>4711</Nb></RfrdDocInf>"
        "<RfrdDocAmt><RmtdAmt Ccy='CNY'>410.00</RmtdAmt></RfrdDocAmt><CdtrRefInf><Tp><CdOrPrtry>"
        "<Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref></CdtrRefInf>"
        "<AddtlRmtInf>第三批</AddtlRmtInf></Strd></RmtInf>"
    )
    line, other = lines(reported, "")
    details = details_of(line)
    assert details is not None
    assert details.remittance == ("INV 4711", "INV 4712 less credit note 88")
    assert details.creditor_reference == "RF18539007547034"
    assert '<RmtdAmt Ccy="CNY">410.00</RmtdAmt>' in details.structured
    assert given_back(line) == line.remittance
    bare = details_of(other)
    assert bare is not None
    assert (bare.remittance, bare.creditor_reference, bare.structured) == ((), "", "")


def test_a_creditors_reference_by_itself_needs_no_structure() -> None:
    reported = (
        "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
        "<Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
    )
    line, _ = lines(reported, "")
    details = details_of(line)
    assert details is not None
    assert (details.creditor_reference, details.structured) == ("RF18539007547034", "")
    assert given_back(line) == line.remittance


@pytest.mark.parametrize("written", ["<Strd>", "<Strd><Ref/></Strd>", "x", "<!DOCTYPE a><a/>"])
def test_structure_that_somebody_made_up_spoils_no_statement(written: str) -> None:
    entry = Entry(remittance="", structured=written, creditor_reference="RF1")
    (only,) = remittance_of(entry).structured
    assert only.reference == "RF1"


def test_purposes_are_each_payments_own_and_proprietary_ones_are_no_codes() -> None:
    first, second = lines("<Purp><Cd>SUPP</Cd></Purp>", "<Purp><Prtry>SALA</Prtry></Purp>")
    one, other = details_of(first), details_of(second)
    assert one is not None
    assert other is not None
    assert (one.purpose, one.purpose_proprietary) == ("SUPP", "")
    assert (other.purpose, other.purpose_proprietary) == ("", "SALA")
    content = two_payments("<Purp><Prtry>SALARY-ADVANCE</Prtry></Purp>", "")
    (batch,) = plan(read_pain001(content), content, Known(), TERMS).batches
    proprietary = batch.actions[0].lines[0].details
    assert proprietary is not None
    assert proprietary.purpose_proprietary == "SALARY-ADVANCE"
    content = two_payments("<Purp><Cd>SUPP</Cd></Purp>", "")
    (batch,) = plan(read_pain001(content), content, Known(), TERMS).batches
    (action,) = batch.actions
    assert action.purpose == ""
    reported = action.lines[1].details
    assert reported is not None
    assert (reported.purpose, action.category) == ("", "SALA")


def test_case_a31_a_proprietary_category_is_no_code_and_no_purpose_is_lent() -> None:
    content = case("A31-purposes.xml")
    first, second = plan(read_pain001(content), content, Known(), TERMS).batches
    assert (first.actions[0].purpose, first.actions[0].category) == ("", "")
    assert isinstance(first.group.category_purpose, Proprietary)
    purposes = [one.details and one.details.purpose for one in second.actions[0].lines]
    assert purposes == ["SUPP", "TAXS"]


def test_case_b03_each_payee_reads_what_was_written_to_them(
    desk_node: Node,  # noqa: F811
) -> None:
    content = case("B03-remittances.xml")
    (batch,) = plan(read_pain001(content), content, Known(), TERMS).batches
    body = build(consortium.CHAIN, "hengtong", "b03/1", batch.actions, utc_ms() + 60_000)
    client = desk_node.client()
    client.submit_and_wait(sign(body, "hengtong"))
    for (account, _), text in (
        (FIRST, "INV 4711 of 2026-10-31"), (SECOND, "INV 4712 less credit note 88"),
    ):  # fmt: skip
        entry = list(client.accounts.entries(account=account))[-1]
        assert entry.remittance == text
        written = statement(client, account, "CNY", "S1", datetime.now(UTC))
        booked = read_statement(written).statements[0].entries[-1]
        assert booked.details[0].remittance.unstructured == (text,)


def case(name: str) -> bytes:
    path = CASES / name
    if not path.is_file():
        pytest.skip(f"../shared/data/cases/{name} is not here")
    return path.read_bytes()
