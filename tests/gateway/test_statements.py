"""Statements: balances of then, unique references, IBAN in IBAN, one a currency, in four forms."""

from __future__ import annotations

import csv
import io
import time
import uuid
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from tests.gateway.conftest import TOKEN, Node, new_body, new_envelope, refused, sign, transfer
from typer.testing import CliRunner

from tongbao import iso20022
from tongbao.cli.main import app
from tongbao.kernel.transaction import Envelope
from tongbao.modules.accounts import LinkIdentifier
from tongbao.modules.payments import BulkTransfer, Line, Transfer
from tongbao.node.clock import utc_ms
from tongbao.paymentfiles.desk.statement import statement
from tongbao.paymentfiles.statements import account
from tongbao.sdk import Client
from tongbao.sdk.api_codes import GatewayCode
from tongbao.sdk.build import add_signatures

NOW = datetime.now(UTC)
IBAN = "DE89370400440532013000"
PAYER, PAYEE = "hengtong/main", "mingda/main"


def read(raw: bytes) -> Any:
    [made] = iso20022.read_statement(raw).statements
    return made


def balances(made: Any) -> list[tuple[str, int]]:
    return [(one.type, one.amount_minor) for one in made.balances]


def posted(client: Client, account: str) -> int:
    return next(
        int(h.posted_minor) for h in client.accounts.holdings(account=account) if h.asset == "CNY"
    )


def test_a_past_period_shows_the_balances_of_then(client: Client) -> None:
    before = posted(client, PAYER)
    first = client.submit_and_wait(new_envelope(transfer(700)))
    cut = max(client.status().time_ms, int(time.time() * 1000)) + 1
    time.sleep(0.01)
    client.submit_and_wait(new_envelope(transfer(1100)))
    assert first.height
    past = read(statement(client, PAYER, "CNY", "M", NOW, until_ms=cut))
    assert balances(past)[1] == ("CLBD", before - 700)
    since = read(statement(client, PAYER, "CNY", "M", NOW, since_ms=cut))
    assert balances(since) == [("OPBD", before - 700), ("CLBD", before - 1800)]
    opening = past.balances[0].amount_minor
    moved = sum(e.amount_minor if e.credit else -e.amount_minor for e in past.entries)
    assert opening + moved == before - 700
    after = max(client.status().time_ms, utc_ms()) + 1
    time.sleep(0.01)
    empty = read(statement(client, PAYER, "CNY", "M", NOW, since_ms=after,
                           until_ms=after + 10_000_000))  # fmt: skip
    assert balances(empty) == [("OPBD", before - 1800), ("CLBD", before - 1800)]
    assert len({past.id, since.id, empty.id}) == 3
    assert past.sequence_number != empty.sequence_number
    assert all("T" not in one.on for one in past.balances)


def test_a_statement_of_a_day_that_is_not_over_ends_now(client: Client) -> None:
    client.submit_and_wait(new_envelope(transfer(300)))
    now = utc_ms()
    open_day = statement(client, PAYER, "CNY", "M", NOW, since_ms=1000, until_ms=now + 86_400_000)
    until = datetime.fromisoformat(read(open_day).to_time).timestamp() * 1000
    assert now - 60_000 < until <= utc_ms() + 1
    assert read(open_day).entries[-1].amount_minor == 300


def test_references_are_unique_also_within_one_bulk_transfer(client: Client) -> None:
    lines = tuple(Line(PAYEE, 5, f"R{n}") for n in range(4))
    client.submit_and_wait(new_envelope(BulkTransfer(PAYER, "CNY", lines)))
    made = read(statement(client, PAYER, "CNY", "M", NOW))
    for name in ("reference", "servicer_reference"):
        reported = [getattr(one, name) for one in made.entries]
        assert len(set(reported)) == len(reported)
        assert all(one and len(one) <= 35 for one in reported)


def test_an_iban_stands_in_iban_and_in_the_parties_of_entries(client: Client) -> None:
    body = new_body(LinkIdentifier(PAYEE, IBAN), party="mingda")
    bank = msgspec.json.decode(sign(body, "bank-north"), type=Envelope).signatures
    theirs = [replace(one, party="bank-north") for one in bank]
    both = add_signatures(sign(body, "mingda"), theirs)
    client.submit_and_wait(both)
    client.submit_and_wait(new_envelope(transfer(1200)))
    made = read(statement(client, PAYEE, "CNY", "M", NOW))
    assert made.account.iban == IBAN
    ours = read(statement(client, PAYER, "CNY", "M", NOW))
    assert ours.entries[-1].details[0].creditor_account.iban == IBAN
    assert ours.entries[-1].details[0].debtor_account.other_id == PAYER


def test_what_the_payer_wrote_is_in_the_details(client: Client) -> None:
    uetr = "0b1f9f1c-9b1a-4a2e-8f53-1d2c3b4a5e6f"
    client.submit_and_wait(new_envelope(Transfer(
        PAYER, PAYEE, "CNY", 900, "E2E-9", uetr=uetr, purpose="SUPP", remittance="invoice 9",
    )))  # fmt: skip
    detail = read(statement(client, PAYEE, "CNY", "M", NOW)).entries[-1].details[0]
    assert (detail.end_to_end_id, detail.uetr, detail.purpose) == ("E2E-9", uetr, "SUPP")
    assert detail.remittance.unstructured == ("invoice 9",)


