"""Every installed module, and how each kind of its transactions is drawn."""

from __future__ import annotations

from tongbao.kernel.generation import Generator
from tongbao.modules import (
    accounts,
    assets,
    corridors,
    exchange,
    governance,
    installed,
    parties,
    payments,
    settlement,
)

MODULES = installed()
GENERATORS: dict[str, Generator] = {
    tag: draw
    for module in (
        parties,
        assets,
        accounts,
        payments,
        exchange,
        governance,
        corridors,
        settlement,
    )
    for tag, draw in module.GENERATORS.items()
}
"""Tag of a kind of transaction -> how it is drawn."""
