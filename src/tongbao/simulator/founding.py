"""What a simulated ledger is founded with: an operator, banks, firms, assets, money."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from tongbao.kernel.generation import demo_key
from tongbao.kernel.genesis import Genesis, GenesisValidator
from tongbao.kernel.identity import Policy
from tongbao.kernel.transaction import MAX_EXPIRY_MS, Transaction
from tongbao.modules.accounts import OpenAccount
from tongbao.modules.assets import ALLOW_LIST, OPEN, DefineAsset, Issue
from tongbao.modules.corridors import DefineCorridor, Fee, Limit, Seat, Serve, Threshold
from tongbao.modules.corridors import Terms as CorridorTerms
from tongbao.modules.governance import LEAST_SEATS, FoundGovernance, Terms, seat_public
from tongbao.modules.parties import RegisterParty, SetPolicy
from tongbao.simulator.clock import DAY, HOUR
from tongbao.simulator.sealing import SimKey

CHAIN = "simulation"
START_MS = 1_750_000_000_000
"""2025-06-15 15:06:40 UTC."""
VALIDATOR = SimKey("validator", 0)
OPENING = 10_000_000
ACROSS = "CNY-HKD"
"""A corridor with limits, screening and the travel rule, for whoever tries to pass them."""
ACROSS_LIMIT = Limit("rule 2", per_payment_minor=50_000, per_day_minor=80_000)


def founded(actions: Sequence[Transaction], name_memory_ms: int = MAX_EXPIRY_MS) -> Genesis:
    """A genesis with one validator, whose demonstration key everybody knows."""
    validator = GenesisValidator("validator", VALIDATOR.public)
    raw = msgspec.Raw(msgspec.json.encode(actions))
    return Genesis(CHAIN, START_MS, (validator,), name_memory_ms=name_memory_ms, actions=raw)


def consortium(rng: random.Random) -> Genesis:
    """A consortium of a random size; each party has keys 0 and 1, and some sign blocks."""
    memory_ms = MAX_EXPIRY_MS * rng.choice((1, 2, 90))
    actions = tuple(_actions(rng))
    genesis = founded(actions, memory_ms)
    parties = [one.party for one in actions if isinstance(one, RegisterParty)]
    seated = rng.sample(parties, rng.randrange(LEAST_SEATS, len(parties) + 1))
    validators = tuple(
        GenesisValidator(party, seat_public(party, 0), rng.randrange(8, 13)) for party in seated
    )
    return replace(genesis, validators=validators)


def _actions(rng: random.Random) -> Iterator[Transaction]:
    banks = [f"bank-{n}" for n in range(rng.randrange(1, 4))]
    firms = [f"firm-{n}" for n in range(rng.randrange(2, 7))]
    roles = {
        "central": ("central_bank", "operator"),
        "watch": ("supervisor",),
        **dict.fromkeys(banks, ("bank", "issuer")),
        **dict.fromkeys(firms, ("supplier",)),
    }
    for party, has in roles.items():
        yield RegisterParty(
            party=party, sponsor="central", name=party, roles=has, jurisdiction="CN",
            keys=(demo_key(party, 0), demo_key(party, 1)),
        )  # fmt: skip
    window_ms = rng.choice((1, HOUR, DAY))
    yield FoundGovernance(Terms(2, 3, window_ms, rng.randrange(4, 40)))
    for party in firms:
        if rng.random() < 0.4:
            yield SetPolicy(party, "payments", Policy(2, 2))
    yield DefineAsset(
        asset="CNY", issuer="central", decimals=2, kind="cbdc", name="Digital yuan",
        freezable=True, clawback_allowed=True,
    )  # fmt: skip
    yield DefineAsset(
        asset="USDX.A", issuer=banks[0], decimals=6, kind="stablecoin", name="A stablecoin",
        policy=rng.choice((OPEN, ALLOW_LIST)), supply_cap=OPENING * 100,
        freezable=True, clawback_allowed=True,
    )  # fmt: skip
    yield DefineAsset(
        asset="HKD", issuer="central", decimals=2, kind="cbdc", name="Hong Kong dollar",
        freezable=True, clawback_allowed=True,
    )  # fmt: skip
    for party in (*banks, *firms):
        servicer = rng.choice(banks) if party in firms else ""
        account = f"{party}/main"
        held = ("CNY", "HKD")
        yield OpenAccount(account, servicer, reference_required=rng.random() < 0.2, assets=held)
        for asset in held:
            yield Issue(asset, account, rng.randrange(1, OPENING), "opening")
        if rng.random() < 0.5:
            yield OpenAccount(f"{party}/second", assets=("CNY", "USDX.A"))
    yield from _corridor(rng, tuple(roles), banks[0])


def _corridor(rng: random.Random, parties: Sequence[str], bank: str) -> Iterator[Transaction]:
    """A corridor in one currency that everybody serves, so that payments flow from the start."""
    screened = (Threshold("rule 1", rng.choice((1, 5_000))),) if rng.random() < 0.5 else ()
    fees = (
        Fee("network", "send", f"{bank}/main", fixed_minor=1, basis_points=rng.randrange(4)),
        Fee("receiving_bank", "receive", f"{bank}/main", basis_points=3, min_minor=1),
    )
    seats = tuple(Seat(party, ("sender", "receiver", "maker")) for party in parties)
    terms = CorridorTerms(
        seats, fees, screening=screened, travel_rule=screened, screeners=("watch",),
        hold_ms=rng.choice((60_000, HOUR)),
    )  # fmt: skip
    yield DefineCorridor("CNY-CNY", "CNY", "CNY", "central", terms)
    guarded = CorridorTerms(
        seats, limits=(ACROSS_LIMIT,), screening=(Threshold("rule 1", 1),),
        travel_rule=(Threshold("rule 3", 25_000),), screeners=("watch",), hold_ms=HOUR,
    )  # fmt: skip
    yield DefineCorridor(ACROSS, "CNY", "HKD", "central", guarded)
    for party in parties:
        yield Serve("CNY-CNY", party)
        yield Serve(ACROSS, party)
