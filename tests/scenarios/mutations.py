"""Does the simulator find a rule that is gone? Each mend of a rule, reverted, seed after seed.

`python -m tests.scenarios.mutations --seeds 10 --steps 500`: for each rule that is taken out by
patching, how many seeds a focused world needs until a law or the second opinion notices.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from tests.scenarios.waivers import Patch, both, nothing, recoded, setting, unswitched, waived

from tongbao.kernel import approvals, pipeline
from tongbao.kernel.codes import require
from tongbao.kernel.identity import Approval, Policy
from tongbao.kernel.money import PostingFault, owner_of
from tongbao.modules.accounts import AccountsCode, count_firm
from tongbao.modules.assets import AssetsCode, Redeem, require_asset
from tongbao.modules.assets import invariants as asset_laws
from tongbao.modules.assets.events import Redeemed
from tongbao.modules.corridors import CorridorsCode, rules
from tongbao.modules.corridors import holding as corridor_holds
from tongbao.modules.exchange import ExchangeCode, ReserveQuote, arithmetic, give_way, quoting
from tongbao.modules.exchange.transactions.place_offer import PlaceOffer
from tongbao.modules.governance import GovernanceCode
from tongbao.modules.governance.model import Count
from tongbao.modules.parties import PartiesCode
from tongbao.modules.payments import PaymentsCode, PostHold, ReturnTransfer, holds, posting
from tongbao.modules.payments.uetrs import require_paid
from tongbao.modules.settlement import SettlementCode
from tongbao.simulator import SimulationFault, run

MARKET = ("exchange", "corridors")
MONEY = ("accounts", "assets", "payments", "parties")
GROSS = ("settlement",)
VOTES = ("governance", "parties")


class Mutation(NamedTuple):
    """A rule taken out: the row of docs/concepts/rules-of-the-ledger.md, and how."""

    name: str
    row: str
    focus: tuple[str, ...]
    revert: Patch


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


def _payee_posts(self: PostHold, view: Any) -> Any:
    found = holds.require_hold(view, self.hold)
    return () if found.hashlock else (Approval(owner_of(found.payee), "payments"),)


def _payer_returns(self: ReturnTransfer, view: Any) -> Any:
    _, known = require_paid(view, self.uetr)
    return (Approval(owner_of(known.payer), "payments"),)


def _pay_uncounted(*paid: Any) -> None:
    posting.pay(*paid, counted=True)


def _own_policy(view: Any, party: str, scope: str) -> Any:
    own = view.get(POLICIES, party, scope) or view.get(POLICIES, party, ANY_SCOPE)  # type: ignore[name-defined]  # noqa: F821
    return own or _DEFAULT_POLICY  # type: ignore[name-defined]  # noqa: F821


def _in_silence(ledger: Any, name: str) -> Iterator[Any]:
    return
    yield


def _never_crosses(*_: int) -> bool:
    return False


MUTATIONS = (
    Mutation("m1: rules asked of the limit at acceptance alone", "corridor-payment-limit", MARKET,
             setting("corridors.settling.pass_rules", _asks_nothing)),
    Mutation("m1: no envelope asked of what moves", "travel-rule", MARKET,
             setting("corridors.rules.require_screened", nothing)),
    Mutation("m2: a declined promise gives nothing back", "promise-day", MARKET,
             setting("exchange.quoting.restore_limits", nothing)),
    Mutation("m3: holds do not give way to a clawback", "clawback", MONEY,
             recoded(holds.give_way, _nobody_gives_way)),
    Mutation("offers and quotes do not give way", "clawback", MONEY,
             recoded(give_way.offers_and_quotes, _nobody_gives_way)),
    Mutation("m4: redemptions count against no limit", "day-limit", MONEY,
             lambda patch: patch.setattr(Redeem, "apply", _redeem_uncounted)),
    Mutation("m5: no cap on the offers of a party", "book-count", MARKET,
             setting("exchange.transactions.place_offer.MAX_IN_BOOK", 10**6)),
    Mutation("m6: the law asks for a holding that was dropped", "account-frozen", MONEY,
             recoded(asset_laws._frozen_flag, _flag_alone)),
    Mutation("m6: a frozen holding may be dropped", "account-empty", MONEY,
             setting("accounts.transactions.drop_asset.require_unfrozen", nothing)),
    Mutation("m7: dust may be offered", "offer-dust", MARKET,
             lambda patch: patch.setattr(PlaceOffer, "_least", lambda *_: 1)),
    Mutation("all of an offer is reserved for nothing", "free-half", MARKET,
             lambda patch: patch.setattr(
                 ReserveQuote, "_reservable", lambda _, offer, __: offer.remaining_minor)),
    Mutation("all of a pool is reserved for nothing", "free-half", MARKET,
             lambda patch: patch.setattr(ReserveQuote, "_require_free_part", nothing)),
    Mutation("no bound on reservations with a maker", "reservations", MARKET,
             setting("exchange.quoting.MAX_RESERVATIONS", 10**6)),
    Mutation("a quote of yesterday counts for no day", "promise-day", MARKET,
             setting("exchange.quoting.count_firm", nothing)),
    Mutation("d8: no bound on proposals", "proposals", MONEY,
             setting("parties.transactions.propose.MAX_PROPOSALS", 10**6)),
    Mutation("a hold of yesterday counts for no day", "day-limit", MONEY,
             setting("payments.transactions.post_hold.count_firm", nothing)),
    Mutation("what a payer sets aside and posts tomorrow is firm", "day-limit", MONEY,
             setting("payments.transactions.post_hold._count_now", _all_holds_are_firm)),
    Mutation("a hold that ends gives nothing back", "day-limit", MONEY,
             setting("payments.holds.restore_limits", nothing)),
    Mutation("a hold counts when it is posted alone", "day-limit", MONEY,
             setting("payments.transactions.hold.charge", nothing)),
    Mutation("what waits in a corridor and ends stays counted", "corridor-day-limit", MARKET,
             setting("corridors.holding.uncounted", lambda _, payment: payment)),
    # Accounts
    Mutation("limits of one payment", "payment-limit", MONEY,
             waived(AccountsCode.LIMIT_PER_PAYMENT)),
    Mutation("limits of a day", "day-limit", MONEY, waived(AccountsCode.LIMIT_PER_DAY)),
    Mutation("frozen accounts pay", "account-frozen", MONEY,
             unswitched(PostingFault.DEBIT_BLOCKED)),
    Mutation("accounts that ask for a reference get none", "account-reference", MONEY,
             unswitched(PostingFault.REFERENCE_REQUIRED)),
    Mutation("an account with money in it is closed", "account-empty", MONEY,
             waived(AccountsCode.HOLDING_NOT_EMPTY)),
    Mutation("an asset is dropped that is still to be paid", "account-expected",
             ("accounts", "exchange"), waived(AccountsCode.STILL_EXPECTED)),
    Mutation("a number leads to two accounts", "account-number", MONEY,
             waived(AccountsCode.IDENTIFIER_TAKEN)),
    Mutation("numbers without end", "account-bounds", MONEY,
             waived(AccountsCode.TOO_MANY_NUMBERS)),
    # Assets
    Mutation("more is issued than the cap", "supply-cap", MONEY,
             waived(AssetsCode.CAP_EXCEEDED, AssetsCode.CAP_BELOW_SUPPLY)),
    Mutation("a yen with sen", "iso-decimals", MONEY, waived(AssetsCode.CURRENCY_DECIMALS)),
    Mutation("a paused asset moves", "pause", MONEY, waived(AssetsCode.ASSET_PAUSED)),
    Mutation("whoever is not listed holds and pays", "allow-list", MONEY,
             unswitched(PostingFault.CREDIT_NOT_AUTHORISED, PostingFault.DEBIT_NOT_AUTHORISED)),
    # Payments
    Mutation("a hold of more than there is", "available", MONEY,
             waived(PaymentsCode.INSUFFICIENT_FUNDS)),
    Mutation("the payee posts a hold", "hold-arbiter", MONEY,
             lambda patch: patch.setattr(PostHold, "signers", _payee_posts)),
    Mutation("any preimage opens a hold", "hashlock", MONEY,
             waived(PaymentsCode.WRONG_PREIMAGE)),
    Mutation("holds and transfers years ahead", "days-ahead", MONEY,
             waived(PaymentsCode.TOO_FAR_AHEAD)),
    Mutation("a suspended party's scheduled transfer is paid", "scheduled", MONEY,
             setting("payments.scheduled.require_active", nothing)),
    Mutation("one UETR for two payments", "uetr", MONEY, waived(PaymentsCode.UETR_TAKEN)),
    Mutation("more is returned than was paid", "returned", MONEY,
             waived(PaymentsCode.RETURN_ABOVE_REST)),
    Mutation("returns count against no limit", "return-pays", MONEY,
             setting("payments.transactions.return_transfer.pay", _pay_uncounted)),
    Mutation("the payer returns", "return-sides", MONEY,
             lambda patch: patch.setattr(ReturnTransfer, "signers", _payer_returns)),
    Mutation("a second request for a return", "return-requests", MONEY,
             waived(PaymentsCode.RETURN_REQUESTED)),
    # Parties
    Mutation("one key is enough", "approvals", MONEY,
             lambda patch: patch.setattr(approvals, "policy_of", lambda *_: Policy(1, 1))),
    Mutation("nobody's approval is asked for", "approvals", MONEY,
             lambda patch: patch.setattr(pipeline, "require_approvals", nothing)),
    Mutation("keys and policies change by their own policy", "strictest-policy", MONEY,
             recoded(approvals.policy_of, _own_policy)),
    Mutation("a party locks itself out", "lock-out", MONEY, waived(PartiesCode.LOCK_OUT)),
    Mutation("keys without end", "key-bounds", MONEY, waived(PartiesCode.KEY_COUNT)),
    Mutation("two parties of one number", "party-numbers", MONEY,
             waived(PartiesCode.IDENTIFIER_TAKEN)),
    Mutation("a suspended party acts", "suspension", MONEY,
             lambda patch: patch.setattr(approvals, "require_active", nothing)),
    # Settlement
    Mutation("a batch settles without all approvals", "all-legs", GROSS,
             waived(SettlementCode.NOT_COMPLETE)),
    Mutation("legs count against no limit", "leg-rules", GROSS,
             setting("payments.journal.charge", nothing)),
    Mutation("legs pass freezes", "leg-rules", (*GROSS, "assets"),
             unswitched(PostingFault.DEBIT_BLOCKED)),
    Mutation("what was set aside for a leg stays", "reserved-legs", GROSS,
             setting("settlement.executing.free", nothing)),
    Mutation("queues have no limits", "queue-limit", GROSS, waived(SettlementCode.OVER_LIMIT)),
    Mutation("nothing is kept for urgent payments", "urgent-reserve", GROSS,
             waived(SettlementCode.URGENT_RESERVE)),
    # Governance
    Mutation("half of the power carries a vote", "two-thirds", VOTES,
             lambda patch: patch.setattr(
                 Count, "carries", lambda self, _: 2 * self.yes > self.total)),
    Mutation("a window is never full", "third-within-window", VOTES,
             waived(GovernanceCode.WINDOW_FULL)),
    Mutation("votes without end", "open-votes", VOTES, waived(GovernanceCode.TOO_MANY_VOTES)),
    # Exchange
    Mutation("an offer of what is not there", "offer-money", MARKET,
             setting("payments.journal.set_aside", nothing)),
    Mutation("makers count against no limit", "maker-delivers", MARKET,
             setting("exchange.book.charge", nothing)),
    Mutation("offers stand that cannot be delivered", "maker-delivers", MARKET,
             setting("exchange.book.deliverable", lambda _, offer, *__: offer.remaining_minor)),
    Mutation("takers have no limit", "taker-limit", MARKET,
             waived(ExchangeCode.SENT_TOO_MUCH, ExchangeCode.RECEIVED_TOO_LITTLE)),
    Mutation("orders stand against what they cross", "crossed-book", MARKET,
             setting("exchange.book.arithmetic.crosses", _never_crosses)),
    Mutation("an expired quote is paid", "quote-price", MARKET,
             both(waived(ExchangeCode.QUOTE_EXPIRED),
                  recoded(quoting.quote_expires, _in_silence))),
    Mutation("somebody else's quote is paid", "quote-price", MARKET,
             waived(ExchangeCode.QUOTE_OTHERS)),
    Mutation("a pool gives more than its curve", "pool-share", MARKET,
             setting("exchange.swap.swap_out", lambda *of: arithmetic.swap_out(*of) + 1)),
    # Corridors
    Mutation("no limit of a day in a corridor", "corridor-day-limit", MARKET,
             waived(CorridorsCode.OVER_DAY_LIMIT)),
    Mutation("no limit of one payment in a corridor", "corridor-payment-limit", MARKET,
             waived(CorridorsCode.OVER_LIMIT)),
    Mutation("nobody is screened", "screening", MARKET,
             both(waived(CorridorsCode.SCREENING_NEEDED),
                  setting("corridors.transactions.pay.reasons_to_hold", lambda *_: ()))),
    Mutation("a hit since does not matter", "screening", MARKET, waived(CorridorsCode.HIT_SINCE)),
    Mutation("any purpose", "corridor-purposes", MARKET,
             waived(CorridorsCode.PURPOSE_NOT_ALLOWED)),
    Mutation("at any hour", "corridor-hours", MARKET, waived(CorridorsCode.CORRIDOR_CLOSED)),
    Mutation("banks that do not serve", "corridor-served", MARKET,
             waived(CorridorsCode.NOT_SERVED)),
    Mutation("other charges than were signed", "corridor-charges", MARKET,
             waived(CorridorsCode.COSTS_DIFFER)),
    Mutation("money that waits is not set aside", "corridor-money", ("corridors",),
             setting("payments.journal.set_aside", nothing)),
    Mutation("a payment waits for ever", "corridor-deadline", MARKET,
             recoded(corridor_holds.hold_ends, _in_silence)),
    Mutation("a return gives more than came", "returns", MARKET,
             waived(CorridorsCode.RETURN_TOO_MUCH)),
    Mutation("a quote for another amount", "quote-fits", MARKET,
             waived(CorridorsCode.QUOTE_DIFFERS)),
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
        reported = f"found in seed {found}: {what[:110]}" if found else "NOT FOUND"
        sys.stdout.write(f"{mutation.name} ({mutation.row}), {seconds:.0f} s: {reported}\n")
        sys.stdout.flush()
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
