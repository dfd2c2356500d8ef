"""Fields: what a value means, stated once beside its type.

    payer: AccountId
    amount_minor: Amount
    due_at_ms: Moment

Each name here is an annotated type. What it says is read by `field_of`, and everything that shows,
asks for or stores the value goes by it: columns, routes, forms, amounts in units, dates. Nothing
guesses a meaning from a field's name.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec


@dataclass(frozen=True)
class Field:
    """What a value is."""

    kind: str
    """How it is written and read: `party`, `account`, `asset`, `amount`, `moment`, ..."""
    meaning: str
    """A sentence for people, in English."""
    of: str = ""
    """Of an id: the record whose rows it names, e.g. `queue`."""

    @property
    def record(self) -> str:
        """The record whose row a value names; empty where it names none."""
        return self.of or (self.kind if self.kind in ("party", "account", "asset") else "")

    asset: str = ""
    """Of an amount: the member beside it that names its asset, where its own name does not say."""


class Apart:
    """Of a field with several items: each concerns those alone whom it names itself."""


class Unconcerned:
    """Of a field whose names have no part in the rest: what names them there concerns them not."""


APART = Apart()
UNCONCERNED = Unconcerned()
PartyId = Annotated[str, Field("party", "Id of a party.")]
ServicerId = Annotated[str, Field("servicer", "Bank that keeps the account.")]
AccountId = Annotated[str, Field("account", "Account, `party/name`.")]
AssetCode = Annotated[str, Field("asset", "Code of an asset.")]
Amount = Annotated[int, Field("amount", "Amount in minor units of the asset.")]
Whole = Annotated[int, Field("whole", "A whole number without bound that is no amount.")]
Count = Annotated[int, Field("count", "How many.")]
Moment = Annotated[int, Field("moment", "UTC milliseconds since 1970; 0: none.")]
Duration = Annotated[int, Field("duration", "Milliseconds.")]
Digest = Annotated[str, Field("digest", "SHA-256, hex.")]
Uetr = Annotated[str, Field("uetr", "Unique end-to-end transaction reference, ISO 20022.")]
Reference = Annotated[str, Field("reference", "A reference of the payer's, ISO Max35Text.")]
RowId = Annotated[str, Field("id", "Id on the ledger: `party:reference:day.n`.")]
Place = Annotated[str, Field("place", "Place on the chain: `height.position.number`.")]
AccountNumber = Annotated[str, Field("number", "IBAN or account number.")]
Lei = Annotated[str, Field("number", "Legal entity identifier, ISO 17442.")]
Uscc = Annotated[str, Field("number", "Unified social credit code, GB 32100.")]
Hex = Annotated[bytes, Field("hex", "Bytes, hex.")]
Text = Annotated[str, Field("text", "Text for people.")]
Word = Annotated[str, Field("word", "One of few words.")]
Refused = Annotated[int, Field("code", "Refusal code; 0: none.")]

SAFE_INTEGER = 2**53 - 1
"""Whole numbers beyond it are lost by browsers (I-JSON, RFC 7493)."""
_PLAIN: dict[Any, Field] = {
    str: Field("text", ""), int: Field("count", ""), bool: Field("switch", ""),
    bytes: Field("bytes", ""),
}  # fmt: skip
_NESTED = Field("nested", "")
CONCERNS = frozenset(("party", "account"))
"""Kinds of fields that say whom a row or an event concerns."""


@lru_cache(maxsize=4_096)
def field_of(annotation: Any) -> Field:
    """What an annotated type says; of a plain type no more than its kind."""
    if get_origin(annotation) is Annotated:
        return next((one for one in get_args(annotation)[1:] if isinstance(one, Field)),
                    field_of(get_args(annotation)[0]))  # fmt: skip
    return _PLAIN.get(annotation, _NESTED)


@lru_cache(maxsize=2_048)
def fields_of(kind: Any) -> dict[str, Any]:
    """Field name -> annotation, of a struct, in its order."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.__struct_fields__}


def inner_of(annotation: Any) -> Any:
    """The type of the values in a tuple or list of them; of anything else, itself."""
    bare = _bare(annotation)
    return next(iter(get_args(bare))) if get_origin(bare) in (tuple, list) else annotation


