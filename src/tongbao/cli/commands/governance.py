"""`tongbao governance`: who signs blocks, what members vote on, upgrades of the rules."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client
from tongbao.cli.client.looking import Columns, Limit, listed, looks, moment, shown
from tongbao.cli.client.verbs import command_of, convert, typed
from tongbao.cli.client.wallets import PassphraseFile, passphrase
from tongbao.cli.shell.contents import growing
from tongbao.cli.shell.output import output

if TYPE_CHECKING:
    from tongbao.cli.client.acting import Sending
    from tongbao.kernel.transaction import Transaction
    from tongbao.node.home import ValidatorKey
    from tongbao.sdk import Client
    from tongbao.sdk.describe import FieldDescription

group = typer.Typer(
    cls=growing(lambda extra: _member_actions(extra)),
    help="Members, votes, upgrades, evidence.",
    no_args_is_help=True,
)
propose = typer.Typer(
    cls=growing(lambda extra: _proposed_actions(extra)),
    help="Open a vote: ask the members for a change.",
    no_args_is_help=True,
)
OfParty = Annotated[str, typer.Option("--party", help="Only this party's.")]
_PROOFS = ("public", "proof", "old_proof")
"""Fields that a seat file carries."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="governance")
    group.add_typer(propose, name="propose")


# ---- looking -------------------------------------------------------------------------------------


@group.command("show")
@looks
def show(ledger: Client) -> None:
    """How votes are decided, how much may move now, which rules come next."""
    shown("", ledger.governance.current())


@group.command("members")
@looks
def members(ledger: Client, party_id: OfParty = "", limit: Limit = 100) -> None:
    """Those who sign blocks, with their power."""
    total = ledger.governance.current().total_power
    columns: Columns = {
        "party": lambda m: m.party, "power": lambda m: str(m.power),
        "share %": lambda m: _percent(m.power, total), "address": lambda m: m.address,
    }  # fmt: skip
    title = output.text("Members")
    own = [ledger.governance.seat(party_id)] if party_id else ledger.governance.seats()
    listed(title, columns, own, limit)


def _percent(power: int, total: int) -> str:
    hundredths = power * 10_000 // total
    return f"{hundredths // 100}.{hundredths % 100:02d}"


@group.command("upgrades")
@looks
def upgrades(
    ledger: Client,
    state: Annotated[str, typer.Option(help="agreed or cancelled.")] = "",
    limit: Limit = 50,
) -> None:
    """Versions of the rules: the first, and what members agreed on since."""
    height = ledger.status().height

    def become(upgrade: Any) -> str:
        taken = upgrade.state == "agreed" and upgrade.height <= height
        return "taken" if taken else str(upgrade.state)

    columns: Columns = {
        "version": lambda u: str(u.version), "block": lambda u: str(u.height),
        "state": become, "agreed (UTC)": lambda u: moment(u.created_at_ms),
    }  # fmt: skip
    title = output.text("Upgrades")
    listed(title, columns, ledger.governance.upgrades(state=state or None), limit)


# ---- a seat's key --------------------------------------------------------------------------------

KeyFile = Annotated[Path, typer.Option("--key", help="Consensus key (PEM); made with --create.")]


