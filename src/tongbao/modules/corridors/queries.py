"""Reading, for the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.views import ReadView
from tongbao.modules.corridors.model import Corridor, Rate, Terms
from tongbao.modules.corridors.state import CORRIDORS, RATES, SERVERS, VERSIONS


def corridors(view: ReadView) -> Iterator[Corridor]:
    """Every corridor, by id."""
    return (corridor for _, corridor in view.scan(CORRIDORS))


def corridors_between(view: ReadView, send_asset: str, receive_asset: str) -> Iterator[Corridor]:
    """Corridors from one asset to another, by id."""
    for corridor in corridors(view):
        if (corridor.send_asset, corridor.receive_asset) == (send_asset, receive_asset):
            yield corridor


def versions(view: ReadView, corridor: str) -> Iterator[tuple[int, Terms]]:
    """(effective from, terms) of a corridor, oldest first, those to come included."""
    return ((key[1], terms) for key, terms in view.scan(VERSIONS, corridor))


def servers(view: ReadView, corridor: str) -> Iterator[str]:
    """Parties that consented to serve a corridor."""
    return (key[1] for key, _ in view.scan(SERVERS, corridor))


def reference_rate(view: ReadView, base: str, quote: str, time_ms: int) -> Rate | None:
    """The network's own newest rate at a time: units of `quote` for one of `base`, or None."""
    before = (base, quote, time_ms + 1)
    found = next(view.scan(RATES, base, quote, after=before, reverse=True), None)
    return None if found is None else found[1]
