"""A real Prometheus reads a real network: every panel has figures, every rule is evaluated."""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.monitoring.conftest import program
from tests.network.conftest import Net, until

from tongbao.cli.commands.network.files import DASHBOARD, SCRAPE, TEMPLATES
from tongbao.node.comet.ports import free_ports

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]


class Server:
    """Prometheus on a network's folder, asked over its HTTP API."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def ready(self) -> bool:
        """Whether it answers questions by now."""
        try:
            return self.http.get("/-/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def get(self, path: str, **asked: str) -> Any:
        """The data of an answer; an expression that it does not understand fails the test."""
        answer = self.http.get(f"/api/v1/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def figures(self, expression: str) -> list[float]:
        """What an expression gives now, without what is not a number."""
        found = self.get("query", query=expression)["result"]
        values = [float(one["value"][1]) for one in found]
        return [one for one in values if not math.isnan(one)]

    def scraped(self) -> float:
        """How many targets are up."""
        return sum(self.figures("up"))


@contextmanager
def reading(net: Net, prometheus: Path) -> Iterator[Server]:
    """Prometheus with the configuration that lies beside the nodes, only quicker."""
    often = (net.folder / SCRAPE).read_text().replace("_interval: 5s", "_interval: 1s")
    (net.folder / "quick.yml").write_text(often)
    [port] = free_ports(1)
    command = [
        str(prometheus), "--config.file", str(net.folder / "quick.yml"), "--storage.tsdb.path",
        str(net.folder / "tsdb"), "--web.listen-address", f"127.0.0.1:{port}",
    ]  # fmt: skip
    log = os.open(net.folder / "prometheus.log", os.O_WRONLY | os.O_CREAT)
    with subprocess.Popen(command, stdout=log, stderr=log) as process:
        server = Server(f"http://127.0.0.1:{port}")
        try:
            until(server.ready, "Prometheus has opened its store")
            yield server
        finally:
            process.terminate()
            process.wait(20)
            os.close(log)


def _answers(server: Server) -> bool:
    try:
        return server.scraped() == 8
    except httpx.HTTPError:
        return False


def test_no_panel_is_empty_and_every_rule_is_evaluated(net: Net) -> None:
    prometheus = program("prometheus")
    net.start()
    net.wait_ready()
    with reading(net, prometheus) as server:
        until(lambda: _answers(server), "both figures of four nodes are read")
        for name in net.names:
            net.pay(name)
        panels = _panels()
        assert len(panels) > 20
        until(lambda: not _empty(server, panels), "no panel is empty", 15)
        until(lambda: all(one["health"] == "ok" for one in _rules(server)), "rules hold", 15)
        assert _pending(server) <= {"NodeDown"}  # while they came up, some were not there yet
        _one_away_is_told(net, server)


def _rules(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("rules")["groups"][0]["rules"]
    return found


def _panels() -> dict[str, str]:
    """Title and legend -> expression, for every node."""
    read = json.loads((TEMPLATES / DASHBOARD).read_text("utf-8"))
    return {
        f"{panel['title']} {one['legendFormat']}": one["expr"].replace("$node", ".*")
        for panel in read["panels"]
        for one in panel.get("targets", ())
    }


def _empty(server: Server, panels: dict[str, str]) -> list[str]:
    return [name for name, expression in panels.items() if not server.figures(expression)]


def _one_away_is_told(net: Net, server: Server) -> None:
    """The fault is real: a node is killed, and the figures behind two alerts see it."""
    net.kill(net.names[3])
    until(lambda: server.figures("up == 0") == [0.0, 0.0], "both its figures are missed", 15)
    net.pay(net.names[0])
    away = "cometbft_consensus_missing_validators_power / cometbft_consensus_validators_power > 0.2"
    until(lambda: bool(server.figures(away)), "a quarter of the power is missed", 15)
    until(lambda: _pending(server) >= {"NodeDown", "ValidatorsMissing"}, "alerts are pending", 15)


def _pending(server: Server) -> set[str]:
    return {one["name"] for one in _rules(server) if one["state"] in ("pending", "firing")}
