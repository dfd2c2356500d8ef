"""Every installed module, and how each kind of its transactions is drawn."""

from __future__ import annotations

from tongbao.kernel.generation import Generator
from tongbao.modules import installed

MODULES = installed()
GENERATORS: dict[str, Generator] = {
    tag: draw for module in MODULES for tag, draw in module.generators.items()
}
"""Tag of a kind of transaction -> how it is drawn."""
