"""`tongbao access`: whom a node knows by a token that its operator gave."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tongbao.cli.client.connect import DEFAULT_HOME, Home
from tongbao.cli.client.looking import moment
from tongbao.cli.shell.output import EXIT_USAGE, output

access = typer.Typer(help="Whom a node knows: tokens for people and nodes.", no_args_is_help=True)
DAY_MS = 24 * 3_600_000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(access, name="access")


@access.command("grant")
def grant(
    kind: Annotated[
        Literal["person", "operator", "node"],
        typer.Argument(help="A person of a party; who operates the node; another node."),
    ],
    name: Annotated[str, typer.Argument(help="PARTY/PERSON; of an operator or a node any name.")],
    days: Annotated[int, typer.Option(min=0, help="How long it counts; 0: for good.")] = 90,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write the token here, for you alone.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Make a token; the node keeps its digest alone, so it is shown this once.

    A person reads what concerns the party, an operator the node's figures, a node everything.
    """
    from tongbao.files import write_private
    from tongbao.gateway.viewers.access import (
        GRANTS,
        Grant,
        digest_of,
        new_token,
        read_grants,
        write_grants,
    )
    from tongbao.node.clock import utc_ms

    party, slash, person = name.partition("/") if kind == "person" else ("", "/", name)
    if not (slash and person and (party or kind != "person")):
        output.fail("{name}: a person is PARTY/PERSON", None, EXIT_USAGE, name=name)
    token = new_token()
    until = utc_ms() + days * DAY_MS if days else 0
    made = Grant(digest_of(token), kind, party, person, until)
    write_grants(home / GRANTS, [*read_grants(home / GRANTS), made])
    if out is not None:
        write_private(out, token.encode() + b"\n")
    value = {"kind": kind, "party": party, "person": person, "expires_at_ms": until}
    shown = {"file": str(out)} if out is not None else {"token": token}
    output.result(value | shown, lambda: output.say(
        "{name}: {token}", name=name, token=token if out is None else out
    ))  # fmt: skip


@access.command("list")
def list_grants(home: Home = DEFAULT_HOME) -> None:
    """Whom the node knows by a token that was given; logins of people are not among them."""
    from tongbao.gateway.viewers.access import GRANTS, read_grants

    found = read_grants(home / GRANTS)
    items = [
        {"token": one.digest[:12], "kind": one.kind, "party": one.party, "person": one.person,
         "expires_at_ms": one.expires_at_ms}
        for one in found
    ]  # fmt: skip
    columns = ["token", "kind", "party", "person", "until (UTC)"]
    rows = [
        [one.digest[:12], one.kind, one.party, one.person, moment(one.expires_at_ms)]
        for one in found
    ]
    output.result({"items": items}, lambda: output.table(output.text("Tokens"), columns, rows))


@access.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="First signs of its digest, as the list has it.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Take a token away; the node obeys at once."""
    from tongbao.gateway.viewers.access import GRANTS, read_grants, write_grants

    known = read_grants(home / GRANTS)
    kept = [one for one in known if not one.digest.startswith(token)]
    if len(known) - len(kept) != 1:
        output.fail("{token} is of {count} tokens", token=token, count=len(known) - len(kept))
    write_grants(home / GRANTS, kept)
    output.result({"revoked": token}, lambda: output.say("Revoked: {token}", token=token))
