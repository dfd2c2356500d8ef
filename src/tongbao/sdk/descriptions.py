"""What there is to list and to do, described for programs that make screens of it."""

from __future__ import annotations

from typing import Any

from tongbao.sdk.documents import Document


class FieldDescription(Document, frozen=True):
    """A member of a row, or a field of an action."""

    name: str
    kind: str
    """What it is: `party`, `account`, `asset`, `amount`, `moment`, `text`, `nested`, ..."""
    label: str
    label_zh: str
    meaning: str
    meaning_zh: str
    record: str = ""
    """The record whose row it names."""
    required: bool = True
    default: Any = None
    """Of what is not required."""
    listed: bool = False
    """Whether it takes several values."""
    choices: tuple[str, ...] = ()
    """Every value that it may have, where they are few."""
    fields: tuple[FieldDescription, ...] = ()
    """Of a value with fields of its own."""
    variants: dict[str, tuple[FieldDescription, ...]] = {}
    """Tag -> fields, of a value of one of several kinds."""


class RecordDescription(Document, frozen=True):
    """What can be listed."""

    record: str
    plural: str
    path: str
    """Of its list; a row is at `path/key` where the key has one part."""
    module: str
    label: str
    label_zh: str
    meaning: str
    meaning_zh: str
    public: bool
    """Whether anybody may read it."""
    key: tuple[str, ...]
    members: tuple[FieldDescription, ...]
    shows: tuple[str, ...]
    """Members that a table shows first."""
    filters: tuple[str, ...]
    states: dict[str, str]
    """State -> what it is called in Chinese."""
    line: str = ""
    """The member whose values have a line of their own: `in_line` gives the rows that wait."""


class ActionDescription(Document, frozen=True):
    """What can be done."""

    type: str
    code: int
    scope: str
    module: str
    label: str
    label_zh: str
    meaning: str
    meaning_zh: str
    fields: tuple[FieldDescription, ...]


class ModuleDescription(Document, frozen=True):
    """A module: what it is for, lists and does."""

    module: str
    label: str
    label_zh: str
    meaning: str
    meaning_zh: str
    records: tuple[RecordDescription, ...]
    actions: tuple[ActionDescription, ...]
