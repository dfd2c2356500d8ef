"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.identifiers import account_number
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts.model import Account, Limits
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, LIMITS


def account_of(view: ReadView, number: str) -> str | None:
    """The account behind an account id, IBAN or account number; None where there is none."""
    if "/" in number:
        return number if view.has(ACCOUNTS, number) else None
    known = account_number(number)
    return None if known is None else view.get(ALIASES, known)


def accounts_of(view: ReadView, party: str) -> Iterator[Account]:
    """Accounts that a party controls, by id."""
    for key, account in view.scan(ACCOUNTS, after=(f"{party}/",)):
        if not key[0].startswith(f"{party}/"):
            return
        yield account


def limits_of(view: ReadView, account: str) -> dict[str, Limits]:
    """Limits of an account by asset."""
    return {key[1]: limits for key, limits in view.scan(LIMITS, account)}
