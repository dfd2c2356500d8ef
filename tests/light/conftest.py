"""The gateway's node, read by those who do not trust it."""

from __future__ import annotations

from tests.gateway.conftest import client, node
from tests.light.forms import form

__all__ = ["client", "form", "node"]
