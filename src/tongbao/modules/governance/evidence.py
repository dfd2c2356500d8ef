"""Evidence: what the engine reports of a validator that broke its rules is kept, for good."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event
from tongbao.kernel.validators import SEATS, Misbehavior, address_of
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.governance.events import MisbehaviorRecorded
from tongbao.modules.governance.model import Evidence
from tongbao.modules.governance.state import EVIDENCE, SEAT_KEYS


def evidence_id(found: Misbehavior) -> str:
    """What, who, where: the same misbehavior shown twice is one piece of evidence."""
    return f"{found.kind}-{found.height}-{found.address.hex()}"


def _owner(view: ReadView, address: bytes) -> str:
    known = view.get(SEAT_KEYS, address)
    if known is not None:
        return known.party
    seats = (party for (party,), seat in view.scan(SEATS) if address_of(seat.public) == address)
    return next(seats, "")


def record_misbehavior(ledger: WriteView, found: Misbehavior) -> Iterator[Event]:
    """Write down who was caught; members decide what follows. Never refuses."""
    name = evidence_id(found)
    if ledger.has(EVIDENCE, name):
        return
    party = _owner(ledger, found.address)
    ledger.put(EVIDENCE, name, value=Evidence(
        name, party, found.kind, found.address, found.height, found.time_ms, found.power,
        ledger.time_ms,
    ))  # fmt: skip
    yield MisbehaviorRecorded(
        name, party, found.kind, found.address, found.height, found.time_ms, found.power
    )
