"""What may be set about a gateway."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongbao.gateway.viewers.access import Access
    from tongbao.gateway.viewers.provider import Tokens

ZONE_VARIABLE = "TONGBAO_ZONE"


@dataclass(frozen=True)
class Kind:
    """How much of one kind of request is served at once."""

    total: int
    client: int
    """Of one client: an address, or the holder of a token."""
    threads: int = 2
    """Threads beside the event loop."""


KINDS = {
    "submit": Kind(256, 192, 4),
    "simulate": Kind(24, 8, 1),
    "desk": Kind(24, 8, 1),
    "stream": Kind(128, 32, 2),
    "heavy": Kind(64, 32, 1),
    "health": Kind(64, 32, 1),
    "read": Kind(256, 128, 2),
}
"""By kind; what a kind is, `admission.kind_of` says. Each has threads of its own: who reads or
tries takes none from who pays."""


@dataclass(frozen=True)
class Limits:
    """What connections and bodies may take, of everybody and of each client."""

    connections: int = 1_000
    client_connections: int = 250
    """Of one address; not of this machine, from which a proxy may come."""
    connection_requests: int = 100_000
    """Requests on one connection; then it is closed."""
    header_seconds: float = 10.0
    """Until a request with all its headers is there."""
    idle_seconds: float = 30.0
    """Between two requests."""
    request_seconds: float = 180.0
    """For one request and its answer, streams excepted."""
    unread_seconds: float = 20.0
    """How long an answer may wait for its reader."""
    unread_bytes: int = 128 * 1_048_576
    """Answers that wait for their readers, together."""
    header_bytes: int = 32 * 1024
    headers: int = 100
    """Header lines of a request."""
    target_bytes: int = 8 * 1024
    """Path and query."""
    upload_bytes: int = 96 * 1_048_576
    """Bodies in memory, beyond the first 64 KiB of each."""
    client_upload_bytes: int = 64 * 1_048_576
    """Of one client."""
    spool_bytes: int = 512 * 1_048_576
    """Large bodies on disk."""
    client_spool_bytes: int = 256 * 1_048_576
    body_grace_seconds: float = 10.0
    """A body may be slow for so long; then it has to keep to the least rate."""
    body_bytes_per_second: int = 64 * 1024
    """The least rate of a body."""
    large_bodies: int = 1
    """Large bodies that are read into memory and worked on at once."""
    refusal_seconds: float = 1.0
    """How long an answer waits that refuses for load (429, 503): who asks again and again slows
    down, and takes no turn from others."""
    failed_free: int = 16
    """Envelopes of a client that may fail proof lately before their answers wait."""
    failed_seconds: float = 5.0
    """How long the answer to such an envelope waits at most; half of what failed is forgotten in a
    minute."""
    waiting_reads: int = 64
    """Lists that wait for a height."""
    kinds: dict[str, Kind] = field(default_factory=lambda: dict(KINDS))


@dataclass(frozen=True)
class Settings:
    """All have sound defaults."""

    idempotency_file: Path | None = None
    """SQLite file that remembers Idempotency-Keys; None: in memory, forgotten at the end."""
    desk_file: Path | None = None
    """SQLite file of the batch desk, which cannot be rebuilt; None: the node keeps no desk."""
    zone: str = field(default_factory=lambda: os.environ.get(ZONE_VARIABLE, "") or "UTC")
    """Time zone of the accounts that are kept here: a payment's plain requested date is a day
    there. `TONGBAO_ZONE` sets it; UTC, an offset (+08:00) or a name (Asia/Shanghai)."""
    access: Access | None = None
    """Who is known by which token; None: nobody, and everybody reads what is public."""
    provider: Tokens | None = None
    """Who is known by a token of an OpenID Connect provider."""
    demonstration: Path | None = None
    """Folder of a demonstration, whose people anybody on this machine may act as; None: none."""
    hosts: tuple[str, ...] | None = None
    """Names by which the node may be called (Host header); None: any. The server sets it for
    loopback addresses, so that no web page reaches a local node by DNS rebinding."""
    limits: Limits = field(default_factory=Limits)
    """Of connections, bodies and requests."""
    spool: Path | None = None
    """Folder for large bodies while they are read; None: the system's for temporary files."""
    heartbeat_seconds: float = 15.0
    final_seconds: float = 30.0
    """How long a submission waits for finality."""
    behind_seconds: float = 5.0
    """How long a list waits for the height that its caller asks for."""
    fresh_seconds: float = 0.5
    """How long a list waits for the newest block where its caller asks for no height."""
    ready_lag_blocks: int = 64
    """How many blocks the read model may be behind while the node counts as ready."""
    poll_seconds: float = 0.01
    """How often the read model's height is looked at while somebody waits for it."""
