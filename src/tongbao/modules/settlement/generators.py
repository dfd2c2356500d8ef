"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source
from collections.abc import Iterable, Iterator

from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.parties import PARTIES, has_role
from tongbao.modules.payments import Transfer
from tongbao.modules.settlement.model import (
    CARRY,
    DAY_MS,
    DELIVER,
    MAX_AHEAD_MS,
    MAX_QUEUED,
    RECEIVE,
    REJECT,
    Batch,
    Queue,
    QueueAsset,
    Queued,
    Step,
)
from tongbao.modules.settlement.state import BATCHES, QUEUED, QUEUES
from tongbao.modules.settlement.transactions.allocate import Allocate
from tongbao.modules.settlement.transactions.amend_batch import AmendBatch
from tongbao.modules.settlement.transactions.approve import ApproveBatch
from tongbao.modules.settlement.transactions.cancel import CancelPayment
from tongbao.modules.settlement.transactions.change_priority import ChangePriority
from tongbao.modules.settlement.transactions.define_queue import DefineQueue
from tongbao.modules.settlement.transactions.propose_batch import ProposeBatch
from tongbao.modules.settlement.transactions.reorder import ReorderPayment
from tongbao.modules.settlement.transactions.revoke import RevokeApproval
from tongbao.modules.settlement.transactions.run_netting import RunNetting
from tongbao.modules.settlement.transactions.set_limits import SetQueueLimits
from tongbao.modules.settlement.transactions.settle_batch import SettleBatch
from tongbao.modules.settlement.transactions.submit import SubmitPayment
from tongbao.modules.settlement.transactions.withdraw_batch import WithdrawBatch

NAMES = ("rtgs", "rtgs-lsm")
_SECOND, _HOUR = 1_000, 3_600_000


def _accounts(rng: random.Random, view: ReadView) -> list[tuple[str, str, int]]:
    """(account, asset, available) of who may pay and be paid, drawn anew each time."""
    found = []
    for key, value in view.source.scan(HOLDING_PREFIX, None, 4_096):
        account, _, asset = key[len(HOLDING_PREFIX) :].decode().partition("\0")
        if account.startswith("@"):  # a pool's: no party has it, so no step can name it
            continue
        holding = Holding.decode(value)
        blocked = holding.flags & (HoldingFlag.FROZEN | HoldingFlag.CLOSED)
        if HoldingFlag.ISSUING not in holding.flags and (not blocked or not rng.randrange(6)):
            found.append((account, asset, holding.available))
    return found


def _route(rng: random.Random, view: ReadView) -> tuple[str, str, str, int] | None:
    """Payer, payee, asset, and what the payer has."""
    accounts = _accounts(rng, view)
    payer = pick(rng, accounts)
    if payer is None:
        return None
    payee = pick(rng, (a for a, asset, _ in accounts if asset == payer[1] and a != payer[0]))
    return None if payee is None else (payer[0], payee, payer[1], payer[2])


