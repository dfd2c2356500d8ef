"""Whatever comes to the desk is applied or refused by name, and never anything else."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gateway.conftest import Node

from tongbao.iso20022 import DocumentRefused, payroll_file, read_pain001
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.transaction import Signature
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.orders import prove
from tongbao.paymentfiles.desk.repairing import repaired
from tongbao.sdk import desk as sdk

FILE = payroll_file(2, "hengtong/main", ["6217880000000000001"], day=date(2026, 1, 15))
KNOWN = (
    "PmtId", "InstrId", "EndToEndId", "Amt", "InstdAmt", "EqvtAmt", "@Ccy", "CdtrAcct", "Id",
    "IBAN", "Othr", "Cdtr", "Nm", "PstlAdr", "Ctry", "RmtInf", "Ustrd", "Ustrd[2]", "Strd",
    "Purp", "Cd", "Prtry", "SplmtryData", "Envlp", "..", "", "x[1]", "[", "Ustrd[0]",
)  # fmt: skip


def refused(raw: bytes, node: Node) -> Refusal:
    with pytest.raises(Refusal) as caught:
        prove(raw, "upload", node.application.view(), "tongbao-demo-1", 1_000)
    return caught.value


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_bytes_that_are_no_order_are_refused(node: Node, raw: bytes) -> None:
    assert refused(raw, node).code is DeskCode.BAD_STATEMENT


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    statement=st.one_of(
        st.binary(max_size=80),
        st.builds(
            sdk.Statement, st.just("upload"), st.just("tongbao-demo-1"), st.text(max_size=70),
            st.text(max_size=140), st.integers(), st.text(max_size=64), st.integers(0, 2_000),
        ).map(msgspec.json.encode),
    ),
    signatures=st.lists(
        st.builds(Signature, st.text(max_size=9), st.binary(max_size=40), st.binary(max_size=70)),
        max_size=20,
    ),
    content=st.binary(max_size=40),
)  # fmt: skip
def test_orders_that_nobody_signed_are_refused(
    node: Node, statement: bytes, signatures: list[Signature], content: bytes
) -> None:
    order = sdk.Order(statement, tuple(signatures), content)
    code = refused(msgspec.json.encode(order), node).code
    assert code in (DeskCode.BAD_STATEMENT, KernelCode.UNKNOWN_KEY)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(KNOWN), min_size=1, max_size=6).map("/".join),
    st.one_of(st.text(max_size=40), st.sampled_from(["", "1.00", "EUR", "x" * 3000])),
    st.integers(-1, 4),
)
def test_a_repair_of_any_path_is_done_or_refused_and_its_file_is_read_or_refused(
    path: str, value: str, item: int
) -> None:
    try:
        content, changes = repaired(FILE, item, {path: value})
    except Refusal as refusal:
        assert refusal.code is DeskCode.BAD_REPAIR
        return
    assert changes[0].new == value
    try:
        file = read_pain001(content)
    except DocumentRefused:
        return
    assert len(file.lines) == 2


def test_a_repair_changes_one_payment_and_the_sums_and_nothing_else() -> None:
    before = read_pain001(FILE)
    content, (change,) = repaired(FILE, 2, {"Amt/InstdAmt": "1.23"})
    after = read_pain001(content)
    assert after.lines[0] == before.lines[0]
    assert (after.lines[1].amount_minor, change.new) == (123, "1.23")
    total = before.lines[0].amount_minor + 123
    assert after.control_sum == f"{total // 100}.{total % 100:02d}"
