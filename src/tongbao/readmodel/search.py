"""Finding what somebody has an id, an amount, a name, a day or some words of.

A search is a row of sections, the surest first: ids, then names, amounts, words, days. Each is a
list of its own over an index, newest first, and a page goes on from one section to the next; what
an earlier section has shown, a later one leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, Table, and_, exists, func, not_, or_, select

from tongbao.kernel.identifiers import account_number
from tongbao.kernel.records import EventList, Record
from tongbao.readmodel import schema, schema_payments
from tongbao.readmodel.asking import Asking
from tongbao.readmodel.found import (
    Shape,
    abroad_row,
    entry_row,
    named_row,
    record_row,
    transaction_row,
)
from tongbao.readmodel.mirror import Mirror
from tongbao.readmodel.paging import At, BadCursor, Page, page
from tongbao.readmodel.viewer import Viewer, reads_accounts, reads_transactions
from tongbao.readmodel.words import asked_words

KINDS = (
    "payment", "cross_border_payment", "queued_payment", "transaction", "hold",
    "scheduled_transfer", "party", "account", "asset",
)  # fmt: skip
"""What may be found."""
_ORDERED = ("queued_payment", "hold", "scheduled_transfer")
"""Records of payments that are to be done."""
BATCHES = 100
"""How many batches of a file are looked for by the id of its message."""
COUNTED = 1_000
_UETR = re.compile(
    r"(?:urn:uuid:|tb|cr|dr)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
)
"""As systems write a UUID, and in our own references of messages (AcctSvcrRef)."""
_DIGEST = re.compile(r"[0-9a-f]{6,64}")
_FILE = re.compile(r"receipt-([0-9a-f]{6,64})(?:\.json)?|B[0-9]+/([0-9a-f]{12})(?:/.*)?")
"""A receipt's file, and our reference of a booking: its block, and how the digest begins."""
_WORDS = schema_payments.payment_words


class Sought(NamedTuple):
    """What is looked for, read in every way that it can be read."""

    text: str
    """As it was typed, without blanks around it."""
    amounts: Sequence[tuple[int, tuple[str, ...]]] = ()
    """Minor units, and the assets of which the text says so many."""
    day: tuple[int, int] | None = None
    """Begin and end of the day that the text says, in UTC milliseconds."""
    asset: str | None = None
    """Only payments of it."""
    kind: str | None = None
    """Only things of this kind."""


class Section(NamedTuple):
    """One list of what may be meant."""

    kind: str
    matched: str
    query: Select[Any]
    order: list[Column[Any]]
    shape: Shape


