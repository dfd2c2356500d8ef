"""The client's core without I/O: every request as a value, and how its answer is read.

The shells (`Client`, `AsyncClient`) only send what stands here and hand back what comes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from tongbao.sdk.answers import Problem, ProblemDocument, Result, decode_problem
from tongbao.sdk.documents import Document, Page, Row
from tongbao.sdk.quantities import BadQuantity

T = TypeVar("T")
D = TypeVar("D", bound=Document | Row)
BATCH_COUNT = 500
BATCH_BYTES = 4 * 1_048_576
RESOLVED_COUNT = 1000
PAGE = 200
MOST_A_PAGE = 1_000
"""A node gives no more at once."""
MAX_ANSWER_BYTES = 64 * 1_048_576
"""Whoever answers, a client reads no more: the longest answers are files of some megabytes."""
HEIGHT = "Tongbao-Height"
"""Header of an answer: the block that it shows, or that what was submitted stands in."""
AT_LEAST_HEIGHT = "Tongbao-At-Least-Height"
"""Request header: lists answer once the read model has come to this height."""
AGAIN = frozenset((429, 502, 503, 504))
"""Statuses after which the same bytes are sent again: law 2 makes that safe."""
JSON = "application/json"
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding an answer may raise, whoever gave it."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request and how its answer is read."""

    method: str
    path: str
    decode: Callable[[bytes], T]
    params: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    content_type: str = JSON
    most_bytes: int = MAX_ANSWER_BYTES
    """The answer may have no more."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing(Generic[D]):
    """A list that comes in pages."""

    path: str
    item: type[D]
    params: Mapping[str, str] = field(default_factory=dict)

    def page(self, cursor: str | None, limit: int = PAGE, *, count: bool = False) -> Call[Page[D]]:
        """The request for the page after a cursor; `count` asks how many there are in all."""
        params = {**self.params, "limit": str(limit)}
        if count:
            params["count"] = "true"
        if cursor is not None:
            params["cursor"] = cursor
        item: Any = self.item
        return Call("GET", self.path, _page_decoder(item), params)


@lru_cache(maxsize=64)
def _page_decoder(item: Any) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(Page[item], dec_hook=_read).decode


def _read(kind: type[Any], reported: Any) -> Any:
    return kind(reported)


def _decoder(kind: type[T]) -> Callable[[bytes], T]:
    return msgspec.json.Decoder(kind, dec_hook=_read).decode


def _given(**params: object) -> dict[str, str]:
    """Parameters as they are sent: what is None is not, nor is what is switched off."""
    sent = {name: "true" if value is True else value for name, value in params.items()}
    return {name: str(one) for name, one in sent.items() if one is not None and one is not False}


def segment(text: str) -> str:
    """A path segment: everything escaped, the slash too."""
    return quote(text, safe="")


def account_path(account: str) -> str:
    """`/v1/accounts/{party}/{name}` of an account id; BadQuantity for what is none."""
    party, _, name = account.partition("/")
    if not (party and name):
        raise BadQuantity(
            "{account} is no account: one is written party/name, e.g. {party}/main",
            account=account,
            party=party or "hengtong",
        )
    return f"/v1/accounts/{segment(party)}/{segment(name)}"


# ---- calls ---------------------------------------------------------------------------------------


def submit(
    envelopes: Iterable[bytes], count: int, *, events: bool
) -> Iterator[Call[tuple[Result, ...]]]:
    """Batches, each answered in order when all of it is final."""
    path, read = "/v1/transactions/batch", _decoder(tuple[Result, ...])
    params = {"events": "true"} if events else {}
    for batch in batches(envelopes, count):
        yield Call("POST", path, read, params, b"\n".join(batch), "application/x-ndjson")


def batches(envelopes: Iterable[bytes], count: int = BATCH_COUNT) -> Iterator[list[bytes]]:
    """Cut envelopes into batches that a gateway takes."""
    batch: list[bytes] = []
    size = 0
    for envelope in envelopes:
        if batch and (len(batch) >= count or size + len(envelope) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(envelope)
        size += len(envelope) + 1
    if batch:
        yield batch


def resolve(numbers: Iterable[str]) -> Iterator[Call[dict[str, str]]]:
    """The accounts behind IBANs, linked numbers and account ids; unknown ones are left out."""
    listed = list(numbers)
    for start in range(0, len(listed), RESOLVED_COUNT):
        content = msgspec.json.encode(listed[start : start + RESOLVED_COUNT])
        yield post("/v1/accounts/resolve", content, dict[str, str])


def one(path: str, kind: type[T], **params: object) -> Call[T]:
    """What stands at a path, asked with the parameters that are not None."""
    return Call("GET", path, _decoder(kind), _given(**params))


def post(
    path: str, content: bytes, kind: type[T], headers: Mapping[str, str] | None = None
) -> Call[T]:
    """What is answered to JSON that is sent to a path."""
    return Call("POST", path, _decoder(kind), content=content, headers=headers or {})


def in_order(oldest_first: bool) -> str | None:
    """The filter that turns a list in the order of time round; newest first is how it comes."""
    return "oldest" if oldest_first else None


def listing(path: str, item: type[D], **filters: object) -> Listing[D]:
    """A list at a path, with the filters that are not None."""
    return Listing(path, item, _given(**filters))


# ---- the session ---------------------------------------------------------------------------------


@dataclass
class Session:
    """What the calls of one client share: language, token, and the newest height it was given."""

    language: str = "en"
    token: str = ""
    seen_height: int = 0
    """Lists wait until the read model has come this far: a client reads what it wrote, and never
    less than it has read. The genesis, block 0, is asked for from the first question on."""

    def headers(self, call: Call[Any]) -> dict[str, str]:
        """The request headers of a call."""
        headers = {"Accept": f"{JSON}, application/problem+json", **self.common()}
        if call.content is not None:
            headers["Content-Type"] = call.content_type
        headers[AT_LEAST_HEIGHT] = str(self.seen_height)
        return {**headers, **call.headers}

    def common(self) -> dict[str, str]:
        """Language and token."""
        headers = {"Accept-Language": self.language}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers

    def read(self, call: Call[T], http_status: int, content: bytes, known_height: str = "") -> T:
        """The answer as a typed value, or the problem raised; it tells a height in its header."""
        if known_height.isascii() and known_height.isdecimal() and len(known_height) < 17:
            self.seen_height = max(self.seen_height, int(known_height))
        if http_status >= 400:
            problem = read_problem(http_status, content)
            self._note(problem.result)
            raise problem
        try:
            value = call.decode(content)
        except UNREADABLE as fault:
            raise read_problem(http_status, b"", f"unreadable answer: {fault}") from fault
        for result in value if isinstance(value, tuple) else (value,):
            self._note(result)
        return value

    def _note(self, result: object) -> None:
        if isinstance(result, Result):
            self.seen_height = max(self.seen_height, result.height)


def read_problem(http_status: int, content: bytes, detail: str = "") -> Problem:
    """The problem of an answer; also where something between us and the node made the answer."""
    try:
        return Problem(decode_problem(content))
    except UNREADABLE:
        reply = detail or content[:200].decode("utf-8", "replace") or "no explanation"
        retry = "same_bytes" if http_status in AGAIN else "never"
        document = ProblemDocument(
            f"HTTP {http_status}", http_status, reply, 0, "NOT_FROM_THE_NODE", retry=retry
        )
        return Problem(document)


# ---- again ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how soon the same bytes are sent again."""

    attempts: int = 6
    """In all; 1 is no retry."""
    first_seconds: float = 0.1
    most_seconds: float = 5.0

    def pauses(self) -> Iterator[float]:
        """The pause before each further attempt: doubling, with jitter, bounded."""
        for attempt in range(self.attempts - 1):
            whole = min(self.most_seconds, self.first_seconds * 2**attempt)
            yield whole * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, no secret

    def pause(self, pauses: Iterator[float], reported: str | None) -> float | None:
        """The next pause, at least what the node asks for by Retry-After; None: give up."""
        pause = next(pauses, None)
        if pause is None or reported is None or not reported.isdecimal():
            return pause
        return min(max(pause, float(reported)), self.most_seconds)
