"""The API tokens that commands show to nodes: from a file or the environment, never typed.

A command line is read by everybody on the machine and kept by shells, so no option takes a token.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongbao.cli.shell.output import EXIT_USAGE, output
from tongbao.kernel.wording import Text
from tongbao.sdk.tokens import TokenFault, Tokens, first_token, read_tokens, tokens_text

if TYPE_CHECKING:
    from tongbao.node.comet.network import NetworkMap

TOKEN_VARIABLE = "TONGBAO_TOKEN"  # noqa: S105 - the variable's name
FILE_VARIABLE = "TONGBAO_TOKEN_FILE"
AUTHORITY_VARIABLE = "SSL_CERT_FILE"

tokens = Tokens()
"""Those that this command knows; set up once from the global options."""


def set_up(file: Path | None) -> None:
    """Take the tokens of a file, or else the one in the environment."""
    global tokens
    if file is None:
        tokens = Tokens(os.environ.get(TOKEN_VARIABLE, "").strip())
        return
    try:
        tokens = read_tokens(file)
    except TokenFault as fault:
        output.fail("{fault}", fault=fault)


def bare(url: str) -> str:
    """An address as it may be shown and kept: without the token that it may carry."""
    return tokens.split(url)


def token_of(url: str) -> str:
    """The token for the node at an address; empty where there is none."""
    return tokens.of(url)


def tokens_for(urls: tuple[str, ...]) -> str:
    """The file for a node that shows these tokens itself."""
    return tokens_text(tokens, urls)


def learn_from_home(url: str, home: Path, file: str = "") -> None:
    """Who may read a node's own list of tokens is let in by it; `file` where it says that it is."""
    tokens.learn(url, first_token(Path(file)) if file else _token_in(home))


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


def _token_in(home: Path) -> str:
    try:
        settings: dict[str, Any] = tomllib.loads((home / "node.toml").read_text("utf-8"))
        file = str(settings.get("gateway", {}).get("tokens_file", ""))
    except (OSError, ValueError, AttributeError):
        return ""
    return first_token(home / file) if file else ""


def hint(name: str) -> Text:
    """What to do about a refusal where a token is missing or wrong."""
    if name != "UNAUTHORISED":
        return Text("")
    return Text(
        ": name a file with it by --token-file or {file}, or put it into {variable}",
        file=FILE_VARIABLE,
        variable=TOKEN_VARIABLE,
    )
