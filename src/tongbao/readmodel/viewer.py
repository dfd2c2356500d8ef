"""Whoever asks, and what of the lists they may read.

Nothing is read by default. A row or an event is read by those whom it names (`named`) and by the
banks that keep the accounts it names (`bank`); what a record or a module calls public, by anybody.
A member node reads everything, because it keeps a copy of everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, exists, literal_column, or_, select, true

from tongbao.readmodel import schema, schema_payments

NOTHING: ColumnElement[bool] = literal_column("0") == literal_column("1")
"""True of no row, in a form that leaves a query its other conditions."""
NODE = "node"
"""Role of a member node, as itself or as a peer of it."""
NODE_OPERATOR = "node_operator"
"""Role of who operates this node: its figures, and proofs of absence; no party's affairs."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks."""

    party: str = ""
    """Whom they act for; empty: nobody."""
    person: str = ""
    """Who they are within the party."""
    roles: frozenset[str] = frozenset()
    """The party's roles on the ledger, and those of this node's own."""
    mandates: tuple[str, ...] = ()
    """Scoped rights to read more. None are given yet."""

    @classmethod
    def nobody(cls) -> Viewer:
        """Reads what is public."""
        return cls()

    @classmethod
    def node(cls) -> Viewer:
        """Reads everything."""
        return cls(roles=frozenset((NODE,)))

    @property
    def is_node(self) -> bool:
        """Whether they read everything."""
        return NODE in self.roles

    @property
    def operates(self) -> bool:
        """Whether they operate this node, or are one."""
        return self.is_node or NODE_OPERATOR in self.roles


# ---- conditions: what somebody reads is decided here alone ---------------------------------------


def reads_accounts(viewer: Viewer, *accounts: Column[Any]) -> ColumnElement[bool]:
    """Rows of an account, or of one of some: for its owner, and for the bank that keeps it."""
    if viewer.is_node:
        return true()
    if not viewer.party:
        return NOTHING
    kept = schema.account_banks
    of_bank = select(kept.c.account).where(kept.c.bank == viewer.party)
    own = (one.startswith(f"{viewer.party}/", autoescape=True) for one in accounts)
    return or_(*own, *(one.in_(of_bank) for one in accounts))


def reads_of(viewer: Viewer, *parties: Column[Any]) -> ColumnElement[bool]:
    """Rows that belong to a party, or to either of some: it reads them."""
    if viewer.is_node:
        return true()
    return or_(*(one == viewer.party for one in parties)) if viewer.party else NOTHING


def concerned_by(
    viewer: Viewer, whom: FromClause, *same: ColumnElement[bool]
) -> ColumnElement[bool]:
    """What concerns the viewer, by a table that says whom; `same` ties its rows to the list's."""
    if viewer.is_node:
        return true()
    return exists().where(whom.c.party == viewer.party, *same) if viewer.party else NOTHING


def reads_transactions(viewer: Viewer, of: Any) -> ColumnElement[bool]:
    """Transactions that concern the viewer; `of` has their height and position."""
    whom = schema_payments.concerned.alias()  # the list may be of one party by the same table
    same = (whom.c.height == of.c.height, whom.c.position == of.c.position)
    return concerned_by(viewer, whom, *same)


def reads_events(viewer: Viewer) -> ColumnElement[bool]:
    """Events that are public or concern the viewer."""
    events, whom = schema.events, schema_payments.event_parties.alias()
    same = (
        whom.c.height == events.c.height, whom.c.position == events.c.position,
        whom.c.number == events.c.number,
    )  # fmt: skip
    return or_(events.c.public, concerned_by(viewer, whom, *same))
