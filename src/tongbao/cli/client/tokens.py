"""The API tokens that commands show to nodes: from a file or the environment, never typed.

A command line is read by everybody on the machine and kept by shells, so no option takes a token.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tongbao.cli.client.people import Chosen, choose
from tongbao.cli.shell.output import EXIT_USAGE, output
from tongbao.files import state_folder
from tongbao.kernel.wording import Text
from tongbao.sdk.tokens import (
    TokenFault,
    Tokens,
    read_logins,
    read_people,
    read_tokens,
    tokens_text,
)

if TYPE_CHECKING:
    from tongbao.node.comet.network import NetworkMap

TOKEN_VARIABLE = "TONGBAO_TOKEN"  # noqa: S105 - the variable's name
FILE_VARIABLE = "TONGBAO_TOKEN_FILE"
AUTHORITY_VARIABLE = "SSL_CERT_FILE"

tokens = Tokens()
"""Those that this command knows; set up once from the global options."""
wanted = ""
"""As whom to ask, where the command line says it."""
words: Sequence[str] = ()
"""The command line."""
asks: Chosen | None = None
"""As whom the command asks the node that it found."""


def set_up(file: Path | None, person: str = "") -> None:
    """Take the tokens of a file, or else the one in the environment; and as whom to ask."""
    global tokens, wanted, asks
    wanted, asks = person, None
    if file is None:
        tokens = Tokens(os.environ.get(TOKEN_VARIABLE, "").strip())
        return
    try:
        tokens = read_tokens(file)
    except TokenFault as fault:
        output.fail("{fault}", fault=fault)


def acting_party() -> str:
    """The party that the command asks for; empty where it asks as the node, or as nobody."""
    return "" if asks is None else asks.party


def bare(url: str) -> str:
    """An address as it may be shown and kept: without the token that it may carry."""
    return tokens.split(url)


def token_of(url: str) -> str:
    """The token for the node at an address; empty where there is none."""
    return tokens.of(url)


def tokens_for(urls: tuple[str, ...]) -> str:
    """The file for a node that shows these tokens itself."""
    return tokens_text(tokens, urls)


def learn_from_home(url: str, home: Path) -> None:
    """Ask a node as somebody whose token stands in its folder, or as the node itself."""
    _ask_as(url, read_people(home))


def learn_from_logins(url: str) -> None:
    """Ask a node as somebody who has logged in there."""
    _ask_as(url, read_logins(state_folder(), url))


def _ask_as(url: str, people: Mapping[str, str]) -> None:
    global asks
    if not people and not wanted:
        return
    chosen = choose(people, wanted, words)
    if chosen is not None:
        tokens.learn(url, chosen.token)
        asks = chosen
        if chosen.by_rule:
            output.note("asked as {person}", person=chosen.person)


def trust(authority: Path) -> None:
    """Trust certificates of this authority alone, as httpx takes it from the environment."""
    import ssl  # only who gives one waits for it

    try:
        ssl.create_default_context(cafile=authority)
    except (OSError, ValueError) as fault:
        output.fail(
            "--ca {authority}: no certificates in PEM ({fault})",
            None,
            EXIT_USAGE,
            authority=authority,
            fault=fault,
        )
    os.environ[AUTHORITY_VARIABLE] = str(authority)


def let_in(folder: Path, known: NetworkMap) -> None:
    """The same for every node of a network's folder."""
    for one in known.nodes:
        learn_from_home(one.url, folder / one.home)


def hint(name: str) -> Text:
    """What to do about a refusal where a token is missing or wrong."""
    if name not in ("UNAUTHORISED", "FOR_NODES"):
        return Text("")
    return Text(
        ": log in anew (tongbao login), name a file with a token by --token-file or {file}, or put"
        " it into {variable}",
        file=FILE_VARIABLE,
        variable=TOKEN_VARIABLE,
    )
