"""API tokens by address: which node is shown which token.

A line is a node's address and its token with a blank between, or a token alone; `#` begins a
remark. A token alone is for one node, the first that is asked for: shown to every node that a
command names, it would let each of them act at the others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tongbao.files import write_private
from tongbao.kernel.wording import WordedFault

MAX_FILE_BYTES = 65_536
PEOPLE_FILE = "people.tokens"
"""In a demonstration's folder: lines of `PARTY/PERSON TOKEN`."""
NODE_FILE = "node.token"
"""In a node's folder: the token of the node itself."""
LOGINS_FILE = "logins"
"""Below the user's state: lines of `ADDRESS PARTY/PERSON TOKEN`."""
NODE = "node"
_PORTS = {"http": 80, "https": 443}


class TokenFault(WordedFault):
    """A file of tokens that cannot be read."""


class Tokens:
    """What is known. Not for several threads at once while a token alone has found no node."""

    def __init__(self, alone: str = "", named: Mapping[str, str] | None = None) -> None:
        """`alone` is for the first node that is asked for; `named` has tokens by address."""
        self._alone = alone
        self._named = {origin_of(url): token for url, token in (named or {}).items()}

    def __repr__(self) -> str:
        """Whom there are tokens for; none of them."""
        return f"Tokens({', '.join(sorted(self._named))})"

    def of(self, url: str) -> str:
        """The token for the node at an address; empty where there is none."""
        origin = origin_of(url)
        if origin not in self._named and self._alone:
            self._named[origin], self._alone = self._alone, ""
        return self._named.get(origin, "")

    def learn(self, url: str, token: str) -> None:
        """A token for the node at an address, unless one is known."""
        if token:
            self._named.setdefault(origin_of(url), token)

    def split(self, url: str) -> str:
        """An address without user and token; the token that it carried is kept."""
        parts = urlsplit(url)
        if parts.password is not None:
            self._named[origin_of(url)] = unquote(parts.password)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")

    def with_token(self, url: str) -> str:
        """An address with its token as the password of Basic, for who can send no header."""
        token = self.of(url)
        if not token:
            return url
        parts = urlsplit(url)
        return parts._replace(netloc=f"node:{quote(token, safe='')}@{parts.netloc}").geturl()


def origin_of(url: str) -> str:
    """`scheme://host:port` of an address, in one spelling."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    return f"{parts.scheme}://{parts.hostname or ''}:{port}"


def read_tokens(path: Path) -> Tokens:
    """The tokens of a file; TokenFault says which line is none."""
    alone, named = "", {}
    for number, words in _lines(path):
        match words:
            case [token] if not alone:
                alone = token
            case [url, token] if "://" in url:
                named[url] = token
            case _:
                # The line itself may hold a token.
                raise TokenFault(
                    "{path}, line {number}: neither TOKEN, once, nor ADDRESS TOKEN",
                    path=path,
                    number=number,
                )
    return Tokens(alone, named)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The words of each line that says something, with its number."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FILE_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as fault:
        raise TokenFault("{path}: {fault}", path=path, fault=fault) from fault
    if len(text) > MAX_FILE_BYTES:
        raise TokenFault(
            "{path}: more than {max_file_bytes} bytes", path=path, max_file_bytes=MAX_FILE_BYTES
        )
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            yield number, words


def tokens_text(tokens: Tokens, urls: tuple[str, ...]) -> str:
    """The lines of a file that has the tokens of some nodes."""
    lines = [f"{url} {tokens.of(url)}" for url in dict.fromkeys(urls) if tokens.of(url)]
    return "\n".join([*lines, ""]) if lines else ""


def read_people(folder: Path) -> dict[str, str]:
    """The tokens in a node's folder, as far as they may be read: `PARTY/PERSON` -> token, and
    `node` -> that of the node itself."""
    found: dict[str, str] = {}
    if (folder / PEOPLE_FILE).exists():
        found = {words[0]: words[1] for _, words in _lines(folder / PEOPLE_FILE)}
    with contextlib.suppress(OSError, UnicodeDecodeError):
        found[NODE] = (folder / NODE_FILE).read_text("ascii").strip()
    return found


def write_people(folder: Path, people: Mapping[str, str]) -> None:
    """Keep the tokens of people in a folder, for its owner alone."""
    lines = (f"{person} {token}\n" for person, token in people.items())
    write_private(folder / PEOPLE_FILE, "".join(lines).encode())


def read_logins(folder: Path, url: str) -> dict[str, str]:
    """Who has logged in at a node from this machine: `PARTY/PERSON` -> token."""
    if not (folder / LOGINS_FILE).exists():
        return {}
    lines = (words for _, words in _lines(folder / LOGINS_FILE) if len(words) == 3)
    return {person: token for node, person, token in lines if node == origin_of(url)}


def write_login(folder: Path, url: str, person: str, token: str) -> None:
    """Remember a login at a node in place of the one before; with an empty token, forget it."""
    origin, kept = origin_of(url), []
    if (folder / LOGINS_FILE).exists():
        kept = [words for _, words in _lines(folder / LOGINS_FILE) if words[:2] != [origin, person]]
    kept += [[origin, person, token]] if token else []
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = "".join(" ".join(words) + "\n" for words in kept)
    write_private(folder / LOGINS_FILE, text.encode())
