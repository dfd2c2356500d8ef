"""The rules that a payment passes: asked when it is accepted, and again of what really moves.

A payment that waits may move on another day, for another amount, under other rules than it was
accepted for. So its acceptance measures the most that it may send, and settling it asks every rule
again: of what was converted, at that moment, of the terms it was accepted under and of those in
force now. What counts against the day counts on the day on which it moves; until then its most is
counted, so that several that wait do not pass the limit together, and given back when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Value, require
from tongbao.kernel.money import owner_of
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.calendar import DAY_MS, in_force, require_open
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import SEND, Payment, Terms, Used
from tongbao.modules.corridors.screening import TRAVEL_RULE_MISSING, reasons_to_hold
from tongbao.modules.corridors.state import USED, terms_at, terms_of


def measured(payment: Payment) -> int:
    """What a payment may send at most, in the send asset: the amount stated, or its limit."""
    return payment.instructed_minor if payment.exact == SEND else payment.limit_minor


def moved(payment: Payment, converted_minor: int) -> int:
    """What it sends, in the send asset: the amount stated, or what was converted."""
    return payment.instructed_minor if payment.exact == SEND else converted_minor


def standing(view: ReadView, payment: Payment) -> Iterator[Terms]:
    """The terms whose rules a payment passes when it moves.

    Those it was accepted under, and those in force now: whoever tightens a rule meets what waits,
    and whoever loosens it, or closes the corridor to new payments, lets nothing pass by that.
    """
    accepted = terms_of(view, payment)
    yield accepted
    now = terms_at(view, payment.corridor, view.time_ms)
    if now is not None and now[1] != accepted:
        yield now[1]


def require_open_now(view: ReadView, payment: Payment) -> None:
    """Refuse outside the hours, or past the cut-off."""
    for terms in standing(view, payment):
        require_open(payment.corridor, terms, view.time_ms)


def require_rules(view: ReadView, payment: Payment, terms: Terms, amount_minor: int) -> None:
    """Refuse a purpose or an amount that the corridor does not carry today."""
    there: dict[str, Value] = {"corridor": payment.corridor}
    purposes = in_force(terms.purposes, view.time_ms)
    if purposes is not None:
        require(
            payment.purpose in purposes.codes, CorridorsCode.PURPOSE_NOT_ALLOWED,
            purpose=payment.purpose, allowed=" ".join(purposes.codes), source=purposes.source,
            **there,
        )  # fmt: skip
    limit = in_force(terms.limits, view.time_ms)
    if limit is None:
        return
    most, day = limit.per_payment_minor, limit.per_day_minor
    there |= {"asset": payment.send_asset, "amount": str(amount_minor), "source": limit.source}
    require(not most or amount_minor <= most, CorridorsCode.OVER_LIMIT, limit=str(most), **there)
    spent = used_today(view, payment.corridor, payment.payer)
    require(
        not day or spent + amount_minor <= day, CorridorsCode.OVER_DAY_LIMIT,
        party=owner_of(payment.payer), spent=str(spent), limit=str(day), **there,
    )  # fmt: skip


def require_screened(
    view: ReadView, payment: Payment, terms: Terms, amount_minor: int, *, decided: bool
) -> None:
    """Refuse what lacks its travel-rule envelope or, unless a screener decided, a clear result."""
    reasons = reasons_to_hold(view, terms, payment, amount_minor)
    lacks = TRAVEL_RULE_MISSING in reasons
    require(not lacks, CorridorsCode.ENVELOPE_MISSING, uetr=payment.uetr)
    require(
        decided or not reasons, CorridorsCode.SCREENING_NEEDED, uetr=payment.uetr,
        amount=str(amount_minor), asset=payment.send_asset, reason=" ".join(reasons),
    )  # fmt: skip


def pass_rules(ledger: WriteView, payment: Payment, amount_minor: int, *, decided: bool) -> Payment:
    """Ask every rule of what moves now, and count it on this day in the place of its most."""
    payment = uncounted(ledger, payment)
    for terms in standing(ledger, payment):
        require_rules(ledger, payment, terms, amount_minor)
        require_screened(ledger, payment, terms, amount_minor, decided=decided)
    return counted(ledger, payment, amount_minor)


# ---- the day -------------------------------------------------------------------------------------


def used_today(view: ReadView, corridor: str, payer: str) -> int:
    """What the owner of an account sent through a corridor on the UTC day of block time, or may
    still send: by all its accounts together, or a second account would be a second limit.
    """
    used = view.get(USED, corridor, owner_of(payer))
    return 0 if used is None or used.day != view.time_ms // DAY_MS else used.amount_minor


def counted(ledger: WriteView, payment: Payment, amount_minor: int) -> Payment:
    """Count an amount on this day."""
    day = ledger.time_ms // DAY_MS
    total = used_today(ledger, payment.corridor, payment.payer) + amount_minor
    ledger.put(USED, payment.corridor, owner_of(payment.payer), value=Used(day, total))
    return replace(payment, counted_minor=amount_minor, counted_on=day)


def uncounted(ledger: WriteView, payment: Payment) -> Payment:
    """Give back what was counted for a payment, where its day is still the newest one."""
    used = ledger.get(USED, payment.corridor, owner_of(payment.payer))
    if payment.counted_minor and used is not None and used.day == payment.counted_on:
        rest = Used(used.day, used.amount_minor - payment.counted_minor)
        ledger.put(USED, payment.corridor, owner_of(payment.payer), value=rest)
    return replace(payment, counted_minor=0, counted_on=0)
