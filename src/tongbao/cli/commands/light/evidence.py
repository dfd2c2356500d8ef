"""`tongbao light report`: the evidence of an attack, from a file to the nodes' engines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, given_url, node_url, refusals
from tongbao.cli.client.tokens import token_of
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.sdk.light import Evidence, EvidenceResult

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
        output.fail("{file}: this is no evidence: {fault}", file=file, fault=fault)
    if not holds:
        output.fail(
            "{file}: proves nothing: the two blocks are not two signed blocks of one height",
            {"holds": False},
            file=file,
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
        outcome = report([found], [provider_of(one, token_of(one)) for one in urls])
    value = _value(found, outcome)
    if not outcome.taken:
        reasons = "; ".join(outcome.refused.values())
        output.fail("no node took the evidence: {reasons}", value, reasons=reasons)
    output.result(value, lambda: _show(value))


def _value(found: Evidence, outcome: EvidenceResult) -> dict[str, Any]:
    return {
        "chain": found.chain,
        "height": found.first.block.height,
        "taken_by": list(outcome.taken),
        "refused_by": outcome.refused,
        "reports": [
            {
                "block": one.block,
                "kind": one.kind,
                "common_height": one.common_height,
                "evidence": one.evidence,
                "accused": [{"address": each.address, "power": each.power} for each in one.accused],
            }
            for one in outcome.reports
        ],
    }


def _show(value: Mapping[str, Any]) -> None:
    names = ", ".join(value["taken_by"])
    output.say(
        "Taken by {names}: it goes into one of the next blocks (`tongbao governance evidence`).",
        "green",
        names=names,
    )
    for one in value["reports"]:
        output.say("Against block {block} ({kind}):", block=one["block"], kind=one["kind"])
        for each in one["accused"]:
            output.say(
                "  validator {address}, power {power}", address=each["address"], power=each["power"]
            )
        if not one["accused"]:
            output.say("  nobody can be named: the two blocks were signed in different rounds")
    for name, why in value["refused_by"].items():
        output.say("Not taken: {name}: {why}", "yellow", name=name, why=why)
