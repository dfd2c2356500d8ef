"""The business: one folder a module. `installed()` is what this version of Tongbao knows."""

from __future__ import annotations

from tongbao.kernel.protocols import Protocols
from tongbao.kernel.registry import Module, Registry


def installed() -> tuple[Module, ...]:
    """Every module by today's rules, each after those it uses."""
    from tongbao.modules import (
        accounts,
        assets,
        corridors,
        exchange,
        governance,
        parties,
        payments,
        settlement,
    )

    return (
        parties.MODULE, assets.MODULE, accounts.MODULE, payments.MODULE, exchange.MODULE,
        governance.MODULE, corridors.MODULE, settlement.MODULE,
    )  # fmt: skip


def protocols() -> Protocols:
    """Every version of the rules that this program can carry out.

    A rule that changes is frozen: the old file stays beside the new one, and the version that has
    it lists the module as it was.
    """
    return Protocols([Registry(installed(), version=1)])
