"""`tongbao light`: carry trust on from a genesis or a known block; balances with proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import (
    DEFAULT_HOME,
    Home,
    Url,
    client,
    given_url,
    node_url,
    refusals,
)
from tongbao.cli.client.looking import moment
from tongbao.cli.client.tokens import token_of
from tongbao.cli.commands.light.evidence import EvidenceFile, read_evidence, report_evidence
from tongbao.cli.shell.options import decimals_of
from tongbao.cli.shell.output import amount_text, output

if TYPE_CHECKING:
    from tongbao.sdk.light import ProvenRow, QuorumReader

light = typer.Typer(
    help="A light client: verify a chain without running a node, and without trusting one.",
    no_args_is_help=True,
)
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness", metavar="URL", help="Another node that has to show the same."),
]
TrustGiven = Annotated[
    str,
    typer.Option(
        "--trust",
        metavar="GENESIS|FILE|HEIGHT:HASH",
        help="What you trust: a genesis file, a trust file, or a block's height and hash.",
    ),
]
Store = Annotated[Path, typer.Option("--store", help="The trust file to keep.")]
_DAY_S = 86_400


def register(app: typer.Typer) -> None:
    """Add the commands."""
    light.command("report")(report_evidence)
    app.add_typer(light, name="light")


@light.command("sync")
def sync(
    store: Store = Path("tongbao.trust"),
    trust: TrustGiven = "",
    witness: Witnesses = None,
    height: Annotated[
        int | None, typer.Option(min=1, help="Up to this block; default: the newest.")
    ] = None,
    sequential: Annotated[
        bool, typer.Option("--sequential", help="Verify every block instead of skipping.")
    ] = False,
    trusting_days: Annotated[
        int, typer.Option(min=1, max=36_500, help="How long trust in a block lasts.")
    ] = 30,
    report: Annotated[
        bool,
        typer.Option(
            "--report/--no-report", help="Hand evidence of an attack to every node named here."
        ),
    ] = True,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Verify the chain from what you trust to its newest block and keep that in a trust file.

    The first time give --trust. A URL beginning with engine+ is an engine's own RPC.
    """
    from tongbao.sdk.light import LightClient, Options, provider_of, start

    options = Options(trusting_days * _DAY_S, sequential=sequential, report=report)
    first = node_url(url, home, engine=True)
    others = [given_url("--witness", one, engine=True) for one in witness or ()]
    _require_distinct([first, *others])
    with refusals():
        primary = provider_of(first, token_of(first))
        known = start(trust, primary, store)
        known.path = store
        witnesses = [provider_of(one, token_of(one)) for one in others]
        reached = LightClient(known, primary, witnesses, options).verify_to(height)
        known.save()
    value = {
        "chain": known.chain,
        "height": reached.block.height,
        "hash": reached.block.hash().hex(),
        "from": reached.base,
        "verified": reached.verified,
        "node": reached.node,
        "confirmed": list(reached.confirmed),
        "faults": reached.faults,
        "store": str(store),
    }
    output.result(value, lambda: _show_sync(value, witnesses=bool(witness)))


def _show_sync(value: Mapping[str, Any], *, witnesses: bool) -> None:
    output.say(
        "Block {height} of {chain} is verified, from block {first} over {verified} light"
        " block(s). Kept in {store}",
        "green",
        height=value["height"],
        chain=value["chain"],
        first=value["from"],
        verified=value["verified"],
        store=value["store"],
    )
    output.say("Hash: {hash}", hash=value["hash"])
    if witnesses:
        names = ", ".join(value["confirmed"])
        output.say("Confirmed by {names}", names=names)
    else:
        output.say(
            "No witness was asked: a single node cannot show two histories, but it can"
            " hold back news. Give --witness URL."
        )
    _tell_faults(value["faults"])


def _require_distinct(urls: Sequence[str]) -> None:
    """A node that confirms itself confirms nothing."""
    if len({one.rstrip("/") for one in urls}) != len(urls):
        output.fail("the same node is given twice: a witness has to be another node")


def _tell_faults(faults: Mapping[str, str]) -> None:
    for name, why in faults.items():
        output.say("Not trusted: {name}: {why}", "yellow", name=name, why=why)


