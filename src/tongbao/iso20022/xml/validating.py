"""Schema validation of a parsed message against the compiled table, with every place named.

The verdict is that of the message's XSD (a differential test holds it there); the findings add
line, path, value and rule. One departure, stricter than the XSD: xsi:type and xsi:nil are refused.
"""

from __future__ import annotations

from tongbao.iso20022.findings import Finding, finding
from tongbao.iso20022.xml.datatypes import Broken
from tongbao.iso20022.xml.reading import SourceDocument, header_message, source_line
from tongbao.iso20022.xml.schema import UNBOUNDED, Slot, TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree

MAX_FINDINGS = 100
MANY_CHILDREN = 50_000
"""Of one parent: beyond, positions are counted one by one, and no memory is spent on them all."""
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = frozenset({_XSI + "schemaLocation", _XSI + "noNamespaceSchemaLocation"})


def validate(document: SourceDocument, *, limit: int = MAX_FINDINGS) -> tuple[Finding, ...]:
    """The first `limit` broken schema rules of the Document and its header; () when valid."""
    found: list[Finding] = []
    header = header_message(document)
    if header and document.header is not None:
        tag, rule = schema_of(header)
        _Walk(document.header, rule, document.line_offset, limit, found).run(tag)
    tag, rule = schema_of(document.message)
    _Walk(document.root, rule, document.line_offset, limit, found).run(tag)
    return tuple(found)


def fits(element: etree._Element, rule: TypeRule) -> bool:
    """Whether an element by itself is what a type allows."""
    found: list[Finding] = []
    walk = _Walk(element, rule, 0, 1, found)
    walk.run(element.tag)
    return not found


def rule_of(element: etree._Element, message: str) -> TypeRule | None:
    """The type that a message's schema gives to an element of a tree; None outside of it."""
    names = [element.tag, *(above.tag for above in element.iterancestors())][::-1]
    tag, rule = schema_of(message)
    if names[0] != tag:
        return None
    for name in names[1:]:
        slot = rule.slots.get(name)
        if slot is None:
            return None
        rule = slot.rule
    return rule


class Paths:
    """Paths of elements of one tree: /Document/…, a position wherever an element may repeat.

    Positions among siblings are counted once a parent, so that ten thousand findings in one file
    do not cost ten thousand walks over it.
    """

    def __init__(self, root: etree._Element, rule: TypeRule) -> None:
        """`rule` is the schema of `root`."""
        self.root = root
        self.rule = rule
        self.places: dict[etree._Element, tuple[int, int]] = {}
        self.sizes: dict[etree._Element, int] = {}
        self.marks: dict[tuple[etree._Element, str], tuple[etree._Element, int]] = {}

    def of(self, element: etree._Element) -> str:
        """The path of an element of the tree."""
        chain = [element, *element.iterancestors()]
        chain = chain[: chain.index(self.root) + 1][::-1]
        path: str = "/" + etree.QName(self.root).localname
        known: TypeRule | None = self.rule
        for child in chain[1:]:
            path += "/" + etree.QName(child).localname
            slot = known.slots.get(child.tag) if known else None
            place, twins = self.place(child)
            if twins > 1 or (slot is not None and slot.maximum > 1):
                path += f"[{place}]"
            known = slot.rule if slot else None
        return path

    def place(self, element: etree._Element) -> tuple[int, int]:
        """Position among the siblings of its name, from 1, and how many they are."""
        if element not in self.places:
            parent = element.getparent()
            if parent not in self.sizes:
                self.sizes[parent] = len(parent)
            if self.sizes[parent] > MANY_CHILDREN:
                self.places[element] = (self.counted(parent, element), self.sizes[parent])
            else:
                twins = list(parent.iterchildren(element.tag))
                for index, twin in enumerate(twins, start=1):
                    self.places[twin] = (index, len(twins))
        return self.places[element]

    def counted(self, parent: etree._Element, element: etree._Element) -> int:
        """The position, counted on from where the last one of this parent and name was found."""
        last, place = self.marks.get((parent, element.tag), (None, 0))
        if last is not None:
            for step, twin in enumerate(last.itersiblings(element.tag), start=1):
                if twin is element:
                    self.marks[parent, element.tag] = (element, place + step)
                    return place + step
        place = 1 + sum(1 for _ in element.itersiblings(element.tag, preceding=True))
        self.marks[parent, element.tag] = (element, place)
        return place


class _Full(Exception):
    """Enough findings."""


