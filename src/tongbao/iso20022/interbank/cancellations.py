"""camt.056 and camt.029 in and out: asking for a cancellation, and the answer to it."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.interbank.forms import Form, items, read_form, write_form
from tongbao.iso20022.interbank.inquiries import (
    CancellationAnswer,
    CancellationAnswerGroup,
    CancellationGroup,
    CancellationMessage,
    CancellationRequest,
    Case,
    ResolutionMessage,
)
from tongbao.iso20022.interbank.model import Original
from tongbao.iso20022.interbank.parts import ORIGINAL, reasons
from tongbao.iso20022.interbank.returns import named
from tongbao.iso20022.transfer_rules import positive
from tongbao.iso20022.xml.accepting import DEFAULT_POLICY, Policy
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import down, repeated, truth
from tongbao.iso20022.xml.fields import (
    DATE,
    MONEY,
    PARTY_CHOICE,
    Field,
    Record,
    fields,
    texts,
)
from tongbao.iso20022.xml.tree import etree

_ASSIGNMENT = (
    *texts(("assignment_id", "Assgnmt/Id"), ("created_at", "Assgnmt/CreDtTm")),
    *fields(PARTY_CHOICE, ("assigner", "Assgnmt/Assgnr"), ("assignee", "Assgnmt/Assgne")),
)


def _group(name: str) -> Field:
    """The message whose payments are spoken of, in the container of a group."""
    below = texts(
        ("message_id", f"{name}/OrgnlMsgId"),
        ("message", f"{name}/OrgnlMsgNmId"),
        ("created_at", f"{name}/OrgnlCreDtTm"),
    )
    return Field("original", (), Record(Original, below))


def _case(name: str) -> Field:
    """An investigation, where one is named."""
    creator = Field("creator", ("Cretr",), PARTY_CHOICE)
    return Field("case", (name,), Record(Case, (*texts(("id", "Id")), creator), optional=True))


_REQUEST = Record(
    CancellationRequest,
    (
        ORIGINAL,
        *texts(("cancellation_id", "CxlId")),
        _case("Case"),
        Field("settlement", ("OrgnlIntrBkSttlmAmt",), MONEY),
        Field("settlement_date", ("OrgnlIntrBkSttlmDt",), DATE),
        reasons("CxlRsnInf"),
    ),
    keeps=True,
    placed=True,
)
_REQUESTS = Record(
    CancellationMessage,
    (
        *_ASSIGNMENT,
        *texts(("number_of_transactions", "CtrlData/NbOfTxs")),
        _case("Case"),
        Field(
            "groups",
            ("Undrlyg",),
            Record(
                CancellationGroup,
                (
                    _group("OrgnlGrpInfAndCxl"),
                    *texts(("whole", "OrgnlGrpInfAndCxl/GrpCxl")),
                    reasons("OrgnlGrpInfAndCxl", "CxlRsnInf"),
                    Field("requests", ("TxInf",), _REQUEST, many=True),
                ),
                keeps=True,
            ),
            many=True,
        ),
    ),
    keeps=True,
)
_ANSWER = Record(
    CancellationAnswer,
    (
        ORIGINAL,
        *texts(
            ("answer_id", "CxlStsId"),
            ("status", "TxCxlSts"),
            ("resolution_end_to_end_id", "RsltnRltdInf/EndToEndId"),
            ("resolution_uetr", "RsltnRltdInf/UETR"),
        ),
        _case("RslvdCase"),
        *fields(
            MONEY,
            ("settlement", "OrgnlIntrBkSttlmAmt"),
            ("resolution_settlement", "RsltnRltdInf/IntrBkSttlmAmt"),
        ),
        Field("settlement_date", ("OrgnlIntrBkSttlmDt",), DATE),
        reasons("CxlStsRsnInf"),
    ),
    keeps=True,
    placed=True,
)
_ANSWERS = Record(
    ResolutionMessage,
    (
        *_ASSIGNMENT,
        *texts(("status", "Sts/Conf")),
        _case("RslvdCase"),
        Field(
            "groups",
            ("CxlDtls",),
            Record(
                CancellationAnswerGroup,
                (
                    _group("OrgnlGrpInfAndSts"),
                    *texts(("status", "OrgnlGrpInfAndSts/GrpCxlSts")),
                    reasons("OrgnlGrpInfAndSts", "CxlStsRsnInf"),
                    Field("answers", ("TxInfAndSts",), _ANSWER, many=True),
                ),
                keeps=True,
            ),
            many=True,
        ),
    ),
    keeps=True,
)


def _rules(checker: Checker, body: etree._Element, _: Policy) -> Iterator[Finding]:
    """NbOfTxs against the payments named; a whole message is not counted by its payments."""
    groups = [down(one, "OrgnlGrpInfAndCxl", "GrpCxl") for one in repeated(body, "Undrlyg")]
    if not any(truth(one) for one in groups):
        yield from checker.count(down(body, "CtrlData", "NbOfTxs"), len(items(CAMT056, body)))


def _request_rules(checker: Checker, element: etree._Element, _: Policy) -> Iterator[Finding]:
    yield from named(checker, element)
    amount = down(element, "OrgnlIntrBkSttlmAmt")
    if amount is not None:
        yield from positive(checker, amount)


CAMT056 = Form(
    "camt.056",
    "camt.056.001.08",
    "FIToFIPmtCxlReq",
    _REQUESTS,
    ("Undrlyg", "TxInf"),
    _rules,
    _request_rules,
)
CAMT029 = Form("camt.029", "camt.029.001.09", "RsltnOfInvstgtn", _ANSWERS)


def read_camt056(data: bytes, policy: Policy = DEFAULT_POLICY) -> CancellationMessage:
    """Read a camt.056, bare or wrapped; a finding of one request stays with it.

    Raises DocumentRefused when the document is not schema-valid or its count is wrong.
    """
    message: CancellationMessage = read_form(data, CAMT056, policy)
    return message


def write_camt056(message: CancellationMessage, *, version: str = "") -> bytes:
    """A camt.056; DocumentRefused where the values make none."""
    return write_form(message, CAMT056, version)


def read_camt029(data: bytes, policy: Policy = DEFAULT_POLICY) -> ResolutionMessage:
    """Read a camt.029 about cancellations; DocumentRefused where it is not valid."""
    message: ResolutionMessage = read_form(data, CAMT029, policy)
    return message


def write_camt029(message: ResolutionMessage, *, version: str = "") -> bytes:
    """A camt.029; DocumentRefused where the values make none."""
    return write_form(message, CAMT029, version)
