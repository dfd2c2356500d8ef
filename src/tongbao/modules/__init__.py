"""The business: one folder a module. `installed()` is what this version of Tongbao knows."""

from __future__ import annotations

from tongbao.kernel.registry import Module


def installed() -> tuple[Module, ...]:
    """Every module, each after those it uses."""
    from tongbao.modules import accounts, assets, parties, payments

    return (parties.MODULE, assets.MODULE, accounts.MODULE, payments.MODULE)
