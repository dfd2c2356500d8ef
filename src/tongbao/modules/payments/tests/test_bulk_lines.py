"""What a line of a bulk transfer may carry."""

from __future__ import annotations

import msgspec
import pytest

from tongbao.modules.payments import MAX_STRUCTURED, BulkTransfer, Details, Line, PaymentsCode
from tongbao.modules.testing import Bench

ME, YOU = "firm-a/main", "firm-b/main"


def bulk(details: Details) -> BulkTransfer:
    return BulkTransfer(ME, "CNY", (Line(YOU, 1, "E1", details=details),))


def test_a_line_carries_what_its_payer_wrote_as_it_was_written() -> None:
    bench = Bench()
    reply = Details(
        ("INV 4711", "发票４７１２，“第三批”"), "RF18539007547034", "<Strd></Strd>", "SUPP",
        "SALARY-ADVANCE", "SALA", "I-1",
    )  # fmt: skip
    action = bulk(reply)
    bench.do("firm-a", action)
    again = msgspec.json.decode(msgspec.json.encode(action), type=BulkTransfer)
    assert again.lines[0].details == reply


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (Details(("",)), "remittance"),
        (Details(("x" * 141,)), "remittance"),
        (Details(("x",) * 101), "remittance"),
        (Details(("two\nlines",)), "remittance"),
        (Details(creditor_reference="x" * 36), "creditor_reference"),
        (Details(structured="x" * (MAX_STRUCTURED + 1)), "structured"),
        (Details(purpose="LONGER"), "purpose"),
        (Details(purpose_proprietary="x" * 36), "purpose_proprietary"),
        (Details(category="LONGER"), "category"),
        (Details(instruction="\x85"), "instruction"),
    ],
)
def test_a_text_that_is_too_long_or_not_plain_is_refused(details: Details, field: str) -> None:
    values = Bench().refuses(PaymentsCode.BAD_TEXT, "firm-a", bulk(details))
    assert values["field"] == field
