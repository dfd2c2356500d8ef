"""The event stream without I/O: how to ask for it, how to read it, and where to resume."""

from __future__ import annotations

import httpx
import msgspec
from httpx_sse import ServerSentEvent

from tongbao.sdk.documents import EventItem

SILENCE_SECONDS = 45.0
"""A stream that says nothing for this long is broken: the node's heartbeat comes every 15 s."""
_ITEM = msgspec.json.Decoder(EventItem).decode


class EventReader:
    """One stream over as many connections as it takes."""

    path = "/v1/events"
    timeout = httpx.Timeout(30.0, read=SILENCE_SECONDS)

    def __init__(
        self, after: str | None, *, party: str | None, account: str | None, event: str | None
    ) -> None:
        """A stream after an event id, with filters."""
        self.after = after
        filters = {"party": party, "account": account, "event": event}
        self.params = {name: value for name, value in filters.items() if value is not None}

    def headers(self) -> dict[str, str]:
        """Headers of the next connection: it begins behind the last event that was read."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self.after is not None:
            headers["Last-Event-ID"] = self.after
        return headers

    def take(self, event: ServerSentEvent) -> EventItem | None:
        """The typed event; None for one that only says where the stream stands."""
        if event.id:
            self.after = event.id
        return _ITEM(event.data) if event.data else None
