"""Drawing corridors, their terms, servers, rates, screening results."""

from __future__ import annotations

import random  # determinism: the type alone; the simulator injects the source

from msgspec.structs import replace

from tongbao.kernel.generation import Draw, Generator, attacks, drawn, pick
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag
from tongbao.kernel.views import ReadView
from tongbao.modules.assets import ASSETS
from tongbao.modules.corridors.model import (
    BEARERS,
    ROUNDINGS,
    SEATS,
    Fee,
    Hours,
    Limit,
    Purposes,
    Seat,
    Terms,
    Threshold,
)
from tongbao.modules.corridors.screening import CLEAR, HIT
from tongbao.modules.corridors.state import CORRIDORS, SERVERS, VERSIONS, terms_at
from tongbao.modules.corridors.transactions.attest import Attest
from tongbao.modules.corridors.transactions.change import ChangeTerms
from tongbao.modules.corridors.transactions.define import DefineCorridor
from tongbao.modules.corridors.transactions.publish_sealing_key import PublishSealingKey
from tongbao.modules.corridors.transactions.serve import Serve
from tongbao.modules.corridors.transactions.set_rate import SetReferenceRate
from tongbao.modules.corridors.transactions.stop_serving import StopServing
from tongbao.modules.corridors.transactions.withdraw_change import WithdrawChange
from tongbao.modules.parties import PARTIES, has_role

NOWHERE = "nobody/none"
RULE = "rule book of the simulation"
PEOPLE = tuple(content_digest(b"person %d" % n).hex() for n in range(6))
"""Digests of those who pay and are paid."""
STRANGER = content_digest(b"a stranger").hex()
"""Somebody of whom no screener has heard."""
LIMITS = ((10**7, 10**8), (10**5, 10**6), (5_000, 9_000))
"""Of a payment and of a day."""
MOST = 12
"""Corridors that are defined; then only mistakes are made about new ones."""
_SECOND, _HOUR = 1_000, 3_600_000


def holders(view: ReadView, asset: str) -> list[str]:
    """Accounts that hold an asset and may move it, by id."""
    found = []
    stuck = HoldingFlag.ISSUING | HoldingFlag.FROZEN | HoldingFlag.CLOSED
    for key, raw in view.source.scan(HOLDING_PREFIX, None, 4_096):
        account, _, held = key[len(HOLDING_PREFIX) :].decode().partition("\0")
        # A pool's account is nobody's: it neither pays through a corridor nor is paid.
        if held == asset and not account.startswith("@") and not Holding.decode(raw).flags & stuck:
            found.append(account)
    return found


def _operator(rng: random.Random, view: ReadView) -> str:
    return pick(rng, _with_role(view, "operator")) or "nobody"


def _with_role(view: ReadView, role: str) -> list[str]:
    return [key[0] for key, _ in view.scan(PARTIES) if has_role(view, key[0], role)]


def _terms(rng: random.Random, view: ReadView, send: str, receive: str) -> Terms:
    parties = [key[0] for key, _ in view.scan(PARTIES)]
    watching = [one for one in parties if has_role(view, one, "supervisor")]
    fees = []
    for side, asset in (("send", send), ("receive", receive)):
        for _ in range(rng.randrange(3)):
            receiver = pick(rng, holders(view, asset))
            if receiver is not None:
                fees.append(_fee(rng, side, receiver))
    # Without a supervisor nobody could decide: such terms are no terms.
    screened = bool(watching) and rng.randrange(10) < 4
    hours = (Hours(RULE, "CN", tuple(range(7)), 0, rng.choice((1_440, 1_200))),)
    return Terms(
        seats=tuple(Seat(one, SEATS) for one in parties[:64]), fees=tuple(fees),
        rounding=rng.choice(ROUNDINGS), service_level=rng.choice(BEARERS[:3]),
        open=bool(rng.randrange(20)),
        limits=(Limit(RULE, *rng.choice(LIMITS)),) if not rng.randrange(3) else (),
        purposes=(Purposes(RULE, ("GDDS",)),) if not rng.randrange(8) else (),
        screening=(Threshold(RULE, rng.choice((0, 1_000))),) if screened else (),
        travel_rule=(Threshold(RULE, 100_000),) if screened else (),
        screeners=tuple(watching[:4]), hours=hours if not rng.randrange(5) else (),
        hold_ms=rng.choice((60 * _SECOND, _HOUR)),
    )  # fmt: skip


def _fee(rng: random.Random, side: str, receiver: str) -> Fee:
    kind = "receiving_bank" if side == "receive" else rng.choice(("network", "corridor"))
    bearers = () if side == "receive" else rng.choice(((), ("DEBT",), ("DEBT", "SHAR")))
    low = rng.choice((0, 2))
    return Fee(
        kind, side, receiver, fixed_minor=rng.choice((1, 5)), basis_points=rng.choice((0, 3, 25)),
        min_minor=low, max_minor=rng.choice((0, 400)), bearers=bearers,
    )  # fmt: skip


