"""What a viewer is shown of transactions and events: whole, in part, or nothing."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from tongbao.gateway.gateway import Gateway
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import refuse
from tongbao.kernel.fields import names_in, parties_of, without_others
from tongbao.kernel.transaction import Body, Envelope
from tongbao.readmodel import SqlQueries, Viewer
from tongbao.sdk.api_codes import GatewayCode

T = TypeVar("T")


class _Namer(msgspec.Struct):
    party: str


_ENVELOPE = msgspec.json.Decoder(Envelope)
_NAMER = msgspec.json.Decoder(_Namer)


def seen_by(viewer: Viewer, queries: SqlQueries | None, value: T) -> T:
    """An event or an action, without the items that concern others."""
    if viewer.is_node:
        return value
    accounts = [name for name in names_in(value, type(value)) if "/" in name]
    kept = frozenset() if queries is None else queries.kept_accounts(viewer, accounts)

    def concerns(names: frozenset[str]) -> bool:
        return viewer.party in parties_of(names) or not kept.isdisjoint(names)

    seen: T = without_others(value, concerns)
    return seen


def reads_account(viewer: Viewer, queries: SqlQueries | None, *accounts: str) -> bool:
    """Whether one of some accounts is the viewer's, or is kept by them."""
    if viewer.is_node or viewer.party in parties_of(accounts):
        return True
    return queries is not None and bool(queries.kept_accounts(viewer, accounts))


def body_seen_by(viewer: Viewer, queries: SqlQueries | None, body: Body[Any]) -> Body[Any]:
    """A transaction's body; whole for the party that named it."""
    if viewer.is_node or viewer.party == body.party:
        return body
    actions = tuple(seen_by(viewer, queries, one) for one in body.actions)
    return msgspec.structs.replace(body, actions=actions)


def reads_transaction(gateway: Gateway, viewer: Viewer, height: int, position: int) -> bool:
    """Whether a transaction concerns a viewer: they named it, are named in it, or keep an account
    that is."""
    if viewer.is_node or not viewer.party:
        return viewer.is_node
    queries = gateway.services.queries
    if queries is not None and queries.reads_transaction(viewer, height, position):
        return True
    record = gateway.application.block(height)
    return record is not None and namer_of(record, position) == viewer.party


def namer_of(record: BlockRecord, position: int) -> str:
    """The party that named a transaction of a block."""
    return _NAMER.decode(_ENVELOPE.decode(record.transactions[position]).body).party


def locate(gateway: Gateway, viewer: Viewer, digest: str) -> tuple[int, int]:
    """Height and place of a transaction by its digest; a Refusal where there is none, or none that
    the viewer reads."""
    where = gateway.application.locate(bytes.fromhex(digest))
    if where is None or not reads_transaction(gateway, viewer, where.height, where.position):
        refuse(GatewayCode.NOT_FOUND, kind="transaction", id=digest)
    return where.height, where.position


def events_seen(
    gateway: Gateway, viewer: Viewer, place: tuple[int, int], namer: str, events: tuple[Any, ...]
) -> tuple[Any, ...]:
    """The events of a transaction that a viewer reads, each without what concerns others."""
    queries = gateway.services.queries
    if viewer.is_node:
        return events
    read = frozenset(range(len(events)) if viewer.party == namer else ())
    if viewer.party != namer and queries is not None:
        read = queries.numbers_read(viewer, *place)
    return tuple(
        seen_by(viewer, queries, one) for number, one in enumerate(events) if number in read
    )


def reads_whole(gateway: Gateway, viewer: Viewer, record: BlockRecord, position: int) -> bool:
    """Whether nothing of a transaction is kept from a viewer: then they may have its receipt."""
    if viewer.is_node or namer_of(record, position) == viewer.party:
        return True
    queries, registry = gateway.services.queries, gateway.application.registry_of(record)
    body = registry.body_decoder.decode(_ENVELOPE.decode(record.transactions[position]).body)
    events = registry.decode_outcome(record.outcomes[position]).events
    place = (record.height, position)
    same = events_seen(gateway, viewer, place, body.party, events) == events
    return same and body_seen_by(viewer, queries, body) == body
