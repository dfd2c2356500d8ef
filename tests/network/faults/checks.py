"""What has to be true whatever went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.network.faults.clients import ASSET, PARTY, account
from tests.network.faults.history import REFUSED, SETTLED, UNKNOWN, History, Read
from tests.network.faults.processes import NodeProcess

PAGE = 1_000


def walk(node: NodeProcess, path: str, **filters: object) -> list[dict[str, Any]]:
    """Every item of a list at a node."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, object] = {}
    while True:
        page: dict[str, Any] = node.get(path, limit=PAGE, **filters, **cursor)
        items += page["items"]
        if not page["next_cursor"]:
            return items
        cursor = {"cursor": page["next_cursor"]}


def two_histories(nodes: Sequence[NodeProcess]) -> tuple[int, list[str]]:
    """(heights compared, heights at which two nodes differ in block or state root)."""
    found: dict[int, dict[tuple[str, str], list[str]]] = {}
    for node in nodes:
        for block in walk(node, "/v1/blocks"):
            same = found.setdefault(int(block["height"]), {})
            same.setdefault((block["hash"], block["app_hash"]), []).append(node.home.name)
    # A node names the hash of its newest blocks once the engine has given it their headers.
    wrong = [
        f"block {height}: {named}"
        for height, named in sorted(found.items())
        if len({root for _, root in named}) > 1 or len({block for block, _ in named if block}) > 1
    ]
    return len(found), wrong


def lost_or_doubled(history: History, nodes: Sequence[NodeProcess]) -> list[str]:
    """Payments that are missing, double or other than acknowledged, at any node; balances that do
    not follow from the payments. What was never answered is looked up and becomes known."""
    wrong: list[str] = []
    for node in nodes:
        lines = walk(node, "/v1/transactions", party=PARTY)
        named = {line["reference"]: line for line in lines}
        often = Counter(line["reference"] for line in lines)
        wrong += [
            f"{node.home.name}: {name} stands {n} times" for name, n in often.items() if n > 1
        ]
        for one in history.transfers:
            line = named.get(one.reference)
            if line is None:
                if one.result != UNKNOWN:
                    wrong.append(f"{node.home.name}: {one.reference}, acknowledged, is missing")
                continue
            result = REFUSED if line["code"] else SETTLED
            if one.result == UNKNOWN and not one.digest:
                one.result, one.digest, one.height, one.position = (
                    result, line["digest"], line["height"], line["position"],
                )  # fmt: skip
                one.return_ns = 2**62  # nobody was shown: it may have happened at any time
            reported = (one.result, one.digest, one.height, one.position)
            found = (result, line["digest"], line["height"], line["position"])
            if reported != found:
                wrong.append(
                    f"{node.home.name}: {one.reference} was shown {reported}, stands {found}"
                )
    return wrong + wrong_balances(history, nodes)


def wrong_balances(history: History, nodes: Sequence[NodeProcess]) -> list[str]:
    """Accounts whose balance is not opening plus what was settled."""
    wrong: list[str] = []
    for node in nodes:
        for group, opening in enumerate(history.openings):
            for number in range(len(opening)):
                held = account(group, number)
                [holding] = [
                    one for one in walk(node, "/v1/holdings", account=held) if one["asset"] == ASSET
                ]
                expected = balances(history, group, number)[-1][1]
                if int(holding["posted_minor"]) != expected:
                    wrong.append(
                        f"{node.home.name}: {held} has {holding['posted_minor']}, not {expected}"
                    )
    return wrong


def balances(history: History, group: int, number: int) -> list[tuple[int, int]]:
    """(height, balance from it on) of an account, as it follows from the settled transfers."""
    balance = history.openings[group][number]
    steps = [(0, balance)]
    settled = [t for t in history.transfers if t.group == group and t.result == SETTLED]
    for one in sorted(settled, key=lambda t: (t.height, t.position)):
        if number in (one.from_, one.to):
            balance += one.amount if one.to == number else -one.amount
            steps.append((one.height, balance))
    return steps


def wrong_reads(history: History) -> list[str]:
    """Plain reads that no block explains: each has to be the balance after the block that the node
    named, or after a later one. They may be old; they must never be untrue."""
    return [f"{read}" for read in history.reads if not _explained(history, read)]


def _explained(history: History, read: Read) -> bool:
    steps = balances(history, read.group, read.account)
    after = dict(steps)  # of a block, the last one counts
    heights = sorted(after)
    first = max(height for height in heights if height <= read.height)
    return read.balance in {after[height] for height in heights if height >= first}
