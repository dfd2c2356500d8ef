"""The gateway's node, read by those who do not believe it."""

from __future__ import annotations

from tests.gateway.conftest import client, node

__all__ = ["client", "node"]
