"""A bench with a corridor in one currency: who serves it, what it costs, who screens."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from tongbao.kernel.hashing import content_digest
from tongbao.kernel.transaction import Event, Transaction
from tongbao.modules.accounts import OpenAccount
from tongbao.modules.corridors import (
    PAYMENTS,
    DefineCorridor,
    Fee,
    PayAbroad,
    Payment,
    Seat,
    Serve,
    Terms,
    Threshold,
    price,
    require_corridor,
    require_terms,
)
from tongbao.modules.corridors.pricing import Priced
from tongbao.modules.testing import DAY_MS, Bench

HOME = "CNY-CNY"
PAYER, PAYEE = "firm-a/main", "firm-b/abroad"
NETWORK, CORRIDOR, RECEIVING = "central/fees", "bank-a/fees", "bank-b/fees"
WHO, WHOM = (content_digest(name).hex() for name in (b"firm-a", b"firm-b"))
ENVELOPE = content_digest(b"sealed").hex()
SOURCE = "rule book of the network, 2.1"
FEES = (
    Fee("network", "send", NETWORK, fixed_minor=30),
    Fee("corridor", "send", CORRIDOR, basis_points=5, min_minor=10, max_minor=2_000),
    Fee("receiving_bank", "receive", RECEIVING, fixed_minor=50, basis_points=1),
    Fee("receiving_bank", "send", RECEIVING, fixed_minor=60, bearers=("DEBT",)),
)
TERMS = Terms(
    seats=(Seat("bank-a", ("sender",)), Seat("bank-b", ("receiver", "maker"))), fees=FEES,
    screeners=("watch", "bank-b"),
)  # fmt: skip
SCREENED = replace(
    TERMS, screening=(Threshold(SOURCE, 1_000),), travel_rule=(Threshold(SOURCE, 5_000),)
)


def accounts() -> tuple[Transaction, ...]:
    """Where charges go, and accounts that the other bank keeps."""
    return (
        *(OpenAccount(account=one, assets=("CNY",)) for one in (NETWORK, CORRIDOR, RECEIVING)),
        OpenAccount(account=PAYEE, servicer="bank-b", assets=("CNY",)),
    )


def bench_with(terms: Terms = TERMS, *more: Transaction) -> Bench:
    """A bench whose corridor is served by both banks."""
    return Bench(
        *accounts(), *more,
        DefineCorridor(HOME, "CNY", "CNY", "central", terms),
        Serve(HOME, "bank-a"), Serve(HOME, "bank-b"),
    )  # fmt: skip


def uetr(number: int) -> str:
    """The n-th UETR of a test."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def priced(bench: Bench, bearer: str = "SHAR", send: int = 0, receive: int = 0) -> Priced:
    """What a payment would cost in the corridor in one currency."""
    corridor = require_corridor(bench.view, HOME)
    _, terms = require_terms(bench.view, HOME)
    return price(corridor, terms, (PAYER, PAYEE), bearer, send=send, receive=receive)


def paying(bench: Bench, number: int, bearer: str = "SHAR", **fields: Any) -> PayAbroad:
    """A payment with its costs as they would be shown."""
    amount = {name: fields.pop(name) for name in ("send", "receive") if name in fields}
    if "costs" not in fields:
        fields["costs"] = priced(bench, bearer, **amount).costs
    stated = {f"{name}_minor": value for name, value in amount.items()}
    return PayAbroad(HOME, PAYER, PAYEE, uetr(number), bearer=bearer, **stated, **fields)


def do(bench: Bench, action: Transaction, *parties: str) -> tuple[Event, ...]:
    """Carry an action out, signed by both keys of each party."""
    signers = tuple((party, number) for party in parties for number in (0, 1))
    return bench.do(parties[0], action, signers=signers)


def payment(bench: Bench, number: int) -> Payment:
    """A payment as the ledger keeps it."""
    found = bench.view.get(PAYMENTS, uetr(number))
    assert found is not None
    return found


def held(number: int = 1, amount: int = 10_000) -> tuple[Bench, PayAbroad]:
    """A bench with a payment that is held: nobody screened, and no envelope."""
    bench = bench_with(SCREENED)
    action = paying(bench, number, send=amount, originator=WHO, beneficiary=WHOM)
    bench.do("firm-a", action)
    return bench, action


LATER = 40 * DAY_MS
