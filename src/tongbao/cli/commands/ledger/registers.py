"""`tongbao party|asset`: who takes part, and what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tongbao.cli.client.groups import module_group
from tongbao.cli.client.looking import Columns, Limit, facts_of, listed, looks, moment, shown
from tongbao.cli.shell.output import amount_text, output
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.sdk import Client

party = module_group(
    "parties", "Parties, their keys, policies and proposals.", {"keys": "key", "policies": "policy"}
)
asset = module_group("assets", "Assets and their supply.", {"freezes": "freeze"})


@party.command("proposals")
@looks
def proposals(
    ledger: Client,
    party_id: Annotated[str, typer.Argument(metavar="PARTY")],
    state: Annotated[
        str, typer.Option(help="open, executed, rejected, expired or withdrawn.")
    ] = "",
    limit: Limit = 50,
) -> None:
    """What waits for a party's approval, or did."""
    columns: Columns = {
        "until (UTC)": lambda p: moment(p.expires_at_ms), "state": lambda p: p.state,
        "actions": lambda p: " ".join(p.actions),
        "approvals": lambda p: str(sum(map(len, p.approvals.values()))), "note": lambda p: p.memo,
        "proposal": lambda p: p.proposal,
    }  # fmt: skip
    found = ledger.parties.proposals(party=party_id, state=state or None)
    listed(output.text("Proposals"), columns, found, limit, ["proposal"], "proposal")


@party.command("list")
@looks
def parties(
    ledger: Client,
    role: Annotated[str, typer.Option(help="Only those with this role.")] = "",
    state: Annotated[str, typer.Option(help="active or suspended.")] = "",
    limit: Limit = 50,
) -> None:
    """List parties."""
    columns: Columns = {
        "party": lambda p: p.party,
        "name": lambda p: output.text(Both(p.name, p.name_local or p.name)),
        "roles": lambda p: " ".join(p.roles), "LEI": lambda p: p.lei,
        "state": lambda p: p.state,
    }  # fmt: skip
    rows = ledger.parties.list(role=role or None, state=state or None)
    listed(output.text("Parties"), columns, rows, limit)


@party.command("show")
@looks
def party_show(
    ledger: Client,
    party_id: Annotated[str, typer.Argument(metavar="PARTY")],
) -> None:
    """One party with its keys and policies."""
    found = msgspec.to_builtins(ledger.parties.show(party_id))
    found["keys"] = [msgspec.to_builtins(key) for key in ledger.parties.keys(party=party_id)]
    policies = ledger.parties.policies(party=party_id)
    found["policies"] = [msgspec.to_builtins(one) for one in policies]

    def show() -> None:
        output.facts("", facts_of({**found, "keys": (), "policies": ()}))
        rows = [[k["key"], k["label"], " ".join(k["scopes"]), k["state"]] for k in found["keys"]]
        output.table(output.text("Keys"), ["key", "label", "scopes", "state"], rows)
        rows = [[p["scope"], str(p["keys"]), str(p["weight"])] for p in found["policies"]]
        output.table(output.text("Policies"), ["scope", "keys", "weight"], rows)

    output.result(found, show)


@asset.command("list")
@looks
def assets(
    ledger: Client,
    party_id: Annotated[str, typer.Option("--party", help="Only what this party issues.")] = "",
    account_id: Annotated[
        str, typer.Option("--account", help="Only what is issued from this account.")
    ] = "",
    state: Annotated[str, typer.Option(help="active or paused.")] = "",
    limit: Limit = 50,
) -> None:
    """List assets."""
    columns: Columns = {
        "asset": lambda a: a.asset,
        "name": lambda a: output.text(Both(a.name, a.name_local or a.name)),
        "issuer": lambda a: a.issuer,
        "kind": lambda a: a.kind,
        "outstanding": lambda a: amount_text(int(a.supply_minor), a.decimals),
        "state": lambda a: a.state,
    }
    rows = ledger.assets.list(
        party=party_id or None, account=account_id or None, state=state or None
    )
    listed(output.text("Assets"), columns, rows, limit)


@asset.command("show")
@looks
def asset_show(
    ledger: Client,
    asset_id: Annotated[str, typer.Argument(metavar="ASSET")],
) -> None:
    """One asset."""
    shown(asset_id, ledger.assets.show(asset_id))
