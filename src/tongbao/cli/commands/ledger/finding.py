"""`tongbao balances` and `tongbao find`: what is where, and where something is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.looking import Columns, Decimals, Limit, listed, looks, moment
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents import Found, Holding

KINDS = {
    "payment": ("payment", "付款"), "cross_border_payment": ("payment abroad", "跨境付款"),
    "queued_payment": ("queued payment", "排队付款"), "transaction": ("transaction", "交易"),
    "hold": ("hold", "预留"), "scheduled_transfer": ("scheduled transfer", "预约转账"),
    "party": ("party", "参与方"), "account": ("account", "账户"), "asset": ("asset", "资产"),
}  # fmt: skip
MATCHES = {
    "digest": ("digest", "摘要"), "uetr": ("UETR", "UETR"), "identifier": ("number", "号码"),
    "id": ("id", "编号"), "reference": ("reference", "参考号"),
    "message_id": ("message id", "报文编号"), "payee_reference": ("reference", "参考号"),
    "name": ("name", "名称"), "amount": ("amount", "金额"), "text": ("text", "文字"),
    "day": ("day", "日期"),
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
    of = {"account" if "/" in whose else "party": whose or None}
    decimals = Decimals(ledger)
    if asset_id:
        decimals.of(asset_id)
    listed_all = list(ledger.all_holdings(asset=asset_id or None, **of))
    totals = _totals(listed_all)
    held = listed_all
    if not (every or "/" in whose):
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
        output.table(output.text("Balances", "余额"), columns, rows, ["flags", "reserved"])
        rows = [
            [asset, *(decimals.text(sums[name], asset) for name in _SUMS)]
            for asset, sums in totals.items()
        ]
        if left_out:
            output.say(
                f"{left_out:,} balances of zero left out; --all shows them.",
                f"另有 {left_out:,} 项零余额未显示；使用 --all 可查看。", "dim",
            )  # fmt: skip
        title = output.text("In all, issuing accounts left out", "合计（不含发行账户）")
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
        output.fail(f"{kind} is none of: {known}", f"{kind} 不在可选范围内：{known}")
    decimals = Decimals(ledger)
    columns: Columns = {
        "found": lambda f: output.text(*KINDS.get(f.kind, (f.kind, f.kind))),
        "matched by": lambda f: output.text(*MATCHES.get(f.matched, (f.matched, f.matched))),
        "time (UTC)": lambda f: moment(f.time_ms), "what": lambda f: _what(f, decimals),
        "payer": lambda f: f.payer, "payee": lambda f: f.payee,
        "reference": lambda f: f.payee_reference or f.reference,
        "remittance": lambda f: f.remittance, "state": lambda f: f.state,
        "id": lambda f: f.digest or f.id,
    }  # fmt: skip
    found = ledger.search(_digest_in(text), asset=asset_id or None, kind=kind or None)
    if not found.stretch(1, count=False).items:
        output.fail(f"nothing fits {text}", f"没有与“{text}”相符的内容", {"items": []})
    least = ["matched by", "state", "remittance", "reference", "id"]
    listed(output.text("Found", "查找结果"), columns, found, limit, least)


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
