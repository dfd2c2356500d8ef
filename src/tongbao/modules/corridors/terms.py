"""The shape of a corridor's terms: every rule that can be refused before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tongbao.kernel.codes import require
from tongbao.kernel.money import MAX_AMOUNT
from tongbao.kernel.views import ReadView
from tongbao.kernel.wording import message
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import (
    CRED,
    DEBT,
    FEE_KINDS,
    MINUTES_A_DAY,
    RECEIVE,
    ROUNDINGS,
    SEATS,
    SEND,
    SHAR,
    Corridor,
    Cost,
    Fee,
    Hops,
    Hours,
    Terms,
    check_text,
)
from tongbao.modules.exchange import MAX_HOPS
from tongbao.modules.parties import require_party

MAX_NAME = 80
"""Characters of an account, asset or venue."""
MAX_SEATS, MAX_FEES, MAX_RULES, MAX_HOLIDAYS = 64, 16, 32, 500
MIN_HOLD_MS, MAX_HOLD_MS = 60_000, 30 * 24 * 3600 * 1000
_BEARERS = {SEND: (DEBT, CRED, SHAR), RECEIVE: (CRED, SHAR)}
LATEST_MS = 2**53
"""Times of rules lie before this."""
_OFFSET = 14 * 60
"""No place is further from UTC, in minutes."""


class Cited(Protocol):
    """A rule with its source and first day."""

    @property
    def source(self) -> str:
        """Where it stands: law, rule book, contract."""
        ...

    @property
    def effective_from_ms(self) -> int:
        """Block time from which it holds."""
        ...


def check_terms(terms: Terms) -> None:
    """Refuse terms that do not hold together; looks at nothing but the terms."""
    _known("rounding", terms.rounding, ROUNDINGS)
    _known("service_level", terms.service_level, (DEBT, CRED, SHAR))
    _check(
        "hold_ms",
        MIN_HOLD_MS <= terms.hold_ms <= MAX_HOLD_MS,
        message("a minute to 30 days", "reason"),
    )
    _check_seats(terms)
    _count("fees", terms.fees, MAX_FEES)
    for fee in terms.fees:
        _check_fee(fee)
    _count("screeners", terms.screeners, MAX_FEES)
    needed = bool(terms.screening or terms.travel_rule)
    _check(
        "screeners",
        bool(terms.screeners) or not needed,
        message("who decides what is held?", "reason"),
    )
    _check_rules(terms)


def check_receivers(view: ReadView, corridor: Corridor, terms: Terms) -> None:
    """Every fee has somewhere to go."""
    assets = {SEND: corridor.send_asset, RECEIVE: corridor.receive_asset}
    for fee in terms.fees:
        asset = assets[fee.side]
        known = view.holding(fee.receiver, asset) is not None
        require(known, CorridorsCode.RECEIVER_UNKNOWN, account=fee.receiver, asset=asset)


def check_costs(costs: Sequence[Cost]) -> None:
    """The shape of costs that somebody signs."""
    _count("costs", costs, 2 * MAX_FEES)
    for cost in costs:
        _known("costs", cost.kind, FEE_KINDS)
        _check("costs", 0 < cost.amount_minor <= MAX_AMOUNT, message("amounts above 0", "reason"))
        named = len(cost.receiver) <= MAX_NAME and len(cost.asset) <= MAX_NAME
        _check("costs", named, message("a name is too long", "reason"))


def check_route(route: Hops) -> None:
    """The bounds of a route that somebody signs: what is held is kept, and has to be small."""
    _count("route", route, MAX_HOPS)
    for asset, venue in route:
        named = len(asset) <= MAX_NAME and len(venue) <= MAX_NAME
        _check("route", named, message("a name is too long", "reason"))


def _check(field: str, holds: bool, reason: str) -> None:
    require(holds, CorridorsCode.BAD_TERMS, field=field, reason=reason)


def _count(field: str, rules: Sequence[object], limit: int) -> None:
    _check(field, len(rules) <= limit, message("too many", "reason"))


def _known(field: str, value: str, known: Sequence[str]) -> None:
    _check(field, value in known, " ".join(known))


def _check_seats(terms: Terms) -> None:
    _check("seats", 1 <= len(terms.seats) <= MAX_SEATS, message("no party, or too many", "reason"))
    parties = {seat.party for seat in terms.seats}
    _check("seats", len(parties) == len(terms.seats), message("a party has one seat", "reason"))
    for seat in terms.seats:
        _check("seats", bool(seat.roles), message("a party has no role", "reason"))
        for role in seat.roles:
            _known("seats", role, SEATS)


def _check_fee(fee: Fee) -> None:
    _known("fees.kind", fee.kind, FEE_KINDS)
    _known("fees.side", fee.side, (SEND, RECEIVE))
    for bearer in fee.bearers:
        # What is charged on the other side reduces what arrives: that no debtor can bear.
        _known("fees.bearers", bearer, _BEARERS[fee.side])
    amounts = (fee.fixed_minor, fee.min_minor, fee.max_minor)
    _check(
        "fees", all(0 <= one <= MAX_AMOUNT for one in amounts), message("amounts from 0", "reason")
    )
    _check("fees.basis_points", 0 <= fee.basis_points <= 10_000, message("0 to 10000", "reason"))
    _check(
        "fees",
        not fee.max_minor or fee.min_minor <= fee.max_minor,
        message("min above max", "reason"),
    )
    _check(
        "fees",
        bool(fee.fixed_minor or fee.basis_points or fee.min_minor),
        message("charges nothing", "reason"),
    )


def _check_rules(terms: Terms) -> None:
    lists = (terms.limits, terms.purposes, terms.travel_rule, terms.screening, terms.hours)
    for rules in lists:
        _count("rules", rules, MAX_RULES)
    _count("holidays", terms.holidays, MAX_HOLIDAYS)
    cited: list[Cited] = [*terms.limits, *terms.purposes, *terms.travel_rule, *terms.screening]
    cited += [*terms.hours, *terms.holidays]
    for rule in cited:
        check_text("source", rule.source, 1, 200)
        _check(
            "effective_from_ms",
            0 <= rule.effective_from_ms < LATEST_MS,
            message("UTC milliseconds", "reason"),
        )
    for limit in terms.limits:
        low = min(limit.per_payment_minor, limit.per_day_minor)
        _check("limits", low >= 0, message("amounts from 0", "reason"))
    for threshold in (*terms.travel_rule, *terms.screening):
        _check("from_minor", threshold.from_minor >= 0, message("amounts from 0", "reason"))
    for purposes in terms.purposes:
        _count("purposes", purposes.codes, 400)
        _check(
            "purposes",
            all(0 < len(code) <= 4 for code in purposes.codes),
            message("ISO codes", "reason"),
        )
    for hours in terms.hours:
        _check_hours(hours)
    for holiday in terms.holidays:
        check_text("calendar", holiday.calendar, 1, 20)
        check_text("name", holiday.name, 1, 80)
        _check("holidays.day", 0 <= holiday.day < 2**20, message("days since 1970", "reason"))


def _check_hours(hours: Hours) -> None:
    check_text("calendar", hours.calendar, 1, 20)
    days = set(hours.weekdays)
    sound = bool(days) and len(days) == len(hours.weekdays) and days <= set(range(7))
    _check("hours.weekdays", sound, message("0 (Monday) to 6, each once", "reason"))
    sound = 0 <= hours.opens_minute < hours.closes_minute <= MINUTES_A_DAY
    _check("hours", sound, message("opens before it closes, in minutes of a day", "reason"))
    _check(
        "hours.utc_offset_minutes",
        abs(hours.utc_offset_minutes) <= _OFFSET,
        message("14 hours at most", "reason"),
    )


def starts_at(view: ReadView, effective_from_ms: int) -> int:
    """0 is now; anything else lies ahead."""
    require_writable(effective_from_ms)
    require(
        not effective_from_ms or effective_from_ms > view.time_ms, CorridorsCode.CHANGE_PAST,
        effective_from_ms=effective_from_ms, time_ms=view.time_ms,
    )  # fmt: skip
    return effective_from_ms or view.time_ms


def require_writable(effective_from_ms: int) -> None:
    """Refuse a time that does not fit into the key of its terms."""
    fits = 0 <= effective_from_ms < LATEST_MS
    require(
        fits, CorridorsCode.BAD_MOMENT, field="effective_from_ms",
        value=str(effective_from_ms)[:40], low=0, high=LATEST_MS - 1,
    )  # fmt: skip


def admit_terms(view: ReadView, corridor: Corridor, terms: Terms) -> None:
    for seat in terms.seats:
        require_party(view, seat.party)
    for party in terms.screeners:
        require_party(view, party)
    check_receivers(view, corridor, terms)
