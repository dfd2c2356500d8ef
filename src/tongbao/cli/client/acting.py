"""Acting on the ledger: try it, gather the signatures that it needs, send it, say what happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tongbao.cli.client.connect import client
from tongbao.cli.client.tokens import acting_party
from tongbao.cli.client.wallets import open_wallet
from tongbao.cli.shell.near import way
from tongbao.cli.shell.options import decimals_of
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import message
from tongbao.words import Both

if TYPE_CHECKING:
    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk import Client
    from tongbao.sdk.answers import Needed, Result, Simulated
    from tongbao.sdk.wallet import PublicKey, Wallet


class Sending(NamedTuple):
    """How a transaction is named, signed and sent; the options that all such commands take."""

    party: str = ""
    """Who names it; empty: the first whose approval it needs."""
    reference: str = ""
    memo: str = ""
    sign: str = ""
    """Labels of the keys, comma-separated; empty: as many as the policies ask for."""
    expires_minutes: int = 60
    dry_run: bool = False
    propose: bool = False
    """Lay it before the party's other people as a proposal on the ledger."""
    out: Path | None = None
    """Write the signed envelope here and send nothing."""
    home: Path = Path()
    wallet: Path | None = None
    passphrase_file: Path | None = None
    url: str = ""


def act(actions: Sequence[Transaction], how: Sending) -> None:
    """Carry actions out as one transaction: all of them, or none and a code."""
    from tongbao.sdk.build import build, new_reference, seal

    with client(how.url, how.home) as ledger:
        status = ledger.status()
        expires = status.time_ms + how.expires_minutes * 60_000
        reference = how.reference or new_reference("T")

        def body_by(party: str, what: Sequence[Transaction]) -> bytes:
            return build(status.chain, party, reference, what, expires, how.memo)

        actor = how.party or acting_party() or _actor(actions)
        tried = ledger.simulate(body_by(actor, actions))
        party = how.party or (tried.approvals[0].party if tried.approvals else _actor(actions))
        # Who approves a proposal is known from the signatures, which are still to come.
        if how.dry_run or not (tried.done or tried.name in ("NOT_SIGNED", "APPROVAL_MISSING")):
            _tell_trial(tried, ledger)
            return
        approvals = tried.approvals
        if how.propose:
            actions, approvals = [_proposal(party, actions, status.time_ms)], ()
        body = body_by(party, actions)
        purse = open_wallet(how.home, how.wallet, how.passphrase_file)
        keys, missing = choose_keys(purse, approvals, party, how.sign)
        envelope = seal(body, purse.sign(body, keys, namer=party))
        if how.out is not None:
            how.out.write_bytes(envelope)
            _tell_written(how.out, missing)
            return
        if missing:
            _fail_missing(missing)
        send(ledger, envelope, [f"{key.party}/{key.label}" for key in keys],
             f"{party}:{reference}")  # fmt: skip


def choose_keys(
    purse: Wallet, approvals: Sequence[Needed], namer: str, labels: str
) -> tuple[list[PublicKey], list[str]]:
    """Keys of the folder that meet the approvals, and what of them no key here can give."""
    wanted = [label for label in labels.split(",") if label]
    needed: dict[str, int] = {namer: 1}
    for one in approvals:
        needed[one.party] = max(needed.get(one.party, 1), one.keys)
    chosen: list[PublicKey] = []
    missing: list[str] = []
    for party, count in needed.items():
        there = [key for key in purse.keys(party) if not wanted or key.label in wanted]
        there = there if wanted else there[:count]
        chosen += there
        if len(there) < count:
            missing.append(f"{party}: {count - len(there)}")
    return chosen, missing


def send(ledger: Client, envelope: bytes, signed_by: Sequence[str] = (), named: str = "") -> None:
    """Submit an envelope and say what became of it; a refusal ends the command."""
    _tell_result(ledger.submit_and_wait(envelope), ledger, signed_by, named)


def say_signers(signed_by: Sequence[str]) -> None:
    """Whose keys signed what was sent, as `PARTY/LABEL`."""
    if signed_by:
        output.say("  signed by {signed_by}", signed_by=", ".join(signed_by))


def sentences(events: Sequence[dict[str, Any]], ledger: Client) -> list[str]:
    """Events in words, in the language of the output."""
    from tongbao.kernel.registry import Registry
    from tongbao.modules import installed
    from tongbao.sdk.sentences import Sentences

    reported = Sentences(output.language, decimals_of(ledger))
    kinds = Registry(installed()).events
    return [line for event in events for line in reported.tell(kinds.get(event["event"]), event)]


def _actor(actions: Sequence[Transaction]) -> str:
    """The party that the first action speaks of as the one who acts."""
    for name in ("party", "proposer", "by"):
        if isinstance(found := getattr(actions[0], name, None), str) and found:
            return found
    return "nobody"


def _proposal(party: str, actions: Sequence[Transaction], time_ms: int) -> Transaction:
    from tongbao.modules.parties import Propose

    plain = msgspec.json.encode(tuple(actions))
    return Propose(party, msgspec.Raw(plain), time_ms + 23 * 3_600_000)


def _tell_trial(tried: Simulated, ledger: Client) -> None:
    approvals = [f"{a.party}/{a.scope}: {a.keys}" for a in tried.approvals]
    if not tried.done:
        output.fail(
            "it would be refused: {text} ({name}, {code}); nothing was sent{more}",
            {"code": tried.code, "name": tried.name, "approvals": approvals},
            text=Both(tried.text, tried.text_zh), name=tried.name, code=tried.code,
            more=way(tried.name),
        )  # fmt: skip
    lines = sentences(tried.events, ledger)
    value = {"dry_run": True, "code": 0, "approvals": approvals, "events": tried.events}

    def show() -> None:
        output.say("It would be done; nothing was sent:")
        _list(lines)
        output.say("Approvals: {approvals}", approvals=", ".join(approvals))

    output.result(value, show)


def say_receipt(transaction: str) -> None:
    """How to get the receipt of a transaction: a digest, or `PARTY:REFERENCE`."""
    import shlex

    command = f"tongbao receipt get {shlex.quote(transaction)}"
    output.say("Receipt:\n  {command}", command=command)


def _tell_result(result: Result, ledger: Client, signed_by: Sequence[str], named: str) -> None:
    lines = sentences(result.events, ledger)
    value = {"digest": result.digest, "height": result.height, "events": result.events,
             "signed_by": list(signed_by)}  # fmt: skip

    def show() -> None:
        output.say("Done in block {height}, for good:", "green", height=result.height)  # fmt: skip
        _list(lines)
        say_signers(signed_by)
        say_receipt(named or result.digest)

    output.result(value, show)


def _list(lines: Sequence[str]) -> None:
    for line in lines:
        output.say("  {line}", line=line)


def _tell_written(out: Path, missing: list[str]) -> None:
    value = {"envelope": str(out), "missing": missing}
    template = (
        message(
            "Signed envelope written to {out}; nothing was sent. Still missing (party: keys):"
            " {rest}; they sign it with `tongbao tx sign {out}`."
        )
        if missing
        else message("Signed envelope written to {out}; nothing was sent.")
    )
    output.result(value, lambda: output.say(template, out=out, rest=", ".join(missing)))


def _fail_missing(missing: list[str]) -> None:
    rest = ", ".join(missing)
    output.fail(
        "keys are missing in this folder (party: how many): {rest}. Write the envelope"
        " for others to sign with --out FILE, or lay it before them with --propose",
        {"missing": missing},
        rest=rest,
    )
