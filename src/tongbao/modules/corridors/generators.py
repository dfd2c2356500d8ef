"""How the simulator draws this module's transactions."""

from __future__ import annotations

from tongbao.kernel.generation import Generator
from tongbao.modules.corridors.draw_corridors import CORRIDOR_GENERATORS
from tongbao.modules.corridors.draw_payments import PAYMENT_GENERATORS

GENERATORS: dict[str, Generator] = {**CORRIDOR_GENERATORS, **PAYMENT_GENERATORS}
"""One for each kind of transaction, by its tag."""
