"""`tongbao tx types|send|sign|submit`: any actions, several at once, signed in several places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.acting import Sending, act, choose_keys, send
from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.wallets import PassphraseFile, WalletFolder, open_wallet
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.kernel.registry import Registry

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")]


def register(tx: typer.Typer) -> None:
    """Add the commands to `tongbao tx`."""
    tx.command("types")(types)
    tx.command("send")(send_actions)
    tx.command("sign")(sign)
    tx.command("submit")(submit)


def _registry() -> Registry:
    from tongbao.kernel.registry import Registry
    from tongbao.modules import installed

    return Registry(installed())


def types(
    kind: Annotated[str, typer.Argument(help="One of them, e.g. payments.hold.")] = "",
) -> None:
    """Every kind of action; with KIND what it takes, field by field."""
    from tongbao.sdk.describe import describe

    known = _registry().transactions
    if not kind:
        every = [describe(one) for one in known.values()]
        rows = [[d.tag, str(d.code), d.scope, d.summary] for d in every]
        columns = ["type", "number", "scope", "what it does"]
        output.result(
            {"items": [{"type": d.tag, "code": d.code, "scope": d.scope, "summary": d.summary}
                       for d in every]},
            lambda: output.table(output.text("Kinds of action"), columns, rows),
        )  # fmt: skip
        return
    if kind not in known:
        output.fail("there is no action {kind}: see `tongbao tx types`", kind=kind)  # fmt: skip
    reported = describe(known[kind])
    rows = [
        [f.name, f.shape, "" if f.required else msgspec.json.encode(f.default).decode(), f.meaning]
        for f in reported.fields
    ]

    def show() -> None:
        output.say(
            "{tag} ({code}): {summary}",
            tag=reported.tag,
            code=reported.code,
            summary=reported.summary,
        )
        output.table("", ["field", "type", "default", "meaning"], rows)

    output.result(msgspec.json.schema(known[kind]), show)


def send_actions(
    file: File,
    party: Annotated[str, typer.Option("--as", help="Party that names the transaction.")] = "",
    reference: Annotated[str, typer.Option("--tx-reference", help="Its reference.")] = "",
    memo: Annotated[str, typer.Option("--tx-memo", help="Words that go with it.")] = "",
    sign: Annotated[str, typer.Option("--sign", help="Labels of the keys.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try it, change nothing.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Lay it before the others.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the envelope, send nothing.")
    ] = None,
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
    url: Url = "",
) -> None:
    """Carry out the actions of a JSON file as one transaction: an object, or an array of them."""
    raw = file.read_bytes().strip()
    raw = raw if raw.startswith(b"[") else b"[" + raw + b"]"
    try:
        actions = _registry().action_decoder.decode(raw)
    except msgspec.DecodeError as fault:
        output.fail("{file}: {fault}", file=file, fault=fault)
    act(actions, Sending(party, reference, memo, sign, 60, dry_run, propose, out, home, wallet,
                         passphrase_file, url))  # fmt: skip


def sign(
    file: File,
    party: Annotated[str, typer.Option("--as", help="Whose keys sign.")],
    labels: Annotated[str, typer.Option("--sign", help="Labels of the keys; default: one.")] = "",
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Add this folder's signatures to an envelope that others began; look at it first."""
    from tongbao.sdk.build import add_signatures, body_of

    envelope = _envelope(file)
    body = body_of(envelope)
    purse = open_wallet(home, wallet, passphrase_file)
    keys, missing = choose_keys(purse, (), party, labels)
    if missing:
        output.fail("there is no key of {party} in this folder", party=party)
    file.write_bytes(add_signatures(envelope, purse.sign(body, keys)))
    value: dict[str, Any] = {"envelope": str(file), "keys": [key.name for key in keys]}
    names = ", ".join(value["keys"])
    output.result(value, lambda: output.say("Signed by {names}.", names=names))


def submit(file: File, home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """Send a signed envelope; sending it again is safe."""
    envelope = _envelope(file)
    with client(url, home) as ledger:
        send(ledger, envelope)


def _envelope(file: Path) -> bytes:
    from tongbao.kernel.transaction import MAX_ENVELOPE_BYTES, Envelope

    raw = file.read_bytes()[: MAX_ENVELOPE_BYTES + 1]
    try:
        msgspec.json.decode(raw, type=Envelope)
    except msgspec.DecodeError as fault:
        output.fail("{file} is no envelope: {fault}", file=file, fault=fault)
    return raw
