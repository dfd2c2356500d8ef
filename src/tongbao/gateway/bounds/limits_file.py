"""`limits.toml` in a node's folder: what an operator sets other than the defaults of `Limits`."""

from __future__ import annotations

import math
import tomllib
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import msgspec

from tongbao.gateway.bounds.settings import Kind, Limits
from tongbao.node.home import HomeFault

FILE = "limits.toml"
_NAMES = frozenset(one.name for one in fields(Limits))
_MAY_BE_ZERO = frozenset(
    ("refusal_seconds", "failed_free", "failed_seconds", "body_grace_seconds", "waiting_reads")
)
_OF_A_KIND = frozenset(one.name for one in fields(Kind))


def read_limits(folder: Path) -> Limits:
    """The limits of the node in a folder: the defaults, and what its file sets instead.

    HomeFault says which entry is wrong. Without the file the defaults hold.
    """
    path = folder / FILE
    if not path.exists():
        return Limits()
    try:
        return _with(Limits(), tomllib.loads(path.read_text("utf-8")))
    except OSError as fault:
        raise HomeFault(
            "{path} cannot be read: {strerror}", path=path, strerror=fault.strerror
        ) from fault
    except (ValueError, msgspec.ValidationError) as fault:
        raise HomeFault("{path}: {fault}", path=path, fault=fault) from fault


def _with(known: Limits, given: dict[str, Any]) -> Limits:
    _require_known(given, _NAMES, "")
    values: dict[str, Any] = asdict(known)
    kinds: dict[str, dict[str, Any]] = values["kinds"]
    changed = given.pop("kinds", {})
    _require_known(changed, frozenset(kinds), "kinds.")
    for name, entries in changed.items():
        _require_known(entries, _OF_A_KIND, f"kinds.{name}.")
        for entry, value in entries.items():
            _require_number(f"kinds.{name}.{entry}", value)
        kinds[name] |= entries
    for name, value in given.items():
        _require_number(name, value)
    return msgspec.convert(values | given, Limits)


def _require_number(name: str, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0:  # type: ignore[operator,arg-type]
        raise ValueError(f"{name} is a number; here it is {value!r}")
    if not value and name not in _MAY_BE_ZERO:
        raise ValueError(f"{name} is more than zero: with none of it nobody is served")


def _require_known(given: Any, known: frozenset[str], before: str) -> None:
    if not isinstance(given, dict):
        raise ValueError(f"{before.rstrip('.')} is a table")
    for name in given:
        if name not in known:
            there = ", ".join(sorted(known))
            raise ValueError(f"there is no limit {before}{name}; there are {there}")
