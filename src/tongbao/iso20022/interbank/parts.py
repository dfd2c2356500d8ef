"""The records that several messages between banks have in common, as tables."""

from __future__ import annotations

from tongbao.iso20022.interbank.model import Charge, Original, Reason, ReturnChain
from tongbao.iso20022.xml.fields import (
    AGENT,
    CODE,
    MONEY,
    PARTY,
    PARTY_CHOICE,
    REQUIRED_AGENT,
    TEXT,
    Field,
    Numbered,
    Record,
    fields,
    texts,
)

PREVIOUS = Numbered("previous_agents", ("PrvsInstgAgt1", "PrvsInstgAgt2", "PrvsInstgAgt3"), AGENT)
INTERMEDIARIES = Numbered("intermediaries", ("IntrmyAgt1", "IntrmyAgt2", "IntrmyAgt3"), AGENT)
ON_THE_WAY = fields(AGENT, ("instructing_agent", "InstgAgt"), ("instructed_agent", "InstdAgt"))

CHARGE = Record(
    Charge, (Field("amount", ("Amt",), MONEY), Field("agent", ("Agt",), REQUIRED_AGENT))
)
CHARGES = Field("charges", ("ChrgsInf",), CHARGE, many=True)

ORIGINAL_IDS = (
    ("instruction_id", "OrgnlInstrId"),
    ("end_to_end_id", "OrgnlEndToEndId"),
    ("transaction_id", "OrgnlTxId"),
    ("uetr", "OrgnlUETR"),
)
CLEARED = ("clearing_reference", "OrgnlClrSysRef")


def _original(*more: tuple[str, str]) -> Field:
    """A payment of another message, with that message, in the transaction's own element."""
    names = (
        ("message_id", "OrgnlGrpInf/OrgnlMsgId"),
        ("message", "OrgnlGrpInf/OrgnlMsgNmId"),
        ("created_at", "OrgnlGrpInf/OrgnlCreDtTm"),
        *ORIGINAL_IDS,
        *more,
    )
    return Field("original", (), Record(Original, texts(*names)))


ORIGINAL = _original(CLEARED)
"""As pacs.004, camt.056 and camt.029 name it."""
ORIGINAL_ASKED = _original(("clearing_reference", "ClrSysRef"))
"""As pacs.002 and pacs.028 name it."""

_MESSAGE_NAMES = (
    ("message_id", "OrgnlMsgId"),
    ("message", "OrgnlMsgNmId"),
    ("created_at", "OrgnlCreDtTm"),
)
ORIGINAL_MESSAGE = Record(Original, texts(*_MESSAGE_NAMES))
"""Another message, in the group's own element."""


def reasons(*path: str) -> Field:
    """The reasons at a path: originator, code and words each."""
    record = Record(
        Reason,
        (
            Field("code", ("Rsn",), CODE),
            Field("texts", ("AddtlInf",), TEXT, many=True),
            Field("originator", ("Orgtr",), PARTY),
        ),
    )
    return Field("reasons", path, record, many=True)


CHAIN = Field(
    "chain",
    ("RtrChain",),
    Record(
        ReturnChain,
        (
            *fields(
                PARTY_CHOICE,
                ("ultimate_debtor", "UltmtDbtr"),
                ("debtor", "Dbtr"),
                ("creditor", "Cdtr"),
                ("ultimate_creditor", "UltmtCdtr"),
            ),
            *fields(AGENT, ("debtor_agent", "DbtrAgt"), ("creditor_agent", "CdtrAgt")),
            PREVIOUS,
            INTERMEDIARIES,
        ),
        optional=True,
    ),
)
