"""Statements that came in, given back: what did not change as it came, in its own version."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from tongbao.iso20022.model import AccountStatement, Entry, StatementMessage
from tongbao.iso20022.statements.reading import map_statement
from tongbao.iso20022.statements.writing import FORMS, Form, write_statement_element
from tongbao.iso20022.xml.extract import down, local, repeated
from tongbao.iso20022.xml.fields import arrange, rule_below
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer, renamed

Known = tuple[Entry, etree._Element]
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
    before = None if old is None else map_statement(old)
    if old is not None and before == statement:
        writer.body.append(old)
        return
    write_statement_element(writer, form, statement)
    if old is None or before is None:
        return
    made = writer.body[-1]
    if _same(before, statement, ("account", "owner", "servicer")):
        _taken(made, old, "Acct")
    entries = rule_below(writer, rule, "Ntry")
    known = list(zip(before.entries, repeated(old, "Ntry"), strict=True))
    for fresh, entry in zip(repeated(made, "Ntry"), statement.entries, strict=True):
        pair = next((one for one in known if one[0] == entry), None)
        if pair is not None:
            known.remove(pair)
            made.replace(fresh, pair[1])
            continue
        pair = _origin(entry, known, statement)
        if pair is not None:
            known.remove(pair)
            _entry(writer, fresh, entry, pair, entries)
    for child in list(old):
        if local(child) not in _BUILT:
            made.append(child)
    arrange(writer, made, rule)


def _origin(entry: Entry, known: list[Known], statement: AccountStatement) -> Known | None:
    """What a changed entry came from: that of its references, else the one in its place."""
    for name in ("servicer_reference", "reference"):
        reported = getattr(entry, name)
        found = [one for one in known if reported and getattr(one[0], name) == reported]
        if len(found) == 1:
            return found[0]
    others = [one for one in known if one[0] not in statement.entries]
    changed = [one for one in statement.entries if one not in [pair[0] for pair in known]]
    fits = len(others) == len(changed)
    return others[changed.index(entry)] if fits and entry in changed else None


_ENTRY_PARTS = {
    "Amt": ("amount_minor", "currency"), "Sts": ("status",), "BookgDt": ("booked_on",),
    "ValDt": ("value_on",), "BkTxCd": ("code",), "NtryDtls": ("details",),
}  # fmt: skip
"""Children of an entry that stay as they came where their fields did not change."""
_ENTRY_BUILT = frozenset(
    (*_ENTRY_PARTS, "NtryRef", "CdtDbtInd", "RvslInd", "AcctSvcrRef", "AddtlNtryInf")
)
_DETAIL_PARTS = {
    "Refs": (
        "message_id", "servicer_reference", "payment_information_id", "instruction_id",
        "end_to_end_id", "uetr", "transaction_id",
    ),
    "RltdPties": (
        "debtor", "debtor_account", "ultimate_debtor", "creditor", "creditor_account",
        "ultimate_creditor",
    ),
    "RltdAgts": ("debtor_agent", "creditor_agent"), "Purp": ("purpose",),
    "RmtInf": ("remittance",),
}  # fmt: skip
_DETAIL_BUILT = frozenset((*_DETAIL_PARTS, "Amt", "CdtDbtInd", "AddtlTxInf"))


def _entry(
    writer: Writer, made: etree._Element, entry: Entry, origin: Known, rule: TypeRule
) -> None:
    """A changed entry with what it does not speak of as it came: exchange rates, charges, ..."""
    before, old = origin
    _kept(made, old, before, entry, _ENTRY_PARTS, _ENTRY_BUILT)
    arrange(writer, made, rule)
    if before.details == entry.details:
        return
    inner = rule_below(writer, rule, "NtryDtls")
    below = rule_below(writer, inner, "TxDtls")
    came = [one for part in repeated(old, "NtryDtls") for one in repeated(part, "TxDtls")]
    fresh = [one for part in repeated(made, "NtryDtls") for one in repeated(part, "TxDtls")]
    for new, element, detail, was in zip(fresh, came, entry.details, before.details, strict=False):
        _kept(new, element, was, detail, _DETAIL_PARTS, _DETAIL_BUILT)
        if detail.amount_minor != was.amount_minor:
            for stale in repeated(new, "AmtDtls"):
                for part in repeated(stale, "TxAmt"):
                    stale.remove(part)
        elif down(element, "Amt") is None:
            for extra in repeated(new, "Amt"):
                new.remove(extra)
        arrange(writer, new, below)


def _kept(
    made: etree._Element,
    old: etree._Element,
    before: object,
    now: object,
    parts: Mapping[str, tuple[str, ...]],
    built: frozenset[str],
) -> None:
    """Children whose fields did not change, and those without a field, as they came."""
    for name, names in parts.items():
        if _same(before, now, names):
            _taken(made, old, name)
    for child in list(old):
        if local(child) not in built:
            made.append(child)


def _taken(made: etree._Element, old: etree._Element, name: str) -> None:
    for one in repeated(made, name):
        made.remove(one)
    for one in repeated(old, name):
        made.append(deepcopy(one))


def _same(before: object, now: object, names: tuple[str, ...]) -> bool:
    return all(getattr(before, name) == getattr(now, name) for name in names)
