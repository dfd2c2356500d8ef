"""Bodies on their way in: bounded in bytes for everybody and each client, and in time.

An unfinished body is no request yet: it takes no place among those that are served. Where bodies
together take too much, the one that has been silent for the longest makes room.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO

from starlette.types import Message, Receive

from tongbao.gateway.bounds.settings import Limits
from tongbao.kernel.codes import Code, Refusal, Value, refuse
from tongbao.sdk.api_codes import GatewayCode

FREE_BYTES = 64 * 1024
"""So much of each body is not counted: connections bound it."""
SPOOLED_FROM = 1_048_576
"""From here on a body that may be spooled lies on disk."""
SILENT_SECONDS = 2.0
"""Who has sent nothing for so long makes room for who does."""


class Uploads:
    """All bodies that are read or worked on. From the event loop alone."""

    def __init__(self, limits: Limits, folder: Path | None = None) -> None:
        """Bodies on disk lie in `folder`, without a name there."""
        self.limits = limits
        self.folder = folder
        self._open: set[Upload] = set()
        self._turns = asyncio.Semaphore(limits.large_bodies)
        self.cut = 0
        """Bodies that were ended to make room."""

    def __len__(self) -> int:
        """Bodies that are not all there."""
        return sum(1 for one in tuple(self._open) if not one.whole)

    def held(self, client: str | None = None, *, disk: bool = False) -> int:
        """Bytes in memory, or on disk, of everybody or of a client."""
        mine = (one for one in tuple(self._open) if client is None or one.client == client)
        return sum(one.on_disk if disk else one.in_memory for one in mine)

    def begin(self, client: str, receive: Receive, done: Callable[[], None]) -> Upload:
        """A body begins; `done` is called once it is all there, and may refuse."""
        one = Upload(self, client, receive, done)
        self._open.add(one)
        return one

    def end(self, one: Upload) -> None:
        """Its request is answered."""
        self._open.discard(one)

    def require_room(self, new: Upload, size: int, *, disk: bool) -> None:
        """Room for so many bytes more; a Refusal where there is none and nobody to make it."""
        limits = self.limits
        most = limits.spool_bytes if disk else limits.upload_bytes
        own = limits.client_spool_bytes if disk else limits.client_upload_bytes
        while True:
            full = self.held(disk=disk) + size > most
            own_full = self.held(new.client, disk=disk) + size > own
            if not full and not own_full:
                return
            if not self._make_room(new, None if full else new.client, disk=disk):
                refuse(GatewayCode.UPLOADS_FULL, limit=most if full else own)

    def _make_room(self, new: Upload, client: str | None, *, disk: bool) -> bool:
        now = asyncio.get_running_loop().time()
        silent = [
            one
            for one in self._open
            if one is not new
            and not one.whole
            and (client is None or one.client == client)
            and (one.on_disk if disk else one.in_memory)
            and now - one.heard_at > SILENT_SECONDS
        ]
        if not silent:
            return False
        min(silent, key=lambda one: one.heard_at).cut()
        return True

    async def turn(self) -> None:
        """Wait for one of the places for large bodies."""
        await self._turns.acquire()

    def turn_over(self) -> None:
        """Give the place back."""
        self._turns.release()


class Upload:
    """One body."""

    def __init__(
        self, uploads: Uploads, client: str, receive: Receive, done: Callable[[], None]
    ) -> None:
        self.client = client
        self.size = 0
        self.on_disk = 0
        self.whole = False
        self._uploads = uploads
        self._receive = receive
        self._done = done
        self._file: IO[bytes] | None = None
        self._has_turn = False
        self._cut = False
        self._timer: asyncio.Timeout | None = None
        self._waited = 0.0
        self.heard_at = asyncio.get_running_loop().time()

    @property
    def in_memory(self) -> int:
        """What counts of it, in bytes."""
        return max(0, self.size - self.on_disk - FREE_BYTES)

    async def receive(self) -> Message:
        """The next part; Refusal BODY_TOO_SLOW or UPLOADS_FULL ends it."""
        if self.whole:
            return await self._receive()
        limits = self._uploads.limits
        # What this node takes for the parts is not the client's time.
        due = limits.body_grace_seconds + self.size / limits.body_bytes_per_second
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began + due - self._waited) as self._timer:
                message = await self._receive()
        except TimeoutError:
            raise self._refused() from None
        finally:
            self._timer = None
            self._waited += asyncio.get_running_loop().time() - began
        if self._cut:
            raise self._refused()
        self.heard_at = asyncio.get_running_loop().time()
        self._note(message)
        return message

    def _note(self, message: Message) -> None:
        part = len(message.get("body", b""))
        if part and self._file is None and self.size + part > FREE_BYTES:
            self._uploads.require_room(self, part, disk=False)
        self.size += part
        if message["type"] == "http.request" and not message.get("more_body", False):
            self.whole = True
            self._done()

    def _refused(self) -> Refusal:
        limits = self._uploads.limits
        values: dict[str, Value] = {"limit": limits.upload_bytes}
        code: Code = GatewayCode.UPLOADS_FULL
        if not self._cut:
            code = GatewayCode.BODY_TOO_SLOW
            values = {
                "seconds": int(limits.body_grace_seconds),
                "rate": limits.body_bytes_per_second,
            }
        return Refusal(code, values)

    def cut(self) -> None:
        """End it to make room: its bytes count no more, and its request is refused."""
        self._cut = True
        self._uploads.cut += 1
        self._uploads.end(self)
        if self._timer is not None:
            self._timer.reschedule(asyncio.get_running_loop().time())

    # ---- on disk -------------------------------------------------------------------------------

    async def keep(self, part: bytes, write: Callable[..., Awaitable[object]]) -> None:
        """Put a part into its file; `write` runs what blocks beside the event loop."""
        self._uploads.require_room(self, len(part), disk=True)
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._uploads.folder)  # noqa: SIM115  # until `close`
        await write(self._file.write, part)
        self.on_disk += len(part)

    async def load(self, read: Callable[..., Awaitable[bytes]]) -> bytes:
        """All that is in its file, once there is a place for a large body."""
        assert self._file is not None
        await self._uploads.turn()
        self._has_turn = True
        self._file.seek(0)
        return await read(self._file.read)

    def close(self) -> None:
        """Its request is answered."""
        self._uploads.end(self)
        if self._has_turn:
            self._has_turn = False
            self._uploads.turn_over()
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
