"""An account's statement from the read model's entries: one a currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from tongbao.iso20022.currencies import MINOR_UNITS
from tongbao.iso20022.model import (
    TRANSFER_RECEIVED,
    TRANSFER_SENT,
    Account,
    AccountStatement,
    Balance,
    Entry,
    EntryDetail,
    Party,
)
from tongbao.iso20022.naming import account_named
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identifiers import iban
from tongbao.kernel.money import owner_of
from tongbao.paymentfiles.carrying import purpose_of, remittance_of
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.sdk import rows
from tongbao.sdk.fx import currency_of

DAY_MS = 24 * 3_600_000
_PAGE = 1000
MAX_ENTRIES = 100_000
"""Of one statement: more of them are asked for in shorter periods."""
_EPOCH = 1_577_836_800
"""2020-01-01, in seconds: nine digits last until 2051."""


class BadPeriod(ValueError):
    """From is not before To, there are too many entries between them, or an amount cannot be stated
    in the message's currency."""


@dataclass(frozen=True)
class Period:
    """From a moment on, until before another one; UTC milliseconds."""

    since_ms: int
    until_ms: int

    @property
    def number(self) -> int:
        """Its own among an account's periods, to the second: for whole days they count up by one,
        else 18 digits from both ends."""
        if self.since_ms % DAY_MS == 0 and self.until_ms - self.since_ms == DAY_MS:
            return self.since_ms // DAY_MS
        first, last = (max(0, ms // 1000 - _EPOCH) for ms in (self.since_ms, self.until_ms))
        return first * 10**9 + last

    @property
    def name(self) -> str:
        """Both ends to the millisecond, at most 22 characters."""
        return f"{self.since_ms:x}{self.until_ms:011x}"


@dataclass(frozen=True)
class Statement:
    """What an account held of one asset, and what moved."""

    account: str
    asset: str
    decimals: int
    title: str
    numbers: tuple[str, ...]
    period: Period
    opening_minor: int
    closing_minor: int
    entries: tuple[rows.Entry, ...]
    names: dict[str, Account]
    """How messages identify the accounts in it."""


def statements_of(
    queries: SqlQueries,
    viewer: Viewer,
    account: str,
    asset: str | None,
    within_ms: tuple[int | None, int | None],
    now_ms: int,
) -> list[Statement]:
    """One statement for each asset of an account (or for one); empty for an account that is
    unknown, or that the viewer does not read. `within_ms`: since when, and until before when.

    Its period ends now at the latest: nobody states a balance of a time to come.
    """
    since_ms, until_ms = within_ms
    known, issued = (
        queries.records.one_row(viewer, "account", account),
        _issued_from(queries, viewer, account),
    )
    if known is None and not issued:
        return []
    opened = int(known["created_at_ms"]) if known else 0
    start = since_ms if since_ms is not None else _first(queries, viewer, account, opened)
    newest = queries.time_ms() + 1
    end = max(newest, start + 1) if until_ms is None else min(until_ms, max(newest, now_ms))
    if start >= end:
        raise BadPeriod(f"the period begins at {start} and ends at {end}: From is before To")
    period = Period(start, end)
    held = [row["asset"] for row in queries.records.every(viewer, "holding", account=account)]
    assets = [asset] if asset else sorted({*held, *issued})
    title = (known["title_local"] or known["title"]) if known else ""
    numbers = tuple(known["identifiers"]) if known else ()
    return [of_account(queries, viewer, account, one, period, title, numbers) for one in assets]


def of_account(
    queries: SqlQueries,
    viewer: Viewer,
    account: str,
    asset: str,
    period: Period,
    title: str,
    numbers: tuple[str, ...],
) -> Statement:
    """The statement of one asset: its balances are those of the period's ends."""
    found = queries.records.every(
        viewer, "entry", oldest_first=True, account=account, asset=asset,
        since_ms=period.since_ms, until_ms=period.until_ms,
    )  # fmt: skip
    entries = tuple(rows.Entry(row) for row in islice(found, MAX_ENTRIES + 1))
    if len(entries) > MAX_ENTRIES:
        raise BadPeriod(f"more than {MAX_ENTRIES} entries: ask for a shorter period")
    if entries:
        opening = int(entries[0].balance_minor) - int(entries[0].amount_minor)
        closing = int(entries[-1].balance_minor)
    else:
        opening = closing = _balance_at(queries, viewer, account, asset, period.since_ms)
    known = queries.records.one_row(viewer, "asset", asset)
    decimals = int(known["decimals"]) if known else 0
    names = _named(queries, {account, *(one.counterparty for one in entries)})
    return Statement(
        account, asset, decimals, title, numbers, period, opening, closing, entries, names
    )  # fmt: skip


def _balance_at(queries: SqlQueries, viewer: Viewer, account: str, asset: str, time_ms: int) -> int:
    """Posted before a moment: by the last entry before it, else by the first after it, else what
    is held, which never moved."""
    of = {"account": account, "asset": asset}
    if before := queries.entry(viewer, {**of, "until_ms": time_ms}):
        return int(before["balance_minor"])
    if after := queries.entry(viewer, {**of, "since_ms": time_ms}, oldest_first=True):
        return int(after["balance_minor"]) - int(after["amount_minor"])
    held = queries.records.every(viewer, "holding", account=account, asset=asset)
    return sum(int(row["posted_minor"]) for row in held)


def _first(queries: SqlQueries, viewer: Viewer, account: str, opened_ms: int) -> int:
    if opened_ms:
        return opened_ms
    found = queries.entry(viewer, {"account": account}, oldest_first=True)
    return int(found["time_ms"]) if found else 0


def _issued_from(queries: SqlQueries, viewer: Viewer, account: str) -> list[str]:
    """The assets that are issued from an account, where it is the viewer's."""
    if not (viewer.is_node or viewer.party == owner_of(account)):
        return []
    return [row["asset"] for row in queries.records.every(viewer, "asset", account=account)]


def _named(queries: SqlQueries, accounts: Iterable[str]) -> dict[str, Account]:
    """An account by its IBAN where it has one, by another number, or by its own id: each end of
    a payment knows the other's."""
    listed = sorted(one for one in accounts if one)
    numbers: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(listed), 400):
        numbers |= queries.numbers_of(Viewer.node(), listed[start : start + 400])
    return {one: account_named(best_number(one, numbers.get(one, ()))) for one in listed}


def best_number(account: str, numbers: Iterable[str]) -> str:
    """What an account is known by outside: an IBAN, else the first number linked, else its id."""
    given = list(numbers)
    return next((one for one in given if iban(one) is not None), next(iter(given), account))


# ---- as messages say it --------------------------------------------------------------------------


def in_message(made: Statement, created_at: datetime, *, closed: bool) -> AccountStatement:
    """The part of a camt.053 (`closed`: closing booked) or camt.052 (interim booked)."""
    currency = currency_of(made.asset) or made.asset
    scale = MINOR_UNITS.get(currency, made.decimals)
    digest = content_digest(f"{made.account} {made.asset}".encode()).hex()[:12]
    here = made.names.get(made.account) or account_named(made.account)
    number = best_number(made.account, made.numbers)
    here = account_named(number, currency) if number != made.account else here
    last = "CLBD" if closed else "ITBD"
    return AccountStatement(
        f"{digest}-{made.period.name}",
        account_named(number, currency),
        currency,
        scale,
        created_at=created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        sequence_number=made.period.number,
        from_time=_instant(made.period.since_ms),
        to_time=_instant(made.period.until_ms),
        owner=Party(name=made.title),
        balances=(
            Balance("OPBD", _scaled(made.opening_minor, made, scale), _day(made.period.since_ms)),
            Balance(last, _scaled(made.closing_minor, made, scale), _day(made.period.until_ms - 1)),
        ),
        entries=tuple(_entry(one, made, here, scale) for one in made.entries),
    )


def _entry(one: rows.Entry, made: Statement, here: Account, scale: int) -> Entry:
    amount = _scaled(int(one.amount_minor), made, scale)
    credit = amount > 0
    there = made.names.get(one.counterparty) or account_named(one.counterparty or "unknown")
    own = Account(here.iban, here.other_id, here.scheme, proxy=here.proxy)
    detail = EntryDetail(
        end_to_end_id=one.payee_reference,
        uetr=one.uetr,
        instruction_id="" if credit else one.instruction,
        amount_minor=abs(amount),
        credit=credit,
        debtor_account=there if credit else own,
        creditor_account=own if credit else there,
        purpose=purpose_of(one),
        remittance=remittance_of(one),
    )
    return Entry(
        abs(amount), credit, _instant(one.time_ms), _day(one.time_ms), reference=one.entry,
        servicer_reference=f"B{one.entry}", details=(detail,),
        code=TRANSFER_RECEIVED if credit else TRANSFER_SENT,
    )  # fmt: skip


def _scaled(minor: int, made: Statement, scale: int) -> int:
    """Minor units of the asset as those of its currency, exactly, or not at all."""
    if made.decimals <= scale:
        return minor * int(10 ** (scale - made.decimals))
    whole, rest = divmod(abs(minor), int(10 ** (made.decimals - scale)))
    if rest:
        raise BadPeriod(f"{made.asset} has parts that {currency_of(made.asset)} cannot say")
    return whole if minor >= 0 else -whole


def _instant(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _day(time_ms: int) -> str:
    """A balance and a value date are a day's (ISODate); the day is UTC's."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()
