"""The way of every table-driven message: in with its findings, out over what came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tongbao.iso20022.findings import Finding
from tongbao.iso20022.xml.accepting import (
    DEFAULT_POLICY,
    Acceptance,
    Policy,
    open_document,
    refuse_if,
)
from tongbao.iso20022.xml.checks import Checker
from tongbao.iso20022.xml.extract import canonical
from tongbao.iso20022.xml.fields import Place, Record
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer, renamed

Finishing = Callable[[Writer, etree._Element, TypeRule], None]
Rules = Callable[[Checker, etree._Element, Policy], Iterator[Finding]]


def no_rules(_: Checker, __: etree._Element, ___: Policy) -> Iterator[Finding]:
    """A message without rules of its own."""
    return iter(())


def nothing_more(_: Writer, __: etree._Element, ___: TypeRule) -> None:
    """A message without counts and sums."""


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of message."""

    kind: str
    """E.g. `pacs.004`."""
    version: str
    """Message definition identifier that new messages are written in."""
    body: str
    """The element below Document."""
    record: Record
    """How the body maps to the message's value, without `message` and `header`."""
    item: tuple[str, ...] = ()
    """Path from the body to one transaction."""
    message_rules: Rules = no_rules
    """Rules of the whole message: they refuse it."""
    item_rules: Rules = no_rules
    """Rules of one transaction: they refuse that one."""
    inherited: tuple[str, ...] = ()
    """Fields that a message says once for its transactions."""
    finishing: Finishing = nothing_more
    """What is made of the written body: counts and sums."""


def read_form(data: bytes, form: Form, policy: Policy = DEFAULT_POLICY) -> Any:
    """Read a message of a form: schema, header, rules of the whole message, then its values.

    Raises DocumentRefused with the findings of the whole message; those of a transaction stay with
    it, unless the policy is WHOLE_FILE.
    """
    document = open_document(data, (form.kind,), policy)
    checker = Checker(document)
    body = document.root[0]
    refuse_if(tuple(_message_findings(form, checker, body, policy)), document)
    stray: list[Finding] = []

    def placing(element: etree._Element) -> Place:
        found = (
            *checker.identifiers(element),
            *checker.currencies(element),
            *(checker.characters(element) if policy.usage_rules else ()),
            *form.item_rules(checker, element, policy),
        )
        stray.extend(found)
        return Place(document.line(element), checker.paths.of(element), found)

    given = {"message": document.message, "header": canonical(document.header)}
    message = form.record.read(body, placing, given)
    if policy.acceptance is Acceptance.WHOLE_FILE:
        refuse_if(tuple(stray), document)
    return message


def _message_findings(
    form: Form, checker: Checker, body: etree._Element, policy: Policy
) -> Iterator[Finding]:
    """Identifiers and currencies outside the transactions, and the form's own rules."""
    usage = policy.usage_rules
    yield from _outside(checker, body, set(items(form, body)), len(form.item), usage)
    yield from form.message_rules(checker, body, policy)


def _outside(
    checker: Checker,
    node: etree._Element,
    inside: set[etree._Element],
    depth: int,
    usage: bool,
) -> Iterator[Finding]:
    """Findings of everything below a node that is not inside a transaction."""
    for child in node:
        if child in inside:
            continue
        if depth > 1:
            yield from _outside(checker, child, inside, depth - 1, usage)
        else:
            yield from checker.identifiers(child)
            yield from checker.currencies(child)
            yield from checker.characters(child) if usage else ()


def items(form: Form, body: etree._Element) -> list[etree._Element]:
    """The transactions of a body, in order."""
    if not form.item:
        return []
    return list(body.iterfind("/".join("{*}" + name for name in form.item)))


def write_form(message: Any, form: Form, version: str = "") -> bytes:
    """The message as XML, in its own version unless another one is asked for.

    Raises DocumentRefused where the values do not make a valid message of that version: nothing is
    left out silently.
    """
    name = version or message.message or form.version
    writer = Writer(name, form.body)
    if message.source:
        body = renamed(message.source, writer.prefix)
        writer.root.replace(writer.body, body)
        writer.body = body
    _, document_rule = schema_of(name)
    rule = next(iter(document_rule.slots.values())).rule
    writer.common = {name: getattr(message, name) for name in form.inherited}
    form.record.over(writer, writer.body, rule, message)
    form.finishing(writer, writer.body, rule)
    return writer.finish()
