"""The files for Prometheus and Grafana, held to Prometheus' own checker and Grafana's schema."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tongbao.cli.commands.network.files import (
    ALERTS,
    DASHBOARD,
    SCRAPE,
    TEMPLATES,
    write_monitoring,
)
from tongbao.node.comet.network import NetworkMap, NodeEntry

CASES = Path(__file__).with_name("alerts.test.yml")


def checked(*words: object, cwd: Path) -> str:
    """What promtool says; it has to find nothing."""
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_alert_is_fired_by_its_fault_and_silent_without_it(
    promtool: Path, tmp_path: Path
) -> None:
    shutil.copy(TEMPLATES / ALERTS, tmp_path)
    shutil.copy(CASES, tmp_path)
    checked(promtool, "check", "rules", ALERTS, cwd=tmp_path)
    checked(promtool, "test", "rules", CASES.name, cwd=tmp_path)


def test_a_changed_threshold_is_noticed_by_these_cases(promtool: Path, tmp_path: Path) -> None:
    """The cases can fail: each expression made never to hold is found."""
    shutil.copy(CASES, tmp_path)
    rules = (TEMPLATES / ALERTS).read_text("utf-8")
    for expression in re.findall(r"^ +expr: (.*)$", rules, re.MULTILINE):
        never = rules.replace(f"expr: {expression}", f"expr: ({expression}) and vector(1) > 2")
        (tmp_path / ALERTS).write_text(never, "utf-8")
        done = subprocess.run(
            [promtool, "test", "rules", CASES.name], cwd=tmp_path, capture_output=True,
            check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode != 0, expression


def test_every_alert_has_a_case_in_which_it_fires() -> None:
    alerts = set(re.findall(r"alert: (\w+)", (TEMPLATES / ALERTS).read_text("utf-8")))
    fired = set(re.findall(r"alertname: (\w+)\n +exp_alerts:", CASES.read_text("utf-8")))
    assert alerts == fired


def test_what_is_written_beside_nodes_is_a_configuration_of_prometheus(
    promtool: Path, tmp_path: Path
) -> None:
    nodes = tuple(
        NodeEntry(name, name, f"http://{name}.example:8420", "", f"{name}.example:26660")
        for name in ("bank-a", "bank-b")
    )
    write_monitoring(tmp_path, NetworkMap("settle-1", "", nodes))
    reply = checked(promtool, "check", "config", SCRAPE, cwd=tmp_path)
    assert "9 rules found" in reply and "bank-b.example:26660" in (tmp_path / SCRAPE).read_text()


def dashboard() -> dict[str, Any]:
    """The file."""
    read: dict[str, Any] = json.loads((TEMPLATES / DASHBOARD).read_text("utf-8"))
    return read


def _lost(ours: Any, theirs: Any, place: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            if name in theirs:
                yield from _lost(value, theirs[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _lost(*pair, f"{place}[{number}]")
    elif ours != theirs:
        yield f"{place}: {ours!r} became {theirs!r}"


def test_the_dashboard_says_nothing_that_grafanas_schema_does_not_know() -> None:
    """Read into Grafana's own types and written again, it has lost and changed nothing."""
    plugins.register_default_plugins()
    read = Dashboard.from_json(dashboard())
    assert list(_lost(dashboard(), json.loads(JSONEncoder().encode(read)), "dashboard")) == []
    strange = dashboard()
    strange["panels"][1]["colour"] = "red"
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(strange)))
    assert list(_lost(strange, again, "dashboard")) == ["dashboard.panels[1].colour"]


def test_panels_of_the_dashboard_lie_beside_one_another_and_have_numbers_of_their_own() -> None:
    panels = dashboard()["panels"]
    assert len({one["id"] for one in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for one in panels:
        at = one["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24 and not cells & taken, one["title"]
        taken |= cells
        assert one["type"] == "row" or one["targets"], one["title"]
