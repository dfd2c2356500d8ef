"""What the simulator draws: every kind, repeatable, mostly applied."""

from __future__ import annotations

from tongbao.kernel.laws import broken_anywhere
from tongbao.modules.corridors import GENERATORS, MODULE
from tongbao.modules.corridors.tests.setting import bench_with


def test_every_kind_is_drawn_and_most_draws_that_are_meant_to_be_done_are_done() -> None:
    tags = {kind.__struct_config__.tag for kind in MODULE.transactions}
    assert set(GENERATORS) == tags
    bench = bench_with()
    drawn = bench.draw(GENERATORS, rounds=40, seed=11)
    assert drawn.done > 100
    assert drawn.done >= drawn.meant * 0.6
    assert list(broken_anywhere(bench.view, bench.registry)) == []
