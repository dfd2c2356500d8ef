"""One file a module: how its events become rows."""

from tongbao.readmodel.projections import (
    accounts,
    assets,
    corridors,
    exchange,
    payments,
)

__all__ = [
    "accounts",
    "assets",
    "corridors",
    "exchange",
    "payments",
]
