"""How the simulator draws this module's transactions."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source

from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.money import HOLDING_PREFIX, MAX_AMOUNT, Holding, HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.payments.bulk_line import Details, Line
from tongbao.modules.payments.draw_returns import RETURNS, maybe_uetr, new_uetr
from tongbao.modules.payments.model import MAX_AHEAD_MS, MAX_LINES
from tongbao.modules.payments.state import HOLDS, SCHEDULED
from tongbao.modules.payments.transactions.bulk_transfer import BulkTransfer
from tongbao.modules.payments.transactions.cancel_scheduled import CancelScheduled
from tongbao.modules.payments.transactions.hold import Hold
from tongbao.modules.payments.transactions.post_hold import PostHold
from tongbao.modules.payments.transactions.schedule_transfer import ScheduleTransfer
from tongbao.modules.payments.transactions.transfer import Transfer
from tongbao.modules.payments.transactions.void_hold import VoidHold

NOWHERE = "nobody/none"
PREIMAGE = b"open sesame"
HASHLOCK = content_digest(PREIMAGE).hex()
_SECOND, _HOUR = 1_000, 3_600_000


def _route(rng: random.Random, view: ReadView) -> tuple[str, str, str, int] | None:
    """Payer, payee, asset, and what the payer has: most draws are good ones."""
    by_asset: dict[str, list[tuple[str, Holding]]] = {}
    for key, value in view.source.scan(HOLDING_PREFIX, None, 4_096):
        account, _, asset = key[len(HOLDING_PREFIX) :].decode().partition("\0")
        holding = Holding.decode(value)
        # Who is frozen pays seldom, so that it is tried and does not fill the blocks.
        blocked = holding.flags & (HoldingFlag.FROZEN | HoldingFlag.CLOSED)
        if HoldingFlag.ISSUING not in holding.flags and (not blocked or not rng.randrange(6)):
            by_asset.setdefault(asset, []).append((account, holding))
    if not by_asset:
        return None
    asset = rng.choice(sorted(by_asset))
    payer = pick(rng, ((a, h) for a, h in by_asset[asset] if h.available > 0))
    payee = pick(rng, (a for a, _ in by_asset[asset] if payer and a != payer[0]))
    if payer is None or payee is None:
        return None
    return payer[0], payee, asset, payer[1].available


def _empty(rng: random.Random, view: ReadView, asset: str) -> str:
    """An account that holds nothing of the asset."""
    end = b"\0" + asset.encode()
    rows = view.source.scan(HOLDING_PREFIX, None, 4_096)
    empty = (key for key, raw in rows if key.endswith(end) and Holding.decode(raw).posted == 0)
    found = pick(rng, empty)
    return found[len(HOLDING_PREFIX) : -len(end)].decode() if found else NOWHERE


@attacks("available", "payment-limit", "day-limit", "account-reference")
def _transfer(rng: random.Random, view: ReadView) -> Draw | None:
    route = _route(rng, view)
    if route is None:
        return None
    payer, payee, asset, most = route
    action = Transfer(
        payer, payee, asset, amount_of(rng, most), rng.choice(("", "invoice 7", "invoice 8")),
        up_to=not rng.randrange(8), uetr=maybe_uetr(rng),
    )  # fmt: skip
    return drawn(
        rng, view, action,
        {"amount_minor": most + 1, "up_to": False}, {"amount_minor": 0}, {"payee": payer},
        {"payee": NOWHERE}, {"payer": NOWHERE}, {"asset": "NOSUCH"}, {"uetr": "not one"},
        {"document": "ff"}, {"payer": _empty(rng, view, asset), "up_to": True},
        {"remittance": "x" * 141}, {"amount_minor": MAX_AMOUNT + 1},
    )  # fmt: skip


@attacks("available", "payment-limit", "day-limit")
def _bulk(rng: random.Random, view: ReadView) -> Draw | None:
    route = _route(rng, view)
    if route is None:
        return None
    payer, payee, asset, most = route
    count = rng.choice((1, 2, 3, 10, 40))
    lines = [Line(payee, max(1, amount_of(rng, most) // count), f"L{n}") for n in range(count)]
    if count in (2, 10):
        reported = Details(("invoice 7", "less note 8"), "RF18539007547034", purpose="SUPP")
        lines[0] = Line(payee, lines[0].amount_minor, "note", details=reported)
    if not rng.randrange(3):
        lines[-1] = Line(payee, lines[-1].amount_minor, "named", new_uetr(rng))
    if not rng.randrange(3):
        lines.insert(rng.randrange(count + 1), Line(NOWHERE, 1, "lost"))
    action = BulkTransfer(payer, asset, tuple(lines), all_or_none=bool(rng.randrange(2)))
    return drawn(
        rng, view, action,
        {"lines": ()}, {"lines": (Line(NOWHERE, 1, "x"),), "all_or_none": False},
        {"lines": (Line(payee, 1, "x", details=Details(("",))),)},
        {"lines": (Line(payee, 0, "x"),)},
        {"lines": (*lines, Line(payee, most + 1, "x")), "all_or_none": True},
        {"lines": (Line(payee, 1, "x", "no uetr"),)},
        {"lines": (Line(payee, 1, "x"),) * (MAX_LINES + 1)} if not rng.randrange(20) else {
            "document": "0"
        },
    )  # fmt: skip


@attacks("available", "days-ahead")
def _hold(rng: random.Random, view: ReadView) -> Draw | None:
    route = _route(rng, view)
    if route is None:
        return None
    payer, payee, asset, most = route
    due = view.time_ms + rng.choice((1, 5 * _SECOND, 60 * _SECOND, _HOUR, 30 * _HOUR))
    action = Hold(
        payer, payee, asset, amount_of(rng, most), due,
        arbiter=rng.choice(("", "", payee.split("/")[0], payer.split("/")[0])),
        hashlock=rng.choice(("", "", HASHLOCK)), payee_reference=rng.choice(("", "order 9")),
    )  # fmt: skip
    return drawn(
        rng, view, action,
        {"due_at_ms": view.time_ms}, {"due_at_ms": view.time_ms + MAX_AHEAD_MS * 2},
        {"amount_minor": most + 1}, {"payee": NOWHERE}, {"payee": payer}, {"hashlock": "0"},
        {"payer": NOWHERE}, {"payee_reference": "x" * 36},
    )  # fmt: skip


@attacks("hashlock", "hold-arbiter")
def _post_hold(rng: random.Random, view: ReadView) -> Draw | None:
    hold = pick(rng, (one for _, one in view.scan(HOLDS)))
    if hold is None:
        return None if rng.randrange(9) else drawn(rng, view, PostHold("none"), hostile=True)
    action = PostHold(
        hold.id, 0 if hold.hashlock else rng.choice((0, amount_of(rng, hold.remaining_minor))),
        final=bool(rng.randrange(2)), preimage=PREIMAGE if hold.hashlock else b"",
    )  # fmt: skip
    wrong = {"preimage": b"wrong"} if hold.hashlock else {"hold": "none"}
    return drawn(
        rng, view, action, {"amount_minor": hold.remaining_minor + 1}, wrong, wrong, wrong,
        {"preimage": b"x" * 65}, {"amount_minor": -1}, party=hold.payer.split("/")[0],
    )  # fmt: skip


@attacks("hold-arbiter")
def _void_hold(rng: random.Random, view: ReadView) -> Draw | None:
    hold = pick(rng, (one for _, one in view.scan(HOLDS)))
    if hold is None or rng.randrange(2):
        return None
    return drawn(rng, view, VoidHold(hold.id, "cancelled"), {"reason": ""}, {"hold": "none"})


@attacks("scheduled", "days-ahead")
def _schedule(rng: random.Random, view: ReadView) -> Draw | None:
    route = _route(rng, view)
    if route is None:
        return None
    payer, payee, asset, most = route
    # What is not there now may be there then: an amount beyond the balance is no mistake.
    amount = amount_of(rng, min(most * 2, MAX_AMOUNT))
    due = view.time_ms + rng.choice((1, 5 * _SECOND, _HOUR, 30 * _HOUR))
    action = ScheduleTransfer(payer, payee, asset, amount, due, rng.choice(("", "rent")),
                              uetr=maybe_uetr(rng))  # fmt: skip
    twists = (
        {"due_at_ms": view.time_ms}, {"due_at_ms": view.time_ms + MAX_AHEAD_MS * 2},
        {"payee": payer}, {"amount_minor": 0}, {"purpose": "LONGER"},
    )  # fmt: skip
    return drawn(rng, view, action, *twists)


@attacks("scheduled")
def _cancel(rng: random.Random, view: ReadView) -> Draw | None:
    one = pick(rng, (row for _, row in view.scan(SCHEDULED)))
    if one is None or rng.randrange(2):
        return None
    action = CancelScheduled(one.id, "changed our mind")
    return drawn(rng, view, action, {"schedule": "none"}, {"reason": ""})


GENERATORS: dict[str, Generator] = {
    "payments.transfer": _transfer,
    "payments.bulk_transfer": _bulk,
    "payments.hold": _hold,
    "payments.post_hold": _post_hold,
    "payments.void_hold": _void_hold,
    "payments.schedule_transfer": _schedule,
    "payments.cancel_scheduled": _cancel,
    **RETURNS,
}
"""One for each kind of transaction, by its tag."""
