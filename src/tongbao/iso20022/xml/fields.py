"""A message's fields as a table, by which it is read and written.

Written over the element that came in, a table changes only what its values change: an element whose
value is the same, and every element that the table does not name, stays as it came. New elements
are put in the schema's order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from tongbao.iso20022.currencies import Money, NotMinor, to_minor
from tongbao.iso20022.findings import Finding
from tongbao.iso20022.model import Agent, Party
from tongbao.iso20022.xml import extract
from tongbao.iso20022.xml.extract import Children, down, repeated, text
from tongbao.iso20022.xml.schema import TypeRule
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer, renamed

_NO_RULE = TypeRule()


class Place(NamedTuple):
    """Where a record stood, and what is wrong with it."""

    line: int
    path: str
    findings: tuple[Finding, ...]


Placing = Callable[[etree._Element], Place]


class Shape(Protocol):
    """How a value is read from an element, and written as a new last child."""

    def read(self, element: etree._Element | None, placing: Placing | None = None) -> Any:
        """The value; the empty one for None."""
        ...

    def write(
        self, writer: Writer, parent: etree._Element, rule: TypeRule, name: str, value: Any
    ) -> None:
        """A new child called `name`; nothing for the empty value. `rule` is the child's."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """A shape made of two functions."""

    reading: Callable[[etree._Element | None], Any]
    writing: Callable[[Writer, etree._Element, str, Any], object]

    def read(self, element: etree._Element | None, placing: Placing | None = None) -> Any:
        """By the reading function."""
        return self.reading(element)

    def write(
        self, writer: Writer, parent: etree._Element, rule: TypeRule, name: str, value: Any
    ) -> None:
        """By the writing function."""
        self.writing(writer, parent, name, value)


