"""The validator's key, on our side of a socket: the engine asks for each signature.

The key is decrypted into this process alone. What was signed last is durable before a signature
leaves, so that no crash makes this validator sign twice.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from tongbao import _core
from tongbao.files import write_private
from tongbao.node.clock import Reading
from tongbao.node.home import HomeFault, ValidatorKey

log = structlog.get_logger(__name__)

RETRY_S = 0.2
MAX_REQUEST_BYTES = 65_536


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was signed last; a file has to say all of it."""

    height: int
    round: int
    step: int
    """1 propose, 2 prevote, 3 precommit."""
    time_ns: int
    timeless: bytes
    """The signed bytes with no time in them."""
    signature: bytes


NOTHING = Signed(0, 0, 0, 0, b"", b"")


class WillNotSign(Exception):
    """Signing this could be signing twice."""


class SignerState:
    """The guard against double signing: rounds only go forward."""

    def __init__(self, path: Path) -> None:
        """Read what was signed last; a damaged file is an error, never a fresh start."""
        self._path = path
        self.last = NOTHING
        if path.exists():
            self.last = _read(path)

    def sign(self, asked: dict[str, Any], key: ValidatorKey) -> Signed:
        """Sign, or give the same signature again; WillNotSign for anything that contradicts."""
        last = self.last
        place = (asked["height"], asked["round"], asked["step"])
        before = (last.height, last.round, last.step)
        if place < before:
            raise WillNotSign(f"{place} lies before {before}")
        if place == before:
            if asked["timeless"] != last.timeless:
                raise WillNotSign(f"another value was signed at {place}")
            return last  # the same but for the time: the time that was signed stands
        signature = key.sign(asked["sign_bytes"])
        signed = Signed(*place, asked["time_ns"], asked["timeless"], signature)
        write_private(self._path, msgspec.json.encode(signed))
        self.last = signed
        return signed


def _read(path: Path) -> Signed:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Signed)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise HomeFault(
            "{path} does not say what this validator signed last ({fault}): without it"
            " the node could sign twice, and does not start. Put back its newest copy, or"
            " leave the node stopped and let the members seat another key",
            path=path,
            fault=fault,
        ) from fault


class RemoteSigner:
    """Keeps a connection to the engine and signs what it may."""

    def __init__(
        self,
        address: Path,
        key: ValidatorKey,
        state: Path,
        chain: str,
        clock: Callable[[], Reading] | None = None,
    ) -> None:
        """Dial the engine's unix socket `address`; `state` is the file of what was signed.

        While `clock` says that the machine's clock jumped ahead, nothing is signed: the time of a
        block is the median of what its validators sign.
        """
        self._clock = clock
        self._address = address
        self._key = key
        self._chain = chain
        self._state = SignerState(state)
        self._stopping = threading.Event()
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="signer", daemon=True)

    def start(self) -> None:
        """Begin to dial."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                    connection.connect(str(self._address))
                    self._connection = connection
                    self._talk(connection)
            except (OSError, ValueError) as fault:
                # Before the engine listens, and when it ends, this is as it should be; that what
                # was signed cannot be written (a full disk) is not.
                lost = self._connection is None or isinstance(fault, ConnectionError)
                reported = log.debug if lost else log.error
                reported("signer.waiting", error=str(fault))
            finally:
                self._connection = None
            self._stopping.wait(RETRY_S)

    def _talk(self, connection: socket.socket) -> None:
        waiting = b""
        while received := connection.recv(MAX_REQUEST_BYTES):
            waiting += received
            while (message := _take(waiting)) is not None:
                request, waiting = message
                connection.sendall(self.answer(request))
            if len(waiting) > MAX_REQUEST_BYTES:
                raise ValueError("a request to the signer is too long")

    def answer(self, request: bytes) -> bytes:
        """The answer to one request."""
        kind, asked = _core.signer_read(request)
        if kind == "ping":
            return _core.signer_pong()
        if asked["chain_id"] != self._chain:
            return _core.signer_refused(request, f"this key signs for {self._chain} alone")
        if kind == "public_key":
            return _core.signer_public_key(self._key.public)
        try:
            self._require_clock()
            signed = self._state.sign(asked, self._key)
        except WillNotSign as why:
            log.warning("signer.refused", why=str(why))
            return _core.signer_refused(request, str(why))
        return _core.signer_signed(request, signed.signature, signed.time_ns)

    def _require_clock(self) -> None:
        if self._clock is not None and self._clock().ahead_ms > 0:
            raise WillNotSign(self._clock().text)


def _take(stream: bytes) -> tuple[bytes, bytes] | None:
    """The first length-delimited message of a stream and what follows it; None where it is cut."""
    length = shift = 0
    for place, byte in enumerate(stream[:4]):
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            start = place + 1
            if len(stream) < start + length:
                return None
            return stream[start : start + length], stream[start + length :]
    if len(stream) >= 4:
        raise ValueError("a request to the signer is too long")
    return None
