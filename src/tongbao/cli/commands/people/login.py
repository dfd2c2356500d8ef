"""`tongbao login`, `logout`, `whoami`: a token for a person, by a key that the ledger knows."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from tongbao.cli.client import tokens
from tongbao.cli.client.connect import DEFAULT_HOME, Home, Url, client, node_url
from tongbao.cli.client.wallets import PassphraseFile, WalletFolder, open_wallet
from tongbao.cli.shell.output import output


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (login, logout, whoami):
        app.command()(command)


def login(
    party: Annotated[str, typer.Option(help="Party that you act for.")],
    label: Annotated[str, typer.Option(help="Key of the party; default: its first one.")] = "",
    home: Home = DEFAULT_HOME,
    url: Url = "",
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Log in at a node by a key of your party, for half a day.

    The node asks for a signature over a challenge; the key never leaves the folder. The token is
    kept below your own state folder, and commands show it to that node.
    """
    from tongbao.files import state_folder
    from tongbao.sdk.login import answer, ask, login_message
    from tongbao.sdk.tokens import write_login
    from tongbao.sdk.wallet import WalletFault

    address = node_url(url, home)
    purse = open_wallet(home, wallet, passphrase_file)
    found = [key for key in purse.keys(party) if label in ("", key.label)]
    if not found:
        output.fail("there is no key of {party} in {folder}", party=party, folder=purse.folder)
    host = urlsplit(address).netloc
    with client(address) as ledger:
        asked = ledger.call(ask(party, found[0].id))
        message = login_message(asked.chain, host, party, found[0].id, asked.nonce)
        try:
            [signed] = purse.sign_message(message, found[:1])
        except WalletFault as fault:
            output.fail("{fault}", fault=fault)
        made = ledger.call(answer(asked.nonce, host, signed.signature))
    person = f"{made.party}/{made.person}"
    write_login(state_folder(), address, person, made.token)
    output.result(
        {"person": person, "url": address, "expires_at_ms": made.expires_at_ms},
        lambda: output.say("Logged in as {person} at {url}, for half a day.", "green",
                           person=person, url=address),
    )  # fmt: skip


def logout(home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """End a login (`--as` says whose), at the node and on this machine."""
    from tongbao.files import state_folder
    from tongbao.sdk.login import leave
    from tongbao.sdk.tokens import write_login

    with client(url, home) as ledger:
        ledger.call(leave())
    person = "" if tokens.asks is None else tokens.asks.person
    write_login(state_folder(), node_url(url, home), person, "")
    output.result({"person": person}, lambda: output.say("Logged out: {person}", person=person))


def whoami(home: Home = DEFAULT_HOME, url: Url = "") -> None:
    """As whom the node answers you."""
    from tongbao.sdk.login import who

    with client(url, home) as ledger:
        found = ledger.call(who())
    roles = ", ".join(found.roles)
    output.result(
        {"party": found.party, "person": found.person, "roles": list(found.roles)},
        lambda: output.facts(
            output.text("Who asks"),
            {"party": found.party or "-", "person": found.person or "-", "roles": roles or "-"},
        ),
    )