@attacks("corridor-payment-limit", "corridor-hours", "corridor-purposes")
def _define(rng: random.Random, view: ReadView) -> Draw | None:
    assets = [key[0] for key, _ in view.scan(ASSETS)]
    count = sum(1 for _ in view.scan(CORRIDORS))
    send, receive = (rng.choice(assets) for _ in range(2))
    name = f"{send[:12]}-{receive[:12]}.{count}"
    by = _operator(rng, view)
    terms = _terms(rng, view, send, receive)
    action = DefineCorridor(name, send, receive, by, terms)
    stranger = replace(terms, seats=(Seat("nobody", SEATS),))
    twists = (
        {"corridor": "low"}, {"by": "watch"}, {"effective_from_ms": view.time_ms},
        {"terms": stranger}, {"terms": replace(terms, rounding="x")}, {"send_asset": "NOSUCH"},
        {"terms": replace(terms, fees=(Fee("network", "send", NOWHERE, 1),))},
        {"terms": replace(terms, limits=(Limit(""),))},
    )  # fmt: skip
    if count >= MOST or (count > 2 and rng.randrange(4)):
        action = replace(action, **rng.choice(twists))
        return None if rng.randrange(6) else drawn(rng, view, action, hostile=True)
    return drawn(rng, view, action, *twists)


@attacks("corridor-payment-limit", "corridor-day-limit", "corridor-purposes", "corridor-hours")
def _change(rng: random.Random, view: ReadView) -> Draw | None:
    one = pick(rng, (value for _, value in view.scan(CORRIDORS)))
    if one is None or rng.randrange(4):
        return None
    starts = rng.choice((0, view.time_ms + 30 * _SECOND, view.time_ms + _HOUR))
    terms = _terms(rng, view, one.send_asset, one.receive_asset)
    action = ChangeTerms(one.id, _operator(rng, view), terms, starts)
    twists = ({"corridor": "NOWHERE"}, {"effective_from_ms": 1}, {"by": "watch"})
    return drawn(rng, view, action, *twists)


@attacks("corridor-payment-limit")
def _withdraw(rng: random.Random, view: ReadView) -> Draw | None:
    ahead = pick(rng, (key for key, _ in view.scan(VERSIONS) if key[1] > view.time_ms))
    if ahead is None:
        return None
    action = WithdrawChange(ahead[0], _operator(rng, view), ahead[1])
    return drawn(rng, view, action, {"effective_from_ms": 7}, {"by": "watch"})


@attacks("corridor-served")
def _serve(rng: random.Random, view: ReadView) -> Draw | None:
    one = pick(rng, (value.id for _, value in view.scan(CORRIDORS)))
    found = None if one is None else terms_at(view, one, view.time_ms)
    if one is None or found is None:
        return None
    free = [s.party for s in found[1].seats if not view.has(SERVERS, one, s.party)]
    party = pick(rng, free)
    if party is None:
        served = pick(rng, (seat.party for seat in found[1].seats))
        again = Serve(one, served or "nobody")
        return None if rng.randrange(9) else drawn(rng, view, again, hostile=True)
    return drawn(rng, view, Serve(one, party), {"corridor": "NOWHERE"}, party=party)


@attacks("corridor-served")
def _stop(rng: random.Random, view: ReadView) -> Draw | None:
    key = pick(rng, (key for key, _ in view.scan(SERVERS)))
    if key is None or rng.randrange(25):
        return None
    return drawn(rng, view, StopServing(key[0], key[1]), {"corridor": "NOWHERE"}, party=key[1])


@attacks("quote-fits")
def _rate(rng: random.Random, view: ReadView) -> Draw | None:
    assets = [key[0] for key, _ in view.scan(ASSETS)]
    if len(assets) < 2 or rng.randrange(3):
        return None
    base, quote = rng.sample(assets, 2)
    by = _operator(rng, view)
    at = view.time_ms - rng.choice((0, _SECOND, _HOUR))
    action = SetReferenceRate(base, quote, rng.randrange(1, 10**6), 4, at, RULE, by)
    return drawn(
        rng, view, action, {"value": 0}, {"observed_at_ms": view.time_ms + _HOUR}, {"by": "watch"},
        {"quote": base}, {"source": ""},
    )  # fmt: skip


@attacks("screening")
def _attest(rng: random.Random, view: ReadView) -> Draw | None:
    by = pick(rng, _with_role(view, "supervisor"))
    if by is None:
        return None
    verdict = HIT if not rng.randrange(8) else CLEAR
    expires = view.time_ms + rng.choice((60 * _SECOND, _HOUR, 30 * _HOUR))
    action = Attest(rng.choice(PEOPLE), by, verdict, "list 1", expires)
    twists = ({"verdict": "x"}, {"expires_at_ms": view.time_ms}, {"subject": ""})
    return drawn(rng, view, action, *twists)


@attacks("travel-rule")
def _sealing_key(rng: random.Random, view: ReadView) -> Draw | None:
    party = pick(rng, (key[0] for key, _ in view.scan(PARTIES)))
    if party is None or rng.randrange(6):
        return None
    public = content_digest(party.encode())
    return drawn(rng, view, PublishSealingKey(party, "x25519", public), {"suite": "x"})


CORRIDOR_GENERATORS: dict[str, Generator] = {
    "corridors.define": _define,
    "corridors.change": _change,
    "corridors.withdraw_change": _withdraw,
    "corridors.serve": _serve,
    "corridors.stop_serving": _stop,
    "corridors.set_rate": _rate,
    "corridors.attest": _attest,
    "corridors.publish_sealing_key": _sealing_key,
}
"""One for each kind that sets the stage."""
