"""Network namespaces: each node on a machine of its own, as far as the kernel is concerned.

Every node has two cables: one to the consortium's bridge, and one of its own to the test, which
plays the clients. A cut moves the first cable to another bridge: packets vanish without a word, as
where a line breaks; connections neither close nor fail until their time is over. Clients still
reach every node.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase

from tests.network.faults.wiring import Place, side_of

P2P_PORT = 26656
GATEWAY_PORT = 8420
NAME = re.compile(r"^tb(\d+)[ns]\d+$")
_RUNNING = Path("/proc")


def ip(*words: str) -> str:
    """One `ip` command."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def available() -> bool:
    """Whether this machine lets us make namespaces, bridges and cables."""
    if os.geteuid() or shutil.which("ip") is None:
        return False
    probe = f"tb{os.getpid()}s0"
    try:
        ip("netns", "add", probe)
        ip("link", "add", f"tb{os.getpid()}p", "type", "bridge")
    except OSError:
        return False
    finally:
        with contextlib.suppress(OSError):
            ip("netns", "del", probe)
        with contextlib.suppress(OSError):
            ip("link", "del", f"tb{os.getpid()}p")
    return True


def sweep() -> None:
    """Remove what runs that were killed have left."""
    with contextlib.suppress(OSError):
        for line in ip("netns", "list").splitlines():
            found = NAME.match(line.split()[0]) if line.strip() else None
            if found and not (_RUNNING / found[1]).exists():
                ip("netns", "del", line.split()[0])
    with contextlib.suppress(OSError):
        for found in re.finditer(r"^\d+: (tb(\d+)[a-z])[:@]", ip("link"), re.MULTILINE):
            if not (_RUNNING / found[2]).exists():
                ip("link", "del", found[1])


def _free_net() -> int:
    """The second byte of 10.x.0.0/16, used by nobody here."""
    taken = ip("-4", "addr")
    first = os.getpid() % 50
    for n in range(50):
        net = 200 + (first + n) % 50
        if f" 10.{net}." not in taken:
            return net
    raise OSError("no free network for the test")


class Namespaces:
    """One namespace a node; a bridge for all, and one for each part that may be cut off."""

    kind = "namespaces"

    def __init__(self, nodes: int) -> None:
        """Lay the cables."""
        sweep()
        self._name = f"tb{os.getpid()}"
        self._nodes = range(nodes)
        self._sides = ascii_lowercase[: nodes + 1]
        self._net = _free_net()
        try:
            for side in self._sides:
                ip("link", "add", f"{self._name}{side}", "type", "bridge")
                ip("link", "set", f"{self._name}{side}", "up")
            for node in self._nodes:
                self._lay(node)
        except OSError:
            self.close()
            raise

    def _lay(self, node: int) -> None:
        space, cable, own = f"{self._name}n{node}", f"{self._name}c{node}", f"{self._name}m{node}"
        inside = ("netns", "exec", space, "ip")
        ip("netns", "add", space)
        ip(*inside, "link", "set", "lo", "up")
        ip("link", "add", cable, "type", "veth", "peer", "name", "net", "netns", space)
        ip("link", "set", cable, "master", f"{self._name}a", "up")
        ip(*inside, "addr", "add", f"10.{self._net}.0.{node + 1}/24", "dev", "net")
        ip(*inside, "link", "set", "net", "up")
        ip("link", "add", own, "type", "veth", "peer", "name", "desk", "netns", space)
        ip("addr", "add", f"10.{self._net}.{node + 1}.1/30", "dev", own)
        ip("link", "set", own, "up")
        ip(*inside, "addr", "add", f"10.{self._net}.{node + 1}.2/30", "dev", "desk")
        ip(*inside, "link", "set", "desk", "up")

    def place(self, node: int) -> Place:
        """Inside its namespace; every node has the same ports."""
        return Place(
            ("ip", "netns", "exec", f"{self._name}n{node}"),
            ("0.0.0.0", P2P_PORT),
            (f"10.{self._net}.{node + 1}.2", GATEWAY_PORT),
        )

    def peer(self, node: int, other: int) -> tuple[str, int]:
        """On the consortium's bridge."""
        return f"10.{self._net}.0.{other + 1}", P2P_PORT

    def cut(self, *parts: Sequence[int]) -> None:
        """Move the cables of each part to a bridge of its own."""
        for node in self._nodes:
            side = self._sides[side_of(node, parts)]
            ip("link", "set", f"{self._name}c{node}", "master", f"{self._name}{side}")

    def heal(self) -> None:
        """Everything on one bridge."""
        self.cut()

    def close(self) -> None:
        """Take everything down; a namespace takes its cables with it."""
        for node in self._nodes:
            for cable in "cm":
                with contextlib.suppress(OSError):
                    ip("link", "del", f"{self._name}{cable}{node}")
            with contextlib.suppress(OSError):
                ip("netns", "del", f"{self._name}n{node}")
        for side in self._sides:
            with contextlib.suppress(OSError):
                ip("link", "del", f"{self._name}{side}")
