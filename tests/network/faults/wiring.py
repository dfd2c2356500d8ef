"""How the nodes of a network under test reach one another, and how that is cut."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """Where one node runs."""

    prefix: tuple[str, ...]
    """What its command line begins with."""
    p2p_listen: tuple[str, int]
    gateway: tuple[str, int]


class Wiring(Protocol):
    """Connects nodes 0 to n-1."""

    kind: str
    """`namespaces` or `proxies`."""

    def place(self, node: int) -> Place:
        """Where a node runs."""
        ...

    def peer(self, node: int, other: int) -> tuple[str, int]:
        """The address at which `node` reaches the engine of `other`."""
        ...

    def cut(self, *parts: Sequence[int]) -> None:
        """From now on the nodes of each part reach one another only; so do those of no part."""
        ...

    def heal(self) -> None:
        """Everybody reaches everybody."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


def side_of(node: int, parts: Sequence[Sequence[int]]) -> int:
    """Number of the part that a node is in, from 1; 0 where it is in none."""
    return next((number for number, part in enumerate(parts, 1) if node in part), 0)


def wire(nodes: int, kind: str = "") -> Wiring:
    """Network namespaces where this machine allows them, else proxies; or the kind asked for."""
    from tests.network.faults.namespaces import Namespaces, available
    from tests.network.faults.proxies import Proxies

    kind = kind or os.environ.get("TONGBAO_TEST_WIRING", "")
    if kind == "namespaces" or (not kind and available()):
        return Namespaces(nodes)
    return Proxies(nodes)
