"""Gridlock: a queue that money cannot move one by one, and what liquidity saving makes of it."""

from __future__ import annotations

from pathlib import Path

from tongbao.kernel.wording import Text
from tongbao.scenarios.gridlock_desk import Desk, Outcome
from tongbao.scenarios.gridlock_queue import PUBLISHED, Exercise, exercise
from tongbao.scenarios.stage import Stage, Story, insist

NET_EVERY = 500


def play(stage: Stage, queue: Exercise | None = None) -> Story:
    """Play the story on a queue; StoryFault where a step does not end as described."""
    queue = queue or exercise()
    _tell_queue(stage, queue)
    desk = Desk(stage, queue)
    gross = desk.gross()
    _tell(stage, 2, gross, Text("One by one in sequence, with the balances alone"))
    value = desk.queued("lsm-value", "value")
    _tell(stage, 3, value, Text("Queued, then netted once for the most VALUE"))
    if queue.source == "published":
        _compare(stage, value)
    count = desk.queued("lsm-count", "count")
    _tell(stage, 4, count, Text("Queued, then netted once for the most PAYMENTS"))
    live = desk.queued("lsm-live", "value", live=True, net_every=NET_EVERY)
    live_day = Text(
        "As a working day: on entry, by offset, by release, netted every {count} payments",
        count=NET_EVERY,
    )
    _tell(stage, 5, live, live_day)
    insist(value.settled >= gross.settled or value.value_minor >= gross.value_minor,
           "netting came out worse than gross")  # fmt: skip
    insist(count.settled >= gross.settled, "netting by count came out worse than gross")
    outcomes = (gross, value, count, live)
    picture = draw(stage.folder / "gridlock.svg", outcomes, stage)
    stage.narrator.say("6. The queue over time: {picture}", picture=picture)
    return {
        "scenario": "gridlock", "queue": queue.source, "payments": len(queue.payments),
        "opening": queue.opening, "picture": str(picture), "settled": value.settled,
        "left": value.left, "closing": value.closing,
        "ways": {one.way: _reported(one) for one in outcomes},
    }  # fmt: skip


def _reported(one: Outcome) -> Story:
    return {
        "settled": one.settled, "left": one.left, "value_minor": str(one.value_minor),
        "closing": one.closing, "seconds": round(one.seconds, 2),
        "netting_seconds": round(one.netting_seconds, 3),
    }  # fmt: skip


def _tell_queue(stage: Stage, queue: Exercise) -> None:
    owed = sum(line.amount_minor for line in queue.payments)
    held = sum(queue.opening.values())
    what = (
        Text("the published exercise (Project Ubin)") if queue.source == "published"
        else Text("a generated queue like the published exercise")
    )  # fmt: skip
    stage.narrator.say(
        "1. {payments} payments among {banks} banks, {what}: they owe each other {owed} and have"
        " {held} between them.",
        payments=f"{len(queue.payments):,}", banks=len(queue.opening), what=what,
        owed=f"{owed:,}", held=f"{held:,}",
    )  # fmt: skip


def _tell(stage: Stage, number: int, one: Outcome, what: Text) -> None:
    stage.narrator.say(
        "{number}. {what}: {settled} settled, {left} left, value {value}; closing balances"
        " {balances}; {seconds} s, of it netting {netting} s.",
        "green" if one.way != "gross" else None,
        number=number, what=what, settled=f"{one.settled:,}", left=f"{one.left:,}",
        value=f"{one.value_minor:,}", balances=" / ".join(f"{one:,}" for one in one.closing),
        seconds=f"{one.seconds:.1f}", netting=f"{one.netting_seconds:.2f}",
    )  # fmt: skip


def _compare(stage: Stage, value: Outcome) -> None:
    """What was published is what has to come out, to the unit."""
    insist(value.settled == PUBLISHED["settled"], f"{value.settled} settled, not as published")
    insist(value.closing == PUBLISHED["closing"], f"balances {value.closing}, not as published")
    stage.narrator.say(
        "   Exactly the published multilateral answer: 4,500 settled, 500 left.", "green"
    )


def draw(path: Path, outcomes: tuple[Outcome, ...], stage: Stage) -> Path:
    """The queue over time as SVG: payments that wait against payments submitted."""
    import leather

    narrator = stage.narrator
    names = {
        "gross": narrator.text("gross, unpaid"),
        "lsm-value": narrator.text("netted at the end, by value"),
        "lsm-live": narrator.text("live, netted as it goes"),
    }
    chart = leather.Chart(narrator.text("Payments that wait"))
    for one in outcomes:
        if one.way in names:
            chart.add_line(_steps(one.waiting), name=names[one.way])
    chart.add_x_axis(name=narrator.text("payments submitted"))
    chart.add_y_axis(name=narrator.text("waiting"))
    chart.to_svg(str(path), width=900, height=500)
    return path


def _steps(points: list[tuple[int, int]], most: int = 1_500) -> list[tuple[int, int]]:
    """Few enough points for a picture; the last of all always stays."""
    every = max(1, len(points) // most)
    kept = points[::every]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]