@group.command("prove")
def prove(
    party: Annotated[str, typer.Argument(metavar="PARTY")],
    key: KeyFile,
    create: Annotated[bool, typer.Option("--create", help="Make the key first.")] = False,
    old_key: Annotated[
        Path | None, typer.Option("--old-key", help="To rotate: the key that the seat has.")
    ] = None,
    chain: Annotated[str, typer.Option(help="Default: the running node's.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the seat file here.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    home: Home = DEFAULT_HOME,
    url: Url = "",
) -> None:
    """Sign, with a consensus key, that it may stand for a party's seat: the file for `--seat`."""
    from tongbao.modules.governance import seat_statement

    if not chain:
        with client(url, home) as ledger:
            chain = ledger.status().chain
    new = _key(key, passphrase_file, create=create)
    statement = seat_statement(chain, party, new.public)
    seat = {"party": party, "chain": chain, "public": _text(new.public),
            "proof": _text(new.sign(statement))}  # fmt: skip
    if old_key is not None:
        seat["old_proof"] = _text(_key(old_key, passphrase_file).sign(statement))
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(seat), indent=2))
    output.result(seat, lambda: output.facts(party, seat))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _key(path: Path, passphrase_file: Path | None, *, create: bool = False) -> ValidatorKey:
    from tongbao.node.home import HomeFault, ValidatorKey

    secret = passphrase(path.name, path.parent, passphrase_file)
    if create and path.exists():
        output.fail("{path} exists already", path=path)
    try:
        return ValidatorKey.create(path, secret) if create else ValidatorKey.load(path, secret)
    except HomeFault as fault:
        output.fail("{fault}", fault=fault)


# ---- acting --------------------------------------------------------------------------------------


def _member_actions(extra: typer.Typer) -> None:
    from tongbao.cli.client.derived import add_lists
    from tongbao.modules import governance as module
    from tongbao.sdk.describe import describe

    add_lists(extra, module.MODULE, {
        "history": "seat_change", "votes": "vote", "answers": "vote_answer", "evidence": "evidence",
    })  # fmt: skip
    for kind, verb in (
        (module.CastVote, "vote"),
        (module.WithdrawVote, "withdraw"),
        (module.RotateSeatKey, "rotate-key"),
    ):
        reported = describe(kind)
        extra.command(verb, help=reported.summary)(_acting(kind, reported.fields))


def _proposed_actions(extra: typer.Typer) -> None:
    from tongbao.modules import governance as module
    from tongbao.sdk.describe import describe, fields_of

    asking = tuple(f for f in describe(module.OpenVote).fields if f.name != "change")
    for change in module.CHANGES:
        verb = str(change.__struct_config__.tag).replace("_", "-")
        summary = (change.__doc__ or "").split("\n")[0]
        extra.command(verb, help=summary)(_proposing(tuple(fields_of(change)), asking, change))


def _acting(kind: type[Transaction], fields: tuple[FieldDescription, ...]) -> Callable[..., None]:
    def build(given: dict[str, Any], how: Sending) -> Transaction:
        seat = _seat(given)
        plain = tuple(field for field in fields if field.name in given)
        return convert(typed(plain, given, how) | seat, kind)

    return command_of(_with_seat_file(fields), build)


def _proposing(
    fields: tuple[FieldDescription, ...],
    asking: tuple[FieldDescription, ...],
    change: type[Any],
) -> Callable[..., None]:
    def build(given: dict[str, Any], how: Sending) -> Transaction:
        from tongbao.modules.governance import OpenVote

        seat = _seat(given)
        seat.pop("old_proof", None)
        wanted = tuple(field for field in fields if field.name in given)
        inner = typed(wanted, given, how) | seat | {"change": change.__struct_config__.tag}
        return convert(typed(asking, given, how) | {"change": inner}, OpenVote)

    return command_of((*_with_seat_file(fields), *asking), build)


def _with_seat_file(fields: tuple[FieldDescription, ...]) -> tuple[FieldDescription, ...]:
    """Key and proofs come in the file that `prove` wrote, and not as options."""
    from tongbao.sdk.describe import FieldDescription

    plain = tuple(field for field in fields if field.name not in _PROOFS)
    if len(plain) == len(fields):
        return fields
    meaning = "The seat file that `tongbao governance prove` wrote."
    return (*plain, FieldDescription("seat", "text", True, None, meaning, False))


def _seat(given: dict[str, Any]) -> dict[str, Any]:
    """Key and proofs of the seat file that was named; nothing where the action takes none."""
    path = given.pop("seat", "")
    if not path:
        return {}
    try:
        reply = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError) as fault:
        output.fail("{path}: no seat file: {fault}", path=path, fault=fault)
    return {name: reply[name] for name in _PROOFS if name in reply}
