"""Values of the module."""

from __future__ import annotations

import re

import msgspec
from stdnum.iso7064 import mod_97_10

from tongbao.kernel.codes import require
from tongbao.kernel.text import is_plain
from tongbao.modules.accounts.codes import AccountsCode

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,31}/[A-Za-z0-9._-]{1,40}")
_NUMBER = re.compile(r"[A-Z0-9-]{4,34}")
_IBAN_LIKE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
MAX_ASSETS = 16
MAX_NUMBERS = 32


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a party holds assets."""

    id: str
    """`party/name`; the party before the slash controls it."""
    opened_at_ms: int
    servicer: str = ""
    """Bank that keeps it; empty where its owner does."""
    title: str = ""
    title_local: str = ""
    identifiers: tuple[str, ...] = ()
    """IBANs and account numbers by which the outside knows it."""
    reference_required: bool = False
    """Whether it takes payments with a payee reference only."""
    closed_at_ms: int = 0
    frozen_by: tuple[str, ...] = ()
    """Who froze the whole account."""


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much of an asset an account may pay out, in minor units; 0 is no limit."""

    per_payment: int = 0
    per_day: int = 0
    """By the UTC day of block time."""


class Spent(msgspec.Struct, frozen=True, array_like=True):
    """What went out on a day."""

    day: int
    """Days since 1970, UTC."""
    amount_minor: int


def check_account_id(account: str) -> None:
    """Refuse a word that is no account id."""
    require(_ID.fullmatch(account), AccountsCode.BAD_ACCOUNT_ID, account=account[:80])


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    fits = low <= len(value) <= high and is_plain(value)
    require(fits, AccountsCode.BAD_TEXT, field=field, low=low, high=high)


def check_identifier(identifier: str) -> None:
    """Refuse what is neither an IBAN with right check digits nor a plain account number."""
    good = bool(_NUMBER.fullmatch(identifier))
    if good and _IBAN_LIKE.fullmatch(identifier):
        # ISO 13616: the check digits alone. Which countries there are, and how long their numbers
        # are, changes with every edition of the register; the ledger's answer may not.
        good = bool(mod_97_10.is_valid(identifier[4:] + identifier[:4]))
    require(good, AccountsCode.BAD_IDENTIFIER, identifier=identifier[:40])
