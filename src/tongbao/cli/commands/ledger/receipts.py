"""`tongbao receipt`, `tongbao verify`, `tongbao audit`: proof."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tongbao.cli.client.connect import (
    DEFAULT_HOME,
    Home,
    Url,
    client,
    given_url,
    ledger_files,
)
from tongbao.cli.client.tokens import token_of
from tongbao.cli.shell.output import output
from tongbao.kernel.codes import Refusal
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.node.audit import AuditReport

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
    from_trust: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="HEIGHT",
            help="For who trusts the block at this height; default: for who trusts the genesis.",
        ),
    ] = None,
) -> None:
    """Fetch the receipt of a transaction.

    Where validators have changed since what is trusted, it carries the signed blocks between.
    """
    with client(url, home) as ledger:
        if ":" in transaction:
            party, _, reference = transaction.partition(":")
            transaction = ledger.transaction_named(party, reference).digest
        raw = ledger.receipt(transaction, from_trust)
    if out is None:
        typer.echo(raw.decode())
        return
    out.write_bytes(raw)
    output.result(
        {"receipt": str(out), "digest": transaction},
        lambda: output.say("Receipt written to {out}", out=out),
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
        lambda: output.say(Both(explain(claimed, "en"), explain(claimed, "zh"))),
    )


def verify(
    file: File,
    trust: Annotated[
        Path,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The genesis file you trust, or a trust file of `tongbao light sync`.",
        ),
    ],
    url: Annotated[
        str,
        typer.Option(help="A node to ask for what the receipt lacks; it is not trusted."),
    ] = "",
) -> None:
    """Verify a receipt with nothing but what you trust: no node, no network.

    Where validators have changed since, the receipt carries the signed blocks between; or the trust
    file knows them (`light sync`), or a node is asked for them (--url).
    """
    from tongbao.kernel.receipts import Receipt
    from tongbao.sdk.light import provider_of, read_trust, verify_with_node
    from tongbao.sdk.verifier import explain, explain_grounds, verify_file

    try:
        if url:
            known = read_trust(trust.read_bytes(), str(trust))
            address = given_url("--url", url, engine=True)
            node = provider_of(address, token_of(address))
            proven = verify_with_node(Receipt.decode(file.read_bytes()), node, known)
        else:
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
        "grounds": {} if proven.grounds is None else proven.grounds._asdict(),
    }

    def show() -> None:
        output.say("Verified. This is what it proves:", "green")
        output.say(Both(explain(proven, "en"), explain(proven, "zh")))
        output.say(Both(explain_grounds(proven, "en"), explain_grounds(proven, "zh")))

    output.result(value, show)


def _refused(file: Path, refusal: Refusal) -> Any:
    answer = {"verified": False, "code": int(refusal.code), "name": refusal.code.name}
    output.fail("{file}: not verified: {fault}", answer, file=file, fault=refusal)


def audit(
    home: Home = DEFAULT_HOME,
) -> None:
    """Re-execute the chain from its genesis, compare every root and check every law."""
    from tongbao.node.audit import audit as run

    with ledger_files(home) as app:
        height = app.state.height()
        with output.progress(output.text("re-executing"), height) as step:
            report = run(app, lambda done, _: step(done), home / "origin")
    value = {
        "clean": not report.findings,
        "height": report.height,
        "transactions": report.transactions,
        "root": report.root,
        "base": report.base,
        "findings": [{"height": f.height, "what": f.what} for f in report.findings],
    }
    if report.findings:
        first = report.findings[0]
        output.fail(
            "{count} finding(s); the first, block {height}: {what}",
            value,
            count=len(report.findings),
            height=first.height,
            what=first.what,
        )
    if report.base:
        output.result(value, lambda: _say_kept(report))
        return
    output.result(
        value,
        lambda: output.say(
            "Clean: {height} blocks, {transactions} transactions re-executed, every root"
            " equal. State root {root}",
            "green",
            height=report.height,
            transactions=report.transactions,
            root=report.root,
        ),
    )


def _say_kept(report: AuditReport) -> None:
    """What holds of a ledger whose first blocks are gone."""
    output.say(
        "Clean as far as it goes: blocks {base} to {height} hang together and are signed,"
        " {transactions} transactions, and the state is that of the last. State root"
        " {root}",
        "green",
        base=report.base,
        height=report.height,
        transactions=report.transactions,
        root=report.root,
    )
    output.say(
        "Blocks before {base} are gone, so nothing was executed again: audit an archive"
        " node for that.",
        "yellow",
        base=report.base,
    )
