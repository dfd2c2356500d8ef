"""`tongbao light report`: the evidence of an attack, from a file to the nodes' engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, given_url, node_url, refusals
from tongbao.cli.client.tokens import token_of
from tongbao.cli.shell.languages import chinese
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.sdk.light import Evidence, Telling

EvidenceFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="An attack-*.json.")
]
MAX_EVIDENCE_BYTES = 32 * 1_048_576


def read_evidence(file: Path) -> Evidence:
    """Evidence that holds; otherwise the command ends."""
    import msgspec

    from tongbao.sdk.light import Evidence

    try:
        with file.open("rb") as opened:
            found = Evidence.decode(opened.read(MAX_EVIDENCE_BYTES + 1))
        holds = found.holds()
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        output.fail(
            f"{file}: this is no evidence: {fault}", f"{file}：这不是证据：{chinese(fault)}"
        )
    if not holds:
        output.fail(
            f"{file}: proves nothing: the two blocks are not two signed blocks of one height",
            f"{file}：不能证明任何事：两个区块并非同一高度的两个已签名区块",
            {"holds": False},
        )
    return found


def report_evidence(
    file: EvidenceFile,
    node: Annotated[
        list[str] | None,
        typer.Option("--witness", metavar="URL", help="Another node to hand it to."),
    ] = None,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Hand the evidence of an attack to nodes: their engines judge it and put it on the ledger.

    `tongbao light sync` does so by itself; this is for a file that somebody sends, or for later.
    """
    from tongbao.sdk.light import provider_of, report

    found = read_evidence(file)
    others = [given_url("--witness", one, engine=True) for one in node or ()]
    urls = list(dict.fromkeys([node_url(url, home, engine=True), *others]))
    with refusals():
        telling = report([found], [provider_of(one, token_of(one)) for one in urls])
    value = _value(found, telling)
    if not telling.taken:
        reasons = "; ".join(telling.refused.values())
        output.fail(
            f"no node took the evidence: {reasons}", f"没有节点受理该证据：{reasons}", value
        )
    output.result(value, lambda: _show(value))


def _value(found: Evidence, telling: Telling) -> dict[str, Any]:
    return {
        "chain": found.chain,
        "height": found.first.block.height,
        "taken_by": list(telling.taken),
        "refused_by": telling.refused,
        "reports": [
            {
                "block": one.block,
                "kind": one.kind,
                "common_height": one.common_height,
                "evidence": one.evidence,
                "accused": [{"address": each.address, "power": each.power} for each in one.accused],
            }
            for one in telling.reports
        ],
    }


def _show(value: Mapping[str, Any]) -> None:
    names = ", ".join(value["taken_by"])
    output.say(
        f"Taken by {names}: it goes into one of the next blocks (`tongbao governance evidence`).",
        f"已由 {names} 受理，将写入后续区块（见 `tongbao governance evidence`）。",
        "green",
    )
    for one in value["reports"]:
        output.say(
            f"Against block {one['block']} ({one['kind']}):",
            f"针对区块 {one['block']}（{one['kind']}）：",
        )
        for each in one["accused"]:
            output.say(
                f"  validator {each['address']}, power {each['power']}",
                f"  验证人 {each['address']}，权重 {each['power']}",
            )
        if not one["accused"]:
            output.say(
                "  nobody can be named: the two blocks were signed in different rounds",
                "  无法指明责任人：两个区块在不同轮次签名",
            )
    for name, why in value["refused_by"].items():
        output.say(f"Not taken: {name}: {why}", f"未受理：{name}：{why}", "yellow")
