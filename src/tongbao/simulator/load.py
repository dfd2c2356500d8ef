"""A ledger with one payer and one payee, for load and for hostile bytes."""

from __future__ import annotations

from tongbao.kernel.generation import demo_key
from tongbao.kernel.genesis import Genesis
from tongbao.modules.accounts import OpenAccount
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.parties import RegisterParty
from tongbao.modules.payments import Transfer
from tongbao.simulator.founding import CHAIN, founded
from tongbao.simulator.sealing import SimKey, seal

PAYER, ASSET, PAYEE = "payer", "CNY", "payee/main"
MONEY = 10**15


def paying_genesis() -> Genesis:
    """The payer has money enough for ever; the payee starts at zero."""
    parties = {"central": ("central_bank", "operator"), PAYER: ("bank",), "payee": ("bank",)}
    registered = (
        RegisterParty(
            party=party, sponsor="central", name=party, roles=roles, jurisdiction="CN",
            keys=(demo_key(party, 0),),
        )
        for party, roles in parties.items()
    )  # fmt: skip
    return founded(
        (
            *registered,
            DefineAsset(asset=ASSET, issuer="central", decimals=2, kind="cbdc", name="Yuan"),
            OpenAccount(f"{PAYER}/main", assets=(ASSET,)),
            OpenAccount(PAYEE, assets=(ASSET,)),
            Issue(ASSET, f"{PAYER}/main", MONEY),
        )
    )


def pay(amount_minor: int = 1) -> Transfer:
    """A payment from payer to payee."""
    return Transfer(f"{PAYER}/main", PAYEE, ASSET, amount_minor)


def payment(reference: str, now_ms: int) -> bytes:
    """A signed payment of 1, good for a minute from `now_ms`."""
    keys = (SimKey(PAYER, 0),)
    return seal(CHAIN, PAYER, reference, now_ms + 60_000, (pay(),), keys).envelope()
