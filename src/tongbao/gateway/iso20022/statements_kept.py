"""Statements that came in, given back: what did not change as it came, in its own version."""

from __future__ import annotations

from tongbao.gateway.iso20022.extract import local, repeated
from tongbao.gateway.iso20022.fields import arrange, rule_below
from tongbao.gateway.iso20022.model import AccountStatement, StatementMessage
from tongbao.gateway.iso20022.schema import TypeRule, schema_of
from tongbao.gateway.iso20022.statement_writing import FORMS, Form, write_statement_element
from tongbao.gateway.iso20022.statements import map_entry, map_statement
from tongbao.gateway.iso20022.writing import Writer, renamed

_BUILT = frozenset(
    (
        "Id", "ElctrncSeqNb", "CreDtTm", "FrToDt", "Acct", "Bal", "Ntry",
        "AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf",
    )
)  # fmt: skip
"""Children of a statement that are built from fields; every other one is given back."""


def write_statement(message: StatementMessage) -> bytes:
    """A camt.052, camt.053 or camt.054 that was read, e.g. to pass it on.

    A statement that did not change is given back as it came; in a changed one, so is every entry
    that did not change and every element without a field. DocumentRefused where it is not valid.
    """
    form = FORMS[message.message[:8]]._replace(message=message.message)
    writer = Writer(form.message, form.body)
    body = renamed(message.source, writer.prefix)
    writer.root.replace(writer.body, body)
    writer.body = body
    rule = next(iter(schema_of(form.message)[1].slots.values())).rule
    below = rule_below(writer, rule, form.item)
    for statement in message.statements:
        _statement(writer, form, statement, below)
    arrange(writer, body, rule)
    return writer.finish()


def _statement(writer: Writer, form: Form, statement: AccountStatement, rule: TypeRule) -> None:
    """One statement over its source."""
    old = renamed(statement.source, writer.prefix) if statement.source else None
    if old is not None and map_statement(old) == statement:
        writer.body.append(old)
        return
    write_statement_element(writer, form, statement)
    if old is None:
        return
    made = writer.body[-1]
    known = [(map_entry(one, statement.currency), one) for one in repeated(old, "Ntry")]
    for fresh, entry in zip(repeated(made, "Ntry"), statement.entries, strict=True):
        same = next((pair for pair in known if pair[0] == entry), None)
        if same is not None:
            known.remove(same)
            made.replace(fresh, same[1])
    for child in list(old):
        if local(child) not in _BUILT:
            made.append(child)
    arrange(writer, made, rule)
