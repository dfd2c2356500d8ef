"""Who asks: tokens, the party and person that each stands for, and when it ends.

A node keeps the SHA-256 of tokens alone, in two files that only its owner reads: `access.jsonl`,
which its operator writes, and `sessions.jsonl`, which it writes itself as people log in. Its own
token stands in `node.token`, for commands on its machine: who reads that file reads the store, too.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from tongbao.files import write_private
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import KEYS
from tongbao.kernel.views import ReadView
from tongbao.modules.parties import PARTIES
from tongbao.node.home import HomeFault
from tongbao.readmodel import Viewer
from tongbao.readmodel.viewer import NODE_OPERATOR
from tongbao.sdk.tokens import NODE_FILE

log = structlog.get_logger(__name__)
GRANTS, SESSIONS = "access.jsonl", "sessions.jsonl"
MAX_SESSIONS = 10_000
"""Logins that are kept; the oldest ends first."""


class AccessFault(HomeFault):
    """A file of tokens that cannot be read, or that others may read."""


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a token stands for: a line of the files."""

    digest: str
    """SHA-256 of the token, hex."""
    kind: Literal["person", "operator", "node"] = "person"
    """A person of a party; who operates this node; another node of the network."""
    party: str = ""
    person: str = ""
    """Who it is within the party, or what an operator or a node is called."""
    expires_at_ms: int = 0
    """0: never."""
    key: str = ""
    """Id of the ledger key by which somebody logged in: the token ends with it."""


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """By which a token is known."""
    return content_digest(token.encode()).hex()


def read_grants(path: Path) -> list[Grant]:
    """The grants of a file; none where there is none. AccessFault says what is wrong."""
    try:
        if path.stat().st_mode & 0o077:
            raise AccessFault("{path} is for its owner alone: chmod 600 {path}", path=path)
        lines = path.read_text("utf-8").splitlines()
        return [msgspec.json.decode(line, type=Grant) for line in lines if line.strip()]
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as fault:
        raise AccessFault("{path}: {fault}", path=path, fault=fault) from fault


def write_grants(path: Path, grants: Iterable[Grant]) -> None:
    """Write a file of grants, whole."""
    write_private(path, b"".join(msgspec.json.encode(one) + b"\n" for one in grants))


def own_token(folder: Path) -> str:
    """The node's own token, made where there is none."""
    path = folder / NODE_FILE
    if not path.exists():
        write_private(path, new_token().encode())
    return path.read_text("ascii").strip()


class Access:
    """The tokens of a node. For several threads at once."""

    def __init__(self, folder: Path | None = None, grants: Iterable[Grant] = ()) -> None:
        """Those of a node's folder, and some beside. AccessFault where a file cannot be read."""
        self._lock = threading.Lock()
        self._fixed = {one.digest: one for one in grants}
        self._file = None if folder is None else folder / GRANTS
        self._sessions_file = None if folder is None else folder / SESSIONS
        if folder is not None:
            own = Grant(digest_of(own_token(folder)), "node")
            self._fixed[own.digest] = own
        self._stamp: tuple[int, int] = (0, 0)
        self._granted: dict[str, Grant] = {}
        self._look()
        kept = [] if self._sessions_file is None else read_grants(self._sessions_file)
        self._sessions = {one.digest: one for one in kept}

    def _look(self) -> None:
        """Read the operator's file again where it has changed."""
        if self._file is None:
            return
        try:
            found = self._file.stat()
            stamp = (found.st_mtime_ns, found.st_size)
        except FileNotFoundError:
            stamp = (0, 0)
        if stamp != self._stamp:
            self._stamp = stamp
            self._granted = {one.digest: one for one in read_grants(self._file)}

    def grant_of(self, token: str, now_ms: int) -> Grant | None:
        """What a token stands for; None where it is unknown or has ended."""
        digest = digest_of(token)
        with self._lock:
            try:
                self._look()
            except AccessFault as fault:  # who was known stays so until it can be read again
                log.error("access.unreadable", error=str(fault))
            found = (self._fixed.get(digest) or self._granted.get(digest)
                     or self._sessions.get(digest))  # fmt: skip
        if found is None or (found.expires_at_ms and found.expires_at_ms <= now_ms):
            return None
        return found

    def begin(self, grant: Grant, now_ms: int) -> None:
        """Remember a login."""
        with self._lock:
            live = [one for one in self._sessions.values() if one.expires_at_ms > now_ms]
            self._keep([*live[-MAX_SESSIONS + 1 :], grant])

    def end(self, token: str) -> bool:
        """Forget a login; whether there was one."""
        with self._lock:
            digest = digest_of(token)
            known = digest in self._sessions
            if known:
                self._keep([one for one in self._sessions.values() if one.digest != digest])
            return known

    def _keep(self, sessions: list[Grant]) -> None:
        self._sessions = {one.digest: one for one in sessions}
        if self._sessions_file is not None:
            write_grants(self._sessions_file, sessions)


def viewer_of(grant: Grant, view: ReadView) -> Viewer | None:
    """Whoever shows a token, with the roles that their party has now; None where the key by which
    they logged in counts no longer, or the party is gone."""
    if grant.kind == "node":
        return Viewer.node()
    if grant.kind == "operator":
        return Viewer(person=grant.person, roles=frozenset((NODE_OPERATOR,)))
    if grant.key:
        key = view.get(KEYS, grant.party, grant.key)
        if key is None or key.state(view.time_ms) != "live":
            return None
    party = view.get(PARTIES, grant.party)
    return None if party is None else Viewer(grant.party, grant.person, frozenset(party.roles))
