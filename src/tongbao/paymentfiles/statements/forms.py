"""Statements in the forms that people and systems ask for."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tongbao import sheets
from tongbao.iso20022.statements.camt052 import write_camt052
from tongbao.iso20022.statements.camt053 import write_camt053
from tongbao.paymentfiles.statements.account import Statement, in_message
from tongbao.sdk.quantities import amount_text

MEDIA = {
    "camt.053": "application/xml", "camt.052": "application/xml", "csv": sheets.MEDIA,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
FORMS = tuple(MEDIA)
COLUMNS = (
    "account", "time (UTC)", "value date", "amount", "currency", "balance", "counterparty",
    "counterparty account", "end-to-end id", "UETR", "purpose", "remittance",
    "structured remittance", "reference",
)  # fmt: skip


def written(
    form: str, made: Sequence[Statement], created_at: datetime, message_id: str = ""
) -> bytes:
    """Statements as a file. DocumentRefused where an asset stands for no currency of a message."""
    if form == "csv":
        return _csv(made)
    if form == "xlsx":
        return _xlsx(made)
    closed = form == "camt.053"
    parts = [in_message(one, created_at, closed=closed) for one in made]
    write = write_camt053 if closed else write_camt052
    return write(parts, message_id=message_id or uuid.uuid4().hex, created_at=created_at)


def _rows(made: Statement) -> Iterator[list[str]]:
    """Opening balance, each entry, closing balance."""
    yield _balance_row(made, "opening balance", made.period.since_ms, made.opening_minor)
    for one in made.entries:
        name = made.names.get(one.counterparty)
        moment = _moment(one.time_ms)
        yield [
            made.account, moment, moment[:10], _plain(int(one.amount_minor), made), made.asset,
            _plain(int(one.balance_minor), made), one.counterparty, name.number if name else "",
            one.payee_reference, one.uetr, one.purpose, one.remittance,
            one.creditor_reference or one.structured, one.entry,
        ]  # fmt: skip
    yield _balance_row(made, "closing balance", made.period.until_ms - 1, made.closing_minor)


def _balance_row(made: Statement, words: str, time_ms: int, minor: int) -> list[str]:
    moment = _moment(time_ms)
    row = [made.account, moment, moment[:10], "", made.asset, _plain(minor, made), words]
    return row + [""] * (len(COLUMNS) - len(row))


def _plain(minor: int, made: Statement) -> str:
    """An amount in units without thousands marks: a program reads it too."""
    return amount_text(minor, made.decimals).replace(",", "")


def _moment(time_ms: int) -> str:
    """A moment as people and sheets read it, UTC."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _csv(made: Sequence[Statement]) -> bytes:
    """UTF-8; a text that a spreadsheet would calculate stands behind an apostrophe."""
    rows = [row for one in made for row in _rows(one)]
    lines = [sheets.line([sheets.harmless(cell) for cell in row]) for row in [COLUMNS, *rows]]
    return (sheets.MARK + "".join(lines)).encode()


def _xlsx(made: Sequence[Statement]) -> bytes:
    """One sheet a currency. Texts are texts; amounts are numbers as far as a sheet's sixteen
    digits say them exactly, else texts."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True})
    for one in made:
        sheet = book.add_worksheet(one.asset[:31])
        digits = "#,##0" + ("." + "0" * one.decimals if one.decimals else "")
        money = book.add_format({"num_format": digits})
        for place, name in enumerate(COLUMNS):
            sheet.write_string(0, place, name, bold)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, 18)
        for number, row in enumerate(_rows(one), start=1):
            for place, cell in enumerate(row):
                if place in (3, 5) and cell and len(cell) <= 16:
                    sheet.write_number(number, place, float(cell), money)
                else:
                    sheet.write_string(number, place, cell)
    book.close()
    return out.getvalue()