class _Walk:
    """One pass over one tree, collecting findings up to a limit."""

    def __init__(
        self, root: etree._Element, rule: TypeRule, offset: int, limit: int, found: list[Finding]
    ) -> None:
        self.root = root
        self.rule = rule
        self.paths = Paths(root, rule)
        self.offset = offset
        self.limit = limit
        self.found = found

    def run(self, tag: str) -> None:
        """Walk from the root, unless it is another element than the schema's."""
        try:
            if self.root.tag != tag:
                self.report("xsd.unexpected", self.root, etree.QName(self.root).localname)
            else:
                self.element(self.root, self.rule)
        except _Full:
            return

    def report(
        self, rule: str, element: etree._Element, value: str, suffix: str = "", **words: object
    ) -> None:
        """Add a finding at an element; `suffix` names a child or attribute below it."""
        path = self.paths.of(element) + suffix
        line = self.offset + source_line(element)
        self.found.append(finding(rule, line, path, value, **words))
        if len(self.found) >= self.limit:
            raise _Full

    def element(self, element: etree._Element, rule: TypeRule) -> None:
        """Attributes, then text or children."""
        if element.attrib or rule.attributes:
            self.attributes(element, rule)
        if rule.check is not None:
            self.simple(element, rule)
            return
        if element.text is not None and not element.text.isspace() and element.text:
            self.report("xsd.text", element, element.text.strip())
        if rule.wildcard:
            self.wildcard(element, rule)
        elif rule.choice:
            self.choice(element, rule)
        else:
            self.sequence(element, rule)

    def simple(self, element: etree._Element, rule: TypeRule) -> None:
        """Text that must fit a simple type; children are not allowed."""
        if len(element):
            child = element[0]
            self.report("xsd.unexpected", child, etree.QName(child).localname)
            return
        text = element.text or ""
        broken = rule.check(text) if rule.check else None
        if broken is not None:
            self.report(broken.rule, element, text, **broken.words)

    def attributes(self, element: etree._Element, rule: TypeRule) -> None:
        """Required attributes with their tests; nothing else but a schema's location."""
        for name, check in rule.attributes.items():
            value = element.get(name)
            broken: Broken | None = None
            if value is None:
                self.report("xsd.attribute_required", element, name, suffix=f"/@{name}")
            else:
                broken = check(value)
            if broken is not None:
                self.report(broken.rule, element, value or "", suffix=f"/@{name}", **broken.words)
        for name in element.attrib:
            if name not in rule.attributes and name not in _HINTS:
                self.report("xsd.attribute", element, str(name), suffix=f"/@{name}")

    def sequence(self, element: etree._Element, rule: TypeRule) -> None:
        """Children in the schema's order, each as often as it may and must."""
        slots = rule.slots
        place, count = -1, 0
        seen: set[int] = set()
        for child in element:
            slot = self.child(element, child, slots)
            if slot is None:
                continue
            index = slot.place
            if index == place:
                count += 1
                if count == slot.maximum + 1 and slot.maximum < UNBOUNDED:
                    self.report("xsd.occurs", child, slot.name, limit=slot.maximum)
            elif index > place:
                place, count = index, 1
                seen.add(index)
            else:
                rule_name = "xsd.occurs" if index in seen and slot.maximum == 1 else "xsd.order"
                seen.add(index)
                self.report(rule_name, child, slot.name, limit=slot.maximum)
            self.element(child, slot.rule)
        for slot in rule.required:
            if slot.place not in seen:
                self.report("xsd.required", element, slot.name, suffix="/" + slot.name)

    def choice(self, element: etree._Element, rule: TypeRule) -> None:
        """Exactly one kind of child."""
        slots = rule.slots
        kinds: dict[str, int] = {}
        for child in element:
            slot = self.child(element, child, slots)
            if slot is None:
                continue
            kinds[slot.name] = kinds.get(slot.name, 0) + 1
            if kinds[slot.name] > slot.maximum:
                self.report("xsd.occurs", child, slot.name, limit=slot.maximum)
            self.element(child, slot.rule)
        if len(kinds) != 1:
            names = ", ".join(slot.name for slot in slots.values())
            self.report("xsd.choice", element, ", ".join(kinds), allowed=names)

    def child(
        self, element: etree._Element, child: etree._Element, slots: dict[str, Slot]
    ) -> Slot | None:
        """The slot of a child; an unknown child, and text after a child, are reported."""
        tail = child.tail
        if tail and not tail.isspace():
            self.report("xsd.text", element, tail.strip())
        slot = slots.get(child.tag)
        if slot is None:
            self.report("xsd.unexpected", child, etree.QName(child).localname)
        return slot

    def wildcard(self, element: etree._Element, rule: TypeRule) -> None:
        """Exactly one foreign element, whose inside is not examined (processContents lax)."""
        for child in element:
            if child.tail and not child.tail.isspace():
                self.report("xsd.text", element, child.tail.strip())
            namespace = etree.QName(child).namespace
            if rule.wildcard != "##any" and namespace != rule.wildcard:
                self.report("xsd.unexpected", child, etree.QName(child).localname)
        if len(element) == 0:
            self.report("xsd.required", element, "(any)", suffix="/*")
        elif len(element) > 1:
            self.report("xsd.occurs", element[1], etree.QName(element[1]).localname, limit=1)
