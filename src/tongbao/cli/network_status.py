"""What the nodes of a network say, side by side: do they agree, and who is behind?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
import msgspec

from tongbao.cli.output import output
from tongbao.sdk.answers import NodeStatus
from tongbao.sdk.calls import RetryPolicy
from tongbao.sdk.client import Client, Problem
from tongbao.sdk.network import NetworkStatus

TIMEOUT_S = 5.0


class Report(NamedTuple):
    """What one node answered, or why it did not."""

    name: str
    url: str
    status: NodeStatus | None
    network: NetworkStatus | None
    roots: dict[int, str]
    """Blocks that were asked for, by height: hash and state root."""
    fault: str


def collect(urls: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """Ask every node, all at once, and compare their answers."""
    with ThreadPoolExecutor(max_workers=min(16, len(urls))) as pool:
        first = list(pool.map(_ask, names, urls))
        heights = [one.status.height for one in first if one.status is not None]
        common = min(heights, default=0)
        reports = list(pool.map(lambda one: _root(one, common), first))
    return _summary(reports, max(heights, default=0), common)


def _ask(name: str, url: str) -> Report:
    try:
        with _client(url) as node:
            return Report(name, url, node.status(), node.network(), {}, "")
    except (httpx.HTTPError, Problem, msgspec.DecodeError) as fault:
        return Report(name, url, None, None, {}, str(fault)[:200] or type(fault).__name__)


def _client(url: str) -> Client:
    return Client(url, timeout_seconds=TIMEOUT_S, retry=RetryPolicy(attempts=1))


def _root(report: Report, height: int) -> Report:
    """The report with the state root that the node has at a height that all of them have."""
    if report.status is None or height <= 0:
        return report
    try:
        with _client(report.url) as node:
            return report._replace(roots={height: node.block(height).app_hash})
    except (httpx.HTTPError, Problem, msgspec.DecodeError) as fault:
        return report._replace(fault=f"block {height}: {fault}"[:200])


def _summary(reports: Sequence[Report], newest: int, common: int) -> dict[str, Any]:
    roots = {one.name: one.roots[common] for one in reports if common in one.roots}
    tally = Counter(roots.values())
    agreed = len(tally) <= 1
    most = tally.most_common(1)[0][0] if tally else ""
    seen = max(
        (one.network for one in reports if one.network is not None),
        key=lambda network: network.height, default=None,
    )  # fmt: skip
    validators = msgspec.to_builtins(seen.validators) if seen is not None else []
    answering = sum(one.status is not None and not one.status.fault for one in reports)
    chains = {(one.status.chain, one.status.genesis) for one in reports if one.status is not None}
    return {
        "healthy": agreed and len(chains) == 1 and 3 * answering > 2 * len(reports),
        "agreed": agreed,
        "one_chain": len(chains) <= 1,
        "chain": seen.chain if seen is not None else "",
        "height": newest,
        "common_height": common,
        "app_hash": most,
        "answering": answering,
        "validators": validators,
        "nodes": [_line(one, newest, common, most) for one in reports],
    }


def _line(one: Report, newest: int, common: int, most: str) -> dict[str, Any]:
    line: dict[str, Any] = {"name": one.name, "url": one.url, "fault": one.fault}
    if one.status is None or one.network is None:
        return line
    seat = next((v for v in one.network.validators if v.address == one.network.validator), None)
    return {
        **line,
        "fault": one.status.fault or one.network.fault or one.fault,
        "height": one.status.height,
        "lag": newest - one.status.height,
        "read_model_lag": one.status.height - (one.status.read_model_height or 0),
        "syncing": one.network.syncing,
        "power": 0 if seat is None else seat.power,
        "validator": "" if seat is None else seat.name,
        "peers": len(one.network.peers),
        "mempool": one.network.mempool,
        "waiting": one.status.waiting,
        "root": one.roots.get(common, ""),
        "agrees": one.roots.get(common, "") == most,
        "version": one.status.version,
        "protocol": one.status.protocol,
        "engine": one.network.engine_version or one.network.engine,
        "node": one.network.node,
    }


def show_status(found: dict[str, Any]) -> None:
    """The table for people."""
    columns = ["node", "height", "lag", "power", "peers", "mempool", "state root"]
    rows = [_row(one) for one in found["nodes"]]
    total = sum(one["power"] for one in found["validators"])
    title = output.text(
        f"{found['chain']}, block {found['height']}",
        f"{found['chain']}，区块 {found['height']}",
    )
    output.table(title, columns, rows)
    signers = ", ".join(f"{one['name']} {one['power']}" for one in found["validators"])
    output.say(f"Validators (power of {total}): {signers}", f"验证者（总权重 {total}）：{signers}")
    _say_versions(found["nodes"])
    at = found["common_height"]
    if not found["one_chain"]:
        output.say("These nodes are of different chains.", "这些节点不属于同一条链。", "red")
    elif found["agreed"]:
        output.say(
            f"All nodes that answer have the same state root at block {at}.",
            f"所有应答节点在区块 {at} 的状态根一致。",
            "green",
        )
    else:
        output.say(
            f"The nodes DISAGREE about the state at block {at}: stop and run `tongbao audit`.",
            f"节点在区块 {at} 的状态不一致：请停机并执行 `tongbao audit`。",
            "red",
        )


def _say_versions(nodes: Sequence[dict[str, Any]]) -> None:
    """Once where all are the same, else for each."""
    runs: dict[tuple[str, str, str], list[str]] = {}
    for one in nodes:
        if "height" in one:
            version = (one["version"], str(one["protocol"]), one["engine"])
            runs.setdefault(version, []).append(one["name"])
    for (code, protocol, engine), names in runs.items():
        who = "" if len(runs) == 1 else ", ".join(names) + ": "
        output.say(
            f"{who}version {code}, protocol {protocol}, engine {engine}",
            f"{who}版本 {code}，协议 {protocol}，引擎 {engine}",
            "yellow" if len(runs) > 1 else None,
        )


def _row(one: dict[str, Any]) -> list[str]:
    if "height" not in one:
        return [one["name"], "-", "", "", "", "", one["fault"]]
    root = one["root"][:8] if one["agrees"] else one["root"][:8] + " !!"
    told = one["fault"] or root or "-"
    name = one["validator"] if one["name"] == one["url"] and one["validator"] else one["name"]
    return [
        name, str(one["height"]), str(one["lag"]), str(one["power"]), str(one["peers"]),
        str(one["mempool"]), told,
    ]  # fmt: skip
