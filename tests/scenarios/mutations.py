"""Does the simulator find a rule that is gone? Each mend of a rule, reverted, seed after seed.

`python -m tests.scenarios.mutations --seeds 10 --steps 500`: for each rule that is taken out by
patching, how many seeds a focused world needs until a law or the second opinion notices.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tongbao.kernel.codes import require
from tongbao.modules.accounts import count_firm
from tongbao.modules.assets import AssetsCode, Redeem, require_asset
from tongbao.modules.assets import invariants as asset_laws
from tongbao.modules.assets.events import Redeemed
from tongbao.modules.corridors import rules
from tongbao.modules.exchange import give_way, quotes
from tongbao.modules.exchange.place import PlaceOffer
from tongbao.modules.payments import hold
from tongbao.simulator import SimulationFault, run

MARKET = ("exchange", "corridors")
MONEY = ("accounts", "assets", "payments", "parties")
Patch = Callable[[pytest.MonkeyPatch], None]


class Mutation(NamedTuple):
    """A rule taken out: the row of docs/concepts/rules-of-the-ledger.md, and how."""

    name: str
    row: str
    focus: tuple[str, ...]
    revert: Patch


def setting(target: str, value: Any) -> Patch:
    """Put another value where a module keeps its own."""
    return lambda patch: patch.setattr(f"tongbao.modules.{target}", value)


def recoded(function: Any, other: Callable[..., Any]) -> Patch:
    """Change what a function does for those too who hold it already."""
    return lambda patch: patch.setattr(function, "__code__", other.__code__)


def nothing(*_: Any, **__: Any) -> int:
    """Ask nothing, count nothing."""
    return 0


def _asks_nothing(ledger: Any, payment: Any, amount: int, *, decided: bool) -> Any:
    return rules.counted(ledger, rules.uncounted(ledger, payment), amount)


def _nobody_gives_way(ledger: Any, account: Any, asset: Any, why: Any) -> Iterator[Any]:
    return
    yield


def _redeem_uncounted(self: Redeem, ledger: Any) -> Iterator[Any]:
    issuing = require_asset(ledger, self.asset).issuing_account
    fault = ledger.move(self.account, issuing, self.asset, self.amount_minor)
    require(
        fault == 0, AssetsCode.REDEEM_REFUSED,
        amount=str(self.amount_minor), asset=self.asset, account=self.account, fault="",
    )  # fmt: skip
    yield Redeemed(self.asset, self.account, issuing, self.amount_minor, self.reference)


def _all_holds_are_firm(ledger: Any, one: Any, amount: int) -> None:
    count_firm(ledger, one.payer, one.asset, amount, one.counted_minor, one.made_at_ms)


def _flag_alone(view: Any, key: Any, _before: Any, _after: Any) -> bool:
    holding = view.holding(key[0], key[1])
    stands = next(view.scan(FREEZES, key[0], key[1]), None) is not None  # type: ignore[name-defined]  # noqa: F821
    return holding is not None and (
        (HoldingFlag.FROZEN in holding.flags) == stands  # type: ignore[name-defined]  # noqa: F821
    )


MUTATIONS = (
    Mutation("m1: rules asked of the limit at acceptance alone", "corridor-payment-limit", MARKET,
             setting("corridors.settling.pass_rules", _asks_nothing)),
    Mutation("m1: no envelope asked of what moves", "travel-rule", MARKET,
             setting("corridors.rules.require_screened", nothing)),
    Mutation("m2: a declined promise gives nothing back", "promise-day", MARKET,
             setting("exchange.quote_end.give_back_limits", nothing)),
    Mutation("m3: holds do not give way to a clawback", "clawback", MONEY,
             recoded(hold.give_way, _nobody_gives_way)),
    Mutation("offers and quotes do not give way", "clawback", MONEY,
             recoded(give_way.offers_and_quotes, _nobody_gives_way)),
    Mutation("m4: redemptions count against no limit", "day-limit", MONEY,
             lambda patch: patch.setattr(Redeem, "apply", _redeem_uncounted)),
    Mutation("m5: no cap on the offers of a party", "book-count", MARKET,
             setting("exchange.place.MAX_IN_BOOK", 10**6)),
    Mutation("m6: the law asks for a holding that was dropped", "account-frozen", MONEY,
             recoded(asset_laws._frozen_flag, _flag_alone)),
    Mutation("m6: a frozen holding may be dropped", "account-empty", MONEY,
             setting("accounts.open.require_unfrozen", nothing)),
    Mutation("m7: dust may be offered", "offer-dust", MARKET,
             lambda patch: patch.setattr(PlaceOffer, "_least", lambda *_: 1)),
    Mutation("all of an offer is reserved for nothing", "free-half", MARKET,
             lambda patch: patch.setattr(
                 quotes.ReserveQuote, "_reservable", lambda _, offer, __: offer.remaining_minor)),
    Mutation("all of a pool is reserved for nothing", "free-half", MARKET,
             lambda patch: patch.setattr(quotes.ReserveQuote, "_require_free_part", nothing)),
    Mutation("no bound on reservations with a maker", "reservations", MARKET,
             setting("exchange.quotes.MAX_RESERVATIONS", 10**6)),
    Mutation("a quote of yesterday counts for no day", "promise-day", MARKET,
             setting("exchange.quote_end.count_firm", nothing)),
    Mutation("d8: no bound on proposals", "proposals", MONEY,
             setting("parties.propose.MAX_PROPOSALS", 10**6)),
    Mutation("a hold of yesterday counts for no day", "day-limit", MONEY,
             setting("payments.hold.count_firm", nothing)),
    Mutation("what a payer sets aside and posts tomorrow is firm", "day-limit", MONEY,
             setting("payments.hold._count_now", _all_holds_are_firm)),
    Mutation("a hold that ends gives nothing back", "day-limit", MONEY,
             setting("payments.hold.give_back_limits", nothing)),
    Mutation("a hold counts when it is posted alone", "day-limit", MONEY,
             setting("payments.hold.charge", nothing)),
    Mutation("what waits in a corridor and ends stays counted", "corridor-day-limit", MARKET,
             setting("corridors.hold.uncounted", lambda _, payment: payment)),
)  # fmt: skip


def seeds_until_found(mutation: Mutation, seeds: int, steps: int) -> tuple[int, str]:
    """(how many seeds it took, what was found); 0 where none found it."""
    with pytest.MonkeyPatch.context() as patch:
        mutation.revert(patch)
        for seed in range(1, seeds + 1):
            try:
                run(seed, steps, mutation.focus)
            except SimulationFault as fault:
                return seed, fault.what
    return 0, ""


def main() -> int:
    """Print a line for each mutation; 1 where one stays undiscovered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--only", default="", help="those whose name contains this")
    options = parser.parse_args()
    missed = 0
    for mutation in MUTATIONS:
        if options.only not in mutation.name:
            continue
        began = time.perf_counter()
        found, what = seeds_until_found(mutation, options.seeds, options.steps)
        missed += not found
        seconds = time.perf_counter() - began
        told = f"found in seed {found}: {what[:110]}" if found else "NOT FOUND"
        sys.stdout.write(f"{mutation.name} ({mutation.row}), {seconds:.0f} s: {told}\n")
        sys.stdout.flush()
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
