"""A lawful order reaches the money of payments that wait in a corridor, and theirs alone."""

from __future__ import annotations

from msgspec.structs import replace

from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.accounts import FreezeAccount
from tongbao.modules.assets import Clawback
from tongbao.modules.corridors import CorridorsCode, ExecutePayment, ReleasePayment
from tongbao.modules.corridors.state import MAX_WAITING, OPEN, WAITING_BY_PAYER
from tongbao.modules.corridors.tests.setting import (
    PAYER,
    SCREENED,
    WHO,
    WHOM,
    bench_with,
    do,
    held,
    paying,
    payment,
    uetr,
)
from tongbao.modules.parties import PartiesCode
from tongbao.modules.testing import OPENING

LIMITED = replace(SCREENED, travel_rule=())


def test_the_money_of_a_waiting_payment_is_taken_back_and_the_payment_is_refused() -> None:
    bench, _ = held(amount=OPENING - 1_000)
    bench.do("watch", FreezeAccount(PAYER, "watch", "court order 7"))
    reported = bench.do("watch", Clawback("CNY", PAYER, OPENING, "watch", "court order 7"))
    assert bench.balance(PAYER) == 0
    assert reported[-1].broke == (f"payment {uetr(1)}",)  # type: ignore[attr-defined]
    ended = payment(bench, 1)
    assert (ended.state, ended.aside_minor, ended.steps[-1].reason) == ("refused", 0, "RR04")
    bench.refuses(CorridorsCode.WRONG_STATE, "watch", ReleasePayment(uetr(1), "watch", "clear"))
    assert list(broken_anywhere(bench.view, bench.registry)) == []


def test_a_cleared_payment_that_its_payer_does_not_execute_hides_nothing() -> None:
    bench = bench_with(LIMITED)
    dear = paying(bench, 1, send=500_000, originator=WHO, beneficiary=WHOM)
    bench.do("firm-a", replace(dear, costs=dear.costs[:-1]))
    do(bench, ReleasePayment(uetr(1), "watch", "names are clear"), "watch")
    assert payment(bench, 1).state == "cleared"
    bench.do("watch", Clawback("CNY", PAYER, OPENING, "watch", "court order 7"))
    assert bench.balance(PAYER) == 0
    bench.refuses(CorridorsCode.WRONG_STATE, "firm-a", ExecutePayment(uetr(1)))


def test_the_next_to_end_gives_way_first_and_no_more_than_needed() -> None:
    bench = bench_with(LIMITED)
    for number, hours in ((1, 3), (2, 1), (3, 2)):
        action = paying(bench, number, send=300_000, originator=WHO, beneficiary=WHOM)
        deadline = bench.time_ms + hours * 3_600_000
        bench.do("firm-a", replace(action, deadline_ms=deadline))
    bench.do("watch", Clawback("CNY", PAYER, 600_000, "watch", "court order 7"))
    assert [payment(bench, number).state for number in (1, 2, 3)] == ["held", "refused", "refused"]
    assert [key[3] for key, _ in bench.view.scan(WAITING_BY_PAYER, PAYER)] == [uetr(1)]


def test_a_party_has_a_bounded_number_of_waiting_payments() -> None:
    from tongbao.modules.parties.state import OPEN as OPEN_THINGS

    bench, action = held()
    assert bench.view.get(OPEN_THINGS, "firm-a", OPEN) == 1
    draft = bench.state.draft()
    draft.put(OPEN_THINGS.key("firm-a", OPEN), OPEN_THINGS.encode(MAX_WAITING))
    bench._commit(draft)
    bench.refuses(PartiesCode.TOO_MANY_OPEN, "firm-a", replace(action, uetr=uetr(2)))
