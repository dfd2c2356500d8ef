"""`tongbao pay`: payment files and single payments, with maker and checker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tongbao.cli.client.acting import Sending, say_receipt, say_signers
from tongbao.cli.client.connect import client
from tongbao.cli.client.groups import module_group
from tongbao.cli.client.sending import signs
from tongbao.cli.client.wallets import open_wallet
from tongbao.cli.commands.pay.file import pay_file
from tongbao.cli.shell.output import amount_text, output, some_units
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.modules.payments import Transfer
    from tongbao.sdk import Client
    from tongbao.sdk.answers import Simulated

pay = module_group(
    "payments", "Pay: a bank's file, or one payment.", {"list": "corridors.cross_border_payment"}
)
pay.command("file")(pay_file)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    from tongbao.cli.commands.pay import bank as banking
    from tongbao.cli.commands.pay import tracking

    tracking.register(pay)
    banking.register(pay)
    app.add_typer(pay, name="pay")


@pay.command("send")
@signs
def send(
    payer: Annotated[str, typer.Argument(help="Account that pays.")],
    payee: Annotated[str, typer.Argument(help="Account, IBAN or number that is paid.")],
    amount: Annotated[str, typer.Argument(help="In the asset's units, e.g. 1250.50.")],
    asset: Annotated[str, typer.Argument(help="Asset, e.g. CNY.")],
    reference: Annotated[str, typer.Option(help="Payee reference, at most 35 characters.")] = "",
    remittance: Annotated[str, typer.Option(help="What it is for.")] = "",
    creditor_reference: Annotated[
        str, typer.Option(help="What the payee asked to be named, e.g. RF18539007547034.")
    ] = "",
    name: Annotated[
        str, typer.Option("--name", help="Transaction reference; default: a new one.")
    ] = "",
    to: Annotated[
        str, typer.Option("--to", help="Across: exactly AMOUNT is sent, and arrives in this asset.")
    ] = "",
    source: Annotated[
        str, typer.Option("--from", help="Across: exactly AMOUNT arrives, paid from this asset.")
    ] = "",
    corridor: Annotated[str, typer.Option(help="Through this corridor.")] = "",
    bearer: Annotated[str, typer.Option(help="Charges: DEBT, CRED, SHAR or SLEV.")] = "SHAR",
    quote: Annotated[str, typer.Option(help="By a reserved quote.")] = "",
    purpose: Annotated[str, typer.Option(help="ISO purpose code, e.g. GDDS.")] = "",
    originator: Annotated[str, typer.Option(help="Digest of who pays, for screening.")] = "",
    beneficiary: Annotated[str, typer.Option(help="Digest of who is paid.")] = "",
    envelope: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Travel-rule envelope.")
    ] = None,
    uetr: Annotated[str, typer.Option(help="UETR; default: a new one.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    sign: Annotated[str, typer.Option("--sign", help="Labels of the keys that sign.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, move nothing.")] = False,
    *,
    how: Sending,
) -> None:
    """Pay one amount from one account to another; across currencies with --to, --from, --corridor.

    Across, every cost is shown with its receiver and confirmed before anything is signed.
    """
    _require_purpose(purpose)
    if to or source or corridor or quote:
        if creditor_reference:
            output.fail(
                "--creditor-reference does not go across currencies: a pacs.008 carries"
                " it (pay bank)"
            )
        from tongbao.cli.commands.pay.across import Across
        from tongbao.cli.commands.pay.across import pay as pay_across

        wanted = Across(
            payer, payee, amount, asset, to, source, corridor, bearer, quote, reference, purpose,
            remittance, originator, beneficiary, envelope, uetr, yes,
        )  # fmt: skip
        pay_across(wanted, how._replace(reference=name, sign=sign, dry_run=dry_run))
        return
    plain = Plain(payer, payee, amount, asset, reference, remittance, name, purpose, uetr,
                  creditor_reference)  # fmt: skip
    _send_at_home(plain, how._replace(sign=sign or "maker,checker", dry_run=dry_run))


def _require_purpose(code: str) -> None:
    """A purpose is one of the external code set, typed as in files."""
    from tongbao.iso20022.purposes import PURPOSES

    if code and code not in PURPOSES:
        output.fail(
            "--purpose: {code} is no ISO 20022 purpose code (ExternalPurpose1Code), e.g. GDDS",
            code=code,
        )


class Plain(NamedTuple):
    """A payment in one asset between two accounts."""

    payer: str
    payee: str
    amount: str
    asset: str
    reference: str
    remittance: str
    name: str
    purpose: str
    uetr: str
    creditor_reference: str


def _fail_unknown(ledger: Client, name: str) -> None:
    if "/" in name:
        ledger.accounts.show(name)  # refuses, and names its neighbours
    output.fail("no account here has the number {name}", name=name)  # fmt: skip


def _tell_trial(ledger: Client, wanted: Transfer, decimals: int, tried: Simulated) -> None:
    """What a payment would do, or which rule would refuse it: nothing was signed."""
    held = {
        one.asset: int(one.available_minor)
        for one in ledger.accounts.holdings(account=wanted.payer)
    }
    now, after = held.get(wanted.asset, 0), held.get(wanted.asset, 0) - wanted.amount_minor

    def money(minor: int) -> str:
        return f"{amount_text(minor, decimals)} {wanted.asset}"

    signers = [
        output.text("{party}, {keys} keys", party=one.party, keys=one.keys)
        for one in tried.approvals
    ]
    facts = {
        "amount": money(wanted.amount_minor), "payer": wanted.payer, "payee": wanted.payee,
        "payee reference": wanted.payee_reference, "remittance": wanted.remittance,
        "available now": money(now), "available after": money(after) if tried.done else "",
        "signed by": "; ".join(signers),
    }  # fmt: skip
    value = {
        "dry_run": True,
        "code": tried.code,
        "name": tried.name,
        "text": output.text(Both(tried.text, tried.text_zh)),
        "amount_minor": str(wanted.amount_minor),
        "asset": wanted.asset,
        "payer": wanted.payer,
        "payee": wanted.payee,
        "available_minor": str(now),
        "available_after_minor": str(after) if tried.done else None,
        "approvals": [{"party": one.party, "keys": one.keys} for one in tried.approvals],
    }
    if not tried.done and tried.name != "NOT_SIGNED":
        text = Both(tried.text or tried.name, tried.text_zh or tried.name)
        output.fail(
            "would be refused ({name}): {text}. Nothing was signed.",
            value, name=tried.name, text=text,
        )  # fmt: skip

    def show() -> None:
        title = output.text("This payment would settle; nothing was signed or moved.")
        output.facts(title, {name: reported for name, reported in facts.items() if reported})

    output.result(value, show)


def _send_at_home(wanted: Plain, how: Sending) -> None:
    from tongbao.kernel.money import owner_of
    from tongbao.modules.payments import Transfer
    from tongbao.sdk.build import build, new_reference, seal
    from tongbao.sdk.build import uetr as new_uetr
    from tongbao.sdk.texts import folded

    with client(how.url, how.home) as ledger:
        payer, payee, amount, asset = wanted[:4]
        decimals = ledger.assets.show(asset).decimals
        minor = some_units(amount, decimals, asset, "AMOUNT")
        moved = f"{amount_text(minor, decimals)} {asset}"
        known = ledger.accounts.resolve([payer, payee])
        for one in (payer, payee):
            if one not in known:
                _fail_unknown(ledger, one)
        payer, target = known[payer], known[payee]
        party = owner_of(payer)
        transfer = Transfer(
            payer=payer, payee=target, asset=asset, amount_minor=minor,
            payee_reference=folded(wanted.reference), remittance=folded(wanted.remittance),
            purpose=wanted.purpose,
            uetr=wanted.uetr or new_uetr(), creditor_reference=wanted.creditor_reference,
        )  # fmt: skip
        status = ledger.status()
        expires = status.time_ms + 3_600_000
        name = wanted.name or new_reference("P")
        body = build(status.chain, party, name, (transfer,), expires)
        if how.dry_run:
            _tell_trial(ledger, transfer, decimals, ledger.simulate(body))
            return
        purse = open_wallet(how.home, how.wallet, how.passphrase_file)
        names = [f"{party}--{label}" for label in how.sign.split(",") if label]
        result = ledger.submit_and_wait(seal(body, purse.sign(body, names, namer=party)))
    signed_by = [one.replace("--", "/", 1) for one in names]
    value = {"digest": result.digest, "height": result.height, "uetr": transfer.uetr,
             "signed_by": signed_by}  # fmt: skip

    def show() -> None:
        output.say(
            "Settled in block {height}: {moved} from {payer} to {target}.",
            "green",
            height=result.height,
            moved=moved,
            payer=payer,
            target=target,
        )
        say_signers(signed_by)
        say_receipt(f"{party}:{name}")
        track = f"  tongbao pay track {transfer.uetr}"
        output.say("Whatever becomes of it:\n{track}", track=track)

    output.result(value, show)
