"""Tables: the typed rooms of the state. A key is built here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar, overload

import msgspec

V = TypeVar("V")
KeyPart: TypeAlias = str | int | bytes

_ENCODE = msgspec.json.Encoder().encode


class Table(Generic[V]):
    """A mapping from a tuple of key parts to one frozen value.

    `prefix` is unique on the chain: modules use two bytes, their number and the table's.
    `key` names the type of each part: `str` (no NUL; closed by a NUL unless last), `int`
    (0 to 2**64 - 1, eight bytes big-endian, so that scans come in numeric order) or `bytes`
    (only as the last part).
    """

    __slots__ = ("encode", "key", "key_types", "load", "meaning", "name", "prefix", "value_type")

    key: Callable[..., bytes]
    """The bytes of a whole key from its parts."""
    encode: Callable[[V], bytes]
    """The canonical bytes of a value."""
    load: Callable[[bytes], V]
    """The value again from its bytes."""

    def __init__(
        self,
        prefix: bytes,
        name: str,
        key: tuple[type[KeyPart], ...],
        value: type[V],
        meaning: str,
        codec: tuple[Callable[[V], bytes], Callable[[bytes], V]] | None = None,
    ) -> None:
        """Declare the table; `codec` replaces canonical JSON where a layout is fixed."""
        self.prefix = prefix
        self.name = name
        self.key_types = key
        self.meaning = meaning
        self.value_type: Any = value
        self.encode, self.load = codec or (_ENCODE, msgspec.json.Decoder(value).decode)
        # The two shapes of nearly every key, spelled out: this is the hottest line of the kernel.
        if key == (str,):
            self.key = lambda one: prefix + one.encode()
        elif key == (str, str):
            self.key = lambda one, two: b"%b%b\0%b" % (prefix, one.encode(), two.encode())
        else:
            self.key = lambda *parts: prefix + self._join(parts, len(key) - 1)

    def __repr__(self) -> str:
        """For messages."""
        return f"Table({self.name})"

    def key_prefix(self, *parts: KeyPart) -> bytes:
        """The bytes with which every key that starts with `parts` starts."""
        return self.prefix + self._join(parts, len(self.key_types))

    def _join(self, parts: tuple[KeyPart, ...], last: int) -> bytes:
        out = b""
        for position, part in enumerate(parts):
            if type(part) is str:
                out += part.encode() if position == last else part.encode() + b"\0"
            elif type(part) is int:
                out += part.to_bytes(8, "big")
            else:
                out += part  # type: ignore[operator]
        return out

    def parts(self, raw: bytes) -> tuple[Any, ...]:
        """The key parts again from the bytes of a whole key."""
        rest = raw[len(self.prefix) :]
        found: list[KeyPart] = []
        last = len(self.key_types) - 1
        for position, kind in enumerate(self.key_types):
            if kind is int:
                found.append(int.from_bytes(rest[:8], "big"))
                rest = rest[8:]
            elif kind is bytes:
                found.append(rest)
            elif position == last:
                found.append(rest.decode())
            else:
                text, _, rest = rest.partition(b"\0")
                found.append(text.decode())
        return tuple(found)

    @overload
    def decode(self, raw: None) -> None: ...
    @overload
    def decode(self, raw: bytes) -> V: ...
    def decode(self, raw: bytes | None) -> V | None:
        """The value again, or None where there is none."""
        return None if raw is None else self.load(raw)
