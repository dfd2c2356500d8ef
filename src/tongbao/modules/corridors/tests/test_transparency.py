"""Charged equals shown, to the unit: on random payments through random fee schedules."""

from __future__ import annotations

import random
from collections.abc import Callable

from tongbao.kernel.codes import Refusal
from tongbao.kernel.views import BlockContext, WriteView
from tongbao.modules.corridors import (
    BEARERS,
    CorridorsCode,
    Fee,
    PayAbroad,
    Terms,
    price,
    require_corridor,
)
from tongbao.modules.corridors.model import ROUNDINGS
from tongbao.modules.corridors.state import VERSIONS
from tongbao.modules.corridors.tests.across import (
    ABROAD,
    DEPTH,
    MAKING,
    NETWORK,
    RECEIVING,
    WAY,
    bench_across,
)
from tongbao.modules.corridors.tests.setting import PAYEE, PAYER, uetr
from tongbao.modules.exchange import plan
from tongbao.modules.testing import CHAIN, Bench

PAYMENTS = 10_000
TOGETHER = 250
"""Payments on one state of the market; each is undone before the next."""


def random_terms(rng: random.Random) -> Terms:
    """Fees of any kind, on either side, rounded by any rule."""
    fees = []
    for _ in range(rng.randrange(6)):
        side = rng.choice(("send", "receive"))
        bearers = ("CRED", "SHAR") if side == "receive" else BEARERS[:3]
        low = rng.choice((0, 1, rng.randrange(500)))
        fees.append(Fee(
            rng.choice(("network", "corridor", "sending_bank", "receiving_bank")), side,
            RECEIVING if side == "receive" else rng.choice((NETWORK, MAKING)),
            rng.randrange(1, 300), rng.choice((0, 1, 7, 33, 250)), low,
            rng.choice((0, low + rng.randrange(2_000))),
            tuple(rng.sample(bearers, rng.randrange(len(bearers) + 1))),
        ))  # fmt: skip
    return Terms(
        ABROAD.seats, tuple(fees), rng.choice(ROUNDINGS), rng.choice(BEARERS[:3]),
        screeners=ABROAD.screeners,
    )  # fmt: skip


def balances(ledger: WriteView) -> dict[tuple[str, str], int]:
    """What everybody concerned has."""
    places = [(PAYER, "CNY"), (PAYEE, "HKD"), (NETWORK, "CNY"), (MAKING, "CNY"), (RECEIVING, "HKD")]
    found = {place: ledger.holding(*place) for place in places}
    return {place: 0 if one is None else one.posted for place, one in found.items()}


def pay_once(ledger: WriteView, bench: Bench, terms: Terms, rng: random.Random, n: int) -> bool:
    """Show, sign, charge; whether it was applied. Every balance changes by what was shown."""
    bearer = rng.choice(BEARERS)
    exact = rng.choice(("send", "receive"))
    amount = rng.randrange(1, rng.choice((100, 10_000, DEPTH // 2)))
    send, receive = (amount, 0) if exact == "send" else (0, amount)
    routes = []

    def carry(part: int) -> tuple[int, int]:
        sent, got = (part, 0) if send else (0, part)
        routes.extend(plan(ledger, "CNY", "HKD", send=sent, receive=got, limit=1))
        if not routes:
            raise Refusal(CorridorsCode.QUOTE_OR_ROUTE, {})
        return routes[0].sent, routes[0].received

    corridor = require_corridor(ledger, WAY)
    try:
        reported = price(
            corridor, terms, (PAYER, PAYEE), bearer, send=send, receive=receive, carry=carry
        )
    except Refusal:
        return False
    action = PayAbroad(
        WAY, PAYER, PAYEE, uetr(n), send, receive, reported.arrived if send else reported.converted,
        bearer, reported.costs, tuple((hop.asset, hop.venue) for hop in routes[0].route.hops),
    )  # fmt: skip
    action.check()
    action.admit(ledger)
    before = balances(ledger)
    list(action.apply(ledger))
    after = balances(ledger)
    shown = dict.fromkeys(before, 0)
    shown[PAYER, "CNY"] = -reported.debited
    shown[PAYEE, "HKD"] = reported.credited
    for cost in reported.costs:
        shown[cost.receiver, cost.asset] += cost.amount_minor
    assert {place: after[place] - before[place] for place in before} == shown
    return True


def test_charged_equals_shown_on_ten_thousand_random_payments(
    record_property: Callable[[str, object], None],
) -> None:
    rng = random.Random(20_261_125)
    done = tried = 0
    while done < PAYMENTS:
        bench = bench_across(rate=(rng.randrange(90, 110), 108))
        draft = bench.state.draft()
        block = BlockContext(CHAIN, 9, bench.time_ms)
        ledger = WriteView(draft, block, bench.registry, party="firm-a", reference="r")
        for n in range(TOGETHER):
            draft.begin()
            terms = random_terms(rng)
            [(key, _)] = list(ledger.scan(VERSIONS, WAY))
            ledger.put(VERSIONS, *key, value=terms)
            tried += 1
            done += pay_once(ledger, bench, terms, rng, n)
            draft.rollback()
    record_property("payments", done)
    # The rest were refused before anybody signed: charges left nothing, or CRED with exact receive.
    assert tried < 2 * PAYMENTS
