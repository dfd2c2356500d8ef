"""What the payer of a single payment wrote reaches the payee: entries and camt.053."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.cases.filing import FIRST
from tests.gateway.conftest import Node, new_envelope, node  # noqa: F401

from tongbao.iso20022 import read_statement
from tongbao.modules.payments import Hold, PostHold, Transfer
from tongbao.node.clock import utc_ms
from tongbao.paymentfiles.desk.statement import statement

PAYER, PAYEE = "hengtong/main", FIRST[0]
REFERENCE = "RF18539007547034"


def read_by_payee(node: Node) -> tuple[str, tuple[str, ...], list[str]]:  # noqa: F811
    """Purpose, text and creditor's references of the payee's newest booking."""
    written = statement(node.client(), PAYEE, "CNY", "S1", datetime.now(UTC))
    (detail,) = read_statement(written).statements[0].entries[-1].details
    references = [one.reference for one in detail.remittance.structured]
    return str(detail.purpose), detail.remittance.unstructured, references


def test_a_transfer_carries_the_creditors_reference_and_the_text(node: Node) -> None:  # noqa: F811
    act = Transfer(
        PAYER, PAYEE, "CNY", 100, "E-1", purpose="SUPP", remittance="parts",
        creditor_reference=REFERENCE,
    )  # fmt: skip
    node.client().submit_and_wait(new_envelope(act))
    assert read_by_payee(node) == ("SUPP", ("parts",), [REFERENCE])


def test_what_is_posted_from_a_hold_carries_what_its_payer_wrote(node: Node) -> None:  # noqa: F811
    client = node.client()
    act = Hold(
        PAYER, PAYEE, "CNY", 300, utc_ms() + 3_600_000, payee_reference="E-2", purpose="RENT",
        remittance="deposit", creditor_reference=REFERENCE,
    )  # fmt: skip
    opened = client.submit_and_wait(new_envelope(act))
    name = next(one["hold"] for one in opened.events if one["event"] == "payments.hold_opened")
    shown = node.http.get(f"/v1/holds/{name}").json()
    assert (shown["remittance"], shown["creditor_reference"]) == ("deposit", REFERENCE)
    client.submit_and_wait(new_envelope(PostHold(name, 100, final=False)))
    assert read_by_payee(node) == ("RENT", ("deposit",), [REFERENCE])