def plain(value: Any, annotation: Any) -> Any:
    """A value as JSON has it: amounts and other whole numbers without bound as decimal strings."""
    if type(value) is int:
        unbound = field_of(annotation).kind in ("amount", "whole") or abs(value) > SAFE_INTEGER
        return str(value) if unbound else value
    if isinstance(value, bytes):
        return value.hex() if field_of(annotation).kind == "hex" else msgspec.to_builtins(value)
    if isinstance(value, msgspec.Struct):
        config, hints = value.__struct_config__, fields_of(type(value))
        tag = {} if config.tag_field is None else {config.tag_field: config.tag}
        return tag | {name: plain(getattr(value, name), hint) for name, hint in hints.items()}
    if isinstance(value, list | tuple):
        parts = _parts(annotation, len(value))
        return [plain(one, part) for one, part in zip(value, parts, strict=True)]
    if isinstance(value, dict):
        inner = (*get_args(_bare(annotation)), Any, Any)[1]
        return {key: plain(one, inner) for key, one in value.items()}
    return value


def _bare(annotation: Any) -> Any:
    """The type without what is stated of it, and without None beside it."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next(one for one in get_args(annotation) if one is not type(None))
    return annotation


def _parts(annotation: Any, count: int) -> list[Any]:
    inner = get_args(_bare(annotation))
    if (len(inner) == 2 and inner[1] is Ellipsis) or len(inner) == 1:
        return [inner[0]] * count
    return list(inner) if len(inner) == count else [Any] * count


def parties_named(value: Any) -> frozenset[str]:
    """Every party that a struct names: as itself, or as the owner of an account."""
    return parties_of(names_in(value, type(value)))


def parties_of(names: Iterable[str]) -> frozenset[str]:
    """The parties among names, and the owners of the accounts among them."""
    return frozenset(name.partition("/")[0] for name in names)


def names_in(value: Any, annotation: Any) -> frozenset[str]:
    """Every party and account that a value of this type names, as it is or as plain JSON."""
    found: set[str] = set()
    _collect(value, annotation, found)
    return frozenset(found - {""})


def _collect(value: Any, annotation: Any, found: set[str]) -> None:
    if isinstance(value, str):
        if field_of(annotation).kind in CONCERNS:
            found.add(value)
    elif isinstance(value, msgspec.Struct):
        for name, hint, whose in _naming(type(value)):
            one = getattr(value, name)
            if whose:
                found.add(one)
            else:
                _collect(one, hint, found)
    elif isinstance(value, dict):
        for name, hint, _ in _naming(_bare(annotation)):
            _collect(value.get(name), hint, found)
    elif isinstance(value, list | tuple):
        for one, part in zip(value, _parts(annotation, len(value)), strict=True):
            _collect(one, part, found)


def without_others(value: Any, concerns: Callable[[frozenset[str]], bool]) -> Any:
    """A struct, or several, without the items of fields marked APART that concern somebody else.

    `concerns` is given the names in an item. Whom the struct names beside these items, they
    concern all: the payer of a bulk transfer sees every line, a payee its own.
    """
    if isinstance(value, list | tuple):
        return tuple(without_others(one, concerns) for one in value)
    kind: Any = type(value)
    apart = _apart(kind) if isinstance(value, msgspec.Struct) else {}
    if not apart:
        return value
    beside: set[str] = set()
    for name, hint, _ in _naming(kind):
        if name not in apart:
            _collect(getattr(value, name), hint, beside)
    if concerns(frozenset(beside - {""})):
        return value
    changed: dict[str, Any] = {}
    for name, hint in apart.items():
        items = getattr(value, name)
        own = zip(items, _parts(hint, len(items)), strict=True)
        changed[name] = tuple(one for one, part in own if concerns(names_in(one, part)))
    return msgspec.structs.replace(value, **changed)


def has_apart(kind: Any) -> bool:
    """Whether a struct has items that each concern others."""
    return kind is not None and bool(_apart(kind))


@lru_cache(maxsize=2_048)
def _apart(kind: Any) -> dict[str, Any]:
    """The fields of a struct whose items each concern others, with their types."""
    return {
        name: hint for name, hint in fields_of(kind).items()
        if get_origin(hint) is Annotated and APART in get_args(hint)
    }  # fmt: skip


@lru_cache(maxsize=2_048)
def _naming(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """The fields of a struct in which somebody may be named, and whether a field itself is a name;
    of anything else none. Asked about every event, so it is worked out once."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return ()
    hints = fields_of(kind).items()
    return tuple(
        (name, hint, field_of(hint).kind in CONCERNS and _bare(hint) is str)
        for name, hint in hints if may_name(hint)
    )  # fmt: skip


def may_name(annotation: Any) -> bool:
    """Whether a value of this type may name a party or an account that it concerns."""
    if get_origin(annotation) is Annotated and UNCONCERNED in get_args(annotation):
        return False
    if field_of(annotation).kind in CONCERNS:
        return True
    bare = _bare(annotation)
    return bool(_naming(bare)) or any(map(may_name, get_args(bare)))
