"""Plays on returns: given back twice, above the original, past limits, by strangers."""

from __future__ import annotations

import random
from itertools import pairwise

from tongbao.kernel.generation import attacks, drawn, pick
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import SetLimits
from tongbao.modules.payments import (
    BulkTransfer,
    DeclineReturn,
    Line,
    RequestReturn,
    ReturnTransfer,
    Transfer,
)
from tongbao.modules.payments.draw_returns import new_uetr
from tongbao.simulator.plays.staging import CNY, Play, Script, rich

REFERENCE = "play"


@attacks("uetr", "returned", "return-sides", "return-requests")
def return_over_and_over(rng: random.Random, view: ReadView) -> Script:
    """Parts of a payment in any order and number, its name used again, both sides asking."""
    payer = pick(rng, rich(view, CNY, 6_000))
    payee = pick(rng, (one for one in rich(view, CNY, 0) if one != payer))
    if payer is None or payee is None:
        return
    uetr, first, second = (new_uetr(rng) for _ in range(3))
    view = yield drawn(rng, view, Transfer(payer, payee, CNY, 1_000, REFERENCE, uetr=uetr))
    tricks = [
        ReturnTransfer(uetr, first, "FOCR", 600), ReturnTransfer(uetr, first, "FOCR", 300),
        ReturnTransfer(uetr, second, "FOCR", 600), ReturnTransfer(uetr, new_uetr(rng), "FOCR"),
        ReturnTransfer(uetr, uetr, "FOCR", 1), ReturnTransfer(first, new_uetr(rng), "FOCR"),
        Transfer(payer, payee, CNY, 1_000, REFERENCE, uetr=uetr),
        Transfer(payee, payer, CNY, 1, REFERENCE, uetr=first),
        BulkTransfer(payer, CNY, (Line(payee, 5, REFERENCE, uetr), Line(payee, 6, REFERENCE)),
                     all_or_none=False),
        RequestReturn(uetr, "DUPL"), RequestReturn(uetr, "DUPL"), DeclineReturn(uetr, "CUST"),
    ]  # fmt: skip
    for trick, _ in pairwise(rng.sample(tricks, len(tricks))):
        view = yield drawn(rng, view, trick)


@attacks("return-pays", "day-limit")
def return_past_a_limit(rng: random.Random, view: ReadView) -> Script:
    """A payee that may pay little: what it returns counts as what it pays."""
    payer = pick(rng, rich(view, CNY, 6_000))
    payee = pick(rng, (one for one in rich(view, CNY, 2_000) if one != payer))
    if payer is None or payee is None:
        return
    uetr = new_uetr(rng)
    view = yield drawn(rng, view, Transfer(payer, payee, CNY, 2_000, REFERENCE, uetr=uetr))
    view = yield drawn(rng, view, SetLimits(payee, CNY, 0, 1_000))
    for amount in (600, 600, 300, 0):
        view = yield drawn(rng, view, ReturnTransfer(uetr, new_uetr(rng), "FOCR", amount))
    yield drawn(rng, view, SetLimits(payee, CNY, 0, 0))


PLAYS: tuple[Play, ...] = (return_over_and_over, return_past_a_limit)