@light.command("show")
def show(store: Store = Path("tongbao.trust")) -> None:
    """What a trust file holds."""
    from tongbao.kernel.light import time_of
    from tongbao.sdk.light import TrustedStore

    if not store.is_file():
        output.fail("there is no file {store}", store=store)
    with refusals():
        known = TrustedStore.open(store)
    newest, oldest = known.newest, known.oldest
    time_ms = time_of(newest)
    value = {
        "chain": known.chain,
        "genesis": known.genesis,
        "blocks": sum(1 for one in known.blocks if one.height),
        "from": oldest.height,
        "height": newest.height,
        "hash": newest.hash().hex() if newest.height else "",
        "time_ms": time_ms,
        "validators": len(newest.next_validators),
    }
    facts = {
        output.text("chain"): known.chain,
        output.text("trust begins"): output.text("genesis")
        if oldest.height == 0 else str(oldest.height),
        output.text("blocks kept"): str(value["blocks"]),
        output.text("newest block"): f"{newest.height}:{value['hash']}",
        output.text("its time (UTC)"): moment(time_ms),
        output.text("next validators"): str(value["validators"]),
    }  # fmt: skip
    output.result(value, lambda: output.facts(str(store), facts))


@light.command("evidence")
def evidence(file: EvidenceFile) -> None:
    """Examine the evidence of an attack that somebody sends: does it hold, and who is guilty?"""
    found = read_evidence(file)
    follow, guilty = found.follow(), found.guilty()
    value = {
        "holds": True,
        "chain": found.chain,
        "height": found.first.block.height,
        "common": {"height": found.common.height, "hash": found.common.hash().hex()},
        "blocks": [
            {"shown_by": one.node, "hash": one.block.hash().hex(), "follows": directly}
            for one, directly in zip((found.first, found.second), follow, strict=True)
        ],
        "guilty": [{"address": one.address, "power": one.power} for one in guilty],
    }
    output.result(value, lambda: _show_evidence(value))


def _show_evidence(value: Mapping[str, Any]) -> None:
    height, common = value["height"], value["common"]
    output.say(
        "It holds: there are two signed blocks {height} of {chain}. If you trust block"
        " {height_2} ({hash}), validators have attacked.",
        "red",
        height=height,
        chain=value["chain"],
        height_2=common["height"],
        hash=common["hash"],
    )
    for one in value["blocks"]:
        output.say("  {hash} shown by {shown_by}", hash=one["hash"], shown_by=one["shown_by"])
    for one in value["guilty"]:
        output.say(
            "Signed both: validator {address}, power {power}",
            address=one["address"],
            power=one["power"],
        )


# ---- balances with proof -------------------------------------------------------------------------


def show_proven(account: str, trust: str, url: str, witnesses: Sequence[str]) -> None:
    """Every balance of an account with its proof; nodes that disagree are named."""
    from tongbao.sdk.light import GatewayProvider, Options, QuorumReader, start

    if not trust:
        output.fail("--proof needs --trust: a genesis file, a trust file or HEIGHT:HASH")
    witnesses = [given_url("--witness", one) for one in witnesses]
    _require_distinct([url, *witnesses])
    with client(url) as ledger:
        listed = [one.asset for one in ledger.accounts.holdings(account=account)]
        decimals = decimals_of(ledger)
    with refusals():
        nodes = [GatewayProvider(one, token=token_of(one)) for one in (url, *witnesses)]
        reader = QuorumReader(start(trust, nodes[0]), nodes, options=Options())
        found = {asset: reader.holding(account, asset) for asset in listed}
    value = {"account": account, "holdings": [_reported(a, row) for a, row in found.items()]}
    output.result(value, lambda: _show_proven(account, found, decimals, reader))


def _reported(asset: str, row: ProvenRow[Any]) -> dict[str, Any]:
    held = row.value
    return {
        "asset": asset,
        "posted_minor": "0" if held is None else str(held.posted),
        "reserved_minor": "0" if held is None else str(held.reserved),
        "exists": held is not None,
        "height": row.height,
        "time_ms": row.time_ms,
        "proven_by": list(row.nodes),
        "behind": row.behind,
        "faults": row.faults,
    }


def _show_proven(
    account: str,
    found: Mapping[str, ProvenRow[Any]],
    decimals: Mapping[str, int],
    reader: QuorumReader,
) -> None:
    rows = []
    for asset, row in found.items():
        held, digits = row.value, decimals.get(asset, 0)
        amounts = (0, 0, 0) if held is None else (held.posted, held.reserved, held.available)
        shown = [amount_text(one, digits) for one in amounts]
        rows.append([asset, *shown, str(row.height), f"{len(row.nodes)}/{len(reader.nodes)}"])
    columns = [
        output.text("asset"), output.text("posted"),
        output.text("reserved"), output.text("available"),
        output.text("after block"), output.text("nodes"),
    ]  # fmt: skip
    output.table(output.text("{account}, proven", account=account), columns, rows)
    output.say(
        "Each balance is proven against a block that enough validators signed. That no"
        " asset is missing from this list is not proven."
    )
    faults = {name: why for row in found.values() for name, why in row.faults.items()}
    _tell_faults(faults)
    for name, height in {n: h for row in found.values() for n, h in row.behind.items()}.items():
        output.say(
            "Behind: {name} proves no more than block {height}", "yellow", name=name, height=height
        )
