"""Movements of money: how events say them, and what people list of them.

An event that moves money or sets it aside says so by `Event.movements`, whatever module it is of.
Whoever keeps balances goes by that alone. Holdings and entries change with every transfer, so they
are not mirrored from the state as other rows are: a block keeps of a holding's row that it was
opened, switched or removed, and the amounts follow from the movements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from tongbao.kernel.columns import Column, Derived
from tongbao.kernel.current import Current, Latest
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Digest,
    Reference,
    Text,
    Uetr,
    Word,
)
from tongbao.kernel.money import HOLDING_PREFIX, Holding, HoldingFlag
from tongbao.kernel.records import EventList, Record
from tongbao.kernel.tables import Table

BROUGHT_FORWARD = "ledger.brought_forward"
"""Of an entry that only says what was there when the lists began."""


class Moved(NamedTuple):
    """One debit and its equal credit."""

    debit: str
    credit: str
    asset: str
    amount_minor: int
    texts: Mapping[str, str] = {}
    """What its entries say of it, by the fields of `Entry`."""
    event: str = ""
    """What moved it; empty: the event that says so."""


class SetAside(NamedTuple):
    """More of a holding set aside; below zero: released."""

    account: str
    asset: str
    change_minor: int


Movement: TypeAlias = Moved | SetAside
TakeAction: TypeAlias = Callable[[str], Any]
"""A tag -> the next action of that kind in the transaction: for an event that does not restate
what stands there, as the lines of a bulk transfer. Each is given once, in order."""


class Entry(msgspec.Struct, frozen=True):
    """One line of an account."""

    account: AccountId
    asset: AssetCode
    amount_minor: Amount
    """Above zero: credited; below: debited."""
    balance_minor: Amount
    """Posted balance after it."""
    counterparty: AccountId = ""
    """The account on the other side."""
    event: Word = ""
    """What moved it, e.g. `payments.transferred`."""
    payee_reference: Reference = ""
    uetr: Uetr = ""
    purpose: Word = ""
    """ISO 20022 external purpose code."""
    remittance: Text = ""
    """What it is for, in words; several occurrences stand one a line."""
    document: Digest = ""
    creditor_reference: Reference = ""
    """The creditor's reference, e.g. by ISO 11649."""
    structured: Text = ""
    """Structured remittance beyond it: ISO 20022 elements Strd, as XML without a namespace."""
    purpose_proprietary: Word = ""
    """A purpose that is no code of ISO's list."""
    category: Word = ""
    """ISO category purpose code: how the payer's bank was to book it."""
    instruction: Reference = ""
    """The payer's own reference (ISO InstrId)."""


HOLDINGS: Table[Holding] = Table(
    HOLDING_PREFIX, "holdings", (str, str), Holding, "(account, asset) -> what is held",
    codec=(Holding.encode, Holding.decode),
)  # fmt: skip


_SWITCHES = {
    HoldingFlag.FROZEN: "frozen", HoldingFlag.CLOSED: "closed",
    HoldingFlag.ALLOW_LIST_REQUIRED: "allow_list_required",
    HoldingFlag.AUTHORISED: "authorised", HoldingFlag.ISSUING: "issuing",
    HoldingFlag.REFERENCE_REQUIRED: "reference_required", HoldingFlag.LIMITED: "limited",
}  # fmt: skip


def _switches(holding: Holding) -> tuple[str, ...]:
    return tuple(word for flag, word in _SWITCHES.items() if flag in holding.flags)


def _available(row: Mapping[str, Any], _latest: Latest) -> int:
    return int(row["posted_minor"]) - int(row["reserved_minor"])


HOLDING = Record(
    "holding", HOLDINGS, "What accounts hold, by account and asset.",
    (Column("account", AccountId), Column("asset", AssetCode)),
    derived=(
        Derived("posted_minor", Amount, "Settled; below zero only where the asset is issued.",
                lambda holding: holding.posted),
        Derived("reserved_minor", Amount, "Of it, what is set aside.",
                lambda holding: holding.reserved),
        Derived("flags", tuple[Word, ...], "Switches that are on: `frozen`, `authorised`, ...",
                _switches),
    ),
    current=(Current("available_minor", Amount, "What may be spent now.", _available),),
    moved=("posted_minor", "reserved_minor"), by_key=True,
)  # fmt: skip
ENTRIES = EventList(
    "entry", (Entry,), "Debits and credits of accounts, newest first.", plural="entries",
    filter_by=("since_ms", "until_ms"), of_account="account",
    indexes=("account", "amount_minor", "payee_reference", "uetr"),
)  # fmt: skip
