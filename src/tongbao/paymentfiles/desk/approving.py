"""Who has signed, who still has to, and how much a key may approve."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select

from tongbao.kernel.approvals import policy_of
from tongbao.kernel.codes import Refusal, require
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import KEYS, key_id
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import MAX_SIGNATURES, Signature
from tongbao.kernel.views import ReadView
from tongbao.kernel.wording import Text
from tongbao.paymentfiles.desk import store as tables
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.orders import SCOPE, Actor, live
from tongbao.sdk import desk as sdk
from tongbao.sdk.build import seal
from tongbao.sdk.desk import statement_bytes

_SIGNATURE = msgspec.json.Decoder(Signature)
_SIGNATURES = msgspec.json.Decoder(tuple[Signature, ...])
Row = Mapping[str, Any]


def verified(
    batch: Row, given: Sequence[Signature], party: str, view: ReadView
) -> Iterator[tuple[str, Signature]]:
    """Signatures over a batch's body by live keys of the party, with their key ids."""
    number = batch["batch"]
    require(len(given) <= MAX_SIGNATURES, DeskCode.BATCH_UNKNOWN, batch=number)
    for one in given:
        try:
            name, _ = live(one, party, signed_bytes(batch["body"]), view)
        except Refusal as refusal:
            if refusal.code is DeskCode.BAD_STATEMENT_SIGNATURE:
                refusal = Refusal(DeskCode.BAD_BATCH_SIGNATURE, {**refusal.values, "batch": number})
            raise refusal from None
        yield name, Signature(one.suite, one.key, one.signature)


def spend(connection: Connection, actor: Actor) -> None:
    """A signed act counts once, and limits in the order in which they were signed: the digest of
    each statement is kept, so nobody carries an earlier one out again after a later one."""
    statement, table = actor.statement, tables.spent
    name = content_digest(statement_bytes(actor.order.statement)).hex()
    known = connection.scalar(select(table.c.statement).where(table.c.statement == name))
    require(known is None, DeskCode.ORDER_REPLAYED)
    if statement.action == sdk.LIMIT:
        last = connection.scalar(
            select(func.max(table.c.at_ms)).where(
                table.c.party == statement.party, table.c.action == statement.action
            )
        )
        require(last is None or statement.at_ms > last, DeskCode.ORDER_REPLAYED)
    values = {"party": statement.party, "action": statement.action, "at_ms": statement.at_ms}
    connection.execute(insert(table).values(statement=name, **values))


def makers_of(connection: Connection, file: str, view: ReadView) -> frozenset[str]:
    """Keys that made the file or changed it: they do not approve it. Nor does another key under
    the same label, which is the same person's."""
    table = tables.acts
    query = select(table.c.signed).where(
        table.c.file == file, table.c.action.in_((sdk.UPLOAD, sdk.REPAIR))
    )
    signed = [one for raw in connection.scalars(query) for one in _SIGNATURES.decode(raw)]
    made = {key_id(one.suite, one.key) for one in signed}
    party = connection.scalar(select(tables.files.c.party).where(tables.files.c.file == file))
    keys = {parts[-1]: key for parts, key in view.scan(KEYS, party or "")}
    people = {keys[name].label.casefold() for name in made if name in keys and keys[name].label}
    return frozenset(made | {n for n, key in keys.items() if key.label.casefold() in people})


def batch_totals(connection: Connection, file: str) -> dict[int, dict[str, str]]:
    """Batch -> currency -> what it pays."""
    table = tables.payments
    sums: dict[int, dict[str, int]] = {}
    query = select(table.c.batch, table.c.currency, table.c.amount_minor).where(
        table.c.file == file, table.c.batch > 0
    )
    for row in connection.execute(query):
        of = sums.setdefault(row.batch, {})
        of[row.currency] = of.get(row.currency, 0) + int(row.amount_minor)
    return {one: {k: str(v) for k, v in of.items()} for one, of in sums.items()}


def signers_of(connection: Connection, file: str, batch: int) -> tuple[str, ...]:
    """Keys that signed a batch, by time."""
    table = tables.signatures
    query = (
        select(table.c.key)
        .where(table.c.file == file, table.c.batch == batch)
        .order_by(table.c.at_ms, table.c.key)
    )
    return tuple(connection.scalars(query))


def missing(
    connection: Connection, file: str, batches: Sequence[Row], view: ReadView
) -> list[Text]:
    """What the batches still need: the ledger's policy, and a second person within the limit."""
    makers = makers_of(connection, file, view)
    lacking: list[Text] = []
    for batch in batches:
        party = batch["party"]
        policy = policy_of(view, party, SCOPE)
        signed = signers_of(connection, file, batch["batch"])
        keys = [key for key in (view.get(KEYS, party, name) for name in signed) if key is not None]
        counted = [key for key in keys if key.state(view.time_ms) == "live" and key.covers(SCOPE)]
        weight = sum(key.weight for key in counted)
        if len(counted) < policy.keys or weight < policy.weight:
            lacking.append(
                Text("{count} more signature(s)", count=policy.keys - len(counted))
                if len(counted) < policy.keys
                else Text("signatures of weight {weight} more", weight=policy.weight - weight)
            )
        if not any(name not in makers for name in signed):
            lacking.append(Text("the approval of a second person"))
        lacking += [
            Text("key {key} is above its limit", key=name)
            for name in signed
            if name not in makers and not _within(connection, party, name, file)
        ]
    return list(dict.fromkeys(lacking))


def require_within_limit(connection: Connection, party: str, key: str, file: str) -> None:
    """A key approves no more of a currency in one file than its limit."""
    for currency, total in totals(connection, file).items():
        most = limit_of(connection, party, key, currency)
        fits = most is None or total <= most
        require(fits, DeskCode.OVER_LIMIT, key=key, limit=most or 0, asset=currency, total=total)


def _within(connection: Connection, party: str, key: str, file: str) -> bool:
    try:
        require_within_limit(connection, party, key, file)
    except Refusal:
        return False
    return True


def limit_of(connection: Connection, party: str, key: str, currency: str) -> int | None:
    """Minor units that a key may approve; None is no limit.

    Once a party has set a limit in a currency, its keys without one may approve nothing of it.
    """
    table = tables.limits
    query = select(table.c.key, table.c.most_minor).where(
        table.c.party == party, table.c.currency == currency
    )
    known = {row.key: int(row.most_minor) for row in connection.execute(query)}
    return known.get(key, 0) if known else None


def totals(connection: Connection, file: str) -> dict[str, int]:
    """Currency -> what the file's batches pay."""
    table = tables.payments
    sums: dict[str, int] = {}
    query = select(table.c.currency, table.c.amount_minor).where(
        table.c.file == file, table.c.batch > 0
    )
    for row in connection.execute(query):
        sums[row.currency] = sums.get(row.currency, 0) + int(row.amount_minor)
    return sums


def collected(connection: Connection, batch: Row) -> str:
    """The envelope of a batch with the signatures that were kept, base64."""
    table = tables.signatures
    query = (
        select(table.c.signature)
        .where(table.c.file == batch["file"], table.c.batch == batch["batch"])
        .order_by(table.c.at_ms, table.c.key)
    )
    kept = [_SIGNATURE.decode(raw) for raw in connection.scalars(query)]
    return base64.b64encode(seal(batch["body"], kept)).decode()
