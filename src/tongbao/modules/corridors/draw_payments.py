"""Drawing payments through corridors, and what happens to them."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source

from msgspec.structs import replace

from tongbao.kernel.codes import Refusal, refuse
from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.money import MAX_AMOUNT, owner_of
from tongbao.kernel.views import ReadView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.costs import bearer_in
from tongbao.modules.corridors.draw_corridors import PEOPLE, STRANGER, holders
from tongbao.modules.corridors.model import (
    BEARERS,
    CLEARED,
    CRED,
    HELD,
    PAID,
    SEND,
    SETTLED,
    TREATMENTS,
    Corridor,
    Cost,
    Hops,
    Payment,
    ReturnTerms,
    Terms,
)
from tongbao.modules.corridors.permissions import bank_of
from tongbao.modules.corridors.pricing import Priced, price
from tongbao.modules.corridors.serving import is_served
from tongbao.modules.corridors.state import CORRIDORS, PAYMENTS, SERVERS, terms_at, terms_of
from tongbao.modules.corridors.transactions.answer_cancellation import AnswerCancellation
from tongbao.modules.corridors.transactions.ask_cancellation import AskCancellation
from tongbao.modules.corridors.transactions.attach_envelope import AttachEnvelope
from tongbao.modules.corridors.transactions.confirm_credit import ConfirmCredit
from tongbao.modules.corridors.transactions.execute import ExecutePayment
from tongbao.modules.corridors.transactions.pay import PayAbroad
from tongbao.modules.corridors.transactions.refuse import RefusePayment
from tongbao.modules.corridors.transactions.release import ReleasePayment
from tongbao.modules.corridors.transactions.return_payment import ReturnPayment
from tongbao.modules.exchange import plan


def _uetr(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(120):030x}"
    parts = (digits[:8], digits[8:12], f"4{digits[12:15]}", f"a{digits[15:18]}", digits[18:])
    return "-".join(parts)


def _open_corridor(rng: random.Random, view: ReadView) -> tuple[Corridor, Terms] | None:
    # A corridor that few serve carries next to nothing: those that many serve are drawn.
    every = [value for _, value in view.scan(CORRIDORS)]
    counts = {one: sum(1 for _ in view.scan(SERVERS, one.id)) for one in every}
    most = max(counts.values(), default=0)
    one = pick(rng, (value for value, count in counts.items() if 2 * count > most))
    found = None if one is None else terms_at(view, one.id, view.time_ms)
    return None if one is None or found is None else (one, found[1])


def _served(view: ReadView, corridor: str, terms: Terms, account: str, role: str) -> bool:
    try:
        return is_served(view, corridor, terms, bank_of(view, account), role)
    except Refusal:
        return False


@attacks(
    "corridor-payment-limit",
    "corridor-day-limit",
    "travel-rule",
    "corridor-charges",
    "corridor-money",
    "quote-fits",
)
def _pay(rng: random.Random, view: ReadView) -> Draw | None:
    opened = _open_corridor(rng, view)
    if opened is None:
        return None
    corridor, terms = opened
    # Now and then a bank that serves it no more.
    some = not rng.randrange(10)
    payers = [a for a in holders(view, corridor.send_asset)
              if some or _served(view, corridor.id, terms, a, "sender")]  # fmt: skip
    payer = pick(rng, payers)
    payees = [
        a for a in holders(view, corridor.receive_asset)
        if a != payer and (some or _served(view, corridor.id, terms, a, "receiver"))
    ]  # fmt: skip
    payee = pick(rng, payees)
    holding = None if payer is None else view.holding(payer, corridor.send_asset)
    if payer is None or payee is None or holding is None or holding.available < 2:
        return None
    bearer = rng.choice(BEARERS)
    amount = amount_of(rng, holding.available // 2)
    side = "receive" if bearer_in(terms, bearer) != CRED and rng.randrange(2) else "send"
    send, receive = (amount, 0) if side == "send" else (0, amount)
    try:
        reported, route = _priced(view, corridor, terms, (payer, payee), bearer, (send, receive))
    except Refusal:
        if rng.randrange(4):
            return None
        reported, route = Priced(amount, amount, amount, amount, ()), ()
    costs = reported.costs
    action = PayAbroad(
        corridor.id, payer, payee, _uetr(rng), bearer=bearer, costs=costs,
        payee_reference="invoice 7", originator=rng.choice(PEOPLE),
        beneficiary=rng.choice((*PEOPLE, STRANGER)),
        travel_rule=rng.choice(("", PEOPLE[0])), purpose="GDDS",
        send_minor=send, receive_minor=receive,
        limit_minor=reported.arrived if send else reported.converted, route=route,
    )  # fmt: skip
    if receive and not rng.randrange(4):
        # It measures next to nothing now; its payer may execute it for what it takes later.
        action = replace(action, limit_minor=1)
    used = pick(rng, (key[0] for key, _ in view.scan(PAYMENTS))) or ""
    return drawn(
        rng, view, action,
        {"costs": (*costs, Cost("network", payer, corridor.send_asset, 1))}, {"uetr": used},
        {"uetr": "x"}, {"payee": payer}, {"bearer": "OUR"}, {"send_minor": 5, "receive_minor": 5},
        {"corridor": "NOWHERE"}, {"quote": "none"}, {"payee": "nobody/none"},
        {"originator": "ff"}, {"deadline_ms": 1}, {"send_minor": MAX_AMOUNT, "receive_minor": 0},
    )  # fmt: skip


def _priced(
    view: ReadView,
    corridor: Corridor,
    terms: Terms,
    ends: tuple[str, str],
    bearer: str,
    instructed: tuple[int, int],
) -> tuple[Priced, Hops]:
    """What (sent, received), one of them 0, costs now, and by which hops."""
    send, receive = instructed
    route: list[Hops] = []

    def carry(part: int) -> tuple[int, int]:
        amount = (part, 0) if send else (0, part)
        return _carried(view, corridor, owner_of(ends[0]), amount, route)

    reported = price(corridor, terms, ends, bearer, send=send, receive=receive, carry=carry)
    return reported, route[0] if route else ()


def _carried(
    view: ReadView, corridor: Corridor, party: str, amount: tuple[int, int], route: list[Hops]
) -> tuple[int, int]:
    """What the best way does with (sent, received), one of them 0; its hops go into `route`."""
    send, receive = amount
    pays, gets = corridor.send_asset, corridor.receive_asset
    if pays == gets:
        return send or receive, send or receive
    found = plan(view, pays, gets, send=send, receive=receive, party=party, limit=1)
    if not found:
        refuse(CorridorsCode.QUOTE_OR_ROUTE)
    route.append(tuple((hop.asset, hop.venue) for hop in found[0].route.hops))
    return found[0].sent, found[0].received


def _one(rng: random.Random, view: ReadView, *states: str) -> Payment | None:
    """A payment in one of these states; now and then any other one."""
    every = [value for _, value in view.scan(PAYMENTS)]
    wanted = [one for one in every if one.state in states]
    return pick(rng, wanted if rng.randrange(12) else every)


def _screener(rng: random.Random, view: ReadView, payment: Payment) -> str:
    return pick(rng, terms_of(view, payment).screeners) or "watch"


@attacks("screening", "travel-rule")
def _release(rng: random.Random, view: ReadView) -> Draw | None:
    one = _one(rng, view, HELD)
    if one is None:
        return None
    action = ReleasePayment(one.uetr, _screener(rng, view, one), "reviewed")
    return drawn(rng, view, action, {"by": "firm-0"}, {"note": ""}, {"uetr": "x"})


@attacks("corridor-money")
def _refuse(rng: random.Random, view: ReadView) -> Draw | None:
    one = _one(rng, view, HELD)
    if one is None or rng.randrange(3):
        return None
    action = RefusePayment(one.uetr, _screener(rng, view, one), "listed")
    return drawn(rng, view, action, {"by": "firm-0"}, {"reason": "LONGER"})


@attacks("travel-rule")
def _attach(rng: random.Random, view: ReadView) -> Draw | None:
    one = _one(rng, view, HELD)
    if one is None:
        return None
    action = AttachEnvelope(one.uetr, owner_of(one.payer), PEOPLE[1])
    return drawn(rng, view, action, {"by": "watch"}, {"travel_rule": ""})


@attacks("corridor-payment-limit", "corridor-charges", "quote-fits")
def _execute(rng: random.Random, view: ReadView) -> Draw | None:
    """A cleared payment at the price of now; where there is none, as it was signed first."""
    one = _one(rng, view, CLEARED)
    if one is None:
        return None
    limit, costs, hops = one.limit_minor, one.costs, one.route
    sends = one.exact == SEND
    instructed = (one.instructed_minor, 0) if sends else (0, one.instructed_minor)
    corridor = view.get(CORRIDORS, one.corridor)
    assert corridor is not None
    try:
        reported, route = _priced(
            view, corridor, terms_of(view, one), (one.payer, one.payee), one.bearer, instructed
        )
    except Refusal:
        pass
    else:
        limit, costs, hops = (
            reported.arrived if sends else reported.converted,
            reported.costs,
            route,
        )
    action = ExecutePayment(one.uetr, limit, costs, hops, "" if hops else one.quote)
    return drawn(rng, view, action, {"costs": ()}, {"quote": "none"}, {"limit_minor": -1})


@attacks("returns")
def _confirm(rng: random.Random, view: ReadView) -> Draw | None:
    one = _one(rng, view, SETTLED)
    if one is None:
        return None
    amount = rng.choice((0, one.credited_minor, amount_of(rng, max(1, one.credited_minor))))
    action = ConfirmCredit(one.uetr, _bank(view, one.payee), amount)
    return drawn(
        rng, view, action, {"credited_minor": one.credited_minor + 1}, {"by": "watch"},
        {"credited_at_ms": 1}, party=_bank(view, one.payee),
    )  # fmt: skip


def _bank(view: ReadView, account: str) -> str:
    try:
        return bank_of(view, account)
    except Refusal:
        return owner_of(account)


def _back(rng: random.Random, view: ReadView, one: Payment, part: int) -> ReturnTerms:
    """A return of a part, by any treatment that the market can carry."""
    treatment = rng.choice(TREATMENTS)
    if one.send_asset == one.receive_asset or treatment == TREATMENTS[2]:
        return ReturnTerms(_uetr(rng), treatment, part)
    whole = part or max(1, one.credited_minor - one.returned_minor)
    original = whole * one.converted_minor // max(1, one.arrived_minor)
    send, receive = (0, original) if treatment == TREATMENTS[0] else (whole, 0)
    found = plan(
        view, one.receive_asset, one.send_asset, send=send, receive=receive,
        party=owner_of(one.payee), limit=1,
    )  # fmt: skip
    if not found or not send + receive:
        return ReturnTerms(_uetr(rng), TREATMENTS[2], part)
    route = tuple((hop.asset, hop.venue) for hop in found[0].route.hops)
    limit = found[0].received if send else found[0].sent
    return ReturnTerms(_uetr(rng), treatment, part, limit, route)


@attacks("returns")
def _return(rng: random.Random, view: ReadView) -> Draw | None:
    one = _one(rng, view, *PAID)
    if one is None or rng.randrange(2):
        return None
    rest = max(1, one.credited_minor - one.returned_minor)
    back = part = _back(rng, view, one, rng.choice((0, amount_of(rng, rest))))
    return drawn(
        rng, view, ReturnPayment(one.uetr, part, "FOCR"),
        {"back": ReturnTerms(back.return_uetr, back.treatment, rest + 1)}, {"reason": ""},
        {"back": ReturnTerms(one.uetr, back.treatment)},
        {"back": ReturnTerms(back.return_uetr, "x")},
        {"uetr": "x"},
    )  # fmt: skip


@attacks("corridor-deadline")
def _ask(rng: random.Random, view: ReadView) -> Draw | None:
    one = _one(rng, view, HELD, CLEARED, *PAID)
    if one is None or rng.randrange(3):
        return None
    by = rng.choice((owner_of(one.payer), owner_of(one.payee), _bank(view, one.payer)))
    return drawn(rng, view, AskCancellation(one.uetr, by, "DUPL"), {"by": "watch"}, {"reason": ""})


@attacks("returns", "corridor-money")
def _answer(rng: random.Random, view: ReadView) -> Draw | None:
    asked = (value for _, value in view.scan(PAYMENTS) if value.cancellation is not None)
    one = pick(rng, (value for value in asked if value.state in (HELD, CLEARED, *PAID)))
    if one is None:
        return None
    by = owner_of(one.payee) if one.state in PAID else owner_of(one.payer)
    by = _screener(rng, view, one) if one.state == HELD else by
    accepted = bool(rng.randrange(2))
    back = _back(rng, view, one, 0) if accepted and one.state in PAID else None
    action = AnswerCancellation(one.uetr, by, accepted, "CUST", back=back)
    return drawn(rng, view, action, {"by": "nobody"}, {"uetr": "x"}, {"reason": ""})


PAYMENT_GENERATORS: dict[str, Generator] = {
    "corridors.pay": _pay,
    "corridors.release": _release,
    "corridors.refuse": _refuse,
    "corridors.attach_envelope": _attach,
    "corridors.execute": _execute,
    "corridors.confirm_credit": _confirm,
    "corridors.return": _return,
    "corridors.ask_cancellation": _ask,
    "corridors.answer_cancellation": _answer,
}
"""One for each kind that is about a payment."""
