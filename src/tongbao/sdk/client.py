"""The blocking client. `AsyncClient` is its twin for asyncio."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

import httpx
from httpx_sse import EventSource

from tongbao.sdk import calls
from tongbao.sdk.answers import Problem, Result
from tongbao.sdk.calls import AGAIN, Call, Listing, RetryPolicy, Session
from tongbao.sdk.corridors import Corridors
from tongbao.sdk.documents import Document, EventItem, Row
from tongbao.sdk.questions import Questions
from tongbao.sdk.streaming import EventReader
from tongbao.sdk.transport import PLAIN, node_url, not_reached, plain_transport, read_whole
from tongbao.sdk.walking import Walk

__all__ = ["Client", "Problem", "RetryPolicy"]
T = TypeVar("T")
D = TypeVar("D", bound=Document | Row)


class Client(Questions):
    """Talks to one node. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        language: str = "en",
        token: str = "",
        timeout_seconds: float = 60.0,
        retry: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """A client of the node at `url`; `token` where the node asks for one."""
        self.session = Session(language, token)
        self.retry = retry or RetryPolicy()
        self._http = httpx.Client(
            base_url=node_url(url), headers=PLAIN, timeout=timeout_seconds,
            transport=transport or plain_transport(url),
        )  # fmt: skip
        self.corridors = Corridors(self)

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(self, call: Call[T]) -> T:
        """Send a call, again where that is safe and may help. Raises Problem or httpx.HTTPError."""
        pauses = self.retry.pauses()
        while True:
            told: str | None = None
            try:
                with self._http.stream(
                    call.method, call.path, params=call.params, content=call.content,
                    headers=self.session.headers(call),
                ) as answer:  # fmt: skip
                    content = read_whole(answer, call.most_bytes)
                if answer.status_code not in AGAIN:
                    height = answer.headers.get(calls.HEIGHT, "")
                    return self.session.read(call, answer.status_code, content, height)
                told = answer.headers.get("retry-after")
                fault: Exception = calls.read_problem(answer.status_code, content)
            except httpx.TransportError as lost:
                fault = not_reached(lost, self._http.base_url)
            pause = self.retry.pause(pauses, told)
            if pause is None:
                raise fault
            time.sleep(pause)

    def walk(self, listing: Listing[D]) -> Walk[D]:
        """Every item of a list, page by page."""
        return Walk(self.call, listing)

    def submit(
        self, envelopes: Iterable[bytes], *, batch: int = calls.BATCH_COUNT, events: bool = False
    ) -> list[Result]:
        """Submit envelopes in batches; one result each, in order, refused ones too."""
        results: list[Result] = []
        for part in calls.submit(envelopes, batch, events=events):
            answered = self.call(part)
            results.extend(answered)
        return results

    def resolve(self, numbers: Iterable[str]) -> dict[str, str]:
        """The accounts behind IBANs, linked numbers and account ids; unknown ones are left out."""
        known: dict[str, str] = {}
        for part in calls.resolve(numbers):
            found = self.call(part)
            known |= found
        return known

    def events(
        self,
        after: str | None = None,
        *,
        party: str | None = None,
        account: str | None = None,
        event: str | None = None,
    ) -> Iterator[EventItem]:
        """What happens, endlessly; from now, or after an event id ("0": from the beginning).

        A lost connection is taken up where it broke: no event is missed or told twice.
        """
        reader = EventReader(after, party=party, account=account, event=event)
        pauses = self.retry.pauses()
        while True:
            try:
                for item in self._stream(reader):
                    pauses = self.retry.pauses()
                    yield item
                fault: Exception = httpx.RemoteProtocolError("the node ended the stream")
            except httpx.TransportError as lost:
                fault = not_reached(lost, self._http.base_url)
            except Problem as problem:
                if problem.status not in AGAIN:
                    raise
                fault = problem
            pause = self.retry.pause(pauses, None)
            if pause is None:
                raise fault
            time.sleep(pause)

    def _stream(self, reader: EventReader) -> Iterator[EventItem]:
        headers = {**self.session.common(), **reader.headers()}
        with self._http.stream(
            "GET", reader.path, params=reader.params, headers=headers, timeout=reader.timeout
        ) as answer:
            if answer.status_code >= 400:
                raise calls.read_problem(answer.status_code, answer.read())
            for event in EventSource(answer).iter_sse():
                item = reader.take(event)
                if item is not None:
                    yield item
