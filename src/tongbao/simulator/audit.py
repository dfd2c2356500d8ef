"""After a block: the ledger against the second opinion, and against its own laws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tongbao.kernel.names import name_of
from tongbao.kernel.views import ReadView
from tongbao.modules.accounts import SPENT
from tongbao.modules.corridors.state import USED
from tongbao.node.application import Application
from tongbao.node.audit import holdings, state_findings
from tongbao.simulator.days import DAY_MS
from tongbao.simulator.model import Model, Place
from tongbao.simulator.report import ensure


class Held(NamedTuple):
    """Money in one place, in minor units."""

    posted: int
    reserved: int


def audit_block(app: Application, model: Model) -> None:
    """What the block touched, compared with the model."""
    view = app.view()
    for account, asset in sorted(model.touched):
        place = (account, asset)
        holding = view.holding(account, asset)
        there = None if holding is None else Held(holding.posted, holding.reserved)
        ensure(there == _expected(model, place), f"{place}: {there}, not {_expected(model, place)}")
    model.touched.clear()
    _compare_days(view, model)
    model.membership.compare(app)


def _compare_days(view: ReadView, model: Model) -> None:
    """What the ledger counts for today, with what the model knows to have moved."""
    day = model.time_ms // DAY_MS
    for place in sorted(model.accounts.changed & model.accounts.limits.keys()):
        spent = view.get(SPENT, *place)
        today = 0 if spent is None or spent.day != day else spent.amount_minor
        model.accounts.compare(place, today, model.reserved.get(place, 0))
    for place in sorted(model.corridors.changed):
        used = view.get(USED, *place)
        today = 0 if used is None or used.day != day else used.amount_minor
        expected = model.corridors.expected(place)
        ensure(today == expected, f"{place}: the day counts {today}, not {expected}")
    model.accounts.changed.clear()
    model.corridors.changed.clear()


def audit_all(app: Application, model: Model) -> None:
    """Every holding, every name that is not forgotten, and every law over every row."""
    found = {
        (account, asset): Held(holding.posted, holding.reserved)
        for account, asset, holding in holdings(app.state)
    }
    expected = {place: _expected(model, place) for place in model.posted}
    differing = sorted(p for p in found.keys() | expected if found.get(p) != expected.get(p))
    ensure(not differing, f"holdings differ from the model: {differing[:3]}")
    view = app.view()
    for (party, reference), time_ms in _kept_names(app, model):
        name = name_of(view, party, reference)
        known = name is not None and name.time_ms == time_ms
        ensure(known, f"the name {party} {reference} is not kept as it was used")
    findings = list(state_findings(app))
    ensure(not findings, f"laws: {findings[:3]}")


def _expected(model: Model, place: Place) -> Held | None:
    if place not in model.posted:
        return None
    return Held(model.posted[place], model.reserved.get(place, 0))


def _kept_names(app: Application, model: Model) -> Iterator[tuple[tuple[str, str], int]]:
    horizon = app.tip.time_ms - app.genesis.name_memory_ms
    return ((name, time) for name, time in model.names.items() if time > horizon)
