"""From the queue to the netting and back: a window of payments as units and capacities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tongbao.kernel.approvals import require_active
from tongbao.kernel.codes import Refusal
from tongbao.kernel.money import MAX_AMOUNT, HoldingFlag, owner_of
from tongbao.kernel.views import WriteView
from tongbao.modules.accounts import LIMITS as ACCOUNT_LIMITS
from tongbao.modules.accounts import spent_today
from tongbao.modules.payments import Journal, Leg
from tongbao.modules.settlement.model import Closing, Queue, Queued
from tongbao.modules.settlement.netting import Unit, net
from tongbao.modules.settlement.queueing import limit_of, partner_of, position_of
from tongbao.modules.settlement.state import CLOSINGS, LIMITS, NO_LIMITS

FUNDS, UNRESERVED, MULTILATERAL, BILATERAL, DAY = "funds", "unreserved", "multi", "bi", "day"
Place = tuple[str, ...]
ENOUGH = 2**110
"""What is there beyond it makes no difference: no window of payments comes near it."""
FULL = MAX_AMOUNT - 4 * ENOUGH
"""Who has more could pass the largest amount while a window of payments is posted one by one."""


def select(
    ledger: WriteView, queue: Queue, payments: Sequence[Queued], objective: str
) -> list[Queued]:
    """Which of some payments settle together, in order; linked ones both or not at all.

    `payments` come in the order of the queue. What cannot settle whatever the funds (frozen,
    not allowed, above a limit for one payment, paired with one that does not wait) is left out.
    """
    rules = _Rules(ledger, queue)
    groups = [group for group in _grouped(ledger, payments) if rules.allow(group)]
    capacities = _Capacities(ledger, queue)
    units = [capacities.unit(group) for group in groups]
    chosen = net(capacities.amounts, units, objective)
    return [payment for place in chosen for payment in groups[place]]


def _grouped(ledger: WriteView, payments: Sequence[Queued]) -> Iterable[tuple[Queued, ...]]:
    """Each alone, or with its partner at the place of the first of the two."""
    taken: dict[str, None] = {}
    for payment in payments:
        if payment.id in taken:
            continue
        if not payment.pair:
            yield (payment,)
            continue
        partner = partner_of(ledger, payment)
        if partner is not None:
            taken[partner.id] = None
            yield (payment, partner)


class _Rules:
    """The rules of a payment but for funds, asked once for what is alike."""

    def __init__(self, ledger: WriteView, queue: Queue) -> None:
        self._ledger = ledger
        self._queue = queue
        self._known: dict[tuple[str, str, str, bool], bool] = {}
        self._most: dict[tuple[str, str], int] = {}

    def allow(self, group: Iterable[Queued]) -> bool:
        return all(self._allows(payment) for payment in group)

    def _allows(self, p: Queued) -> bool:
        alike = (p.payer, p.payee, p.asset, bool(p.payee_reference))
        if alike not in self._known:
            self._known[alike] = self._try(p)
        payer = (p.payer, p.asset)
        if payer not in self._most:
            limits = self._ledger.get(ACCOUNT_LIMITS, *payer)
            self._most[payer] = limits.per_payment if limits is not None else 0
        most = self._most[payer]
        return self._known[alike] and (not most or p.amount_minor <= most)

    def _try(self, p: Queued) -> bool:
        """Pay a smallest amount and undo it: the rules stand in one place."""
        payee = self._ledger.holding(p.payee, p.asset)
        if not self._queue.weight_of(p.asset) or payee is None or payee.posted > FULL:
            return False
        journal = Journal(self._ledger, "")
        try:
            with journal.attempt():
                require_active(self._ledger, owner_of(p.payer))
                leg = Leg(p.payer, p.payee, p.asset, 1, p.payee_reference)
                journal.pay_together([leg], counted=True, covered=True)
                raise _Tried
        except _Tried:
            return True
        except Refusal:
            return False


class _Tried(Exception):
    """It would be paid."""


class _Capacities:
    """What payments draw on: funds of accounts, and what limits leave of them."""

    def __init__(self, ledger: WriteView, queue: Queue) -> None:
        self._ledger = ledger
        self._queue = queue
        self._day = queue.day_of(ledger.time_ms)
        self._numbers: dict[Place, int | None] = {}
        self.amounts: list[int] = []

    def unit(self, group: Sequence[Queued]) -> Unit:
        """What a payment, or a linked pair, draws on and adds to."""
        effects: dict[int, int] = {}
        for p in group:
            amount, payer, payee, asset = p.amount_minor, p.payer, p.payee, p.asset
            self._add(effects, (FUNDS, payer, asset), amount)
            self._add(effects, (FUNDS, payee, asset), -amount)
            self._add(effects, (UNRESERVED, payee, asset), -amount)
            self._add(effects, (DAY, payer, asset), amount)
            if not p.urgent:
                self._add(effects, (UNRESERVED, payer, asset), amount)
                self._add(effects, (MULTILATERAL, payer, asset), amount)
                self._add(effects, (MULTILATERAL, payee, asset), -amount)
                self._add(effects, (BILATERAL, payer, asset, payee), amount)
                self._add(effects, (BILATERAL, payee, asset, payer), -amount)
        value = sum(p.amount_minor * self._queue.weight_of(p.asset) for p in group)
        return Unit(tuple(effects.items()), len(group), value)

    def _add(self, effects: dict[int, int], place: Place, change: int) -> None:
        if place not in self._numbers:
            left = self._left(place)
            self._numbers[place] = None if left is None else len(self.amounts)
            if left is not None:
                self.amounts.append(min(max(0, left), ENOUGH))
        number = self._numbers[place]
        if number is not None:
            effects[number] = effects.get(number, 0) + change

    def _left(self, place: Place) -> int | None:
        """What is left of a capacity; None where nothing bounds it."""
        kind, account, asset = place[:3]
        ledger, queue = self._ledger, self._queue.id
        if kind in (FUNDS, UNRESERVED):
            holding = ledger.holding(account, asset)
            assert holding is not None  # the rules were asked before
            if kind == FUNDS:
                return None if HoldingFlag.ISSUING in holding.flags else holding.available
            limits = ledger.get(LIMITS, queue, account, asset) or NO_LIMITS
            reserve = limits.urgent_reserve_minor
            return holding.available - reserve if reserve else None
        if kind == DAY:
            own = ledger.get(ACCOUNT_LIMITS, account, asset)
            if own is None or not own.per_day:
                return None
            return own.per_day - spent_today(ledger, account, asset)
        counterparty = place[3] if kind == BILATERAL else ""
        limit = limit_of(ledger, queue, account, asset, counterparty)
        if not limit:
            return None
        return limit - position_of(ledger, queue, account, asset, counterparty, self._day)


def prove(ledger: WriteView, queue: Queue, settled: Sequence[Queued]) -> None:
    """Write down how each account that paid came out: a law says that none is short."""
    paid: dict[tuple[str, str], int] = {}
    received: dict[tuple[str, str], int] = {}
    for p in settled:
        paid[p.payer, p.asset] = paid.get((p.payer, p.asset), 0) + p.amount_minor
        received[p.payee, p.asset] = received.get((p.payee, p.asset), 0) + p.amount_minor
    for (account, asset), amount in paid.items():
        holding = ledger.holding(account, asset)
        assert holding is not None  # it has just paid
        if HoldingFlag.ISSUING not in holding.flags:
            gained, now = received.get((account, asset), 0), holding.available
            closing = Closing(now + amount - gained, amount, gained, now)
            ledger.put(CLOSINGS, queue.id, account, asset, value=closing)
