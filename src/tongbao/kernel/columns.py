"""Columns: the members of rows that people list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from tongbao.kernel.fields import (
    Count,
    Digest,
    Field,
    Moment,
    PartyId,
    Reference,
    Word,
    field_of,
    may_name,
)


@dataclass(frozen=True)
class Column:
    """One member of a row."""

    name: str
    annotation: Any
    """Its type, as in `kernel/fields.py`."""
    meaning: str = ""
    """What it adds to its name and type."""

    @cached_property
    def kind(self) -> str:
        """The kind of its field."""
        return field_of(self.annotation).kind

    @cached_property
    def may_name(self) -> bool:
        """Whether somebody may be named in it."""
        return may_name(self.annotation)


@dataclass(frozen=True)
class Derived(Column):
    """A column that follows from the value of a row."""

    of: Callable[[Any], Any] = str
    """The value -> what the column shows."""
    shown: bool = True
    """Whether it is answered; else it is kept for what comes later alone."""


def path_of(plural: str) -> str:
    """Where the API lists what is called so."""
    return f"/v1/{plural.replace('_', '-')}"


LIFE = (
    Column("state", Word, "What it is in now, or how it ended."),
    Column("created_at_ms", Moment, "0 where it was there before these lists began."),
    Column("ended_at_ms", Moment, "0 while it stands."),
    Column("created_height", Count, "Block that made it."),
    Column("changed_height", Count, "Block that changed it last."),
)
"""Columns of every record, behind its own; without states and ends where it has none."""
POSITION = Column(
    "position", Annotated[int | None, Field("count", "From 1; null where it is in no line.")],
    "Its place in line.",
)  # fmt: skip
PLACE = (
    Column("time_ms", Moment, "Block time."),
    Column("submitted_by", PartyId, "Whose transaction it was; empty: time brought it."),
    Column("reference", Reference, "Of the transaction."),
    Column("digest", Digest, "Of the transaction's envelope."),
    Column("block_height", Count),
    Column("position", Count, "Of the transaction in its block; -1 for what time brought."),
    Column("number", Count, "Among the events of the transaction."),
)
"""Columns of every list of events, behind those of the events."""
