"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source
from collections.abc import Iterator

from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.money import HOLDING_PREFIX, MAX_AMOUNT, Holding, HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.assets.model import ALLOW_LIST, OPEN, Asset
from tongbao.modules.assets.state import ASSETS, FREEZES, PAUSED, outstanding
from tongbao.modules.assets.transactions.authorise_holder import AuthoriseHolder
from tongbao.modules.assets.transactions.clawback import Clawback
from tongbao.modules.assets.transactions.define import DefineAsset
from tongbao.modules.assets.transactions.freeze_holding import FreezeHolding
from tongbao.modules.assets.transactions.issue import Issue
from tongbao.modules.assets.transactions.pause import PauseAsset
from tongbao.modules.assets.transactions.redeem import Redeem
from tongbao.modules.assets.transactions.resume import ResumeAsset
from tongbao.modules.assets.transactions.revoke_holder import RevokeHolder
from tongbao.modules.assets.transactions.unfreeze_holding import UnfreezeHolding
from tongbao.modules.assets.transactions.update_policy import UpdatePolicy
from tongbao.modules.parties import PARTIES

MOST_ASSETS = 12
NOWHERE = "nobody/none"


def _asset(rng: random.Random, view: ReadView) -> Asset:
    return rng.choice([asset for _, asset in view.scan(ASSETS)])


def _holders(view: ReadView, asset: str, flag: HoldingFlag = HoldingFlag(0)) -> Iterator[str]:
    """Accounts that hold the asset with a switch set, the issuing one left out."""
    end = b"\0" + asset.encode()
    for key, value in view.source.scan(HOLDING_PREFIX, None, 4_096):
        flags = Holding.decode(value).flags
        if key.endswith(end) and flag in flags and HoldingFlag.ISSUING not in flags:
            yield key[len(HOLDING_PREFIX) : -len(end)].decode()


@attacks("iso-decimals", "supply-cap")
def _define(rng: random.Random, view: ReadView) -> Draw | None:
    known = [key[0] for key, _ in view.scan(ASSETS)]
    if len(known) >= MOST_ASSETS:
        return None
    issuers = [key[0] for key, party in view.scan(PARTIES) if "bank" in party.roles]
    action = DefineAsset(
        asset=f"COIN.{len(known)}", issuer=pick(rng, issuers) or "nobody",
        decimals=rng.randrange(9), kind=rng.choice(("stablecoin", "deposit", "security")),
        name=f"Coin {len(known)}", policy=rng.choice((OPEN, ALLOW_LIST)),
        supply_cap=rng.choice((0, 10**9)), freezable=bool(rng.randrange(2)),
        clawback_allowed=bool(rng.randrange(2)),
    )  # fmt: skip
    central = (key[0] for key, party in view.scan(PARTIES) if "central_bank" in party.roles)
    yen = {"asset": "JPY", "decimals": 2, "kind": "cbdc", "issuer": pick(rng, central) or "nobody"}
    return drawn(
        rng, view, action,
        {"asset": "no"}, {"decimals": 19}, {"kind": "gold"}, {"policy": "closed"}, {"name": ""},
        {"asset": known[0]}, {"kind": "currency"}, {"supply_cap": -1}, yen, yen,
    )  # fmt: skip


@attacks("supply-cap", "clawback")
def _update_policy(rng: random.Random, view: ReadView) -> Draw | None:
    asset = _asset(rng, view)
    cap = outstanding(view, asset) + rng.randrange(1, 10**9)
    # A right that is given up is gone: seldom, so that it still can be used.
    keep = rng.randrange(5) > 0
    action = UpdatePolicy(asset.id, cap, asset.freezable and keep, asset.clawback_allowed and keep)
    same = {"supply_cap": asset.supply_cap, "freezable": asset.freezable,
            "clawback_allowed": asset.clawback_allowed}  # fmt: skip
    return drawn(
        rng, view, action, same, {"supply_cap": 1}, {"freezable": True, "clawback_allowed": True},
        {"asset": "NOSUCH"},
    )  # fmt: skip


@attacks("pause")
def _pause(rng: random.Random, view: ReadView) -> Draw | None:
    if rng.randrange(3):
        return None
    paused = pick(rng, (key[0] for key, _ in view.scan(PAUSED)))
    action = PauseAsset(_asset(rng, view).id, "maintenance")
    return drawn(rng, view, action, {"reason": ""}, {"asset": paused or "NOSUCH"})


@attacks("pause")
def _resume(rng: random.Random, view: ReadView) -> Draw | None:
    paused = pick(rng, (key[0] for key, _ in view.scan(PAUSED)))
    if paused is None and rng.randrange(10):
        return None
    action = ResumeAsset(paused or _asset(rng, view).id)
    return drawn(rng, view, action, hostile=paused is None)


