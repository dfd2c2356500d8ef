"""Names: kept for a period, forgotten exactly by block time, swept the same everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.names import CHAIN, NAMES, Name, name_of, record_name, sweep_names

DAY = 24 * 3_600_000


def use(bench: Any, count: int, time_ms: int, party: str = "A") -> None:
    for number in range(count):
        name = Name(bench.block.height, number, time_ms, bytes(32))
        record_name(bench.draft, party, f"{time_ms}-{number}", name)


def rows(bench: Any) -> int:
    return sum(1 for _ in bench.view().scan(NAMES))


def test_a_name_is_remembered_to_the_last_millisecond_and_not_longer(bench: Any) -> None:
    start = bench.block.time_ms
    use(bench, 1, start)
    bench.at(start + DAY - 1)
    assert name_of(bench.view(), "A", f"{start}-0") is not None
    bench.at(start + DAY)
    assert name_of(bench.view(), "A", f"{start}-0") is None


def test_a_forgotten_name_may_be_used_again_though_its_row_is_still_there(bench: Any) -> None:
    assert bench.send().outcome.code == 0
    bench.at(bench.block.time_ms + DAY - 60_000)
    assert bench.send(memo="again").outcome.code == KernelCode.NAME_USED
    bench.at(bench.block.time_ms + 60_000)
    assert rows(bench) == 1
    assert bench.send(memo="again").outcome.code == 0
    assert rows(bench) == 1


def test_a_replay_is_expired_before_its_name_is_forgotten(bench: Any) -> None:
    longest = bench.block.time_ms + DAY
    raw = bench.seal(bench.body(expires_at_ms=longest))
    assert bench.run(raw).outcome.code == 0
    bench.at(longest - 1)
    assert bench.run(raw).outcome.code == KernelCode.ALREADY_RECORDED
    bench.at(longest)
    assert bench.run(raw).outcome.code == KernelCode.EXPIRED


def test_sweeping_removes_forgotten_rows_two_for_each_transaction(bench: Any) -> None:
    use(bench, 20, bench.block.time_ms)
    bench.at(bench.block.time_ms + DAY)
    assert sweep_names(bench.draft, bench.view(), 3) == 6
    assert rows(bench) == 14
    assert sum(sweep_names(bench.draft, bench.view(), 3) for _ in range(4)) == 14
    assert rows(bench) == 0


def test_sweeping_goes_round_and_keeps_what_is_remembered(bench: Any) -> None:
    use(bench, 15, bench.block.time_ms)
    bench.at(bench.block.time_ms + DAY)
    use(bench, 9, bench.block.time_ms)
    for _ in range(30):
        sweep_names(bench.draft, bench.view(), 2)
    assert rows(bench) == 9


def test_one_block_sweeps_at_most_512_rows(bench: Any) -> None:
    use(bench, 600, bench.block.time_ms)
    bench.at(bench.block.time_ms + DAY)
    assert sweep_names(bench.draft, bench.view(), 4_000) == 512


def test_the_cursor_starts_again_after_the_last_row(bench: Any) -> None:
    use(bench, 3, bench.block.time_ms)
    sweep_names(bench.draft, bench.view(), 1)
    assert bench.view().get(CHAIN, "name_sweep")
    sweep_names(bench.draft, bench.view(), 1)
    assert bench.view().get(CHAIN, "name_sweep") == ""


@pytest.mark.parametrize(("one", "other"), [(("A", "BC"), ("AB", "C")), (("A", ""), ("", "A"))])
def test_party_and_reference_do_not_run_into_each_other(
    bench: Any, one: tuple[str, str], other: tuple[str, str]
) -> None:
    record_name(bench.draft, *one, Name(1, 0, bench.block.time_ms, bytes(32)))
    assert name_of(bench.view(), *other) is None
    assert name_of(bench.view(), *one) is not None
