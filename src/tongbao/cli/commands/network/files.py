"""Files beside the nodes' folders: genesis, Prometheus, dashboard, alerts, unit, container."""

from __future__ import annotations

import shutil
from pathlib import Path
from string import Template

from tongbao.node.comet.network import NetworkMap, NodeEntry

TEMPLATES = Path(__file__).with_name("templates")
DASHBOARD, ALERTS = "grafana-dashboard.json", "alerts.yml"
UNIT, CONTAINER, SCRAPE = "tongbao.service", "Containerfile", "prometheus.yml"


def write_beside(folder: Path, known: NetworkMap) -> None:
    """Write them; nothing in them is secret, and nothing but addresses needs an edit."""
    first = folder / known.nodes[0].home
    shutil.copyfile(first / "genesis.json", folder / "genesis.json")
    for node in known.nodes:
        write_deployment(folder / node.home, node)
    write_monitoring(folder, known)


def write_monitoring(folder: Path, known: NetworkMap) -> None:
    """What Prometheus and Grafana read, for the nodes of a map."""
    for name in (DASHBOARD, ALERTS):
        shutil.copyfile(TEMPLATES / name, folder / name)
    (folder / SCRAPE).write_text(scrape_configuration(known), "utf-8")


def write_deployment(home: Path, node: NodeEntry) -> None:
    """systemd unit and container file of one node."""
    for name in (UNIT, CONTAINER):
        text = Template((TEMPLATES / name).read_text("utf-8"))
        (home / name).write_text(text.substitute(name=node.name), "utf-8")


def scrape_configuration(known: NetworkMap) -> str:
    """One Prometheus configuration for every node: our figures and the engine's."""
    text = (TEMPLATES / SCRAPE).read_text("utf-8")
    ours = "\n".join(_target(node.url.partition("://")[2], node.name) for node in known.nodes)
    engines = "\n".join(_target(node.metrics, node.name) for node in known.nodes)
    return Template(text).substitute(chain=known.chain, gateways=ours, engines=engines)


def _target(address: str, name: str) -> str:
    return f'      - targets: ["{address}"]\n        labels: {{ node: "{name}" }}'
