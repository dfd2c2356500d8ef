"""Reading, for other modules, the gateway and the command line."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.views import ReadView
from tongbao.modules.payments.model import OpenHold, Scheduled
from tongbao.modules.payments.state import HOLDS, HOLDS_BY_PAYER, SCHEDULED


def holds_of(view: ReadView, account: str) -> Iterator[OpenHold]:
    """Open holds of a payer's account, by asset and id."""
    for key, _ in view.scan(HOLDS_BY_PAYER, account):
        hold = view.get(HOLDS, key[2])
        if hold is not None:
            yield hold


def scheduled_of(view: ReadView, account: str) -> Iterator[Scheduled]:
    """Transfers that wait for their time, from an account."""
    return (one for _, one in view.scan(SCHEDULED) if one.payer == account)
