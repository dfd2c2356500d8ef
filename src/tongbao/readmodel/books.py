"""What accounts hold, and their entries, from the movements that events say."""

from __future__ import annotations

from sqlalchemy import Table

from tongbao.kernel.movements import (
    BROUGHT_FORWARD,
    ENTRIES,
    HOLDING,
    Entry,
    Moved,
    Movement,
    SetAside,
)
from tongbao.kernel.transaction import Event
from tongbao.kernel.views import ReadView
from tongbao.readmodel import schema_payments
from tongbao.readmodel.rows import Row, Rows, Step
from tongbao.readmodel.words import words_of

_FOUND_BY = ("remittance", "payee_reference", "creditor_reference", "instruction", "structured")
"""Texts of a payment whose words it is found by."""
_BLANK: Row = dict.fromkeys(Entry.__struct_fields__, "")


class Books:
    """The rows of holdings and entries."""

    def __init__(self, tables: dict[str, Table]) -> None:
        """By the tables of records, in which both are."""
        self._holdings, self._entries = tables[HOLDING.name], tables[ENTRIES.name]

    def follow(self, step: Step, event: Event) -> None:
        """Entries and balances of what an event says that moved."""
        movements = tuple(event.movements(step.take))
        if len(movements) > 1:
            step.rows.load(self._holdings, (key for one in movements for key in _touched(one)))
        for one in movements:
            if isinstance(one, Moved):
                self._post(step, one, one.event or str(event.__struct_config__.tag))
            else:
                self._set_aside(step, one)

    def _set_aside(self, step: Step, one: SetAside) -> None:
        row = step.rows.get(self._holdings, one.account, one.asset)
        if row is not None:
            reserved = str(int(row["reserved_minor"]) + one.change_minor)
            changed = {"reserved_minor": reserved, "changed_height": step.height}
            step.rows.put(self._holdings, {**row, **changed})
        step.concerned.add(one.account)

    def _post(self, step: Step, moved: Moved, event: str) -> None:
        """A debit and its equal credit: two entries, two balances. The debit's number is even."""
        rows, asset, first = step.rows, moved.asset, step.entry_number
        shared = {
            **_BLANK, "asset": asset, "event": event, **moved.texts, "time_ms": step.time_ms,
            "submitted_by": step.party, "reference": step.reference, "digest": step.digest,
            "block_height": step.height, "position": step.position,
        }  # fmt: skip
        for account, counterparty, change in (
            (moved.debit, moved.credit, -moved.amount_minor),
            (moved.credit, moved.debit, moved.amount_minor),
        ):
            row = rows.get(self._holdings, account, asset)
            balance = str(change if row is None else int(row["posted_minor"]) + change)
            if row is not None:
                changed = {"posted_minor": balance, "changed_height": step.height}
                rows.put(self._holdings, {**row, **changed})
            rows.add(self._entries, {
                **shared, "number": step.next_entry(), "account": account,
                "amount_minor": str(change), "balance_minor": balance,
                "counterparty": counterparty,
            })  # fmt: skip
            step.concerned.add(account)
        place = {"block_height": step.height, "position": step.position, "number": first}
        for word in words_of(*(moved.texts.get(name, "") for name in _FOUND_BY)):
            rows.add(schema_payments.payment_words, {"word": word, **place})

    def bring_forward(self, rows: Rows, view: ReadView, number: int, holding: Row) -> None:
        """The entry of what an account held when the lists began."""
        amount = holding["posted_minor"]
        rows.add(self._entries, {
            **_BLANK, "account": holding["account"], "asset": holding["asset"],
            "amount_minor": amount, "balance_minor": amount, "event": BROUGHT_FORWARD,
            "time_ms": view.time_ms, "submitted_by": "", "reference": "", "digest": "",
            "block_height": view.block.height, "position": -1, "number": number,
        })  # fmt: skip


def _touched(one: Movement) -> tuple[tuple[str, str], ...]:
    if isinstance(one, Moved):
        return (one.debit, one.asset), (one.credit, one.asset)
    return ((one.account, one.asset),)
