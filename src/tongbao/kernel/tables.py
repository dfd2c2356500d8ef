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

    __slots__ = ("_decode", "_encode", "key_types", "meaning", "name", "prefix")

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
        if codec is not None:
            self._encode, self._decode = codec
        else:
            self._encode = _ENCODE
            self._decode = msgspec.json.Decoder(value).decode

    def __repr__(self) -> str:
        """For messages."""
        return f"Table({self.name})"

    def key(self, *parts: KeyPart) -> bytes:
        """The bytes of a whole key."""
        return self.prefix + self._join(parts, len(self.key_types) - 1)

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

    def encode(self, value: V) -> bytes:
        """The canonical bytes of a value."""
        return self._encode(value)

    @overload
    def decode(self, raw: None) -> None: ...
    @overload
    def decode(self, raw: bytes) -> V: ...
    def decode(self, raw: bytes | None) -> V | None:
        """The value again, or None where there is none."""
        return None if raw is None else self._decode(raw)
