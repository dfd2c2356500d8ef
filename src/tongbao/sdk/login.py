"""Logging in by a ledger key: the challenge, what is signed over it, and who somebody then is."""

from __future__ import annotations

import msgspec

from tongbao.sdk.calls import Call, one, post
from tongbao.sdk.documents import Document

LOGIN_PREFIX = b"tongbao/login/1\n"
"""Stands before what is signed, so that it is never a transaction nor an order to the desk."""


class LoginWanted(Document, frozen=True):
    """Who wants to log in."""

    party: str
    key: str
    """Id of a live key of the party on the ledger."""


class LoginChallenge(Document, frozen=True):
    """What is to be signed within a minute, once."""

    chain: str
    nonce: str
    expires_at_ms: int


class LoginSigned(Document, frozen=True):
    """The answer to a challenge."""

    nonce: str
    host: str
    """The node's host and port, as the client called it: it stands in what was signed."""
    signature: bytes
    session: bool = False
    """Whether the token goes into a cookie of the browser, which no script reads, and not into the
    answer."""


class Login(Document, frozen=True):
    """A token, and for whom. It is shown once."""

    token: str
    party: str
    person: str
    expires_at_ms: int


class WhoAsks(Document, frozen=True):
    """Who a token stands for."""

    party: str
    """Empty: nobody, or the node itself."""
    person: str
    roles: tuple[str, ...]
    """The party's on the ledger; `node` or `node_operator`."""


def login_message(chain: str, host: str, party: str, key: str, nonce: str) -> bytes:
    """What is signed: good for one node, one chain, one key and one challenge."""
    return LOGIN_PREFIX + msgspec.json.encode([chain, host.lower(), party, key, nonce])


# ---- requests ------------------------------------------------------------------------------------


def ask(party: str, key: str) -> Call[LoginChallenge]:
    """Ask for a challenge to a key."""
    return post("/v1/login/challenge", msgspec.json.encode(LoginWanted(party, key)), LoginChallenge)


def answer(nonce: str, host: str, signature: bytes) -> Call[Login]:
    """Answer it; `host` is the node's, as it is called."""
    signed = LoginSigned(nonce, host, signature)
    return post("/v1/login", msgspec.json.encode(signed), Login)


def leave() -> Call[WhoAsks]:
    """End the login whose token is shown."""
    return post("/v1/logout", b"{}", WhoAsks)


def who() -> Call[WhoAsks]:
    """As whom the node answers."""
    return one("/v1/whoami", WhoAsks)