def test_the_issuing_account_has_one_and_owes_what_is_outstanding(client: Client) -> None:
    asset = client.assets.show("CNY")
    made = read(statement(client, asset.issuing_account, "CNY", "M", NOW))
    assert balances(made)[1] == ("CLBD", -int(asset.supply_minor))
    raw = statement(client, asset.issuing_account, "CNY", "M", NOW)
    assert b'<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">' in raw
    assert b"DBIT" in raw


def test_from_is_before_to_and_what_is_not_there_is_said(client: Client) -> None:
    late = refused(lambda: statement(client, PAYER, "CNY", "M", NOW, since_ms=2000, until_ms=1000))
    assert late.name == "BAD_PARAMETER"
    assert refused(lambda: statement(client, "nobody/main", "CNY", "M", NOW)).status == 404
    assert refused(lambda: statement(client, PAYER, "XYZ", "M", NOW)).status == 404


@pytest.mark.parametrize("form", ["camt.052", "csv", "xlsx"])
def test_the_other_forms_say_the_same(client: Client, node: Node, form: str) -> None:
    client.submit_and_wait(new_envelope(Transfer(
        PAYER, PAYEE, "CNY", 123, "E2E-F", remittance="=1+1",
    )))  # fmt: skip
    answer: httpx.Response = node.http.get(
        f"/v1/accounts/{PAYEE}/statement", params={"format": form, "asset": "CNY"}
    )
    assert answer.status_code == 200, answer.text
    if form == "camt.052":
        assert balances(read(answer.content))[1][0] == "ITBD"
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[-2][3] == "1.23"
        assert rows[-2][11] == "'=1+1"
        assert rows[-1][6] == "closing balance"
    else:
        sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml")
        assert b"<v>1.23</v>" in sheet
        assert b"<f>" not in sheet


@pytest.mark.parametrize("name", ["since_ms", "until_ms", "created_at_ms"])
def test_a_moment_that_no_calendar_has_is_refused(node: Node, name: str) -> None:
    path = f"/v1/accounts/{PAYEE}/statement"
    last = node.http.get(path, params={"created_at_ms": 253_402_300_799_999, "asset": "CNY"})
    beyond = node.http.get(path, params={name: 2**53})
    assert (last.status_code, beyond.status_code) == (200, 422)
    assert beyond.json()["code"] == GatewayCode.BAD_PARAMETER


def test_a_statement_of_more_entries_than_it_may_have_is_asked_for_in_parts(
    node: Node, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for amount in (1, 2, 3):
        client.submit_and_wait(new_envelope(transfer(amount)))
    monkeypatch.setattr(account, "MAX_ENTRIES", 2)
    answer = node.http.get(f"/v1/accounts/{PAYEE}/statement", params={"asset": "CNY"})
    assert (answer.status_code, answer.json()["code"]) == (422, GatewayCode.BAD_PARAMETER)
    assert "shorter period" in answer.json()["detail"]


def test_the_command_writes_a_statement_and_tracks_a_transfer_by_its_uetr(
    client: Client, node: Node, tmp_path: Path
) -> None:
    uetr = str(uuid.uuid4())
    client.submit_and_wait(new_envelope(Transfer(PAYER, PAYEE, "CNY", 321, "E2E-T", uetr=uetr)))
    out = tmp_path / "s.xml"
    typed = CliRunner(env={"TONGBAO_TOKEN": TOKEN})
    where = ["--url", node.url]
    words = ["account", "statement", PAYEE, "--asset", "CNY", "--from", "2020-01-01"]
    done = typed.invoke(app, ["--json", *words, "-o", str(out), *where])
    assert done.exit_code == 0, done.output
    assert read(out.read_bytes()).entries[-1].details[0].uetr == uetr
    assert out.stat().st_mode & 0o777 == 0o600
    wrong = [*words[:-1], "2026-11-30", "--to", "2026-11-01"]
    assert typed.invoke(app, [*wrong, *where]).exit_code == 2
    done = typed.invoke(app, ["--json", "pay", "track", uetr, *where])
    assert done.exit_code == 0, done.output
    assert msgspec.json.decode(done.stdout)["payments"][0]["amount_minor"] == "321"
    assert (
        CliRunner(env={"TONGBAO_TOKEN": TOKEN})
        .invoke(app, ["pay", "track", str(uuid.uuid4()), *where])
        .exit_code
        == 1
    )


def test_a_statement_of_a_period_to_come_is_refused(node: Node) -> None:
    for ahead_ms in (60_000, 86_400_000 * 400):
        since = utc_ms() + ahead_ms
        for form in ("camt.053", "camt.052", "csv", "xlsx"):
            answer = node.http.get(
                "/v1/accounts/hengtong/main/statement", params={"since_ms": since, "format": form}
            )
            assert (answer.status_code, answer.json()["name"]) == (422, "BAD_PARAMETER")
            assert "lies ahead" in answer.json()["detail"]
