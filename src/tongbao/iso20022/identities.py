"""What tells a party from others of its name: further identifications, and a person's birth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherId:
    """A further identification of a party (Othr)."""

    id: str
    scheme: str = ""
    """Code, or proprietary name."""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Birth:
    """When and where a person was born."""

    date: str = ""
    province: str = ""
    city: str = ""
    country: str = ""
