"""Those who sign the simulated ledger: their keys, their misdeeds, and a second opinion on votes.

The second opinion reads the JSON of transactions and shares no code with the module: it counts
every vote again by itself and says which seats there have to be.
"""

from __future__ import annotations

import base64
import random
from collections import Counter
from typing import Any

from tongbao.kernel.genesis import Genesis
from tongbao.kernel.protocols import steps
from tongbao.kernel.validators import SEATS, Misbehavior, address_of
from tongbao.modules.governance import SEAT_KEYS, VOTES, seat_owner
from tongbao.modules.parties import PARTIES
from tongbao.node.application import Application
from tongbao.simulator.report import ensure
from tongbao.simulator.sealing import SimKey

Json = dict[str, Any]


def signers(app: Application) -> tuple[SimKey, ...]:
    """The demonstration keys of everybody who signs the next blocks, and who may come to sign.

    Of several blocks that are made at once, the last may be signed by whom the first one seated.
    """
    view = app.view()
    used = Counter(key.party for _, key in view.scan(SEAT_KEYS))
    parties = dict.fromkeys((*used, *(key[0] for key, _ in view.scan(PARTIES))))
    return tuple(
        SimKey(seat_owner(party), number) for party in parties for number in range(used[party] + 2)
    )


def misdeed(rng: random.Random, app: Application) -> tuple[Misbehavior, ...]:
    """Now and then a validator is caught, or one whom nobody knows."""
    if rng.random() > 0.02 or not app.tip.height:
        return ()
    caught = rng.choice(app.validators)
    address = address_of(caught.public) if rng.randrange(8) else rng.randbytes(20)
    kind = rng.choice(("duplicate_vote", "light_client_attack"))
    height = rng.randrange(max(1, app.tip.height - 3), app.tip.height + 1)
    return (Misbehavior(kind, address, height, app.tip.time_ms, caught.power),)


MOST_VOTES = 8


class Membership:
    """Which seats, open votes and versions there should be."""

    def __init__(self, genesis: Genesis) -> None:
        """Start with the validators of the genesis."""
        self.seats = {one.name: (one.public, one.power) for one in genesis.validators}
        self.votes: dict[str, Json] = {}
        self.steps: dict[int, int] = {0: genesis.protocol}
        self._share = (2, 3)

    def found(self, action: Json) -> None:
        """The share of the power that carries."""
        terms = action["terms"]
        self._share = (terms.get("numerator", 2), terms.get("denominator", 3))

    def open(self, name: str, action: Json) -> None:
        """A question; who asks and has a seat is for it."""
        asked = {"opener": action["opener"], "due": action["expires_at_ms"]}
        self.votes[name] = {"change": action["change"], "voted": {}, **asked}
        mine = sum(one["opener"] == action["opener"] for one in self.votes.values())
        ensure(mine <= MOST_VOTES, f"{action['opener']} has {mine} votes open")
        if action["opener"] in self.seats:
            self.cast(name, action["opener"], in_favour=True)

    def cast(self, name: str, party: str, *, in_favour: bool) -> None:
        """An answer; done at once where it decides."""
        vote = self.votes[name]
        ensure(party in self.seats, f"{party} votes without a seat")
        vote["voted"][party] = in_favour
        above, of = self._share
        total = sum(power for _, power in self.seats.values())
        yes, no = (
            sum(self.seats[one][1] for one, reply in vote["voted"].items()
                if reply is wanted and one in self.seats)
            for wanted in (True, False)
        )  # fmt: skip
        if yes * of > total * above:
            del self.votes[name]
            self._do(vote["change"])
        elif (total - no) * of <= total * above:
            del self.votes[name]

    def _do(self, change: Json) -> None:
        kind, party = change["change"], change.get("party", "")
        before = sum(power for _, power in self.seats.values())
        had = self.seats.get(party, (b"", 0))
        if kind == "upgrade":
            self.steps[change["height"]] = change["version"]
        elif kind == "cancel_upgrade":
            self.steps = {h: v for h, v in self.steps.items() if v != change["version"]}
        elif kind in ("remove", "expel"):
            del self.seats[party]
        elif kind == "set_power":
            self.seats[party] = (had[0], change["power"])
        else:
            public = base64.b64decode(change["public"])
            self.seats[party] = (public, change.get("power", had[1]))
        has = self.seats.get(party, (b"", 0))
        moved = abs(has[1] - had[1]) if has[0] == had[0] else max(has[1], had[1])
        ensure(3 * moved < before or not moved, f"{kind} moved {moved} of {before} at once")

    def rotate(self, action: Json) -> None:
        """A seat has another key."""
        party = action["party"]
        self.seats[party] = (base64.b64decode(action["public"]), self.seats[party][1])

    def expired(self, name: str, time_ms: int) -> None:
        """A vote's time is over."""
        ensure(self.votes.pop(name)["due"] <= time_ms, f"vote {name} ended before its time")

    def compare(self, app: Application) -> None:
        """The ledger has to say the same."""
        view = app.view()
        seats = {party: (seat.public, seat.power) for (party,), seat in view.scan(SEATS)}
        ensure(seats == self.seats, f"seats: {sorted(seats)}, not {sorted(self.seats)}")
        known = sorted((one.public, one.power) for one in app.newest_validators)
        ensure(known == sorted(seats.values()), "the engine's set is not that of the seats")
        votes = {name for (name,), _ in view.scan(VOTES)}
        ensure(votes == set(self.votes), f"votes: {votes ^ set(self.votes)} differ")
        taken = {step.height: step.version for step in steps(view)}
        ensure(taken == self.steps, f"protocol steps: {taken}, not {self.steps}")