class SearchQueries(Asking):
    """Search over everything that lists show; may be called from several threads at once."""

    def search(
        self,
        viewer: Viewer,
        sought: Sought,
        *,
        limit: int,
        cursor: str | None = None,
        oldest_first: bool | None = None,
    ) -> Page:
        """What fits and the viewer reads, the surest first; what is as sure, the newest first, or
        the oldest. Raises BadCursor."""
        wanted = [one for one in self._sections(sought) if sought.kind in (None, one.kind)]
        sections = [one._replace(query=self._read_by(viewer, one)) for one in wanted]
        number, _, place = (cursor or "0.").partition(".")
        if not number.isdecimal() or len(number) > 4 or int(number) > len(sections):
            raise BadCursor("not a place in a search")
        items: list[dict[str, Any]] = []
        with self._model.engine.connect() as connection:
            for at, one in enumerate(sections[int(number) :], start=int(number)):
                if len(items) == limit:
                    return Page(items, f"{at}.")
                asked = At(
                    limit=limit - len(items), cursor=place or None, oldest_first=oldest_first
                )  # fmt: skip
                found = page(connection, one.query, one.order, asked, newest_first=True)
                place = ""
                reported = {"kind": one.kind, "matched": one.matched}
                items += [{**reported, **one.shape(row)} for row in found.items]
                if found.next_cursor is not None:
                    return Page(items, f"{at}.{found.next_cursor}")
        return Page(items, None)

    def _read_by(self, viewer: Viewer, section: Section) -> Select[Any]:
        """The query of a section, of what the viewer reads alone."""
        mirror = self._model.mirror
        if section.kind in mirror.records:
            condition = mirror.read_by(viewer, mirror.records[section.kind])
        elif section.kind == "transaction":
            condition = reads_transactions(viewer, schema.transactions)
        else:
            condition = reads_accounts(
                viewer, self._entries.c.account, self._entries.c.counterparty
            )
        return section.query.where(condition)

    def _sections(self, sought: Sought) -> Iterable[Section]:
        yield from _by_digest(sought)
        yield from _by_id(sought, self._model.mirror)
        yield from _by_reference(sought, self._model.mirror)
        yield from self._by_name(sought)
        for minor, assets in sought.amounts:
            entries = self._entries
            where = [entries.c.amount_minor == f"-{minor}", entries.c.asset.in_(assets)]
            yield _payments(entries, "amount", sought, *where)
        words = self._rarest_first(asked_words(sought.text))
        if words:
            yield _by_words(self._entries, sought, words)
        yield from self._by_day(sought, words)

    @property
    def _entries(self) -> Table:
        return self._model.mirror.tables["entry"]

    # ---- sections ------------------------------------------------------------------------------

    def _by_name(self, sought: Sought) -> Iterable[Section]:
        words = asked_words(sought.text)
        if not words:
            return
        mirror = self._model.mirror
        for record, named in _registers(mirror):
            [key] = named.primary_key.columns
            where = [key.in_(mirror.words.found(record, [word])) for word in words]
            query = select(named).where(*where, key.not_in(_spellings(sought.text)))
            yield Section(record.name, "name", query, [key], named_row(record))

    def _rarest_first(self, words: Sequence[str]) -> list[str]:
        """Words in the order of how often they are stated; none where one of them never is."""
        counts: dict[str, int] = {}
        with self._model.engine.connect() as connection:
            for word in words:
                some = select(_WORDS.c.block_height).where(_WORDS.c.word == word).limit(COUNTED)
                count = select(func.count()).select_from(some.subquery())
                counts[word] = connection.execute(count).scalar_one()
        found = sorted(counts, key=lambda word: counts[word])
        return found if found and counts[found[0]] else []

    def _by_day(self, sought: Sought, words: Sequence[str]) -> Iterable[Section]:
        if sought.day is None:
            return
        since, until = sought.day
        heights = select(func.min(schema.blocks.c.height), func.max(schema.blocks.c.height)).where(
            schema.blocks.c.time_ms >= since, schema.blocks.c.time_ms < until
        )
        with self._model.engine.connect() as connection:
            first, last = connection.execute(heights).one()
        if first is None:
            return
        entries = self._entries
        where = [entries.c.block_height >= first, entries.c.block_height <= last]
        if words:
            where.append(not_(and_(*(_says(entries, word) for word in words))))
        yield _payments(entries, "day", sought, *where)


def _payments(entries: Table, matched: str, sought: Sought, *where: ColumnElement[bool]) -> Section:
    """Payments by their debit, whose number is even; of one asset where one is named."""
    legs = [entries.c.number % 2 == 0, entries.c.counterparty != ""]
    legs += [entries.c.asset == sought.asset] if sought.asset else []
    query = select(entries).where(*where, *legs)
    return Section("payment", matched, query, list(entries.primary_key.columns), entry_row)


def _by_digest(sought: Sought) -> Iterable[Section]:
    named = _FILE.fullmatch(sought.text)
    text = named[1] or named[2] if named else sought.text.lower()
    if not _DIGEST.fullmatch(text):
        return
    table = schema.transactions
    ending = text[:-1] + chr(ord(text[-1]) + 1)
    whole = len(text) == 64
    fits = [table.c.digest == text] if whole else [table.c.digest >= text, table.c.digest < ending]
    order = list(table.primary_key.columns)
    query = select(table).where(*fits)
    yield Section("transaction", "digest", query, order, transaction_row)


