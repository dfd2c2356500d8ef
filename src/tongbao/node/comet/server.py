"""The ABCI socket: a thread a connection, answers in the order of the questions.

Nothing that goes wrong here is shown on the wire as an exception: a question about a transaction
gets a code, a proposal is refused, and what the node cannot survive ends the connection, at which
the engine stops as well.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from tongbao import _core

log = structlog.get_logger(__name__)

MAX_MESSAGE_BYTES = 80 * 1_048_576
"""A block of 4 MB is far below; a genesis with many rows is the longest."""
RECEIVE_BYTES = 1_048_576

Call = tuple[str, dict[str, Any]]
Answer = tuple[str, dict[str, Any]]
Answering = Callable[[Sequence[Call]], Sequence[Answer]]
FREQUENT: dict[str, tuple[dict[str, Any], bytes]] = {
    kind: (fields, _core.abci_answer(kind, fields))
    for kind, fields in (("check_tx", {"code": 0}), ("flush", dict[str, Any]()))
}
"""By kind: the fields of nearly every such answer, and how these are written."""


class AbciServer:
    """Listens on a unix socket for the engine's four connections."""

    def __init__(
        self, path: Path, answer: Answering, on_fault: Callable[[BaseException], None]
    ) -> None:
        """`answer` gets the questions that have arrived, in order, and gives an answer to each."""
        self.path = path
        self._answer = answer
        self._on_fault = on_fault
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Bind the socket, readable by its owner alone, and accept connections."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self.path))
        finally:
            os.umask(before)
        listener.listen(8)
        self._listener = listener
        self._spawn(self._accept, "abci-accept")

    def stop(self) -> None:
        """Close everything; the engine has to be stopped before."""
        with self._lock:
            everything = [*self._connections, *filter(None, [self._listener])]
            self._listener = None
        for one in everything:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(timeout=5)
        self.path.unlink(missing_ok=True)

    def _spawn(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.add(connection)
            self._spawn(lambda held=connection: self._serve(held), "abci")  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._talk(connection)
        except _Lost:
            pass  # the engine ended, or we do
        except BaseException as fault:
            log.critical("abci.halted", error=str(fault), exc_info=True)
            self._on_fault(fault)
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        waiting, room = bytearray(), memoryview(bytearray(RECEIVE_BYTES))
        wanted = 0
        while count := _received(connection, room):
            waiting += room[:count]
            if len(waiting) < wanted:
                continue  # a block comes in many pieces
            calls, taken = _core.abci_split(bytes(waiting), MAX_MESSAGE_BYTES)
            del waiting[:taken]
            wanted = _first_length(waiting)
            if not calls:
                continue
            answers = self._answer(calls)
            _send(connection, b"".join(map(_encoded, answers)))


class _Lost(Exception):
    """The connection is gone. What goes wrong while a question is answered is another matter."""


def _received(connection: socket.socket, room: memoryview) -> int:
    try:
        return connection.recv_into(room)
    except OSError as fault:
        raise _Lost from fault


def _send(connection: socket.socket, message: bytes) -> None:
    try:
        connection.sendall(message)
    except OSError as fault:
        raise _Lost from fault


def _first_length(stream: bytearray) -> int:
    """How many bytes the first message takes with its length; 0 where that is not known or odd."""
    length = 0
    for place, byte in enumerate(stream[:4]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            whole = place + 1 + length
            return whole if whole <= MAX_MESSAGE_BYTES else 0
    return 0


def _encoded(answer: Answer) -> bytes:
    kind, fields = answer
    same = FREQUENT.get(kind)
    if same is not None and fields == same[0]:
        return same[1]
    return _core.abci_answer(kind, fields)
