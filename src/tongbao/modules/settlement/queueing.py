"""Into a queue and out of it: the rows of a payment that waits, and settling several at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from tongbao.kernel.approvals import require_active
from tongbao.kernel.codes import require
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.parties import count_open
from tongbao.modules.payments import Journal, Leg
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import PaymentsSettled
from tongbao.modules.settlement.model import Position, Queue, Queued
from tongbao.modules.settlement.state import (
    BILATERAL,
    BY_PAYER,
    COUNTERS,
    LIMITS,
    NO_LIMITS,
    ORDER,
    PAIRS,
    POSITIONS,
    QUEUED,
    counters_of,
)

OPEN = "queued payments"
MAX_WAITING = 10_000
"""Payments of a party that wait in queues at most."""


def write(ledger: WriteView, payment: Queued) -> None:
    """The rows of a payment that waits."""
    p = payment
    ledger.put(QUEUED, p.id, value=p)
    ledger.put(ORDER, p.queue, p.priority, p.order, p.id, value="")
    ledger.put(BY_PAYER, p.queue, p.payer, p.asset, p.priority, p.order, p.id, value=p.payee)


def erase(ledger: WriteView, payment: Queued) -> None:
    """Take them away."""
    p = payment
    ledger.delete(QUEUED, p.id)
    ledger.delete(ORDER, p.queue, p.priority, p.order, p.id)
    ledger.delete(BY_PAYER, p.queue, p.payer, p.asset, p.priority, p.order, p.id)


def enter(ledger: WriteView, payment: Queued) -> None:
    """A payment waits from now on."""
    write(ledger, payment)
    count_open(ledger, owner_of(payment.payer), OPEN, 1, MAX_WAITING)
    counters = counters_of(ledger, payment.queue)
    waiting = counters.waiting + 1
    ledger.put(COUNTERS, payment.queue, value=replace(counters, waiting=waiting))
    if payment.pair:
        known = ledger.get(PAIRS, payment.queue, payment.pair_of, payment.pair) or ()
        ledger.put(PAIRS, payment.queue, payment.pair_of, payment.pair, value=(*known, payment.id))


def leave(
    ledger: WriteView, queue: str, payments: Sequence[Queued], *, settled: bool = False
) -> None:
    """Payments of a queue wait no longer."""
    for payment in payments:
        erase(ledger, payment)
        count_open(ledger, owner_of(payment.payer), OPEN, -1)
        if payment.pair:
            known = ledger.get(PAIRS, queue, payment.pair_of, payment.pair) or ()
            rest = tuple(one for one in known if one != payment.id)
            if rest:
                ledger.put(PAIRS, queue, payment.pair_of, payment.pair, value=rest)
            else:
                ledger.delete(PAIRS, queue, payment.pair_of, payment.pair)
    counters = counters_of(ledger, queue)
    waiting, done = counters.waiting - len(payments), len(payments) if settled else 0
    counters = replace(counters, waiting=waiting, settled=counters.settled + done)
    ledger.put(COUNTERS, queue, value=counters)


def partner_of(view: ReadView, payment: Queued) -> Queued | None:
    """The payment that settles together with this one, where it waits."""
    for one in view.get(PAIRS, payment.queue, payment.pair_of, payment.pair) or ():
        if one != payment.id:
            return view.get(QUEUED, one)
    return None


def settle_together(
    ledger: WriteView,
    journal: Journal,
    queue: Queue,
    payments: Sequence[Queued],
    how: str,
    run: str = "",
) -> PaymentsSettled:
    """Carry payments that wait out at once, or raise the Refusal that says why not.

    A Refusal may leave a part written: it has to be caught around an `attempt` of the journal.
    """
    for party in dict.fromkeys(owner_of(p.payer) for p in payments):
        require_active(ledger, party)
    journal.pay_together(
        [Leg(p.payer, p.payee, p.asset, p.amount_minor, p.payee_reference, p.uetr)
         for p in payments]
    )  # fmt: skip
    _require_reserves(ledger, queue, payments)
    _count(ledger, queue, payments)
    leave(ledger, queue.id, payments, settled=True)
    return PaymentsSettled(
        queue.id, how, len(payments), totals(payments), tuple(p.id for p in payments), run
    )


def totals(payments: Iterable[Queued]) -> tuple[tuple[str, int], ...]:
    """Sums by asset."""
    sums: dict[str, int] = {}
    for payment in payments:
        sums[payment.asset] = sums.get(payment.asset, 0) + payment.amount_minor
    return tuple(sorted(sums.items()))


def _require_reserves(ledger: WriteView, queue: Queue, payments: Sequence[Queued]) -> None:
    """What is kept for urgent payments is not used by others: where it is short, it may not fall.

    Others may pay what they received in the same settlement.
    """
    drawn: dict[tuple[str, str], int] = {}
    flowed: dict[tuple[str, str], int] = {}
    for p in payments:
        payer, payee = (p.payer, p.asset), (p.payee, p.asset)
        drawn[payer] = drawn.get(payer, 0) + (0 if p.urgent else p.amount_minor)
        drawn[payee] = drawn.get(payee, 0) - p.amount_minor
        flowed[payer] = flowed.get(payer, 0) + p.amount_minor
        flowed[payee] = flowed.get(payee, 0) - p.amount_minor
    for (account, asset), amount in drawn.items():
        reserve = (ledger.get(LIMITS, queue.id, account, asset) or NO_LIMITS).urgent_reserve_minor
        holding = ledger.holding(account, asset) if reserve and amount > 0 else None
        if holding is not None:
            before = holding.available + flowed[account, asset]
            require(
                amount <= max(0, before - reserve), SettlementCode.URGENT_RESERVE,
                account=account, asset=asset, reserve=str(reserve),
            )  # fmt: skip


def _count(ledger: WriteView, queue: Queue, payments: Sequence[Queued]) -> None:
    """Count what flowed, net, where a limit asks for it; refuse what passes one."""
    changes: dict[tuple[str, str, str], int] = {}
    for p in payments:
        if not p.urgent:
            for account, other, change in (
                (p.payer, p.payee, p.amount_minor), (p.payee, p.payer, -p.amount_minor),
            ):  # fmt: skip
                for counterparty in ("", other):
                    key = (account, p.asset, counterparty)
                    changes[key] = changes.get(key, 0) + change
    day = queue.day_of(ledger.time_ms)
    for key, change in changes.items():
        limit = limit_of(ledger, queue.id, *key)
        if limit and change:
            before = position_of(ledger, queue.id, *key, day)
            allowed, after = max(limit, before), before + change
            account, asset, _ = key
            require(
                after <= allowed, SettlementCode.OVER_LIMIT,
                account=account, asset=asset, position=str(after), limit=str(limit),
            )  # fmt: skip
            ledger.put(POSITIONS, queue.id, *key, value=Position(day, after, allowed))


def limit_of(view: ReadView, queue: str, account: str, asset: str, counterparty: str) -> int:
    """The multilateral limit, or (with a counterparty) the bilateral one; 0: none."""
    if counterparty:
        return view.get(BILATERAL, queue, account, asset, counterparty) or 0
    return (view.get(LIMITS, queue, account, asset) or NO_LIMITS).multilateral_minor


def position_of(
    view: ReadView, queue: str, account: str, asset: str, counterparty: str, day: int
) -> int:
    """What flowed out, net, on a business day."""
    found = view.get(POSITIONS, queue, account, asset, counterparty)
    return found.net_minor if found is not None and found.day == day else 0
