"""What a row says as of the newest block: members that are computed when somebody asks, and states
that time ends without anything being written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Latest(Protocol):
    """The newest block, as members that are computed when somebody asks want to know it."""

    @property
    def time_ms(self) -> int:
        """Block time."""
        ...

    def posted(self, account: str, asset: str) -> int:
        """What an account holds of an asset, in minor units; 0 where it does not hold it."""
        ...

    def paid_out(self, account: str, asset: str, since_ms: int) -> int:
        """What payments took from an account from a moment on; supply aside."""
        ...


@dataclass(frozen=True)
class Current:
    """A member that is computed when somebody asks, from the others and the newest block."""

    name: str
    annotation: Any
    """Its type, as in `kernel/fields.py`."""
    meaning: str
    of: Callable[[Mapping[str, Any], Latest], Any]
    """The row as it is answered, and the newest block -> what the member shows."""


@dataclass(frozen=True)
class Lapse:
    """A state that ends at a moment that the row names, without anything being written."""

    state: str
    at: str
    """Column of the moment; where it is 0 the state stays."""
    into: str
    """State from that block time on."""
