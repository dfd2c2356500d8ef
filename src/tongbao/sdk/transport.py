"""How requests travel and answers come back: no certificates where none are needed, and never more
bytes than were asked for, whoever answers."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

PLAIN = {"Accept-Encoding": "identity"}
"""Answers are asked for as they are: of packed ones a few bytes may unpack to any number."""
PIECE_BYTES = 65_536
_END = "-----END CERTIFICATE-----"
_THIS_MACHINE = frozenset(("127.0.0.1", "::1", "localhost"))


def node_url(url: str) -> str:
    """The address of a node as it was given; a ValueError says what is missing."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"{url!r} is no address of a node: it begins with http:// or https://,"
            " as http://127.0.0.1:8420"
        )
    return url


def not_reached(fault: httpx.TransportError, url: object) -> httpx.TransportError:
    """The fault, with a note that names the node and says what can be done."""
    if not getattr(fault, "__notes__", None):
        fault.add_note(
            f"The node at {url} was not reached: see whether it runs and listens there"
            " (/livez), then try again. What was sent may have arrived; the same bytes again are"
            " safe."
        )
    return fault


def plain_transport(url: str) -> httpx.HTTPTransport | None:
    """For plain HTTP to this machine: no proxy between, and no certificates, whose reading takes
    longer than most answers. None for any other address: httpx's own choice."""
    return httpx.HTTPTransport(verify=False) if _is_plain(url) else None


def plain_async_transport(url: str) -> httpx.AsyncHTTPTransport | None:
    """The same for a client that is awaited."""
    return httpx.AsyncHTTPTransport(verify=False) if _is_plain(url) else None


def _is_plain(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _THIS_MACHINE


def pinned_transport(certificate: Path) -> httpx.HTTPTransport:
    """TLS with a node of this machine that shows exactly the first certificate of a PEM file.

    Its name is not asked for: the node may listen on an address that the certificate does not have.
    """
    text = certificate.read_text("ascii")
    first = text[: text.index(_END) + len(_END)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=first)
    return httpx.HTTPTransport(verify=context)


def packing(answer: httpx.Response) -> str:
    """How an answer is packed all the same; empty where it is not."""
    given: str = answer.headers.get("content-encoding", "").strip().lower()
    return "" if given == "identity" else given


class Whole:
    """An answer as it comes in, up to a number of bytes."""

    def __init__(self, answer: httpx.Response, most: int) -> None:
        """Refuses a packed answer, as `add` more than `most` bytes, by httpx.DecodingError."""
        self._answer, self._most = answer, most
        self._parts: list[bytes] = []
        self._size = 0
        if packed := packing(answer):
            self._fault(f"the answer is packed ({packed[:40]}), and was asked for as it is")

    def add(self, part: bytes) -> None:
        """The next piece."""
        self._size += len(part)
        if self._size > self._most:
            self._fault(f"the answer has more than {self._most} bytes")
        self._parts.append(part)

    def content(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)

    def _fault(self, why: str) -> NoReturn:
        raise httpx.DecodingError(f"{self._answer.url}: {why}", request=self._answer.request)
