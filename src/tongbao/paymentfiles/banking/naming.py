"""What makes a bank's payment, return or request one and the same, however often it is sent.

A UETR names a payment for ever (OrgnlUETR is 0..1, and so is UETR in pacs.008.001.08). Where a
message gives none, one is derived from what else is unique by the message definition reports: the
sender's message id with TxId, InstrId or EndToEndId; and where these repeat in their own message or
are missing, the digest of the file with the place in it. A derived UETR has the form of a UUID
version 4 and is the same on every machine.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter

from tongbao.iso20022.interbank.model import CreditTransfer, PaymentReturn, TransferMessage
from tongbao.iso20022.model import Agent
from tongbao.kernel.hashing import content_digest

NOT_PROVIDED = "NOTPROVIDED"
OWN = "TB"
_IDS = ("transaction_id", "instruction_id", "end_to_end_id")
_OWN = re.compile(r"(?:TB)?([0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15})", re.IGNORECASE)


def derived_uetr(*parts: str) -> str:
    """A UETR made of texts: other texts, however divided, make another one."""
    framed = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (p.encode() for p in parts))
    digest = bytearray(content_digest(b"tongbao uetr\0" + framed)[:16])
    digest[6] = digest[6] & 0x0F | 0x40
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def payment_uetrs(message: TransferMessage, digest: str) -> tuple[str, ...]:
    """The UETR of each transfer of a message, given or derived; `digest` is the file's."""
    counted = Counter(
        (name, getattr(one, name)) for one in message.transfers for name in _IDS
    )  # fmt: skip
    return tuple(
        one.uetr.lower() or _derived(message, one, place, digest, counted)
        for place, one in enumerate(message.transfers)
    )


def _derived(
    message: TransferMessage,
    one: CreditTransfer,
    place: int,
    digest: str,
    counted: Counter[tuple[str, str]],
) -> str:
    sender = agent_name(one.instructing_agent) or agent_name(one.debtor_agent)
    for name in _IDS:
        value = getattr(one, name)
        if value and value != NOT_PROVIDED:
            if counted[name, value] == 1:
                return derived_uetr("payment", sender, message.message_id, name, value)
            break
    return derived_uetr("payment of file", digest, str(place))


def return_uetr(uetr: str, one: PaymentReturn, digest: str, place: int) -> str:
    """The UETR of a return: each TxInf of a pacs.004 is one of its own, by its RtrId."""
    if one.return_id:
        sender = agent_name(one.instructing_agent)
        return derived_uetr("return", uetr, sender, one.return_id)
    return derived_uetr("return of file", uetr, digest, str(place))


def agent_name(agent: Agent) -> str:
    """By what an institution is known best; empty for none."""
    member = f"{agent.clearing_system}:{agent.clearing_member}" if agent.clearing_member else ""
    return agent.bic or agent.lei or member or agent.other_id or agent.name


def transaction_reference(kind: str, uetr: str) -> str:
    """The name of a transaction of the ledger about a payment, a new one for each attempt.

    A refusal uses a name up, so that what is refused once could never be mended and sent again
    under the same; what keeps a payment from being made twice is its UETR, which the ledger takes
    once. `kind` has at most 18 characters.
    """
    return f"{kind}/{uetr}/{secrets.token_hex(4)}"


def servicer_reference(uetr: str, mark: str = OWN) -> str:
    """Our own reference of a payment, at most 35 characters, which leads back to it alone."""
    return mark + uetr.replace("-", "")


def referred(reference: str) -> str:
    """The UETR behind one of our own references, or empty."""
    found = _OWN.fullmatch(reference.strip())
    if found is None:
        return ""
    text = found[1].lower()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
