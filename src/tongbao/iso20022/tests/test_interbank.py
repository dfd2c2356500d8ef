"""Between banks: transfers answered, cancelled, returned, asked about; rules by example."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongbao import iso20022
from tongbao.iso20022 import (
    CancellationStatus,
    CreditTransfer,
    DocumentRefused,
    FxTreatment,
    Money,
    Policy,
    Reason,
    TransferMessage,
)
from tongbao.iso20022.interbank.model import (
    Charge,
    RegulatoryDetail,
    RegulatoryReport,
    Underlying,
)
from tongbao.iso20022.model import Account, Agent, Party, PaymentStatus, Remittance, Status
from tongbao.iso20022.xml.second_opinion import second_opinion

XSD = Path(__file__).parents[5] / "shared" / "data" / "iso20022" / "xsd"
NOW = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
NORTH, SOUTH = Agent(bic="BKCHCNBJXXX"), Agent(bic="DEUTDEFFXXX")
UETR = "e2eae8b6-1a2b-4c3d-8e9f-0123456789ab"
STRICT = Policy(usage_rules=True, purpose_codes=True)


def transfer(**changes: Any) -> CreditTransfer:
    """100.00 EUR for 800.00 CNY, charges shared."""
    made = CreditTransfer(
        "E-1", Money("EUR", 100_00), "I-1", "T-1", UETR, settlement_date="2026-01-15",
        instructed=Money("CNY", 800_00), exchange_rate="0.125", charge_bearer="SHAR",
        charges=(Charge(Money("CNY", 1_50), NORTH),), instructing_agent=NORTH,
        instructed_agent=SOUTH, debtor=Party(name="深圳星河"), debtor_agent=NORTH,
        debtor_account=Account(other_id="6222"), creditor=Party(name="Käufer GmbH"),
        creditor_account=Account(iban="DE89370400440532013000"), creditor_agent=SOUTH,
        ultimate_creditor=Party(name="Konzern", lei="213800IJKLMNOPQR6732"), purpose="GDDS",
        regulatory=(
            RegulatoryReport("DEBT", "SAFE", "CN", (
                RegulatoryDetail(code="121010", information=("goods",)),
            )),
        ),
    )  # fmt: skip
    return replace(made, **changes)


def message(*transfers: CreditTransfer) -> TransferMessage:
    return TransferMessage(
        "pacs.008.001.08", "M-1", "2026-01-15T08:30:00Z", "INDA", instructing_agent=NORTH,
        instructed_agent=SOUTH, settlement_date="2026-01-15", transfers=transfers or (transfer(),),
    )  # fmt: skip


def sent(*transfers: CreditTransfer, policy: Policy = Policy()) -> TransferMessage:
    """As the receiving bank reads it."""
    data = iso20022.write_pacs008(message(*transfers))
    assert second_opinion(iso20022.read_document(data), XSD) == ()
    return iso20022.read_pacs008(data, policy)


def valid(data: bytes) -> bytes:
    assert second_opinion(iso20022.read_document(data), XSD) == ()
    return data


def test_every_typed_field_of_a_cross_border_transfer_comes_through() -> None:
    (came,) = sent().transfers
    assert came == transfer()
    assert came.regulatory[0].details[0].code == "121010"
    assert came.instructed == Money("CNY", 800_00)


def test_a_cover_payment_carries_the_transfer_that_it_covers() -> None:
    under = Underlying(
        Money("CNY", 800_00), debtor=Party(name="深圳星河"), creditor=Party(name="Käufer GmbH"),
        debtor_agent=NORTH, creditor_agent=SOUTH, remittance=Remittance(("Invoice 7",)),
    )  # fmt: skip
    cover = CreditTransfer(
        "E-1", Money("EUR", 100_00), uetr=UETR, instruction_id="I-1",
        debtor=Party(bic="BKCHCNBJXXX"), creditor=Party(bic="DEUTDEFFXXX"), underlying=under,
    )  # fmt: skip
    data = valid(iso20022.write_pacs009(replace(message(cover), message="pacs.009.001.08")))
    again = iso20022.read_pacs009(data)
    assert again.cover
    assert again.transfers[0].underlying == under
    assert again.transfers[0].debtor == Party(bic="BKCHCNBJXXX")


def test_a_cancellation_is_answered_accepted_rejected_and_pending_each_with_its_reason() -> None:
    came = sent(transfer(), transfer(uetr=UETR[:-1] + "c"), transfer(uetr=UETR[:-1] + "d"))
    asked = iso20022.request_cancellation(
        came.transfers, came, Reason("DUPL", ("sent twice",)), assignment_id="C-1", created_at=NOW
    )
    request = iso20022.read_camt056(valid(iso20022.write_camt056(asked)))
    assert [one.original.uetr[-1] for one in request.requests] == ["b", "c", "d"]
    assert request.requests[0].reasons[0].code == "DUPL"
    assert request.assigner == Party(bic="BKCHCNBJXXX")
    first, second, _ = (one.path for one in request.requests)
    answer = iso20022.resolve(
        request,
        {
            first: (CancellationStatus.CANCELLED, Reason()),
            second: (CancellationStatus.REJECTED, Reason("CUST", ("the payee declined",))),
        },
        assignment_id="A-1",
        created_at=NOW,
    )
    reported = iso20022.read_camt029(valid(iso20022.write_camt029(answer)))
    assert reported.status == "PECR"
    assert [one.status for one in reported.answers] == ["ACCR", "RJCR", "PDCR"]
    assert reported.answers[1].reasons == (Reason("CUST", ("the payee declined",)),)
    assert reported.answers[0].original == request.requests[0].original
    assert reported.answers[0].settlement == Money("EUR", 100_00)


@pytest.mark.parametrize(
    ("kind", "confirmation"),
    [("CANCELLED", "CNCL"), ("REJECTED", "RJCR"), ("PENDING", "PDCR")],
)
def test_one_answer_for_all_is_the_confirmation(kind: str, confirmation: str) -> None:
    came = sent()
    asked = iso20022.request_cancellation(
        came.transfers, came, Reason("CUST"), assignment_id="C-1", created_at=NOW
    )
    request = iso20022.read_camt056(iso20022.write_camt056(asked))
    answers = {request.requests[0].path: (CancellationStatus[kind], Reason())}
    reported = iso20022.resolve(request, answers, assignment_id="A-1", created_at=NOW)
    assert reported.status == confirmation


def test_a_return_states_original_amounts_charges_and_its_fx_treatment() -> None:
    came = sent()
    back = iso20022.return_of(
        came.transfers[0], came, Money("EUR", 98_00), "AC04", return_id="R-1",
        fx=FxTreatment.ORIGINAL_RATE, exchange_rate="8", settlement_date="2026-01-16",
        texts=("account closed",),
    )  # fmt: skip
    back = replace(back, charges=(Charge(Money("EUR", 2_00), SOUTH),))
    made = iso20022.return_message([back], came, message_id="RM-1", created_at=NOW)
    read = iso20022.read_pacs004(valid(iso20022.write_pacs004(made)))
    (one,) = read.returns
    assert one.fx_treatment is FxTreatment.ORIGINAL_RATE
    assert (one.original_settlement, one.returned) == (Money("EUR", 100_00), Money("EUR", 98_00))
    assert one.original.uetr == UETR
    assert one.original.message_id == "M-1"
    assert one.charges[0].amount == Money("EUR", 2_00)
    assert one.chain is not None
    assert (one.chain.debtor.name, one.chain.creditor.name) == ("Käufer GmbH", "深圳星河")
    assert (read.instructing_agent, read.instructed_agent) == (SOUTH, NORTH)


def test_no_more_comes_back_than_was_settled() -> None:
    came = sent()
    with pytest.raises(ValueError, match="more would come back"):
        iso20022.return_of(came.transfers[0], came, Money("EUR", 100_01), "AC04", return_id="R")
    back = iso20022.return_of(came.transfers[0], came, Money("EUR", 1), "AC04", return_id="R")
    made = iso20022.return_message(
        [replace(back, returned=Money("EUR", 100_01))], came, message_id="RM-1", created_at=NOW
    )
    (one,) = iso20022.read_pacs004(iso20022.write_pacs004(made)).returns
    assert [found.rule for found in one.findings] == ["rule.returned_more"]


def test_a_status_request_is_answered_from_what_is_known_and_with_noor_for_the_rest() -> None:
    came = sent()
    asked = iso20022.request_status(came.transfers[0], came, message_id="Q-1", created_at=NOW)
    request = iso20022.read_pacs028(valid(iso20022.write_pacs028(asked)))
    path = request.requests[0].path
    known = {path: PaymentStatus(path, Status.CREDITED, accepted_at="2026-01-15T08:31:00Z")}
    for statuses, expected in ((known, "ACCC"), ({}, "RJCT")):
        answer = iso20022.answer_requests(request, statuses, message_id="A-1", created_at=NOW)
        reported = iso20022.read_pacs002(valid(iso20022.write_pacs002(answer)))
        assert reported.transactions[0].status == expected
        assert reported.transactions[0].original.uetr == UETR
        assert reported.instructing_agent == SOUTH


def test_the_next_bank_learns_which_bank_was_passed() -> None:
    came = sent(transfer(debtor_agent=Agent(bic="ICBKCNBJXXX")))
    third = Agent(bic="CHASUS33XXX")
    onward = iso20022.passed_on(came, SOUTH, third, message_id="M-2", at=NOW)
    again = iso20022.read_pacs008(valid(iso20022.write_pacs008(onward)))
    assert again.transfers[0].previous_agents == (NORTH,)
    assert (again.instructing_agent, again.instructed_agent) == (SOUTH, third)
    assert again.transfers[0].uetr == UETR


RULES = [
    ({"charges": (), "instructed": None, "exchange_rate": ""}, []),
    ({"exchange_rate": ""}, ["rule.exchange_rate_missing"]),
    ({"instructed": Money("EUR", 100_00)}, ["rule.exchange_rate"]),
    ({"instructed": None, "exchange_rate": ""}, ["rule.charges_without_instructed"]),
    ({"purpose": "QQQQ"}, ["rule.purpose"]),
    ({"purpose": "SALA"}, []),
    ({"settlement": Money("EUR", 0)}, ["rule.amount_positive"]),
    ({"creditor_account": Account(iban="DE89370400440532013001")}, ["rule.iban"]),
    ({"ultimate_creditor": Party(name="X", lei="213800IJKLMNOPQR6733")}, ["rule.lei"]),
]


@pytest.mark.parametrize(("changes", "rules"), RULES)
def test_rules_of_a_transfer(changes: dict[str, Any], rules: list[str]) -> None:
    (came,) = sent(transfer(**changes), policy=STRICT).transfers
    assert [found.rule for found in came.findings] == rules
    assert all(found.path.startswith("/Document/FIToFI") for found in came.findings)


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"charge_bearer": "SLEV"}, ["rule.charge_bearer"]),
        ({"charge_bearer": "CRED", "charges": ()}, ["rule.charges_missing"]),
        ({"charge_bearer": "CRED"}, []),
        ({"instruction_id": "/I-1"}, ["rule.reference_slash"]),
        ({"instruction_id": "I_1"}, ["rule.characters"]),
        ({"creditor": Party(name="明达", town="深圳")}, ["rule.characters", "rule.characters"]),
        ({"creditor": Party(name="K{u}nde & Co #1 ~")}, []),
    ],
)
def test_rules_that_cbpr_adds(changes: dict[str, Any], rules: list[str]) -> None:
    latin = {"debtor": Party(name="Shenzhen Xinghe"), "creditor": Party(name="Kaeufer GmbH")}
    document = iso20022.write_pacs008(message(transfer(**latin | changes)))
    header = iso20022.BusinessHeader(
        "pacs.008.001.08", "M-1", "2026-01-15T08:30:00Z", NORTH, SOUTH, "swift.cbprplus.03"
    )
    data = iso20022.write_enveloped(header, document)
    (came,) = iso20022.read_pacs008(data, STRICT).transfers
    assert [found.rule for found in came.findings] == rules


def test_a_header_is_read_answered_and_given_back() -> None:
    document = iso20022.write_pacs008(message())
    header = iso20022.BusinessHeader("", "M-1", "2026-01-15T08:30:00Z", NORTH, SOUTH, "svc")
    data = iso20022.write_enveloped(header, document)
    read = iso20022.read_header(iso20022.read_document(data))
    assert read is not None
    assert (read.message, read.sender, read.receiver) == ("pacs.008.001.08", NORTH, SOUTH)
    answer = iso20022.answer_header(read, "pacs.002.001.10", "A-1", NOW)
    assert (answer.sender, answer.receiver, answer.service) == (SOUTH, NORTH, "svc")
    with pytest.raises(DocumentRefused):
        iso20022.write_enveloped(replace(header, business_id="x" * 36), document)


def test_a_payment_without_any_name_cannot_be_asked_about() -> None:
    came = sent()
    asked = iso20022.request_status(came.transfers[0], came, message_id="Q-1", created_at=NOW)
    nameless = replace(
        asked, requests=(replace(asked.requests[0], original=iso20022.Original("M", "pacs.008")),)
    )
    (one,) = iso20022.read_pacs028(iso20022.write_pacs028(nameless)).requests
    assert [found.rule for found in one.findings] == ["rule.original_missing"]


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x9FFF, exclude_categories=["Cs"]),
                min_size=1, max_size=30)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    amount=st.integers(1, 10**15), name=WORDS, text=WORDS, bearer=st.sampled_from(["DEBT", "CRED"]),
    currency=st.sampled_from(["EUR", "JPY", "KWD", "CNY", "CLF"]),
)  # fmt: skip
def test_any_transfer_written_is_read_the_same(
    amount: int, name: str, text: str, bearer: str, currency: str
) -> None:
    made = transfer(
        settlement=Money(currency, amount), debtor=Party(name=name), charge_bearer=bearer,
        remittance=Remittance((text,)),
    )  # fmt: skip
    (again,) = iso20022.read_pacs008(iso20022.write_pacs008(message(made))).transfers
    assert again == made


def a_return() -> bytes:
    back = iso20022.return_of(transfer(), message(), Money("EUR", 1), "AC04", return_id="R")
    made = iso20022.return_message([back], message(), message_id="R", created_at=NOW)
    return iso20022.write_pacs004(made)


def a_cancellation() -> bytes:
    return iso20022.write_camt056(
        iso20022.request_cancellation(
            [transfer()], message(), Reason("DUPL"), assignment_id="C", created_at=NOW
        )
    )


def a_question() -> bytes:
    return iso20022.write_pacs028(
        iso20022.request_status(transfer(), message(), message_id="Q", created_at=NOW)
    )


ALL: dict[str, tuple[Callable[..., Any], bytes]] = {
    "pacs.008": (iso20022.read_pacs008, iso20022.write_pacs008(message())),
    "pacs.004": (iso20022.read_pacs004, a_return()),
    "camt.056": (iso20022.read_camt056, a_cancellation()),
    "pacs.028": (iso20022.read_pacs028, a_question()),
}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.data())
def test_a_damaged_message_is_read_or_refused_by_name(kind: str, data: st.DataObject) -> None:
    read, good = ALL[kind]
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(changed) - 1))
        piece = data.draw(st.sampled_from([b"", b"<", b">", b"9", b"</", b"EUR", b"\xff", b"-"]))
        changed[place : place + data.draw(st.integers(0, 30))] = piece
    try:
        read(bytes(changed))
    except DocumentRefused as refused:
        assert all(found.rule in iso20022.RULES for found in refused.findings)


@pytest.mark.parametrize("kind", sorted(ALL))
def test_bombs_depth_and_size_are_refused(kind: str) -> None:
    read, good = ALL[kind]
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaa">]>' + good.partition(b"?>")[2]
    deep = good.replace(b"<MsgId>", b"<x>" * 70, 1).replace(b"<Id>", b"<x>" * 70, 1)
    for data, rules in (
        (bomb, {"xml.doctype"}),
        (deep, {"xml.too_deep", "xml.malformed"}),
    ):
        with pytest.raises(DocumentRefused) as refused:
            read(data)
        assert refused.value.findings[0].rule in rules
    with pytest.raises(DocumentRefused) as refused:
        read(good, Policy(max_bytes=100))
    assert refused.value.findings[0].rule == "xml.too_large"
