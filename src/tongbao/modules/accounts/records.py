"""What people list: accounts, what they hold and may pay out, and their entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.current import Current, Latest
from tongbao.kernel.fields import AccountId, Amount, AssetCode, PartyId
from tongbao.kernel.money import owner_of
from tongbao.kernel.movements import ENTRIES, HOLDING
from tongbao.kernel.records import Record
from tongbao.modules.accounts.model import Account
from tongbao.modules.accounts.state import ACCOUNTS, DAY_MS, LIMITS


def _state(_key: tuple[Any, ...], account: Account) -> str:
    return "closed" if account.closed_at_ms else "frozen" if account.frozen_by else "open"


def _spent_today(row: Mapping[str, Any], latest: Latest) -> int:
    begins = latest.time_ms // DAY_MS * DAY_MS
    return latest.paid_out(row["account"], row["asset"], begins)


RECORDS = (
    Record(
        "account", ACCOUNTS, "The accounts, by id.", (Column("account", AccountId),),
        state=_state, states=("open", "frozen", "closed"),
        derived=(
            Derived("party", PartyId, "Whose it is.", lambda account: owner_of(account.id)),
        ),
        since="opened_at_ms", filter_by=("identifier",),
        search=("account", "title", "title_local"), by_key=True,
    ),
    Record(
        "account_limit", LIMITS, "What accounts may pay out, by account and asset; 0 is no limit.",
        (Column("account", AccountId), Column("asset", AssetCode)),
        current=(
            Current("spent_today_minor", Amount, "Paid out on the UTC day of the newest block.",
                    _spent_today),
        ),
        by_key=True,
    ),
    HOLDING,
    ENTRIES,
)  # fmt: skip
