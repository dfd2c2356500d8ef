"""How the simulator draws this module's transactions."""

from __future__ import annotations

from tongbao.kernel.generation import Generator

GENERATORS: dict[str, Generator] = {}
"""One for each kind of transaction, by its tag."""
