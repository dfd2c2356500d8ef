"""`tongbao receipt`, `tongbao verify`, `tongbao audit`: proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.cli.connect import DEFAULT_HOME, Home, Url, client, ledger_files
from tongbao.cli.output import output
from tongbao.kernel.codes import Refusal

receipt = typer.Typer(
    help="Receipts: proof that a transaction stands with its result.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A receipt file.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(receipt, name="receipt")
    app.command()(verify)
    app.command()(audit)


@receipt.command("get")
def get(
    transaction: Annotated[str, typer.Argument(help="Digest (hex), or PARTY:REFERENCE.")],
    home: Home = DEFAULT_HOME,
    url: Url = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
) -> None:
    """Fetch the receipt of a transaction."""
    with client(url, home) as ledger:
        if ":" in transaction:
            party, _, reference = transaction.partition(":")
            transaction = ledger.transaction_named(party, reference).digest
        raw = ledger.receipt(transaction)
    if out is None:
        typer.echo(raw.decode())
        return
    out.write_bytes(raw)
    output.result(
        {"receipt": str(out), "digest": transaction},
        lambda: output.say(f"Receipt written to {out}", f"回执已写入 {out}"),
    )


@receipt.command("show")
def show(file: File) -> None:
    """Say in plain words what a receipt says. Believes nothing: use `verify` for that."""
    from tongbao.kernel.receipts import Receipt, claims
    from tongbao.sdk.verifier import explain

    try:
        claimed = claims(Receipt.decode(file.read_bytes()))
    except Refusal as refusal:
        _refused(file, refusal)
    output.result(
        {"envelope": claimed.envelope, "outcome": claimed.outcome, "height": claimed.height},
        lambda: output.say(explain(claimed, "en"), explain(claimed, "zh")),
    )


def verify(
    file: File,
    trust: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The genesis file you trust.")
    ],
) -> None:
    """Verify a receipt with nothing but the genesis: no node, no network."""
    from tongbao.sdk.verifier import explain, verify_file

    try:
        proven = verify_file(file.read_bytes(), trust.read_bytes())
    except Refusal as refusal:
        _refused(file, refusal)
    value = {
        "verified": True,
        "height": proven.height,
        "position": proven.position,
        "time_ms": proven.time_ms,
        "digest": proven.digest.hex(),
        "envelope": proven.envelope,
        "outcome": proven.outcome,
    }
    output.result(value, lambda: _show_verified(explain(proven, "en"), explain(proven, "zh")))


def _show_verified(en: str, zh: str) -> None:
    output.say("Verified. This is what it proves:", "验证通过。回执证明：", "green")
    output.say(en, zh)


def _refused(file: Path, refusal: Refusal) -> Any:
    values = dict(refusal.values)
    output.fail(
        f"{file}: not verified: {refusal.code.text('en', values)} ({refusal.code.name})",
        f"{file}：验证未通过：{refusal.code.text('zh', values)}（{refusal.code.name}）",
        {"verified": False, "code": int(refusal.code), "name": refusal.code.name},
    )


def audit(
    home: Home = DEFAULT_HOME,
) -> None:
    """Re-execute the chain from its genesis, compare every root and check every law."""
    from tongbao.node.audit import audit as run

    with ledger_files(home) as app:
        height = app.state.height()
        with output.progress(output.text("re-executing", "重新执行"), height) as step:
            report = run(app, lambda done, _: step(done))
    value = {
        "clean": not report.findings,
        "height": report.height,
        "transactions": report.transactions,
        "root": report.root,
        "findings": [{"height": f.height, "what": f.what} for f in report.findings],
    }
    if report.findings:
        first = report.findings[0]
        output.fail(
            f"{len(report.findings)} finding(s); the first, block {first.height}: {first.what}",
            f"发现 {len(report.findings)} 处异常；第一处在区块 {first.height}：{first.what}",
            value,
        )
    output.result(
        value,
        lambda: output.say(
            f"Clean: {report.height} blocks, {report.transactions} transactions re-executed,"
            f" every root equal. State root {report.root}",
            f"一致：重新执行 {report.height} 个区块、{report.transactions} 笔交易，"
            f"所有状态根相同。状态根 {report.root}",
            "green",
        ),
    )
