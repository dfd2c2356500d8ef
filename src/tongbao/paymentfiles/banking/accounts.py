"""An account of the ledger as messages identify it (AccountIdentification4Choice)."""

from __future__ import annotations

from collections.abc import Iterable

from tongbao.iso20022.model import Account
from tongbao.iso20022.naming import account_named
from tongbao.kernel.identifiers import iban


def account_of(account: str, numbers: Iterable[str] = ()) -> Account:
    """By its IBAN where one is linked, else by the first number, else by its own id."""
    given = list(numbers)
    known = (one for one in given if iban(one) is not None)
    return account_named(next(known, next(iter(given), account)))
