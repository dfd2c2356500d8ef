"""Free TCP ports of the loopback address, for nodes that are tried out on one machine."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

HOST = "127.0.0.1"
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _USUAL = 10_000, 32_768
_TRIES = 1_000


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at, below those that the system gives to outgoing connections.

    One of the latter could be gone again before a node has started and listens.
    Raises OSError where so many are not to be found.
    """
    chance = random.SystemRandom()
    ceiling = _ephemeral_from()
    found: dict[int, None] = {}
    for _ in range(_TRIES):
        port = chance.randrange(_LOWEST, ceiling)
        if port not in found and _is_free(port):
            found[port] = None
        if len(found) == count:
            return list(found)
    raise OSError(f"{count} free ports below {ceiling} were not found on {HOST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _ephemeral_from() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return max(int(_RANGE.read_text().split()[0]), _LOWEST + _TRIES)
    return _USUAL