@attacks("allow-list")
def _authorise(rng: random.Random, view: ReadView) -> Draw | None:
    listed = pick(rng, (one for _, one in view.scan(ASSETS) if one.policy == ALLOW_LIST))
    holder = pick(rng, _holders(view, listed.id)) if listed else None
    if listed is None or holder is None:
        return None
    action = AuthoriseHolder(listed.id, holder)
    return drawn(rng, view, action, {"asset": "CNY"}, {"account": NOWHERE})


@attacks("allow-list")
def _revoke(rng: random.Random, view: ReadView) -> Draw | None:
    listed = pick(rng, (one for _, one in view.scan(ASSETS) if one.policy == ALLOW_LIST))
    if listed is None or rng.randrange(2):
        return None
    holder = pick(rng, _holders(view, listed.id, HoldingFlag.AUTHORISED))
    other = pick(rng, _holders(view, listed.id)) or NOWHERE
    return drawn(rng, view, RevokeHolder(listed.id, holder or other), {"account": other})


@attacks("account-frozen")
def _freeze(rng: random.Random, view: ReadView) -> Draw | None:
    asset = _asset(rng, view)
    holder = pick(rng, _holders(view, asset.id))
    if holder is None or rng.randrange(2):
        return None
    rigid = pick(rng, (key[0] for key, one in view.scan(ASSETS) if not one.freezable))
    action = FreezeHolding(asset.id, holder, "court order 17")
    return drawn(
        rng, view, action, {"basis": ""}, {"account": NOWHERE}, {"asset": rigid or "NOSUCH"},
        hostile=not asset.freezable,
    )  # fmt: skip


@attacks("account-frozen")
def _unfreeze(rng: random.Random, view: ReadView) -> Draw | None:
    issuers = {key[0]: one.issuer for key, one in view.scan(ASSETS)}
    rows = (key for key, _ in view.scan(FREEZES) if issuers.get(key[1]) == key[2])
    found = pick(rng, rows)
    if found is None:
        return None
    return drawn(rng, view, UnfreezeHolding(found[1], found[0]), {"account": NOWHERE})


@attacks("clawback")
def _clawback(rng: random.Random, view: ReadView) -> Draw | None:
    asset = _asset(rng, view)
    holder = pick(rng, _holders(view, asset.id))
    if holder is None or rng.randrange(2):
        return None
    holding = view.holding(holder, asset.id)
    # What is set aside as well: an order breaks whatever holds it.
    most = max(1, holding.posted if holding else 1)
    action = Clawback(asset.id, holder, amount_of(rng, most), asset.issuer, "court order 17")
    return drawn(
        rng, view, action, {"amount_minor": 0}, {"amount_minor": MAX_AMOUNT}, {"basis": ""},
        {"by": holder.split("/")[0]}, {"account": NOWHERE}, hostile=not asset.clawback_allowed,
    )  # fmt: skip


@attacks("supply-cap")
def _issue(rng: random.Random, view: ReadView) -> Draw | None:
    asset = _asset(rng, view)
    holder = pick(rng, _holders(view, asset.id))
    if holder is None:
        return None
    action = Issue(asset.id, holder, amount_of(rng, 10**6), reference=rng.choice(("", "issue")))
    return drawn(
        rng, view, action, {"amount_minor": 0}, {"amount_minor": MAX_AMOUNT}, {"asset": "NOSUCH"},
        {"account": NOWHERE}, {"amount_minor": MAX_AMOUNT + 1}, {"account": asset.issuing_account},
    )  # fmt: skip


@attacks("payment-limit", "day-limit", "available")
def _redeem(rng: random.Random, view: ReadView) -> Draw | None:
    asset = _asset(rng, view)
    holder = pick(rng, _holders(view, asset.id))
    holding = view.holding(holder, asset.id) if holder else None
    if holder is None or holding is None or holding.available < 1:
        return None
    action = Redeem(asset.id, holder, amount_of(rng, holding.available))
    twists = ({"amount_minor": MAX_AMOUNT}, {"amount_minor": -1}, {"account": NOWHERE})
    return drawn(rng, view, action, *twists)


GENERATORS: dict[str, Generator] = {
    "assets.define": _define,
    "assets.update_policy": _update_policy,
    "assets.pause": _pause,
    "assets.resume": _resume,
    "assets.authorise_holder": _authorise,
    "assets.revoke_holder": _revoke,
    "assets.freeze_holding": _freeze,
    "assets.unfreeze_holding": _unfreeze,
    "assets.clawback": _clawback,
    "assets.issue": _issue,
    "assets.redeem": _redeem,
}
"""One for each kind of transaction, by its tag."""
