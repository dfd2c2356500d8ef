"""`tongbao travel`: travel-rule data, sealed to the two institutions and the supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.wallets import PassphraseFile, WalletFolder, passphrase
from tongbao.cli.shell.output import output

travel = typer.Typer(
    help="Travel rule: who pays and is paid, sealed to those entitled.", no_args_is_help=True
)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(travel, name="travel")


def _key_file(home: Path, wallet: Path | None, party: str) -> Path:
    return (wallet or home / "wallet") / f"{party}.sealing.pem"


@travel.command("key")
def key(
    party: Annotated[str, typer.Argument(help="Party whose key it is.")],
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a sealing key; publish its public half with `tongbao corridor publish-sealing-key`."""
    import base64

    from tongbao.sdk.travel_rule import TravelRuleFault, create_key

    path = _key_file(home, wallet, party)
    try:
        public = create_key(path, passphrase(party, path.parent, passphrase_file))
    except TravelRuleFault as fault:
        output.fail("{fault}", fault=fault)
    reported = base64.b64encode(public).decode()
    command = (
        f"tongbao corridor publish-sealing-key --party {party} --suite x25519 --public {reported}"
    )
    output.result(
        {"file": str(path), "suite": "x25519", "public": reported},
        lambda: output.say(
            "Sealing key in {path}. Publish it: {command}", path=path, command=command
        ),
    )


def _person(path: Path) -> Any:
    from tongbao.sdk.travel_rule import Person

    try:
        return msgspec.json.decode(path.read_bytes(), type=Person)
    except msgspec.DecodeError as fault:
        output.fail("{path}: {fault}", path=path, fault=fault)


@travel.command("subject")
def subject(
    person: Annotated[Path, typer.Argument(exists=True, help="JSON: name, account, country, ...")],
    nonce: Annotated[str, typer.Option(help="Of an earlier time; default: a new one.")] = "",
) -> None:
    """The digest by which the ledger knows somebody, for screening results and payments."""
    from tongbao.sdk.travel_rule import TravelRuleFault, new_nonce, subject_digest

    kept = nonce or new_nonce()
    try:
        digest = subject_digest(_person(person), kept)
    except TravelRuleFault as fault:
        output.fail("{fault}", fault=fault)
    output.result(
        {"subject": digest, "nonce": kept},
        lambda: output.say(
            "{digest} (nonce {kept}: keep it, whoever screens needs it)", digest=digest, kept=kept
        ),
    )


@travel.command("seal")
def seal(
    originator: Annotated[Path, typer.Argument(exists=True, help="JSON of who pays.")],
    beneficiary: Annotated[Path, typer.Argument(exists=True, help="JSON of who is paid.")],
    uetr: Annotated[str, typer.Option(help="UETR of the payment.")],
    recipients: Annotated[
        list[str], typer.Option("--to", help="Party it is sealed to; several times for more.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File of the envelope.")],
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Seal the two ends of a payment (IVMS 101) to parties, by the keys that they published."""
    import base64

    from tongbao.sdk import travel_rule

    payload = travel_rule.ivms(_person(originator), _person(beneficiary))
    with client(url, home) as ledger:
        found = [ledger.corridors.sealing_key(party) for party in recipients]
    keys = {one.party: base64.b64decode(one.public) for one in found}
    try:
        raw = travel_rule.seal(payload, uetr, keys)
    except travel_rule.TravelRuleFault as fault:
        output.fail("{fault}", fault=fault)
    out.write_bytes(raw)
    digest = travel_rule.envelope_digest(raw)
    more = f"--uetr {uetr} --envelope {out}"
    output.result(
        {"envelope": str(out), "travel_rule": digest, "sealed_to": sorted(keys)},
        lambda: output.say(
            "Sealed to {keys}: {out}. Pay with: {more}",
            keys=", ".join(sorted(keys)),
            out=out,
            more=more,
        ),
    )


@travel.command("open")
def open_envelope(
    envelope: File,
    party: Annotated[str, typer.Option(help="Whose key opens it.")],
    home: Home = DEFAULT_HOME,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Open an envelope that was sealed to a party of this folder."""
    from tongbao.sdk.travel_rule import TravelRuleFault, envelope_digest, load_key, open_sealed

    path = _key_file(home, wallet, party)
    if not path.exists():
        output.fail("there is no sealing key {path}", path=path)
    raw = envelope.read_bytes()
    try:
        private = load_key(path, passphrase(party, path.parent, passphrase_file))
        reply = open_sealed(raw, party, private)
    except TravelRuleFault as fault:
        output.fail("{fault}", fault=fault)
    value = {"travel_rule": envelope_digest(raw), "ivms101": reply}
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    output.result(value, lambda: output.say("{text}", text=text))
