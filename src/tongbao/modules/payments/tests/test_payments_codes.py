"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tongbao.kernel.hashing import content_digest
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import HoldAsset, OpenAccount, SetReferenceRequired
from tongbao.modules.assets import ALLOW_LIST, AuthoriseHolder, DefineAsset, FreezeHolding, Issue
from tongbao.modules.parties import UpdateParty
from tongbao.modules.payments import (
    BulkTransfer,
    CancelScheduled,
    DeclineReturn,
    Hold,
    Line,
    PaymentsCode,
    PostHold,
    RequestReturn,
    ReturnTransfer,
    ScheduleTransfer,
    Transfer,
    VoidHold,
)
from tongbao.modules.payments.model import MAX_AHEAD_MS, MAX_RETURNS
from tongbao.modules.testing import Bench
from tongbao.words import sentence

C = PaymentsCode
ME, YOU = "firm-a/main", "firm-b/main"
LOCK = "0" * 64
UETR = "8f3c1d4e-5b6a-4c7d-9e8f-0a1b2c3d4e5f"
RETURN = "0d0e0f00-1111-4222-8333-444455556666"
OPENED = content_digest(b"open").hex()


def pay(**changes: Any) -> Transfer:
    """A good payment, changed."""
    fields: dict[str, Any] = {"payer": ME, "payee": YOU, "asset": "CNY", "amount_minor": 5}
    return Transfer(**(fields | changes))


def bulk(*lines: Line, all_or_none: bool = True) -> BulkTransfer:
    return BulkTransfer(ME, "CNY", lines, all_or_none)


def hold(bench: Bench, **changes: Any) -> Hold:
    fields = {"amount_minor": 5, "due_at_ms": bench.time_ms + 60_000}
    return Hold(ME, YOU, "CNY", **(fields | changes))


def open_hold(bench: Bench, **changes: Any) -> str:
    [event] = bench.do("firm-a", hold(bench, **changes))
    return str(event.hold)  # type: ignore[attr-defined]


def schedule(bench: Bench, ahead_ms: int) -> ScheduleTransfer:
    return ScheduleTransfer(ME, YOU, "CNY", 5, bench.time_ms + ahead_ms)


def _blocked(bench: Bench, account: str) -> Transaction:
    bench.do("central", FreezeHolding("CNY", account, "order"))
    return pay()


def _required(bench: Bench) -> Transaction:
    bench.do("firm-b", SetReferenceRequired(YOU, True))
    return pay()


def _listed(bench: Bench, *authorised: str) -> Transaction:
    """An allow-list asset that both hold and `authorised` may hold."""
    define = DefineAsset("USDX", "central", 2, "stablecoin", "USDX", policy=ALLOW_LIST)
    bench.do("central", define)
    for party in ("firm-a", "firm-b"):
        bench.do(party, HoldAsset(f"{party}/main", "USDX"))
    for account in authorised:
        bench.do("central", AuthoriseHolder("USDX", account))
    if ME in authorised:
        bench.do("central", Issue("USDX", ME, 5))
    return pay(asset="USDX")


def _empty(bench: Bench) -> Transaction:
    bench.do("firm-a", OpenAccount("firm-a/empty", assets=("CNY",)))
    return pay(payer="firm-a/empty", up_to=True)


def _issuing(bench: Bench) -> Transaction:
    """firm-a's own token, moved from where it is issued."""
    bench.do("central", UpdateParty("firm-a", "central", "firm-a", ("issuer",)))
    bench.do("firm-a", DefineAsset("TOKEN", "firm-a", 0, "other", "Token", supply_cap=1))
    return pay(payer="firm-a/issue.token", asset="TOKEN")


def one(action: Transaction) -> Callable[[Bench], Transaction]:
    """Nothing has to happen before."""
    return lambda bench: action


def named(
    bench: Bench, action: Transaction, *, payee: bool = False, waiting: bool = False
) -> Transaction:
    """A payment that bears a UETR stands before; from firm-a, or with `payee` to it."""
    ends = {"payer": YOU, "payee": ME} if payee else {"payer": ME, "payee": YOU}
    if waiting:
        due = bench.time_ms + 60_000
        bench.do("firm-a", ScheduleTransfer(**ends, asset="CNY", amount_minor=5, due_at_ms=due,
                                            uetr=UETR))  # fmt: skip
    else:
        bench.do("firm-b" if payee else "firm-a", pay(**ends, uetr=UETR))
    return action


def back(**changes: Any) -> ReturnTransfer:
    fields: dict[str, Any] = {"uetr": UETR, "return_uetr": RETURN, "reason": "FOCR"}
    return ReturnTransfer(**(fields | changes))


