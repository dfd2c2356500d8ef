"""pain.001 out: a file that was read, given back with what was changed; or one made by hand."""

from __future__ import annotations

from decimal import Decimal

from tongbao.iso20022.model import PaymentFile, PaymentGroup, PaymentLine
from tongbao.iso20022.xml.extract import (
    down,
    repeated,
    text,
    truth,
)
from tongbao.iso20022.xml.fields import (
    ACCOUNT,
    AGENT,
    CODE,
    DATE,
    MONEY,
    PARTY,
    REMITTANCE,
    REQUIRED_AGENT,
    REQUIRED_PARTY,
    Field,
    Leaf,
    Record,
    arrange,
    fields,
    rule_below,
    texts,
)
from tongbao.iso20022.xml.schema import TypeRule, schema_of
from tongbao.iso20022.xml.tree import etree
from tongbao.iso20022.xml.writing import Writer, renamed

VERSION = "pain.001.001.09"


def _write_flag(writer: Writer, parent: etree._Element, name: str, value: bool) -> None:
    writer.leaf(parent, name, "true" if value else "false")


_FLAG = Leaf(truth, _write_flag)
_FILE = Record(
    PaymentFile,
    (
        *texts(
            ("message_id", "GrpHdr/MsgId"),
            ("created_at", "GrpHdr/CreDtTm"),
            ("control_sum", "GrpHdr/CtrlSum"),
        ),
        Field("initiating_party", ("GrpHdr", "InitgPty"), REQUIRED_PARTY),
    ),
)
_GROUP = Record(
    PaymentGroup,
    (
        *texts(
            ("id", "PmtInfId"),
            ("method", "PmtMtd"),
            ("control_sum", "CtrlSum"),
            ("charge_bearer", "ChrgBr"),
        ),
        Field("batch_booking", ("BtchBookg",), _FLAG),
        *fields(
            CODE,
            ("service_level", "PmtTpInf/SvcLvl"),
            ("category_purpose", "PmtTpInf/CtgyPurp"),
        ),
        Field("execution_date", ("ReqdExctnDt",), DATE),
        Field("debtor", ("Dbtr",), REQUIRED_PARTY),
        Field("debtor_account", ("DbtrAcct",), ACCOUNT),
        Field("debtor_agent", ("DbtrAgt",), REQUIRED_AGENT),
        Field("ultimate_debtor", ("UltmtDbtr",), PARTY),
    ),
    keeps=True,
)
_LINE = Record(
    PaymentLine,
    (
        *texts(
            ("instruction_id", "PmtId/InstrId"),
            ("end_to_end_id", "PmtId/EndToEndId"),
            ("uetr", "PmtId/UETR"),
            ("charge_bearer", "ChrgBr"),
            ("equivalent_in", "Amt/EqvtAmt/CcyOfTrf"),
        ),
        *fields(MONEY, ("instructed", "Amt/InstdAmt"), ("equivalent", "Amt/EqvtAmt/Amt")),
        *fields(CODE, ("category_purpose", "PmtTpInf/CtgyPurp"), ("purpose", "Purp")),
        *fields(
            PARTY,
            ("creditor", "Cdtr"),
            ("ultimate_debtor", "UltmtDbtr"),
            ("ultimate_creditor", "UltmtCdtr"),
        ),
        Field("creditor_account", ("CdtrAcct",), ACCOUNT),
        Field("creditor_agent", ("CdtrAgt",), AGENT),
        Field("remittance", ("RmtInf",), REMITTANCE),
    ),
    keeps=True,
    inherits=("charge_bearer", "category_purpose", "ultimate_debtor"),
)


def write_pain001(file: PaymentFile, *, version: str = "") -> bytes:
    """A pain.001 of the file's groups and payments, in its own version unless asked otherwise.

    What was not changed is given back as it came; counts and sums are those of what is written. A
    payment with findings is given back as it came. DocumentRefused where it is not valid.
    """
    name = version or file.message or VERSION
    writer = Writer(name, "CstmrCdtTrfInitn")
    if file.source:
        body = renamed(file.source, writer.prefix)
        writer.root.replace(writer.body, body)
        writer.body = body
    rule = next(iter(schema_of(name)[1].slots.values())).rule
    _FILE.over(writer, writer.body, rule, file)
    for group in file.groups:
        _group(writer, rule_below(writer, rule, "PmtInf"), group)
    payments = list(writer.body.iterfind("{*}PmtInf/{*}CdtTrfTxInf"))
    head = down(writer.body, "GrpHdr")
    assert head is not None
    _sums(writer, head, payments, rule_below(writer, rule, "GrpHdr"), counted=True)
    arrange(writer, writer.body, rule)
    return writer.finish()


def _group(writer: Writer, rule: TypeRule, group: PaymentGroup) -> None:
    """One PmtInf with its payments."""
    _GROUP.write(writer, writer.body, rule, "PmtInf", group)
    node = writer.body[-1]
    writer.common = {name: getattr(group, name) for name in _LINE.inherits}
    below = rule_below(writer, rule, "CdtTrfTxInf")
    for line in group.lines:
        if line.findings and line.source:
            node.append(renamed(line.source, writer.prefix))
        else:
            _LINE.write(writer, node, below, "CdtTrfTxInf", line)
    payments = repeated(node, "CdtTrfTxInf")
    counted = group.number_of_transactions is not None
    _sums(writer, node, list(payments), rule, counted=counted)
    arrange(writer, node, rule)


def _sums(
    writer: Writer,
    node: etree._Element,
    payments: list[etree._Element],
    rule: TypeRule,
    *,
    counted: bool,
) -> None:
    """Count and control sum of payments; a sum that holds stays as it was written."""
    count, stated = down(node, "NbOfTxs"), down(node, "CtrlSum")
    if count is not None:
        count.text = str(len(payments))
    elif counted:
        writer.leaf(node, "NbOfTxs", str(len(payments)))
    arrange(writer, node, rule)
    if stated is not None:
        amounts = (next(one.iterchildren("{*}Amt"))[0] for one in payments)
        written = (text(one[0] if len(one) else one) for one in amounts)
        actual = sum(map(Decimal, written), Decimal(0))
        if Decimal(text(stated)) != actual:
            stated.text = str(actual)
