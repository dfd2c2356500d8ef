"""What the nodes of a network say, side by side: do they agree, and who is behind?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

import httpx
import msgspec

from tongbao.cli.client.tokens import hint, token_of
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message
from tongbao.sdk import Client, Problem
from tongbao.sdk.answers import NodeStatus
from tongbao.sdk.calls import RetryPolicy
from tongbao.sdk.network import NetworkStatus, NetworkValidator

TIMEOUT_S = 5.0
MOST_EVIDENCE = 1_000
ROLES = {
    "validator": message("validator"),
    "reader": message("reader"),
    "syncing": message("catching up"),
}
"""A reader follows the chain and signs nothing: it has no seat yet, or none any more."""
FAULTS = (httpx.HTTPError, Problem, msgspec.DecodeError, ValueError)


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
    tokens = {url: token_of(url) for url in urls}
    with ThreadPoolExecutor(max_workers=min(16, len(urls))) as pool:
        first = list(pool.map(lambda name, url: _ask(name, url, tokens), names, urls))
        heights = [one.status.height for one in first if one.status is not None]
        common = min(heights, default=0)
        reports = list(pool.map(lambda one: _root(one, common, tokens), first))
    return _summary(reports, max(heights, default=0), common) | {
        "evidence": _open_evidence(reports, tokens)
    }


def _ask(name: str, url: str, tokens: Mapping[str, str]) -> Report:
    try:
        with _client(url, tokens) as node:
            return Report(name, url, node.status(), node.network(), {}, "")
    except FAULTS as fault:
        return Report(name, url, None, None, {}, _reply(fault))


def _reply(fault: Exception) -> str:
    more = hint(fault.name if isinstance(fault, Problem) else "")
    return f"{fault}{more}"[:200] or type(fault).__name__


def _client(url: str, tokens: Mapping[str, str]) -> Client:
    retry = RetryPolicy(attempts=1)
    return Client(url, token=tokens.get(url, ""), timeout_seconds=TIMEOUT_S, retry=retry)


def _root(report: Report, height: int, tokens: Mapping[str, str]) -> Report:
    """The report with the state root that the node has at a height that all of them have."""
    if report.status is None or height <= 0:
        return report
    try:
        with _client(report.url, tokens) as node:
            return report._replace(roots={height: node.block(height).app_hash})
    except FAULTS as fault:
        return report._replace(fault=f"block {height}: {fault}"[:200])


def _open_evidence(reports: Sequence[Report], tokens: Mapping[str, str]) -> list[dict[str, Any]]:
    """Seats that were caught and that members have not answered yet; as the newest node has it."""
    answering = [one for one in reports if one.status is not None]
    for one in sorted(answering, key=lambda r: -(r.status.height if r.status else 0)):
        try:
            with _client(one.url, tokens) as node:
                found = list(islice(node.governance.evidence(), MOST_EVIDENCE))
        except FAULTS:
            continue  # the next one is asked
        seated = {v.name for v in one.network.validators} if one.network is not None else set()
        return [
            {"evidence": e.evidence, "party": e.party, "kind": e.kind, "height": e.height}
            for e in found
            if e.state == "waiting" and e.party in seated
        ]
    return []


def _summary(reports: Sequence[Report], newest: int, common: int) -> dict[str, Any]:
    roots = {one.name: one.roots[common] for one in reports if common in one.roots}
    tally = Counter(roots.values())
    agreed = len(tally) <= 1
    most = tally.most_common(1)[0][0] if tally else ""
    seen = max(
        (one.network for one in reports if one.network is not None),
        key=lambda network: network.height, default=None,
    )  # fmt: skip
    validators = seen.validators if seen is not None else ()
    total, silent = sum(one.power for one in validators), _silent_power(reports, validators)
    chains = {(one.status.chain, one.status.genesis) for one in reports if one.status is not None}
    return {
        "healthy": agreed and len(chains) == 1 and 3 * (total - silent) > 2 * total,
        "agreed": agreed,
        "one_chain": len(chains) <= 1,
        "chain": seen.chain if seen is not None else "",
        "height": newest,
        "common_height": common,
        "app_hash": most,
        "answering": sum(one.status is not None and not one.status.fault for one in reports),
        "power": total,
        "silent_power": silent,
        "validators": msgspec.to_builtins(validators),
        "nodes": [_line(one, newest, common, most) for one in reports],
    }


def _silent_power(reports: Sequence[Report], validators: Sequence[NetworkValidator]) -> int:
    """Power of the seats whose nodes were asked and do not take part.

    A silent node that goes by a name has the seat that is called so, if any. One of which only the
    address is known may have any seat that no other node has: the greatest is assumed.
    """
    there = {one.network.validator for one in reports if one.network and _takes_part(one)}
    gone = {one.name for one in reports if not _takes_part(one) and one.name != one.url}
    unknown = sum(not _takes_part(one) and one.name == one.url for one in reports)
    free = [one for one in validators if one.address not in there]
    named = sum(one.power for one in free if one.name in gone)
    rest = sorted((one.power for one in free if one.name not in gone), reverse=True)
    return named + sum(rest[:unknown])


def _takes_part(one: Report) -> bool:
    if one.status is None or one.network is None:
        return False
    return not (one.status.fault or one.network.fault)


def _line(one: Report, newest: int, common: int, most: str) -> dict[str, Any]:
    line: dict[str, Any] = {"name": one.name, "url": one.url, "fault": one.fault}
    if one.status is None or one.network is None:
        return line
    seat = next((v for v in one.network.validators if v.address == one.network.validator), None)
    return {
        **line,
        "fault": one.status.fault or one.network.fault or one.fault,
        "height": one.status.height,
        "oldest_block": one.status.oldest_block,
        "lag": newest - one.status.height,
        "read_model_lag": one.status.height - (one.status.read_model_height or 0),
        "syncing": one.network.syncing,
        "power": 0 if seat is None else seat.power,
        "role": "syncing" if one.network.syncing else "reader" if seat is None else "validator",
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
    columns = [
        "node", "role", "height", "oldest", "lag", "power", "peers", "mempool", "state root",
    ]  # fmt: skip
    rows = [_row(one) for one in found["nodes"]]
    total = sum(one["power"] for one in found["validators"])
    title = output.text("{chain}, block {height}", chain=found["chain"], height=found["height"])
    output.table(title, columns, rows)
    signers = ", ".join(f"{one['name']} {one['power']}" for one in found["validators"])
    output.say("Validators (power of {total}): {signers}", total=total, signers=signers)
    _say_power(found)
    _say_versions(found["nodes"])
    at = found["common_height"]
    if not found["one_chain"]:
        output.say("These nodes are of different chains.", "red")
    elif found["agreed"]:
        output.say("All nodes that answer have the same state root at block {at}.", "green", at=at)
    else:
        output.say(
            "The nodes DISAGREE about the state at block {at}: stop and run `tongbao audit`.",
            "red",
            at=at,
        )


def _say_power(found: dict[str, Any]) -> None:
    """What stands in the way of blocks, and who was caught and still has its seat."""
    silent, total = found["silent_power"], found["power"]
    if 3 * (total - silent) <= 2 * total:
        output.say(
            "No block can be made: {silent} of {total} power does not answer, and more"
            " than two thirds has to sign.",
            "red",
            silent=silent,
            total=total,
        )
    for one in found["evidence"]:
        output.say(
            "{party} was caught ({kind}, block {height}) and has its seat: tongbao"
            " governance propose expel --party {party} --evidence {evidence}",
            "yellow",
            party=one["party"],
            kind=one["kind"],
            height=one["height"],
            evidence=one["evidence"],
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
            "{who}version {code}, protocol {protocol}, engine {engine}",
            "yellow" if len(runs) > 1 else None,
            who=who,
            code=code,
            protocol=protocol,
            engine=engine,
        )


def _row(one: dict[str, Any]) -> list[str]:
    if "height" not in one:
        return [one["name"], "", "-", "", "", "", "", "", one["fault"]]
    root = one["root"][:8] if one["agrees"] else one["root"][:8] + " !!"
    reported = one["fault"] or root or "-"
    name = one["validator"] if one["name"] == one["url"] and one["validator"] else one["name"]
    return [
        name, output.text(ROLES[one['role']]), str(one["height"]), str(one["oldest_block"]),
        str(one["lag"]), str(one["power"]), str(one["peers"]), str(one["mempool"]), reported,
    ]  # fmt: skip
