"""The business: one folder a module. `installed()` is what this version of Tongbao knows."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongbao.kernel.protocols import Protocols
    from tongbao.kernel.registry import Module

NAMES = (
    "parties", "assets", "accounts", "payments", "exchange", "governance", "corridors",
    "settlement",
)  # fmt: skip
"""Every module by today's rules, each after those it uses: the one place that lists them."""


def installed() -> tuple[Module, ...]:
    """Every module by today's rules, in the order of `NAMES`."""
    return tuple(import_module(f"tongbao.modules.{name}").MODULE for name in NAMES)


def protocols() -> Protocols:
    """Every version of the rules that this program can apply.

    A rule that changes is frozen: the old file stays beside the new one, and the version that has
    it lists the module as it was.
    """
    from tongbao.kernel.protocols import Protocols
    from tongbao.kernel.registry import Registry

    return Protocols([Registry(installed(), version=1)])
