"""Who serves a corridor, and as what."""

from __future__ import annotations

from tongbao.kernel.codes import require
from tongbao.kernel.views import ReadView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.model import Terms
from tongbao.modules.corridors.state import SERVERS


def is_served(view: ReadView, corridor: str, terms: Terms, party: str, role: str) -> bool:
    """Whether a party has the seat by the terms, and gave its consent."""
    seated = any(seat.party == party and role in seat.roles for seat in terms.seats)
    return seated and view.has(SERVERS, corridor, party)


def require_served(view: ReadView, corridor: str, terms: Terms, party: str, role: str) -> None:
    """Refuse where a party does not serve a corridor as `sender`, `receiver` or `maker`."""
    served = is_served(view, corridor, terms, party, role)
    require(served, CorridorsCode.NOT_SERVED, party=party, corridor=corridor, role=role)
