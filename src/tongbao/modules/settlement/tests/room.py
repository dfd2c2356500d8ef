"""What the tests of this module share: two currencies, a queue, and short ways to act."""

from __future__ import annotations

from typing import Any

from tongbao.kernel.transaction import Event
from tongbao.modules.accounts import HoldAsset
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.settlement import (
    DefineQueue,
    ProposeBatch,
    QueueAsset,
    Step,
    SubmitPayment,
)
from tongbao.modules.testing import Bench

A, B, C = "bank-a/main", "bank-b/main", "firm-c/main"
MINUTE = 60_000


def two_currencies() -> Bench:
    """Every main account holds a million of CNY and of HKD."""
    bench = Bench()
    bench.do("central", DefineAsset("HKD", "central", 2, "cbdc", "Digital Hong Kong dollar",
                                    freezable=True))  # fmt: skip
    for party in ("bank-a", "bank-b", "firm-a", "firm-b", "firm-c"):
        bench.do(party, HoldAsset(f"{party}/main", "HKD"))
        bench.do("central", Issue("HKD", f"{party}/main", 1_000_000))
    return bench


def define(**changes: Any) -> DefineQueue:
    """The queue of the tests."""
    fields: dict[str, Any] = {
        "queue": "rtgs", "operator": "central",
        "assets": (QueueAsset("CNY"), QueueAsset("HKD")), "objective": "count",
    }  # fmt: skip
    return DefineQueue(**(fields | changes))


def with_queue(**changes: Any) -> Bench:
    """A bench with the queue."""
    bench = two_currencies()
    bench.do("central", define(**changes))
    return bench


def payment(payer: str, payee: str, amount: int, asset: str = "CNY", **more: Any) -> SubmitPayment:
    """A payment through the queue."""
    return SubmitPayment("rtgs", payer, payee, asset, amount, **more)


def against(asset: str, amount: int) -> dict[str, Any]:
    """A pair, and what the other side of it brings."""
    return {"pair": "deal", "pair_asset": asset, "pair_minor": amount}


def submit(bench: Bench, payer: str, payee: str, amount: int, **more: Any) -> tuple[str, str]:
    """Its id, and how it settled: empty where it waits."""
    events = bench.do(payer.split("/")[0], payment(payer, payee, amount, **more))
    how = [e.how for e in events if kind(e) == "payments_settled"]  # type: ignore[attr-defined]
    return events[0].payment, "".join(how)  # type: ignore[attr-defined]


def kind(event: Event) -> str:
    """The last part of an event's tag."""
    return str(event.__struct_config__.tag).partition(".")[2]


def kinds(events: tuple[Event, ...]) -> list[str]:
    """The events of this module, by kind."""
    return [kind(e) for e in events if str(e.__struct_config__.tag).startswith("settlement.")]


def dvp(bench: Bench, amount: int = 100, **more: Any) -> ProposeBatch:
    """bank-a delivers HKD to bank-b against CNY: two legs, accounts named."""
    steps = (
        Step("bank-a", "bank-b", "HKD", 10 * amount, A, B, "delivery"),
        Step("bank-b", "bank-a", "CNY", amount, B, A, "payment"),
    )
    fields: dict[str, Any] = {"deadline_at_ms": bench.time_ms + MINUTE} | more
    return ProposeBatch("bank-a", fields.pop("steps", steps), **fields)


def propose(bench: Bench, action: ProposeBatch) -> str:
    """The id of a batch."""
    return str(bench.do(action.proposer, action)[0].batch)  # type: ignore[attr-defined]
