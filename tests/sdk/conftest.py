"""The gateway's node, for its clients."""

from __future__ import annotations

from tests.gateway.conftest import client, node

__all__ = ["client", "node"]
