"""What may be set about a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """All have sound defaults."""

    idempotency_file: Path | None = None
    """SQLite file that remembers Idempotency-Keys; None: in memory, forgotten at the end."""
    desk_file: Path | None = None
    """SQLite file of the batch desk, which cannot be rebuilt; None: the node keeps no desk."""
    tokens: tuple[str, ...] = ()
    """API tokens; with any, every path but /livez and /readyz asks for one."""
    hosts: tuple[str, ...] | None = None
    """Names by which the node may be called (Host header); None: any. The server sets it for
    loopback addresses, so that no web page reaches a local node by DNS rebinding."""
    max_requests: int = 512
    """Requests served at once, streams not counted."""
    max_streams: int = 256
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
