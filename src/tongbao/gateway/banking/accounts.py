"""An account of the ledger as messages identify it (AccountIdentification4Choice)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from stdnum import iban

from tongbao.gateway.iso20022.model import Account

MAX_OTHER = 34
LONG = "TONGBAO"
"""Scheme of the short form of ids that no Othr/Id has room for."""


def account_of(account: str, numbers: Iterable[str] = (), currency: str = "") -> Account:
    """An IBAN stands in IBAN; another linked number, or the account's own id, in Othr.

    An id of more than 34 characters has no room in Othr/Id: there stands a digest of it, under a
    scheme of our own, and the id itself stands in Nm.
    """
    given = list(numbers)
    for number in given:
        if iban.is_valid(number, check_country=False):
            return Account(iban=iban.compact(number), currency=currency)
    short = next((one for one in (*given, account) if len(one) <= MAX_OTHER), "")
    if short:
        return Account(other_id=short, currency=currency)
    digest = hashlib.sha256(account.encode()).hexdigest()
    return Account(
        other_id=f"TB{digest[:32]}", scheme=LONG, currency=currency, name=account[:70]
    )  # fmt: skip