def _steps(rng: random.Random, view: ReadView) -> tuple[Step, ...]:
    steps = []
    for _ in range(rng.choice((1, 2, 2, 3, 6))):
        route = _route(rng, view)
        if route is None:
            return ()
        payer, payee, asset, most = route
        known = bool(rng.randrange(3))
        steps.append(
            Step(
                payer.split("/")[0], payee.split("/")[0], asset, amount_of(rng, max(1, most // 2)),
                payer if known else "", payee if known else "", "leg",
            )
        )  # fmt: skip
    return tuple(steps)


@attacks("all-legs")
def _propose(rng: random.Random, view: ReadView) -> Draw | None:
    steps = _steps(rng, view)
    if not steps:
        return None
    now = view.time_ms
    deadline = now + rng.choice((5 * _SECOND, 60 * _SECOND, _HOUR, 30 * _HOUR))
    action = ProposeBatch(
        steps[0].sender, steps, deadline, rng.choice((0, 0, now + _SECOND)),
        bool(rng.randrange(2)), bool(rng.randrange(2)), bool(rng.randrange(2)), "drawn",
    )  # fmt: skip
    return drawn(
        rng, view, action,
        {"steps": ()}, {"steps": (Step("No Party", "x", "CNY", 1),)}, {"deadline_at_ms": now},
        {"deadline_at_ms": now + 2 * MAX_AHEAD_MS}, {"steps": (Step("nobody", "none", "CNY", 1),)},
        {"title": "x" * 141}, {"steps": (Step(steps[0].sender, "none", "NOSUCH", 1),)},
    )  # fmt: skip


def _batch(rng: random.Random, view: ReadView) -> Batch | None:
    return pick(rng, (batch for _, batch in view.scan(BATCHES)))


def _nearest(rng: random.Random, batches: Iterable[Batch]) -> Batch | None:
    """One that lacks little, mostly: of many batches that wait few would ever be complete."""
    every = sorted(batches, key=_missing)
    return pick(rng, every[: 1 + len(every) // 4] if rng.randrange(4) else every)


def _missing(batch: Batch) -> int:
    return sum(
        (not one.delivers) + (not one.receives) + (not one.delivery_approved)
        for one in batch.instructions
    )


@attacks("all-legs")
def _amend(rng: random.Random, view: ReadView) -> Draw | None:
    batch = _batch(rng, view)
    more = _steps(rng, view)
    if batch is None or not more or rng.randrange(3):
        return None
    old = tuple(one.step for one in batch.instructions)
    steps = rng.choice((old, (*old[:-1], more[0]), old[:1], (*old, more[0])[:6]))
    action = AmendBatch(batch.id, steps, view.time_ms + _HOUR, batch.settle_at_ms)
    return drawn(
        rng, view, action, {"batch": "none"}, {"steps": ()}, {"deadline_at_ms": view.time_ms},
        {"deadline_at_ms": view.time_ms + 2 * MAX_AHEAD_MS},
    )  # fmt: skip


@attacks("reserved-legs")
def _withdraw(rng: random.Random, view: ReadView) -> Draw | None:
    batch = _batch(rng, view)
    if batch is None or rng.randrange(4):
        return None
    action = WithdrawBatch(batch.id, "changed our mind")
    return drawn(rng, view, action, {"reason": ""}, {"batch": "none"})


@attacks("leg-rules")
def _allocate(rng: random.Random, view: ReadView) -> Draw | None:
    batch = _nearest(rng, (one for _, one in view.scan(BATCHES) if not _named(one)))
    if batch is None:
        return None
    open_sides = [
        (number, side, party, one.step.asset)
        for number, one in enumerate(batch.instructions)
        for side, party, account in (
            (DELIVER, one.step.sender, one.delivers), (RECEIVE, one.step.receiver, one.receives),
        )
        if not account
    ]  # fmt: skip
    side = pick(rng, open_sides)
    if side is None:
        return None
    accounts = _accounts(rng, view)
    mine = (a for a, asset, _ in accounts if asset == side[3] and a.startswith(f"{side[2]}/"))
    account = pick(rng, mine)
    if account is None:
        return None
    action = Allocate(batch.id, side[1], account, (side[0],))
    return drawn(
        rng, view, action, {"side": "give"}, {"instructions": (99,)}, {"batch": "none"},
        {"instructions": (0, 0)}, {"account": "nobody/none"},
    )  # fmt: skip


def _named(batch: Batch) -> bool:
    return all(one.delivers and one.receives for one in batch.instructions)


@attacks("reserved-legs", "leg-rules")
def _approve(rng: random.Random, view: ReadView) -> Draw | None:
    near = _nearest(rng, (one for _, one in view.scan(BATCHES) if any(_ready(one))))
    if near is not None and rng.randrange(2):
        return _together(drawn(rng, view, ApproveBatch(*one)) for one in _ready(near))
    ready = None if near is None else pick(rng, _ready(near))
    batch = _batch(rng, view)
    if ready is None or batch is None:
        return None
    # Now and then somebody whose accounts are not named yet, or who has nothing to approve.
    unready = batch.id, rng.choice(batch.parties), batch.revision
    action = ApproveBatch(*(ready if rng.randrange(8) else unready))
    twists: tuple[dict[str, object], ...] = (
        {"batch": "none"}, {"party": "watch"}, {"revision": action.revision + 1},
    )  # fmt: skip
    return drawn(rng, view, action, *twists)


def _together(draws: Iterable[Draw]) -> Draw:
    """One envelope that everybody signs."""
    every = list(draws)
    signers = dict.fromkeys(one for draw in every for one in draw.signers)
    actions = tuple(action for draw in every for action in draw.actions)
    return Draw(every[0].party, actions, tuple(signers), any(draw.hostile for draw in every))


def _ready(batch: Batch) -> Iterator[tuple[str, str, int]]:
    """(batch, party, revision) of who delivers, has named its accounts and not approved yet."""
    for party in batch.parties:
        legs = [one for one in batch.instructions if one.step.sender == party]
        named = all(one.delivers for one in legs) and all(
            one.receives for one in batch.instructions if one.step.receiver == party
        )
        if named and any(not one.delivery_approved for one in legs):
            yield batch.id, party, batch.revision


@attacks("reserved-legs")
def _revoke(rng: random.Random, view: ReadView) -> Draw | None:
    approved = (
        (batch.id, one.step.sender)
        for _, batch in view.scan(BATCHES) for one in batch.instructions if one.delivery_approved
    )  # fmt: skip
    one = pick(rng, approved)
    if one is None or rng.randrange(3):
        return None
    return drawn(rng, view, RevokeApproval(*one, "wait"), {"reason": ""}, {"party": "watch"})


@attacks("all-legs")
def _settle(rng: random.Random, view: ReadView) -> Draw | None:
    due = (one for _, one in view.scan(BATCHES) if one.settle_at_ms <= view.time_ms)
    waiting = pick(rng, (one for one in due if one.complete))
    # Nearly complete: named, and not approved by everybody.
    nearly = pick(rng, (one for _, one in view.scan(BATCHES) if _named(one) and not one.complete))
    batch = waiting or nearly or _batch(rng, view)
    if batch is None or (waiting is None and rng.randrange(24)):
        return None
    action = SettleBatch(batch.id, batch.proposer)
    if waiting is None:
        return drawn(rng, view, action, hostile=True)
    # What kept it from settling is money, mostly: somebody brings it, in the same envelope.
    return _together(drawn(rng, view, one) for one in (*_funding(rng, view, waiting), action))


def _funding(rng: random.Random, view: ReadView, batch: Batch) -> Iterator[Transfer]:
    """Transfers of what the payers of a batch lack."""
    due: dict[tuple[str, str], int] = {}
    for one in batch.instructions:
        key = (one.delivers, one.step.asset)
        due[key] = due.get(key, 0) + one.step.amount_minor - one.reserved_minor
    for (account, asset), amount in sorted(due.items()):
        holding = view.holding(account, asset)
        lacks = amount - (0 if holding is None else holding.available)
        accounts = _accounts(rng, view)
        rich = (a for a, of, has in accounts if of == asset and a != account and has >= lacks)
        payer = pick(rng, rich) if lacks > 0 else None
        if payer is not None:
            yield Transfer(payer, account, asset, lacks)


# ---- queues --------------------------------------------------------------------------------------


@attacks("queue-limit")
def _define(rng: random.Random, view: ReadView) -> Draw | None:
    if next(view.scan(QUEUES), None) is not None and rng.randrange(8):
        return None
    operators = (p for (p,), _ in view.scan(PARTIES) if has_role(view, p, "central_bank"))
    operator = pick(rng, operators)
    names = sorted({asset for _, asset, _ in _accounts(rng, view)})
    if operator is None or not names:
        return None
    action = DefineQueue(
        rng.choice(NAMES), operator, tuple(QueueAsset(name, rng.choice((1, 7))) for name in names),
        rng.choice(("count", "value")), bool(rng.randrange(3)), bool(rng.randrange(3)),
        bool(rng.randrange(2)), rng.choice((0, 5 * _SECOND, 60 * _SECOND)),
        rng.choice((-1, 0, 16 * _HOUR, DAY_MS - 1)), rng.choice((REJECT, CARRY)),
        rng.choice((2, 3, 8, 100)),
    )  # fmt: skip
    return drawn(
        rng, view, action, {"queue": "No Queue"}, {"assets": ()}, {"objective": "most"},
        {"netting_every_ms": 1}, {"day_ends_ms": DAY_MS}, {"work_per_block": 1},
        {"assets": (QueueAsset("NOSUCH"),)},
    )  # fmt: skip


def _queue(rng: random.Random, view: ReadView) -> Queue | None:
    return pick(rng, (queue for _, queue in view.scan(QUEUES)))


@attacks("queue-limit", "urgent-reserve")
def _set_limits(rng: random.Random, view: ReadView) -> Draw | None:
    queue, route = _queue(rng, view), _route(rng, view)
    if queue is None or route is None or not queue.weight_of(route[2]) or rng.randrange(3):
        return None
    account, other, asset, most = route
    limits = rng.choice(((0, 0, 0), (most // 2, 0, 0), (most, most // 10, most // 5), (1, 1, 1)))
    action = SetQueueLimits(queue.id, account, asset, *limits[:2], ((other, limits[2]),))
    return drawn(
        rng, view, action, {"bilateral": ((account, 1),)}, {"queue": "none"}, {"asset": "NOSUCH"},
        {"multilateral_minor": -1},
    )  # fmt: skip


@attacks("queue-limit", "leg-rules")
def _submit(rng: random.Random, view: ReadView) -> Draw | None:
    queue, route = _queue(rng, view), _route(rng, view)
    if queue is None or route is None or not queue.weight_of(route[2]):
        return None
    payer, payee, asset, most = route
    amount = amount_of(rng, max(1, rng.choice((most // 3, most * 3))))
    action = SubmitPayment(
        queue.id, payer, payee, asset, amount, rng.choice((0, 3, 5, 5, 5, 9)),
        payee_reference="queued",
    )  # fmt: skip
    single = pick(rng, (row for _, row in view.scan(QUEUED) if row.queue == queue.id and row.pair))
    if single is not None and not rng.randrange(3):
        action = SubmitPayment(
            queue.id, single.payee, single.payer, single.pair_asset, single.pair_minor,
            single.priority, single.pair, "other side",
            pair_asset=single.asset, pair_minor=single.amount_minor,
        )  # fmt: skip
    elif not rng.randrange(4):
        action = SubmitPayment(
            queue.id, payer, payee, asset, amount, 5, f"swap {rng.randrange(5)}", "one side",
            pair_asset=rng.choice(queue.assets).asset, pair_minor=amount_of(rng, 1_000),
        )  # fmt: skip
    return drawn(
        rng, view, action, {"queue": "none"}, {"asset": "NOSUCH"}, {"priority": 10},
        {"amount_minor": 0}, {"amount_minor": MAX_QUEUED + 1}, {"payee": payer, "payer": payer},
        {"payee": "nobody/none"}, {"payer": "nobody/none"}, {"uetr": "not one"},
    )  # fmt: skip


def _queued(rng: random.Random, view: ReadView) -> Queued | None:
    return pick(rng, (row for _, row in view.scan(QUEUED)))


@attacks("queue-limit")
def _cancel(rng: random.Random, view: ReadView) -> Draw | None:
    one = _queued(rng, view)
    if one is None or rng.randrange(3):
        return None
    return drawn(rng, view, CancelPayment(one.id, "again"), {"payment": "none"}, {"reason": ""})


@attacks("queue-limit")
def _reorder(rng: random.Random, view: ReadView) -> Draw | None:
    one = _queued(rng, view)
    if one is None or rng.randrange(2):
        return None
    action = ReorderPayment(one.id, bool(rng.randrange(2)))
    return drawn(rng, view, action, {"payment": "none"})


@attacks("urgent-reserve")
def _change_priority(rng: random.Random, view: ReadView) -> Draw | None:
    one = _queued(rng, view)
    if one is None or rng.randrange(2):
        return None
    action = ChangePriority(one.id, (one.priority + 1) % 10)
    return drawn(rng, view, action, {"priority": one.priority}, {"priority": 10})


@attacks("queue-limit", "urgent-reserve")
def _run(rng: random.Random, view: ReadView) -> Draw | None:
    queue = _queue(rng, view)
    if queue is None or rng.randrange(2):
        return None
    action = RunNetting(queue.id, queue.operator, rng.choice(("", "count", "value")))
    return drawn(rng, view, action, {"party": "watch"}, {"queue": "none"}, {"objective": "most"})


GENERATORS: dict[str, Generator] = {
    "settlement.propose_batch": _propose,
    "settlement.amend_batch": _amend,
    "settlement.withdraw_batch": _withdraw,
    "settlement.allocate": _allocate,
    "settlement.approve": _approve,
    "settlement.revoke": _revoke,
    "settlement.settle_batch": _settle,
    "settlement.define_queue": _define,
    "settlement.set_limits": _set_limits,
    "settlement.submit": _submit,
    "settlement.cancel": _cancel,
    "settlement.reorder": _reorder,
    "settlement.change_priority": _change_priority,
    "settlement.run_netting": _run,
}
"""One for each kind of transaction, by its tag."""