def asked(bench: Bench, action: Transaction) -> Transaction:
    named(bench, action)
    bench.do("firm-a", RequestReturn(UETR, "DUPL"))
    return action


def in_parts(bench: Bench) -> Transaction:
    bench.do("firm-b", pay(payer=YOU, payee=ME, amount_minor=MAX_RETURNS + 2, uetr=UETR))
    for part in range(MAX_RETURNS):
        bench.do("firm-a", back(amount_minor=1, return_uetr=f"{part:08x}{RETURN[8:]}"))
    return back(amount_minor=1)


BROKEN: dict[PaymentsCode, Callable[[Bench], Transaction]] = {
    C.PAYER_UNKNOWN: one(pay(payer="firm-a/none")),
    C.PAYEE_UNKNOWN: one(pay(payee="nobody/none")),
    C.PAYER_BLOCKED: lambda b: _blocked(b, ME),
    C.PAYEE_BLOCKED: lambda b: _blocked(b, YOU),
    C.INSUFFICIENT_FUNDS: one(pay(amount_minor=10**9)),
    C.PAYEE_NOT_AUTHORISED: lambda b: _listed(b, ME),
    C.PAYER_NOT_AUTHORISED: lambda b: _listed(b, YOU),
    C.SAME_ACCOUNT: one(pay(payee=ME)),
    C.REFERENCE_REQUIRED: _required,
    C.BAD_TEXT: one(pay(remittance="x" * 141)),
    C.BAD_UETR: one(pay(uetr="not one")),
    C.BAD_DOCUMENT: one(pay(document="ff")),
    C.LINE_COUNT: one(bulk()),
    C.LINE_REFUSED: one(bulk(Line(YOU, 1, "a"), Line("nobody/none", 1, "b"))),
    C.NOTHING_PAID: one(bulk(Line("nobody/none", 1, "b"), all_or_none=False)),
    C.NOTHING_AVAILABLE: _empty,
    C.HOLD_UNKNOWN: one(PostHold("none")),
    C.HOLD_DUE_PAST: lambda b: hold(b, due_at_ms=b.time_ms),
    C.HOLD_TOO_MUCH: lambda b: PostHold(open_hold(b), 6),
    C.BAD_HASHLOCK: lambda b: hold(b, hashlock="ff"),
    C.WRONG_PREIMAGE: lambda b: PostHold(open_hold(b, hashlock=LOCK), preimage=b"wrong"),
    C.ISSUING_ACCOUNT: lambda b: _issuing(b),
    C.PREIMAGE_POSTS_ALL: lambda b: PostHold(open_hold(b, hashlock=OPENED), 1, preimage=b"open"),
    C.ARBITER_UNKNOWN: lambda b: hold(b, arbiter="nobody"),
    C.UETR_TAKEN: lambda b: named(b, pay(uetr=UETR)),
    C.UETR_UNKNOWN: one(RequestReturn(UETR, "CUST")),
    C.NOT_RETURNABLE: lambda b: named(b, RequestReturn(UETR, "CUST"), waiting=True),
    C.RETURN_ABOVE_REST: lambda b: named(b, back(amount_minor=6), payee=True),
    C.RETURN_UETR_MISSING: lambda b: named(b, back(return_uetr=""), payee=True),
    C.TOO_MANY_RETURNS: lambda b: in_parts(b),
    C.RETURN_REQUESTED: lambda b: asked(b, RequestReturn(UETR, "CUST")),
    C.NO_RETURN_REQUEST: lambda b: named(b, DeclineReturn(UETR, "CUST"), payee=True),
    C.SCHEDULE_UNKNOWN: one(CancelScheduled("none", "x")),
    C.SCHEDULE_PAST: lambda b: schedule(b, 0),
    C.TOO_FAR_AHEAD: lambda b: schedule(b, MAX_AHEAD_MS + 10),
}


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code_and_writes_nothing(code: PaymentsCode) -> None:
    bench = Bench()
    values = bench.refuses(code, "firm-a", BROKEN[code](bench))
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, values, language)


def test_every_code_of_the_module_is_met() -> None:
    assert set(BROKEN) == set(PaymentsCode)


def test_a_name_that_is_kept_until_its_time_is_short() -> None:
    bench = Bench()
    long = "firm-a/" * 20
    for changes in ({"payee": long}, {"asset": long}, {"payer": long}):
        action = replace(schedule(bench, 60_000), **changes)
        bench.refuses(C.BAD_TEXT, "firm-a", action)


def test_void_of_an_unknown_hold_is_the_same_code_as_its_posting() -> None:
    Bench().refuses(C.HOLD_UNKNOWN, "firm-a", VoidHold("none", "x"))
