"""Questions about the snapshot that a chain goes on from, for `Client.call`."""

from __future__ import annotations

from tongbao.sdk.calls import Call

MAX_CHUNK_BYTES = 32 * 1_048_576
"""A chunk has about 8 MB: it ends with the row that fills it."""


def manifest() -> Call[bytes]:
    """Its manifest, as `tongbao snapshot export` wrote it."""
    return Call("GET", "/v1/origin", bytes)


def genesis() -> Call[bytes]:
    """Genesis of the chain before."""
    return Call("GET", "/v1/origin/genesis", bytes)


def chunk(number: int) -> Call[bytes]:
    """One of its chunks, from 0; the manifest tells how many there are, and their SHA-256."""
    return Call("GET", f"/v1/origin/chunks/{number}", bytes, most_bytes=MAX_CHUNK_BYTES)
