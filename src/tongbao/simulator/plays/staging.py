"""What plays share: their shape, who has money, and envelopes of several actions."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator

from tongbao.kernel.generation import Draw, drawn, pick
from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag, owner_of
from tongbao.kernel.transaction import Transaction
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import LIMITS

Script = Generator[Draw | None, ReadView, None]
Play = Callable[[random.Random, ReadView], Script]
CNY, HKD = "CNY", "HKD"
DAY_MS = 24 * 3600 * 1000
_STUCK = HoldingFlag.FROZEN | HoldingFlag.CLOSED | HoldingFlag.ISSUING


def rich(view: ReadView, asset: str, least: int) -> list[str]:
    """Accounts with at least so much of an asset available, that may move it and have no limit."""
    end = b"\0" + asset.encode()
    found = []
    for key, raw in view.source.scan(HOLDING_PREFIX, None, 4_096):
        held = Holding.decode(raw)
        if key.endswith(end) and held.available >= least and not held.flags & _STUCK:
            account = key[len(HOLDING_PREFIX) : -len(end)].decode()
            if not account.startswith("@") and not view.has(LIMITS, account, asset):
                found.append(account)
    return found


def three(
    rng: random.Random, view: ReadView, paid: tuple[str, int], got: tuple[str, int]
) -> tuple[str, str, str] | None:
    """A payer with (asset, least), a maker with the other, a payee: accounts of three parties."""
    payer = pick(rng, rich(view, *paid))
    makers = (one for one in rich(view, *got) if payer and owner_of(one) != owner_of(payer))
    maker = pick(rng, [one for one in makers if view.holding(one, paid[0])])
    taken = {owner_of(one) for one in (payer, maker) if one}
    payee = pick(rng, (one for one in rich(view, got[0], 0) if owner_of(one) not in taken))
    return None if not (payer and maker and payee) else (payer, maker, payee)


def together(rng: random.Random, view: ReadView, *actions: Transaction) -> Draw:
    """Actions in one envelope, signed by everybody whom one of them needs."""
    draws = [drawn(rng, view, one) for one in actions]
    signers = dict.fromkeys(key for one in draws for key in one.signers)
    return Draw(draws[0].party, actions, tuple(signers))


def uetr(rng: random.Random) -> str:
    """A fresh one."""
    digits = f"{rng.getrandbits(120):030x}"
    parts = (digits[:8], digits[8:12], f"4{digits[12:15]}", f"a{digits[15:18]}", digits[18:])
    return "-".join(parts)


def until(day: int) -> Generator[None, ReadView, ReadView]:
    """Wait for a later day than this; gives the ledger of then."""
    view = yield None
    while view.time_ms // DAY_MS <= day:
        view = yield None
    return view
