"""What people list: assets with what is outstanding, and freezes of what accounts hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.current import Current, Latest
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Text
from tongbao.kernel.records import Beside, Record
from tongbao.modules.assets.state import ASSETS, FREEZES, PAUSED


def _supply(row: Mapping[str, Any], latest: Latest) -> int:
    return -latest.posted(row["issuing_account"], row["asset"])


RECORDS = (
    Record(
        "asset", ASSETS, "The assets, by id, with what is outstanding.",
        (Column("asset", AssetCode),),
        state="active", states=("active", "paused"),
        beside=Beside(PAUSED, (Derived("reason", Text, "Why it is paused.", str),), "paused"),
        derived=(
            Derived("issuing_account", AccountId, "Its balance below zero is the supply.",
                    lambda asset: asset.issuing_account),
        ),
        current=(Current("supply_minor", Amount, "Outstanding.", _supply),),
        search=("asset", "name", "name_local"),
        by_key=True, public=True,
    ),
    Record(
        "freeze", FREEZES, "Freezes of what accounts hold, newest first, with their legal basis.",
        (
            Column("account", AccountId), Column("asset", AssetCode),
            Column("mark", Text, "By whom; with a star where the whole account is frozen."),
        ),
        since="since_ms",
    ),
)  # fmt: skip
