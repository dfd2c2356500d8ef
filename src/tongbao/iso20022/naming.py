"""How an account of the ledger is named in a message: one form in all that we write.

An IBAN stands in IBAN. Another number stands in Othr/Id, which takes 34 characters (Max34Text). A
longer account id stands there shortened, with our scheme, and whole in Prxy/Id (Max2048Text) where
the version of the message has it; read again, `Account.number` is the whole id.
"""

from __future__ import annotations

from tongbao.iso20022.model import LEDGER_ACCOUNT, Account
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identifiers import iban

MAX_NUMBER = 34
"""Characters of Othr/Id."""
_HEAD = 21


def account_named(number: str, currency: str = "", name: str = "") -> Account:
    """The account behind a number of the ledger: an IBAN, a linked number, or an account id."""
    if (known := iban(number)) is not None:
        return Account(iban=known, currency=currency, name=name)
    if len(number) <= MAX_NUMBER:
        return Account(other_id=number, currency=currency, name=name)
    return Account(
        other_id=shortened(number), scheme=LEDGER_ACCOUNT, currency=currency, name=name,
        proxy=number,
    )  # fmt: skip


def shortened(number: str) -> str:
    """The 34 characters that stand for a longer number: its beginning and 12 hex digits of its
    SHA-256, so that two numbers do not share one."""
    return f"{number[:_HEAD]}~{content_digest(number.encode()).hex()[:12]}"
