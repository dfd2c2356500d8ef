"""How a chain's validators decide: what `client.governance.current()` answers."""

from __future__ import annotations

from tongbao.sdk.documents import Document


class GovernanceState(Document, frozen=True):
    """How a chain's validators decide, and how things stand."""

    founded: bool
    """Whether validators change by vote; else they are fixed by the genesis."""
    numerator: int
    denominator: int
    """A vote carries with more than numerator / denominator of all power."""
    window_ms: int
    notice_blocks: int
    members: int
    total_power: int
    moved: int
    """Power that moved within the window before now."""
    movable: int
    """The most that may move now, at once."""
    free_at_ms: int
    """When the oldest move counts no more; 0 where nothing moved."""
    protocol: int
    """Version of the rules of the next block."""
    next_protocol: int | None = None
    next_protocol_height: int | None = None
