"""How the simulator draws UETRs, returns, requests for them, and what hostile parties try."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source
from collections.abc import Iterator

from tongbao.kernel.generation import Draw, Generator, amount_of, attacks, drawn, pick
from tongbao.kernel.views import ReadView
from tongbao.modules.payments.model import PAID, Known
from tongbao.modules.payments.state import UETRS
from tongbao.modules.payments.transactions.decline_return import DeclineReturn
from tongbao.modules.payments.transactions.request_return import RequestReturn
from tongbao.modules.payments.transactions.return_transfer import ReturnTransfer

NOTHING = "00000000-0000-4000-8000-000000000000"


def new_uetr(rng: random.Random) -> str:
    """A UETR that nothing bears."""
    digits = f"{rng.getrandbits(120):030x}"
    parts = (digits[:8], digits[8:12], f"4{digits[12:15]}", f"b{digits[15:18]}", digits[18:])
    return "-".join(parts)


def maybe_uetr(rng: random.Random) -> str:
    """A new UETR for every second payment."""
    return new_uetr(rng) if rng.randrange(2) else ""


def _paid(view: ReadView) -> Iterator[tuple[str, Known]]:
    for (_, uetr), known in view.scan(UETRS):
        if known.state == PAID:
            yield uetr, known


@attacks("returned", "uetr", "return-pays", "return-sides")
def _return(rng: random.Random, view: ReadView) -> Draw | None:
    open_ = ((uetr, k) for uetr, k in _paid(view) if k.amount_minor > k.returned_minor)
    found = pick(rng, open_)
    if found is None:
        return None
    uetr, known = found
    rest = known.amount_minor - known.returned_minor
    holding = view.holding(known.payee, known.asset)
    most = min(rest, holding.available if holding is not None else 0)
    amount = amount_of(rng, most) if most > 0 else 0
    action = ReturnTransfer(uetr, new_uetr(rng), "FOCR", amount if rng.randrange(3) else 0)
    back = known.returns[-1].return_uetr if known.returns else NOTHING
    # By a stranger's key no approval fits; above the rest, under a used name, of a return.
    return drawn(
        rng, view, action,
        {"amount_minor": rest + 1}, {"return_uetr": uetr}, {"uetr": back}, {"return_uetr": ""},
        {"uetr": NOTHING}, {"reason": ""}, {"amount_minor": -1},
    )  # fmt: skip


@attacks("return-requests", "return-sides")
def _request(rng: random.Random, view: ReadView) -> Draw | None:
    free = ((u, k) for u, k in _paid(view) if not k.asked and k.amount_minor > k.returned_minor)
    found = pick(rng, free)
    if found is None or rng.randrange(2):
        return None
    action = RequestReturn(found[0], rng.choice(("DUPL", "CUST", "FRAD")), "paid twice")
    return drawn(rng, view, action, {"uetr": NOTHING}, {"reason": ""}, {"note": "x" * 141})


@attacks("return-sides", "return-requests")
def _decline(rng: random.Random, view: ReadView) -> Draw | None:
    found = pick(rng, (one for one in _paid(view) if one[1].asked is not None))
    if found is None or rng.randrange(2):
        return None
    action = DeclineReturn(found[0], "CUST", "goods were sent")
    return drawn(rng, view, action, {"uetr": NOTHING}, {"reason": ""})


RETURNS: dict[str, Generator] = {
    "payments.return": _return,
    "payments.request_return": _request,
    "payments.decline_return": _decline,
}
"""One for each kind of transaction about returns, by its tag."""
