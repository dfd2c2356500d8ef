"""`tongbao pay bank`, `pay message`: banks' own messages about payments abroad, in and out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.cli.client.acting import Sending
from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.sending import signs
from tongbao.cli.client.wallets import open_wallet
from tongbao.cli.commands.pay.inquiries import cancellations, questions, reports, resolutions
from tongbao.cli.commands.pay.returns import returns
from tongbao.cli.commands.pay.teller import Teller, message_id
from tongbao.cli.commands.pay.transfers import transfers
from tongbao.cli.shell.options import decimals_of
from tongbao.cli.shell.output import output
from tongbao.kernel.hashing import content_digest

KINDS = ("pacs.002", "pacs.004", "camt.054")


def register(pay: typer.Typer) -> None:
    """Add the commands to the group `pay`."""
    pay.command("bank")(bank)
    pay.command("message")(message)


@signs
def bank(
    path: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, move nothing.")] = False,
    nonce: Annotated[
        str, typer.Option(help="Of the digests under which both ends were screened.")
    ] = "",
    seal_to: Annotated[
        list[str] | None, typer.Option(help="Seal the travel-rule data to this party; repeat.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of answers; default: beside it.")] = None,
    sign: Annotated[str, typer.Option("--sign", help="Labels of the keys.")] = "",
    *,
    how: Sending,
) -> None:
    """Carry out a bank's message and write its answers: pacs.008, pacs.009, camt.056, pacs.004,
    pacs.028, camt.029, pacs.002. The same message again moves nothing and gets the same answer."""
    from tongbao.cli.client.findings import tell_findings
    from tongbao.iso20022 import DocumentRefused, read_document, read_header

    content = path.read_bytes()
    try:
        document = read_document(content)
        kind = document.message[:8]
        if kind not in _HANDLERS:
            known = ", ".join(_HANDLERS)
            output.fail("{path}: {kind} is none of {known}", path=path, kind=kind, known=known)
        read = _HANDLERS[kind][0](content)
        question = read_header(document)
    except DocumentRefused as refused:
        tell_findings(path, refused)
    with client(how.url, how.home) as ledger:
        purse = open_wallet(how.home, how.wallet, how.passphrase_file)
        teller = Teller(
            ledger, purse, decimals_of(ledger), out or path.parent, path.stem,
            content_digest(content).hex(), sign, nonce, tuple(seal_to or ()),
            how.home, question, yes, dry_run,
        )  # fmt: skip
        teller.folder.mkdir(parents=True, exist_ok=True)
        try:
            _HANDLERS[kind][1](teller, read)
        except DocumentRefused as refused:
            output.fail(
                "{path}: an answer cannot be written: {refused}. What the ledger did"
                " stands: tongbao pay track UETR",
                {"written": teller.written},
                path=path,
                refused=refused,
            )


def _reading(name: str, informs: bool = False) -> Callable[[bytes], Any]:
    """A reader of the package of messages, which is loaded when one is read. What orders something
    is judged by the rules that hold for payment files too; what `informs` is taken as it is."""

    def read(content: bytes) -> Any:
        from tongbao import iso20022
        from tongbao.iso20022.xml.accepting import DEFAULT_POLICY, Policy

        policy = DEFAULT_POLICY if informs else Policy(usage_rules=True, purpose_codes=True)
        return getattr(iso20022, name)(content, policy)

    return read


_HANDLERS: dict[str, tuple[Callable[[bytes], Any], Callable[[Teller, Any], None]]] = {
    "pacs.008": (_reading("read_pacs008"), transfers),
    "pacs.009": (_reading("read_pacs009"), transfers),
    "camt.056": (_reading("read_camt056"), cancellations),
    "pacs.004": (_reading("read_pacs004"), returns),
    "pacs.028": (_reading("read_pacs028"), questions),
    "camt.029": (_reading("read_camt029", informs=True), resolutions),
    "pacs.002": (_reading("read_pacs002", informs=True), reports),
}
"""Message -> how it is read, and what is done about it."""


# ---- out -----------------------------------------------------------------------------------------


def message(
    uetr: Annotated[str, typer.Argument(metavar="UETR")],
    kind: Annotated[str, typer.Option("--as", help=", ".join(KINDS))],
    side: Annotated[str, typer.Option(help="camt.054 for the payer or the payee.")] = "payer",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.")] = None,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """A payment as a bank's message: its status, its returns, or the notice for one side."""
    from tongbao import iso20022
    from tongbao.cli.commands.pay import domestic
    from tongbao.iso20022.interbank.model import Original, ReturnMessage
    from tongbao.iso20022.xml.writing import iso_time
    from tongbao.paymentfiles import banking

    if kind not in KINDS:
        output.fail("{kind} is none of {kinds}", kind=kind, kinds=", ".join(KINDS))
    with client(url, home) as ledger:
        found, decimals = domestic.abroad_or_within(ledger, uetr), decimals_of(ledger)
        track = banking.track_of(found) if domestic.is_within(found) else found
        known = {
            one: banking.account_of(one, ledger.accounts.show(one).identifiers)
            for one in (track.payer, track.payee)
        }
    now = datetime.now(UTC)
    if kind == "pacs.002":
        original = Original(end_to_end_id=track.payee_reference or banking.NOT_PROVIDED,
                            uetr=track.uetr)  # fmt: skip
        reported = iso20022.transaction_status(original, banking.status(track, ""))
        report = iso20022.StatusReport("", message_id(now), iso_time(now), transactions=(reported,))
        raw = iso20022.write_pacs002(report)
    elif kind == "pacs.004":
        if not track.returns:
            output.fail("nothing of {uetr} was returned", uetr=uetr)
        returns = tuple(banking.payment_return(track, one) for one in track.returns)
        raw = iso20022.write_pacs004(
            ReturnMessage("", message_id(now), iso_time(now), "INDA", returns=returns)
        )
    else:
        if not int(track.debited_minor):
            output.fail("{uetr} is not settled: nothing is booked", uetr=uetr)
        notice = banking.credit_notice if side == "payee" else banking.debit_notice
        raw = iso20022.write_camt054(
            [notice(track, decimals, known.__getitem__)], message_id=message_id(now), created_at=now
        )
    if out is None:
        typer.echo(raw.decode())
        return
    out.write_bytes(raw)
    output.result({"file": str(out)}, lambda: output.say("{out}", out=out))
