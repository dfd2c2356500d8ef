"""What a payment would cost: computed before it is signed, by the arithmetic that charges it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tongbao.kernel.codes import require
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.costs import after_charges, bearer_in, charges, total
from tongbao.modules.corridors.model import CRED, RECEIVE, SEND, Corridor, Cost, Terms

Carry = Callable[[int], tuple[int, int]]
"""What converting an amount (of the stated side) takes and brings, in minor units."""


class Priced(NamedTuple):
    """A payment before it is signed: every amount in minor units of its side."""

    debited: int
    converted: int
    arrived: int
    credited: int
    costs: tuple[Cost, ...]


def unconverted(amount: int) -> tuple[int, int]:
    """The carry of a corridor in one currency."""
    return amount, amount


def converted_amount(
    corridor: Corridor, terms: Terms, payer: str, bearer: str, *, send: int = 0, receive: int = 0
) -> int:
    """What is converted (exact send) or has to arrive: charges of a creditor come off before."""
    borne = bearer_in(terms, bearer)
    require(bool(send) != bool(receive), CorridorsCode.ONE_AMOUNT)
    require(not (receive and borne == CRED), CorridorsCode.CREDITOR_BEARS)
    if send and borne == CRED:
        taken = charges(terms, SEND, borne, corridor.send_asset, payer, send)
        return after_charges(send, taken, corridor.send_asset)
    return send or receive


def price(
    corridor: Corridor,
    terms: Terms,
    ends: tuple[str, str],
    bearer: str,
    *,
    send: int = 0,
    receive: int = 0,
    carry: Carry = unconverted,
) -> Priced:
    """Price one of `send` and `receive` between (payer, payee); refuses what paying would refuse.

    `carry` is asked once, with what is converted (exact send) or what has to arrive.
    """
    payer, payee = ends
    borne = bearer_in(terms, bearer)
    amount = converted_amount(corridor, terms, payer, bearer, send=send, receive=receive)
    converted, arrived = carry(amount)
    sent = charges(terms, SEND, borne, corridor.send_asset, payer, send or converted)
    got = charges(terms, RECEIVE, borne, corridor.receive_asset, payee, arrived)
    credited = after_charges(arrived, got, corridor.receive_asset)
    return Priced(converted + total(sent), converted, arrived, credited, (*sent, *got))