@dataclass(frozen=True, slots=True)
class Day:
    """A date, or one in a Dt/DtTm choice, as the version has it."""

    def read(self, element: etree._Element | None, placing: Placing | None = None) -> str:
        """The date, or date and time."""
        return extract.date_or_time(element)

    def write(
        self, writer: Writer, parent: etree._Element, rule: TypeRule, name: str, value: str
    ) -> None:
        """In the form that the schema asks for."""
        if rule.check is not None:
            writer.leaf(parent, name, value)
        else:
            writer.date(parent, name, value)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: its name in Python, its path in XML, its shape."""

    name: str
    path: tuple[str, ...]
    """Local names below the record's element; () for a record that shares the element."""
    shape: Shape
    many: bool = False
    """A tuple of values, one an element."""

    @property
    def moves(self) -> bool:
        """Whether its element is not there to compare with: it moves with its record."""
        return _kept(self.shape)

    def get(self, element: etree._Element, parts: Children, placing: Placing | None = None) -> Any:
        """The value in an element whose (first) children are `parts`."""
        if not self.path:
            return self.shape.read(element, placing)
        first = parts.get(self.path[0])
        if self.many:
            if first is None:
                return ()
            holder = element if len(self.path) == 1 else down(first, *self.path[1:-1])
            found = repeated(holder, self.path[-1])
            return tuple(self.shape.read(one, placing) for one in found)
        return self.shape.read(down(first, *self.path[1:]), placing)

    def put(self, writer: Writer, node: etree._Element, rule: TypeRule, value: Any) -> None:
        """Make the element say another value than it does, in place."""
        if not self.path:
            assert isinstance(self.shape, Record)
            self.shape.over(writer, node, rule, value)
            return
        holder, inner = _opened(writer, node, rule, self.path[:-1])
        name = self.path[-1]
        values: Sequence[Any] = value if self.many else (value,)
        _replace(writer, holder, inner, name, self.shape, values)
        if holder is not node:
            arrange(writer, holder, inner)
            _closed(node, holder)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A tuple of values in elements with different names, e.g. IntrmyAgt1, IntrmyAgt2, ..."""

    name: str
    names: tuple[str, ...]
    shape: Shape
    moves = False

    def get(
        self, element: etree._Element, parts: Children, placing: Placing | None = None
    ) -> tuple[Any, ...]:
        """The values of the names that are there."""
        return tuple(self.shape.read(parts[name]) for name in self.names if name in parts)

    def put(self, writer: Writer, node: etree._Element, rule: TypeRule, value: Any) -> None:
        """Name by name; ValueError where there are more values than names."""
        if len(value) > len(self.names):
            raise ValueError(f"{self.name}: at most {len(self.names)}")
        for place, name in enumerate(self.names):
            there = (value[place],) if place < len(value) else ()
            _replace(writer, node, rule, name, self.shape, there)


@dataclass(frozen=True, slots=True)
class Record:
    """A shape of several fields, read into a frozen dataclass."""

    kind: type[Any]
    fields: tuple[Field | Numbered, ...]
    keeps: bool = False
    """Whether the value keeps its own element in `source`, so that it may move to another message.
    Its container's source is without it."""
    optional: bool = False
    """None where the element is missing; otherwise the record with all fields empty."""
    inherits: tuple[str, ...] = ()
    """Fields that the message's header may say for all."""
    placed: bool = False
    """Whether the value tells `line`, `path` and `findings`."""

    def read(
        self,
        element: etree._Element | None,
        placing: Placing | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Any:
        """The record in an element; `given` are values that stand elsewhere."""
        if element is None:
            return None if self.optional else self.kind(**self._nothing())
        parts = firsts(element)
        values = {field.name: field.get(element, parts, placing) for field in self.fields}
        values |= given or {}
        if self.keeps:
            values["source"] = self.shell(element)
        if self.placed and placing is not None:
            place = placing(element)
            values |= {"line": place.line, "path": place.path}
            if place.findings:
                values["findings"] = place.findings
        return self.kind(**values)

    def shell(self, element: etree._Element) -> bytes:
        """The element without the records that keep themselves, as canonical XML."""
        apart = {
            field.path[0]
            for field in self.fields
            if isinstance(field, Field) and isinstance(field.shape, Record) and field.shape.keeps
        }
        return extract.canonical(without(element, apart) if apart else element)

    def write(
        self, writer: Writer, parent: etree._Element, rule: TypeRule, name: str, value: Any
    ) -> None:
        """A new child: over the value's own source where it keeps one."""
        if value is None:
            return
        source: bytes = value.source if self.keeps else b""
        if source:
            node = renamed(source, writer.prefix)
            node.tag = writer.prefix + name
            parent.append(node)
        else:
            node = writer.node(parent, name)
        self.over(writer, node, rule, value)

    def over(self, writer: Writer, node: etree._Element, rule: TypeRule, value: Any) -> None:
        """Write the fields over an element. What the message's header says for all is stated again
        only by an element that stated it itself."""
        parts = firsts(node)
        changed = False
        for field in self.fields:
            reported = getattr(value, field.name)
            if field.name in self.inherits and writer.common.get(field.name) == reported:
                if isinstance(field, Field) and field.path[0] not in parts:
                    continue
            if not field.moves and field.get(node, parts) == reported:
                continue
            # No two fields share a path, so what was read before still holds.
            field.put(writer, node, rule, reported)
            changed = True
        if changed:
            arrange(writer, node, rule)

    def _nothing(self) -> dict[str, Any]:
        empty = etree.Element("empty")
        return {field.name: field.get(empty, {}) for field in self.fields}


def firsts(element: etree._Element) -> Children:
    """Children by local name; of repeated ones the first."""
    found: Children = {}
    for child in element:
        tag: str = child.tag
        found.setdefault(tag[tag.rfind("}") + 1 :], child)
    return found


def without(element: etree._Element, names: set[str]) -> etree._Element:
    """A copy without the children of some local names."""
    copy = etree.Element(element.tag, element.attrib, nsmap=element.nsmap)
    copy.text = element.text
    for child in element:
        if extract.local(child) not in names:
            copy.append(_copied(child))
    return copy


def _copied(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element, with_tail=False))


def arrange(writer: Writer, node: etree._Element, rule: TypeRule) -> None:
    """Put the children in the schema's order."""
    slots = rule.slots
    places = [slots[child.tag].place if child.tag in slots else 10_000 for child in node]
    if any(one > after for one, after in pairwise(places)):
        node[:] = [child for _, child in sorted(zip(places, node, strict=True), key=_first)]


def _first(pair: tuple[int, Any]) -> int:
    return pair[0]


def rule_below(writer: Writer, rule: TypeRule, name: str) -> TypeRule:
    """The rule of a child; an empty one where the schema has no such child."""
    slot = rule.slots.get(writer.prefix + name)
    return slot.rule if slot is not None else _NO_RULE


