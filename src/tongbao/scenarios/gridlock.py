"""Gridlock: a queue that money cannot move one by one, and what liquidity saving makes of it."""

from __future__ import annotations

from pathlib import Path

from tongbao.scenarios.gridlock_desk import Desk, Outcome
from tongbao.scenarios.gridlock_queue import PUBLISHED, Exercise, exercise
from tongbao.scenarios.stage import Stage, Story, insist

NET_EVERY = 500


def play(stage: Stage) -> Story:
    """Play the story; StoryFault where a step does not end as told."""
    queue = exercise()
    _tell_queue(stage, queue)
    desk = Desk(stage, queue)
    gross = desk.gross()
    _tell(stage, 2, gross, "One by one in sequence, with the balances alone",
          "按顺序逐笔全额结算，仅凭账户余额")  # fmt: skip
    value = desk.queued("lsm-value", "value")
    _tell(stage, 3, value, "Queued, then netted once for the most VALUE",
          "全部排队后一次多边轧差，目标：结算金额最大")  # fmt: skip
    if queue.source == "published":
        _compare(stage, value)
    count = desk.queued("lsm-count", "count")
    _tell(stage, 4, count, "Queued, then netted once for the most PAYMENTS",
          "全部排队后一次多边轧差，目标：结算笔数最多")  # fmt: skip
    live = desk.queued("lsm-live", "value", live=True, net_every=NET_EVERY)
    _tell(stage, 5, live,
          f"As a working day: on entry, by offset, by release, netted every {NET_EVERY} payments",
          f"日间运行：到达即结、对冲、释放，并每 {NET_EVERY} 笔轧差一次")  # fmt: skip
    insist(value.settled >= gross.settled or value.value_minor >= gross.value_minor,
           "netting came out worse than gross")  # fmt: skip
    insist(count.settled >= gross.settled, "netting by count came out worse than gross")
    ways = (gross, value, count, live)
    picture = draw(stage.folder / "gridlock.svg", ways, stage)
    stage.narrator.say(f"6. The queue over time: {picture}", f"6. 队列随时间变化图：{picture}")
    return {
        "scenario": "gridlock", "queue": queue.source, "payments": len(queue.payments),
        "opening": queue.opening, "picture": str(picture), "settled": value.settled,
        "left": value.left, "closing": value.closing,
        "ways": {one.way: _told(one) for one in ways},
    }  # fmt: skip


def _told(one: Outcome) -> Story:
    return {
        "settled": one.settled, "left": one.left, "value_minor": str(one.value_minor),
        "closing": one.closing, "seconds": round(one.seconds, 2),
        "netting_seconds": round(one.netting_seconds, 3),
    }  # fmt: skip


def _tell_queue(stage: Stage, queue: Exercise) -> None:
    owed = sum(line.amount_minor for line in queue.payments)
    held = sum(queue.opening.values())
    en, zh = (
        ("the published exercise (Project Ubin)", "已公布的练习（Project Ubin）")
        if queue.source == "published"
        else ("a generated queue like the published exercise", "与公布练习同类的自建队列")
    )
    stage.narrator.say(
        f"1. {len(queue.payments):,} payments among {len(queue.opening)} banks, {en}: they owe each"
        f" other {owed:,} and have {held:,} between them.",
        f"1. {zh}：{len(queue.opening)} 家银行之间 {len(queue.payments):,} 笔付款，"
        f"合计 {owed:,}，可用资金仅 {held:,}。",
    )


def _tell(stage: Stage, number: int, one: Outcome, en: str, zh: str) -> None:
    balances = " / ".join(f"{amount:,}" for amount in one.closing)
    netting = f", netting {one.netting_seconds:.2f} s" if one.netting_seconds else ""
    stage.narrator.say(
        f"{number}. {en}: {one.settled:,} settled, {one.left:,} left, value {one.value_minor:,};"
        f" closing balances {balances}; {one.seconds:.1f} s{netting}.",
        f"{number}. {zh}：结算 {one.settled:,} 笔，剩余 {one.left:,} 笔，金额 {one.value_minor:,}；"
        f"期末余额 {balances}；用时 {one.seconds:.1f} 秒。",
        "green" if one.way != "gross" else None,
    )


def _compare(stage: Stage, value: Outcome) -> None:
    """What was published is what has to come out, to the unit."""
    insist(value.settled == PUBLISHED["settled"], f"{value.settled} settled, not as published")
    insist(value.closing == PUBLISHED["closing"], f"balances {value.closing}, not as published")
    stage.narrator.say(
        "   Exactly the published multilateral answer: 4,500 settled, 500 left.",
        "   与公布的多边轧差答案完全一致：结算 4,500 笔，剩余 500 笔。",
        "green",
    )


def draw(path: Path, ways: tuple[Outcome, ...], stage: Stage) -> Path:
    """The queue over time as SVG: payments that wait against payments submitted."""
    import leather

    text = stage.narrator.text
    names = {
        "gross": text("gross, unpaid", "逐笔全额"),
        "lsm-value": text("netted at the end, by value", "最后轧差（金额）"),
        "lsm-live": text("live, netted as it goes", "日间轧差"),
    }
    chart = leather.Chart(text("Payments that wait", "等待中的付款"))
    for one in ways:
        if one.way in names:
            chart.add_line(_steps(one.waiting), name=names[one.way])
    chart.add_x_axis(name=text("payments submitted", "已提交付款"))
    chart.add_y_axis(name=text("waiting", "等待"))
    chart.to_svg(str(path), width=900, height=500)
    return path


def _steps(points: list[tuple[int, int]], most: int = 1_500) -> list[tuple[int, int]]:
    """Few enough points for a picture; the last of all always stays."""
    every = max(1, len(points) // most)
    kept = points[::every]
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]
