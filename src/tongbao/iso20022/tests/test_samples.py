"""Every sample of ../shared/data is read, or refused for a true reason; the table is printed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tongbao.iso20022.findings import DocumentRefused
from tongbao.iso20022.initiation.pain001 import read_pain001
from tongbao.iso20022.interbank.returns import read_pacs004
from tongbao.iso20022.interbank.statuses import read_pacs002
from tongbao.iso20022.interbank.transfers import read_pacs008, read_pacs009, write_pacs008
from tongbao.iso20022.statements.camt052 import write_camt052
from tongbao.iso20022.statements.camt053 import write_camt053
from tongbao.iso20022.statements.camt054 import write_camt054
from tongbao.iso20022.statements.reading import read_statement
from tongbao.iso20022.xml.accepting import Acceptance, Policy, check_message
from tongbao.iso20022.xml.reading import read_document
from tongbao.iso20022.xml.second_opinion import second_opinion

DATA = Path(__file__).parents[5] / "shared" / "data" / "iso20022"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/iso20022 is not here")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

STRICT = Policy(acceptance=Acceptance.WHOLE_FILE)
READERS: dict[str, Callable[[bytes], object]] = {
    "pain": read_pain001,
    "pacs.002": read_pacs002,
    "pacs.004": partial(read_pacs004, policy=STRICT),
    "pacs.008": read_pacs008,
    "pacs.009": read_pacs009,
    "camt": read_statement,
}
WRITERS = {"052": write_camt052, "053": write_camt053, "054": write_camt054}

REFUSED = {
    "cbpr-invalid/camt_054_2025_invalid.xml": {
        "xsd.order",
        "xsd.pattern",
        "xsd.required",
        "rule.header_message",
    },
    # Valid by the base schema; XAU is allowed by no payment rule, since ISO 4217 gives gold no
    # minor unit (CBPR+ forbids the metals by name).
    "cbpr-invalid/pacs_004_2025_invalid.xml": {"rule.currency"},
    "cbpr-invalid/pacs_008_2025_invalid.xml": {"xsd.order", "rule.header_message"},
    "cbpr-invalid/pacs_009_2025_invalid.xml": {"xsd.order", "rule.header_message"},
    "cbpr-invalid/pain_001_2025_invalid.xml": {"xsd.required", "rule.header_message"},
    # NbOfTxs 1, CtrlSum 10000 and the one transfer is of another amount.
    "plain/pacs.008.001.07.xml": {"rule.control_sum", "rule.total_amount"},
    # CtrlSum 234234, total 1242, the one transfer is of 22423.
    "plain/pacs.009.001.07.xml": {"rule.control_sum", "rule.total_amount"},
    # White space around CDATA makes AddtlInf longer than 105 characters.
    "plain/pacs.002-CDATA.xml": {"xsd.length"},
    "plain/mx_sample_request_wrapper.xml": {"iso.unknown_message"},
}
"""Samples that are not read, and exactly the rules that they break."""


def samples() -> list[Path]:
    return sorted((DATA / "samples").glob("*/*.xml"))


def read(path: Path) -> object:
    """Through the reader of its kind; other messages through the general check."""
    name = path.name
    kind = next((kind for kind in READERS if name.startswith((kind, kind.replace(".", "_")))), "")
    return READERS.get(kind, check_message)(path.read_bytes())


def test_every_sample_is_read_or_refused_for_a_true_reason() -> None:
    table: list[str] = []
    for path in samples():
        name = f"{path.parent.name}/{path.name}"
        try:
            read(path)
        except DocumentRefused as refused:
            rules = {found.rule for found in refused.findings}
            assert rules == REFUSED.get(name), f"{name}: {refused}"
            assert all(found.path or found.line for found in refused.findings)
            table.append(f"refused  {name:45} {', '.join(sorted(rules))}")
        else:
            assert name not in REFUSED
            table.append(f"read     {name}")
    print("\n" + "\n".join(table) + f"\n{len(table)} of {len(samples())} accounted for")


def test_broken_twins_name_line_path_and_value() -> None:
    path = DATA / "samples/cbpr-invalid/camt_054_2025_invalid.xml"
    with pytest.raises(DocumentRefused) as refused:
        read(path)
    found = next(one for one in refused.value.findings if one.rule == "xsd.pattern")
    expected = "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn[1]/Acct/Svcr/FinInstnId/BICFI"
    assert (found.line, found.path, found.value) == (43, expected, "NOTABIC")


def test_a_cheque_and_a_missing_account_are_findings_of_the_payment_not_of_the_file() -> None:
    file = read_pain001((DATA / "samples/cbpr/pain.001.min.xml").read_bytes())
    assert {found.rule for found in file.groups[0].findings} == {"rule.payment_method", "rule.iban"}
    assert [found.rule for found in file.lines[0].findings] == ["rule.creditor_account"]


def test_an_old_bank_file_maps_to_exact_units() -> None:
    file = read_pain001((DATA / "samples/plain/pain001_001_08.xml").read_bytes())
    (line,) = file.lines
    assert (line.currency, line.amount_minor, line.decimals) == ("GBP", 1000, 2)
    assert file.control_sum == "10"
    assert line.accepted
    assert b"InstdAmt" in line.source


def statement_samples() -> list[Path]:
    return [path for path in samples() if path.name.startswith("camt")]


def test_statements_written_again_read_the_same_and_satisfy_the_schema_file() -> None:
    count = 0
    for path in statement_samples():
        try:
            message = read_statement(path.read_bytes())
        except DocumentRefused:
            continue
        write = WRITERS[message.message[5:8]]
        data = write(
            message.statements,
            message_id=message.message_id,
            created_at=NOW,
            recipient=message.recipient,
        )
        again = read_statement(data)
        assert again.statements == message.statements, path.name
        assert again.recipient == message.recipient
        assert second_opinion(read_document(data), DATA / "xsd") == ()
        count += 1
    assert count == 7


def test_a_pacs008_passed_on_keeps_every_field_even_those_without_a_home() -> None:
    count = 0
    for path in samples():
        if not path.name.startswith("pacs.008"):
            continue
        try:
            file = read_pacs008(path.read_bytes())
        except DocumentRefused:
            continue
        data = write_pacs008(file)
        again = read_pacs008(data)
        assert dataclasses.replace(again, message=file.message) == file, path.name
        old = sorted(_leaves(path.read_bytes(), "CdtTrfTxInf"))
        assert sorted(_leaves(data, "CdtTrfTxInf")) == old, path.name
        assert _leaves(data, "GrpHdr") == _leaves(path.read_bytes(), "GrpHdr"), path.name
        assert second_opinion(read_document(data), DATA / "xsd") == ()
        count += 1
    assert count == 4


def _leaves(data: bytes, name: str) -> list[tuple[str, str]]:
    """Every element with text below the payments: what the document says."""
    root = read_document(data).root
    return [
        (leaf.tag, leaf.text.strip())
        for payment in root.iter("{*}" + name)
        for leaf in payment.iter()
        if leaf.text and leaf.text.strip()
    ]