def _by_id(sought: Sought, mirror: Mirror) -> Iterable[Section]:
    """By what names one thing alone: a UETR, a number, the id of a party, an account, an order."""
    text, low = sought.text, sought.text.lower()
    abroad = mirror.tables["cross_border_payment"]
    if uuid := _UETR.fullmatch(low):
        low = "-".join(uuid.groups())
        entries = mirror.tables["entry"]
        yield _payments(entries, "uetr", sought, entries.c.uetr == low)
        returns = mirror.tables["cross_border_return"]
        back = select(returns.c.uetr).where(returns.c.return_uetr == low)
        either = (abroad.c.uetr == low) | abroad.c.uetr.in_(back)
        yield _one("cross_border_payment", "uetr", abroad, either, abroad_row)
        yield from _ordered("uetr", "uetr", low, mirror)
        return
    number = re.sub(r"\s", "", text).upper()
    spelled = {number, text, account_number(text) or text}
    for record, table in _registers(mirror):
        [key] = table.primary_key.columns
        if record.numbers:
            alone = [table.c[one].in_(spelled) for one in record.numbers]
            several = (mirror.words.found(record, spelled, one) for one in record.lists.values())
            fits = or_(*alone, *(key.in_(one) for one in several))
            yield _one(record.name, "identifier", table, fits, named_row(record))
        yield _one(record.name, "id", table, key.in_(_spellings(text)), named_row(record))
    if ":" in text:
        yield from _ordered("id", "", text, mirror)


def _by_reference(sought: Sought, mirror: Mirror) -> Iterable[Section]:
    """By what payers and their systems call a payment, a message or a transaction."""
    text, table = sought.text, schema.transactions
    party, colon, reference = text.partition(":")
    order = list(table.primary_key.columns)
    if colon:
        query = select(table).where(table.c.party == party, table.c.reference == reference)
        yield Section("transaction", "reference", query, order, transaction_row)
    query = select(table).where(table.c.reference == text)
    yield Section("transaction", "reference", query, order, transaction_row)
    batches = [f"{text}/{number}" for number in range(1, BATCHES + 1)]
    query = select(table).where(table.c.reference.in_(batches))
    yield Section("transaction", "message_id", query, order, transaction_row)
    entries = mirror.tables["entry"]
    yield _payments(entries, "payee_reference", sought, entries.c.payee_reference == text)
    abroad = mirror.tables["cross_border_payment"]
    fits = abroad.c.payee_reference == text
    yield _one("cross_border_payment", "payee_reference", abroad, fits, abroad_row)
    yield from _ordered("payee_reference", "payee_reference", text, mirror)


def _ordered(matched: str, column: str, text: str, mirror: Mirror) -> Iterable[Section]:
    """Payments that are to be done, by a column that they have; by their id where it is empty."""
    for name in _ORDERED:
        record, table = mirror.records[name], mirror.tables[name]
        column_of = column or record.key[0].name
        if column_of in table.c:
            yield _one(name, matched, table, table.c[column_of] == text, record_row(record))


def _by_words(table: Table, sought: Sought, words: Sequence[str]) -> Section:
    """Payments that say all of some words; walked by the rarest."""
    first, *rest = words
    where = [
        _WORDS.c.word == first, table.c.block_height == _WORDS.c.block_height,
        table.c.position == _WORDS.c.position, table.c.number == _WORDS.c.number,
        table.c.payee_reference != sought.text,
        *(_says(table, word) for word in rest),
    ]  # fmt: skip
    for minor, assets in sought.amounts:
        reported = and_(table.c.amount_minor == f"-{minor}", table.c.asset.in_(assets))
        where.append(not_(reported))
    order = [_WORDS.c.block_height, _WORDS.c.position, _WORDS.c.number]
    return _payments(table, "text", sought, *where)._replace(order=order)


def _says(entries: Table, word: str) -> ColumnElement[bool]:
    """Whether a payment has a word."""
    other = _WORDS.alias()
    return exists().where(
        other.c.word == word, other.c.block_height == entries.c.block_height,
        other.c.position == entries.c.position, other.c.number == entries.c.number,
    )  # fmt: skip


def _registers(mirror: Mirror) -> Iterator[tuple[Record | EventList, Table]]:
    """What is found by its name or its numbers: parties, accounts, assets."""
    for name, one in mirror.records.items():
        if one.search:
            yield one, mirror.tables[name]


def _spellings(text: str) -> tuple[str, ...]:
    return text, text.lower(), text.upper()


def _one(
    kind: str, matched: str, table: Any, where: ColumnElement[bool], shape: Callable[..., Any]
) -> Section:
    return Section(
        kind, matched, select(table).where(where), list(table.primary_key.columns), shape
    )
