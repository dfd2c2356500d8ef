"""One file a module: how its events become rows."""

from tongbao.readmodel.projections import (
    corridors,
)

__all__ = [
    "corridors",
]
