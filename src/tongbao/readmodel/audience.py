"""Whom a row, a transaction or an event concerns: worked out once, when it is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tongbao.kernel.fields import field_of, fields_of, parties_of
from tongbao.kernel.transaction import Event
from tongbao.readmodel import schema
from tongbao.readmodel.rows import Rows

NAMED, BANK = "named", "bank"
"""How somebody is concerned: named, or as the bank that keeps an account that is named."""


def audience(rows: Rows, names: Iterable[str]) -> dict[str, str]:
    """Party -> how it is concerned by what names these parties and accounts."""
    names = [one for one in names if one]
    found = dict.fromkeys(rows.banks.of(rows, [one for one in names if "/" in one]), BANK)
    return found | dict.fromkeys(parties_of(names), NAMED)


def opened_account(value: Any) -> tuple[str, str] | None:
    """The account and its bank, of an event or a value that says who keeps one."""
    keeper, account = _keeping(type(value))
    return (getattr(value, account), getattr(value, keeper)) if keeper else None


def note_opened(rows: Rows, events: Iterable[Event]) -> None:
    """Take down the banks of the accounts that were opened."""
    for event in events:
        reply = opened_account(event)
        if reply is not None:
            account, bank = reply
            rows.put(schema.account_banks, {"account": account, "bank": bank}, fresh=True)
            rows.banks.learn(account, bank)


_KEEPING: dict[type[Any], tuple[str, str]] = {}


def _keeping(kind: type[Any]) -> tuple[str, str]:
    """The fields of a struct that say who keeps which account; empty where it has none."""
    if kind not in _KEEPING:
        kinds: dict[str, str] = {}
        if issubclass(kind, msgspec.Struct):
            kinds = {field_of(hint).kind: name for name, hint in reversed(fields_of(kind).items())}
        both = "servicer" in kinds and "account" in kinds
        _KEEPING[kind] = (kinds["servicer"], kinds["account"]) if both else ("", "")
    return _KEEPING[kind]
