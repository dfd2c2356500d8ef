"""One file a module: how its events become rows."""

from tongbao.readmodel.projections import (
    accounts,
    assets,
    corridors,
    payments,
)

__all__ = [
    "accounts",
    "assets",
    "corridors",
    "payments",
]
