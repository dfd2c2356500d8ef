"""`tongbao account statement`: an account's statement as a file."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tongbao.cli.shell.output import EXIT_USAGE, output
from tongbao.files import write_private

if TYPE_CHECKING:
    from tongbao.sdk import Client

FORMS = ("camt.053", "camt.052", "csv", "xlsx")
_ENDS = {"camt.053": "camt.053.xml", "camt.052": "camt.052.xml", "csv": "csv", "xlsx": "xlsx"}


def write_statement(
    ledger: Client,
    account: str,
    asset: str,
    period: tuple[str, str],
    form: str,
    out: Path | None,
) -> None:
    """Ask for it, and write it to a file of its owner alone, or (texts) to the terminal."""
    from tongbao.paymentfiles.desk.statement import statement

    if form not in FORMS:
        known = ", ".join(FORMS)
        output.fail("{form} is none of {known}", None, EXIT_USAGE, form=form, known=known)
    since, until = stretch(period)
    raw = statement(
        ledger, account, asset or None, since_ms=since, until_ms=until, form=form,
        created_at=datetime.now(UTC),
    )  # fmt: skip
    if out is None and (form == "xlsx" or output.json):
        out = Path(f"{account.replace('/', '-')}.{_ENDS[form]}")
    if out is None:
        sys.stdout.write(raw.decode("utf-8-sig"))
        return
    write_private(out, raw)
    output.result({"file": str(out), "format": form}, lambda: output.say("{out}", out=out))


def stretch(period: tuple[str, str]) -> tuple[int | None, int | None]:
    """`--from` and `--to` as moments, the second one outside; None where nothing was typed."""
    since, until = _moment(period[0], last=False), _moment(period[1], last=True)
    if since is not None and until is not None and since >= until:
        output.fail(
            "--from {period} is not before --to {period_2}",
            None,
            EXIT_USAGE,
            period=period[0],
            period_2=period[1],
        )
    return since, until


def _moment(text: str, *, last: bool) -> int | None:
    """A day (UTC; as the last one it is contained) or a time with its zone; None for none."""
    if not text:
        return None
    try:
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=last)
            return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or moment.year < 1970:
        output.fail(
            "{text} is neither a day like 2026-11-30 nor a time like 2026-11-30T08:00:00Z",
            None,
            EXIT_USAGE,
            text=text,
        )
    return max(0, int(moment.timestamp() * 1000))
