"""Tables of the module, and the limits that payments are counted against."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.registry import registry_of
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.model import Account, Limits, Spent

DAY_MS = 24 * 3600 * 1000
ACCOUNTS: Table[Account] = Table(
    b"\x28\x01", "accounts", (str,), Account, "account id -> who keeps it and how it is known"
)
ALIASES: Table[str] = Table(
    b"\x28\x02", "aliases", (str,), str, "IBAN or account number -> account id"
)
LIMITS: Table[Limits] = Table(
    b"\x28\x03", "limits", (str, str), Limits, "(account, asset) -> what it may pay out"
)
SPENT: Table[Spent] = Table(
    b"\x28\x04", "spent", (str, str), Spent, "(account, asset) -> paid out on the last day it paid"
)

RESERVED: Table[int] = Table(
    b"\x28\x05", "reserved", (str, str, str), int,
    "(account, asset, purpose) -> minor units set aside for it, above zero",
)  # fmt: skip


EXPECTED: Table[int] = Table(
    b"\x28\x06", "expected", (str, str), int,
    "(account, asset) -> how many promises to others rest on its being paid the asset, above zero",
)  # fmt: skip


def expect(ledger: WriteView, account: str, asset: str, change: int) -> None:
    """One promise more, or less, that ends with the asset being paid into the account.

    While there is one, the account neither drops the asset nor closes: who sells firmly cannot get
    out of it by making itself impossible to pay, and what a pool owes has a place to go to.
    """
    total = (ledger.get(EXPECTED, account, asset) or 0) + change
    if total:
        ledger.put(EXPECTED, account, asset, value=total)
    else:
        ledger.delete(EXPECTED, account, asset)


def require_account(view: ReadView, account: str) -> Account:
    """An open account, or a refusal."""
    found = view.get(ACCOUNTS, account)
    require(found is not None, AccountsCode.ACCOUNT_UNKNOWN, account=account[:80])
    assert found is not None
    require(not found.closed_at_ms, AccountsCode.ACCOUNT_CLOSED, account=account)
    return found


def set_aside(ledger: WriteView, account: str, asset: str, purpose: str, change: int) -> None:
    """Set more (or, below zero, less) of a holding aside for a purpose, e.g. `holds`, `offers`.

    The only door to `Holding.reserved`. Whether enough is available the caller has asked before.
    """
    holding = ledger.holding(account, asset)
    # A purpose that nobody declares how to release would hide money from a lawful order.
    assert holding is not None and purpose in registry_of(ledger).purposes
    ledger.put_holding(account, asset, holding._replace(reserved=holding.reserved + change))
    total = (ledger.get(RESERVED, account, asset, purpose) or 0) + change
    if total:
        ledger.put(RESERVED, account, asset, purpose, value=total)
    else:
        ledger.delete(RESERVED, account, asset, purpose)


def spent_today(view: ReadView, account: str, asset: str) -> int:
    """What went out on the UTC day of block time."""
    spent = view.get(SPENT, account, asset)
    today = view.time_ms // DAY_MS
    return 0 if spent is None or spent.day != today else spent.amount_minor


def charge_limits(ledger: WriteView, account: str, asset: str, amount: int) -> int:
    """Count an outgoing amount; refuse what passes a limit. What was counted for the day."""
    limits = ledger.get(LIMITS, account, asset)
    if limits is None:
        return 0
    there = {"account": account, "asset": asset, "amount": str(amount)}
    most = limits.per_payment
    fits = not most or amount <= most
    require(fits, AccountsCode.LIMIT_PER_PAYMENT, limit=str(most), **there)
    if limits.per_day:
        spent, most = spent_today(ledger, account, asset), limits.per_day
        fits = spent + amount <= most
        require(fits, AccountsCode.LIMIT_PER_DAY, spent=str(spent), limit=str(most), **there)
        day = ledger.time_ms // DAY_MS
        ledger.put(SPENT, account, asset, value=Spent(day, spent + amount, most))
        return amount
    return 0


def restore_limits(
    ledger: WriteView, account: str, asset: str, counted: int, counted_at_ms: int
) -> None:
    """Take back what `charge_limits` counted for something that did not move after all."""
    spent, day = ledger.get(SPENT, account, asset), counted_at_ms // DAY_MS
    if counted and spent is not None and spent.day == day:
        rest = replace(spent, amount_minor=max(0, spent.amount_minor - counted))
        ledger.put(SPENT, account, asset, value=rest)


def count_firm(
    ledger: WriteView, account: str, asset: str, amount: int, counted: int, counted_at_ms: int
) -> int:
    """Count for this day what was promised earlier and moves now, unless this day has counted it.

    It is never refused, because it was firm. All of it counts, also what goes beyond the limit:
    otherwise a promise of today that is taken back would free what this has used.
    What this day counts for it.
    """
    limits, today = ledger.get(LIMITS, account, asset), ledger.time_ms // DAY_MS
    known = counted and counted_at_ms // DAY_MS == today
    if limits is not None and limits.per_day and not known:
        spent = spent_today(ledger, account, asset)
        total = spent + amount
        ledger.put(SPENT, account, asset, value=Spent(today, total, max(limits.per_day, total)))
        return amount
    return counted if known else 0
