"""Values of the module."""

from __future__ import annotations

import re

import msgspec

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.fields import AccountNumber, Amount, Moment, PartyId, ServicerId
from tongbao.kernel.identifiers import account_number
from tongbao.kernel.text import is_plain
from tongbao.modules.accounts.codes import AccountsCode

SCOPE = "accounts"
"""What a key has to be allowed to sign."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,31}/[A-Za-z0-9._-]{1,40}")
MAX_ASSETS = 16
MAX_NUMBERS = 32
MAX_ACCOUNTS = 10_000
"""Accounts that a party opens in all: a closed one keeps its row, so its id never comes again."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a party holds assets."""

    id: str
    """`party/name`; the party before the slash controls it."""
    opened_at_ms: Moment
    servicer: ServicerId = ""
    """Bank that keeps it; empty where its owner does."""
    title: str = ""
    title_local: str = ""
    identifiers: tuple[AccountNumber, ...] = ()
    """IBANs and account numbers by which the outside knows it."""
    reference_required: bool = False
    """Whether it takes payments with a payee reference only."""
    closed_at_ms: Moment = 0
    frozen_by: tuple[PartyId, ...] = ()
    """Who froze the whole account."""


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much of an asset an account may pay out, in minor units; 0 is no limit."""

    per_payment: Amount = 0
    per_day: Amount = 0
    """By the UTC day of block time."""


class Spent(msgspec.Struct, frozen=True, array_like=True):
    """What went out on a day."""

    day: int
    """Days since 1970, UTC."""
    amount_minor: Amount
    allowed_minor: Amount = 0
    """The day's limit when it was counted last: one that is lowered later does not look back."""


def check_account_id(account: str) -> None:
    """Refuse a word that is no account id."""
    require(_ID.fullmatch(account), AccountsCode.BAD_ACCOUNT_ID, account=account[:80])


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    fits = low <= len(value) <= high and is_plain(value)
    require(fits, AccountsCode.BAD_TEXT, field=field, low=low, high=high)


def number_of(identifier: str) -> str:
    """The one spelling of an IBAN or account number; a Refusal for what can be neither."""
    number = account_number(identifier)
    if number is None:
        refuse(AccountsCode.BAD_IDENTIFIER, identifier=identifier[:40])
    return number
