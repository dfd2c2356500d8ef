"""`tongbao balances` and `tongbao find`: what is where, and where something is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.looking import Columns, Decimals, Limit, listed, looks, moment
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message

if TYPE_CHECKING:
    from tongbao.sdk import Client
    from tongbao.sdk.documents import Found
    from tongbao.sdk.rows import Holding

KINDS = {
    "payment": message("payment"), "cross_border_payment": message("payment abroad"),
    "queued_payment": message("queued payment"), "transaction": message("transaction"),
    "hold": message("hold"), "scheduled_transfer": message("scheduled transfer"),
    "party": message("party"), "account": message("account"), "asset": message("asset"),
}  # fmt: skip
MATCHES = {
    "digest": message("digest"), "uetr": message("UETR"), "identifier": message("number"),
    "id": message("id"), "reference": message("reference"),
    "message_id": message("message id"), "payee_reference": message("reference"),
    "name": message("name"), "amount": message("amount"), "text": message("text"),
    "day": message("day"),
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(balances)
    app.command()(find)


@looks
def balances(
    ledger: Client,
    whose: Annotated[str, typer.Argument(metavar="[PARTY|ACCOUNT]")] = "",
    asset_id: Annotated[str, typer.Option("--asset", help="Only this asset.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Balances of zero too.")] = False,
) -> None:
    """What every account holds of every asset, and the total of each asset; never across assets."""
    account, party = (whose, "") if "/" in whose else ("", whose)
    decimals = Decimals(ledger)
    if asset_id:
        decimals.of(asset_id)
    listed_all = list(ledger.accounts.holdings(
        account=account or None, party=party or None, asset=asset_id or None
    ))  # fmt: skip
    totals = _totals(listed_all)
    held = listed_all
    if not (every or account):
        held = [one for one in held if int(one.posted_minor) or int(one.reserved_minor)]
    left_out = len(listed_all) - len(held)

    def show() -> None:
        rows = [
            [one.account, one.asset, decimals.text(one.posted_minor, one.asset),
             decimals.text(one.reserved_minor, one.asset),
             decimals.text(one.available_minor, one.asset), " ".join(one.flags)]
            for one in held
        ]  # fmt: skip
        columns = ["account", "asset", "posted", "reserved", "available", "flags"]
        output.table(output.text("Balances"), columns, rows, ["flags", "reserved"])
        rows = [
            [asset, *(decimals.text(sums[name], asset) for name in _SUMS)]
            for asset, sums in totals.items()
        ]
        if left_out:
            output.say(
                "{left_out} balances of zero left out; --all shows them.",
                "dim",
                left_out=f"{left_out:,}",
            )
        title = output.text("In all, issuing accounts left out")
        output.table(title, ["asset", "posted", "reserved", "available"], rows)

    value = {
        "items": [msgspec.to_builtins(one) for one in held],
        "totals": [
            {"asset": asset, **{name: str(sums[name]) for name in _SUMS}}
            for asset, sums in totals.items()
        ],
    }
    output.result(value, show)


_SUMS = ("posted_minor", "reserved_minor", "available_minor")


def _totals(held: list[Holding]) -> dict[str, dict[str, int]]:
    """Asset -> sums; what an issuing account owes is what the others hold."""
    totals: dict[str, dict[str, int]] = {}
    for one in held:
        if "issuing" in one.flags:
            continue
        sums = totals.setdefault(one.asset, dict.fromkeys(_SUMS, 0))
        for name in _SUMS:
            sums[name] += int(getattr(one, name))
    return dict(sorted(totals.items()))


@looks
def find(
    ledger: Client,
    text: Annotated[
        str,
        typer.Argument(
            help="Any id, an amount, words, a name, a day (2026-11-29), or a receipt's file."
        ),
    ],
    asset_id: Annotated[str, typer.Option("--asset", help="Payments of this asset alone.")] = "",
    kind: Annotated[str, typer.Option(help=f"Only one of: {', '.join(KINDS)}.")] = "",
    limit: Limit = 20,
) -> None:
    """Find payments, transactions, parties and accounts by whatever you have of them."""
    if kind and kind not in KINDS:
        known = ", ".join(KINDS)
        output.fail("{kind} is none of: {known}", kind=kind, known=known)
    decimals = Decimals(ledger)
    columns: Columns = {
        "found": lambda f: output.text(KINDS.get(f.kind, f.kind)),
        "matched by": lambda f: output.text(MATCHES.get(f.matched, f.matched)),
        "time (UTC)": lambda f: moment(f.time_ms), "what": lambda f: _what(f, decimals),
        "payer": lambda f: f.payer, "payee": lambda f: f.payee,
        "reference": lambda f: f.payee_reference or f.reference,
        "remittance": lambda f: f.remittance, "state": lambda f: f.state,
        "id": lambda f: f.digest or f.id,
    }  # fmt: skip
    found = ledger.search(_digest_in(text), asset=asset_id or None, kind=kind or None)
    if not found.stretch(1, count=False).items:
        output.fail("nothing fits {text}", {"items": []}, text=text)
    least = ["matched by", "state", "remittance", "reference", "id"]
    listed(output.text("Found"), columns, found, limit, least)


def _what(found: Found, decimals: Decimals) -> str:
    if found.amount_minor:
        return decimals.money(found.amount_minor, found.asset)
    return f"{found.id}  {found.title}".strip() if found.kind != "transaction" else found.title


def _digest_in(text: str) -> str:
    """The digest of the transaction that a receipt's file is of; any other text as it is."""
    path = Path(text)
    try:
        raw = path.read_bytes() if text.endswith(".json") and path.is_file() else b""
        read: Any = msgspec.json.decode(raw) if raw else {}
    except (OSError, msgspec.DecodeError):
        return text
    if not isinstance(read, dict) or "envelope" not in read:
        return text
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.receipts import Receipt, claims

    try:
        return str(claims(Receipt.decode(raw)).digest.hex())
    except Refusal:
        return text