def _opened(
    writer: Writer, node: etree._Element, rule: TypeRule, path: tuple[str, ...]
) -> tuple[etree._Element, TypeRule]:
    """The element at a path, made where it is missing; the record arranges its own children."""
    for depth, name in enumerate(path):
        inner = down(node, name)
        if inner is None:
            inner = writer.node(node, name)
            if depth:
                arrange(writer, node, rule)
        node, rule = inner, rule_below(writer, rule, name)
    return node, rule


def _closed(top: etree._Element, holder: etree._Element) -> None:
    """Remove containers that were left empty, up to the record's own element."""
    while holder is not top and len(holder) == 0 and not holder.attrib:
        parent = holder.getparent()
        parent.remove(holder)
        holder = parent


def _replace(
    writer: Writer,
    holder: etree._Element,
    rule: TypeRule,
    name: str,
    shape: Shape,
    values: Sequence[Any],
) -> None:
    """Place by place: an element whose value is the same stays, a record is changed in place."""
    below = rule_below(writer, rule, name)
    record = shape if isinstance(shape, Record) and not shape.keeps else None
    old = repeated(holder, name)
    for place, element in enumerate(old):
        holder.remove(element)
        if place >= len(values):
            continue
        if record is not None and values[place] is not None:
            holder.append(element)
            record.over(writer, element, below, values[place])
        elif record is None and not _kept(shape) and shape.read(element) == values[place]:
            holder.append(element)
        else:
            shape.write(writer, holder, below, name, values[place])
    for value in values[len(old) :]:
        shape.write(writer, holder, below, name, value)


def _kept(shape: Shape) -> bool:
    return isinstance(shape, Record) and shape.keeps


# ---- simple shapes -------------------------------------------------------------------------------


def _money(element: etree._Element | None) -> Money | None:
    """An amount; None where there is none, or none in minor units (a finding says so)."""
    if element is None:
        return None
    try:
        currency = element.get("Ccy") or ""
        return Money(currency, to_minor(text(element), currency))
    except NotMinor:
        return None


def _write_money(writer: Writer, parent: etree._Element, name: str, value: Money | None) -> None:
    if value is not None:
        writer.money(parent, name, value.text, value.currency)


def _write_bank_or_party(writer: Writer, parent: etree._Element, name: str, value: Party) -> None:
    """A Party40Choice: an institution where nothing but its name, BIC and LEI is known."""
    if value.bic and value == Party(name=value.name, bic=value.bic, lei=value.lei):
        agent = Agent(bic=value.bic, lei=value.lei, name=value.name)
        writer.agent(writer.node(parent, name), "Agt", agent)
    else:
        writer.party_choice(parent, name, value)


def _institution(element: etree._Element | None) -> Party:
    """A financial institution in the place of a party."""
    found = extract.agent(element)
    return Party(name=found.name, bic=found.bic, lei=found.lei)


def _write_institution(
    writer: Writer, parent: etree._Element, name: str, value: Party, required: bool = False
) -> None:
    agent = Agent(bic=value.bic, lei=value.lei, name=value.name)
    writer.agent(parent, name, agent, required)


TEXT = Leaf(text, Writer.leaf)
CODE = Leaf(extract.code_or_proprietary, Writer.code)
PARTY = Leaf(extract.party, Writer.party)
REQUIRED_PARTY = Leaf(extract.party, partial(Writer.party, required=True))
PARTY_CHOICE = Leaf(extract.party, _write_bank_or_party)
INSTITUTION = Leaf(_institution, _write_institution)
REQUIRED_INSTITUTION = Leaf(_institution, partial(_write_institution, required=True))
ACCOUNT = Leaf(extract.account, Writer.account)
AGENT = Leaf(extract.agent, Writer.agent)
REQUIRED_AGENT = Leaf(extract.agent, partial(Writer.agent, required=True))
REMITTANCE = Leaf(extract.remittance, Writer.remittance)
DATE = Day()
MONEY = Leaf(_money, _write_money)


def texts(*pairs: tuple[str, str]) -> tuple[Field, ...]:
    """Text fields from (name, "Path/Below")."""
    return tuple(Field(name, tuple(path.split("/")), TEXT) for name, path in pairs)


def fields(shape: Shape, *pairs: tuple[str, str], many: bool = False) -> tuple[Field, ...]:
    """Fields of one shape from (name, "Path/Below")."""
    return tuple(Field(name, tuple(path.split("/")), shape, many) for name, path in pairs)
