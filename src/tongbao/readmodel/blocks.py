"""From a block to rows: its transactions, what they announced, and what they wrote to the state."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import msgspec

from tongbao.kernel.blocks import BlockRecord, Written
from tongbao.kernel.fields import names_in
from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Envelope, Event
from tongbao.readmodel import schema, schema_payments
from tongbao.readmodel.audience import audience, note_opened
from tongbao.readmodel.mirror import Mirror
from tongbao.readmodel.rows import Rows, Step, as_json

_ENVELOPE = msgspec.json.Decoder(Envelope)


def project(rows: Rows, record: BlockRecord, registry: Registry, mirror: Mirror) -> None:
    """Write the rows of a block: itself, its transactions, their events and what they wrote."""
    digest = record.block_id[0].hex()  # empty for the genesis
    rows.add(schema.blocks, {
        "height": record.height, "time_ms": record.time_ms, "hash": digest,
        "app_hash": record.app_hash.hex(), "transactions": len(record.transactions),
    })  # fmt: skip
    written: dict[int, list[Written]] = {}
    for one in record.writes:
        written.setdefault(one.position, []).append(one)
    if record.events or -1 in written:
        step = Step(rows, mirror.tables, record.height, -1, record.time_ms)
        if not record.block_id[0]:
            step.party = "genesis"
        happened = registry.decode_outcome(record.events).events if record.events else ()
        _happened(step, mirror, registry, happened, written.get(-1, ()))
    for position in range(len(record.transactions)):
        _transaction(rows, record, position, registry, mirror, written.get(position, ()))


def _transaction(
    rows: Rows,
    record: BlockRecord,
    position: int,
    registry: Registry,
    mirror: Mirror,
    writes: Sequence[Written],
) -> None:
    raw, encoded = record.transactions[position], record.outcomes[position]
    body = registry.body_decoder.decode(_ENVELOPE.decode(raw).body)
    outcome = registry.decode_outcome(encoded)
    digest = chain_hash(raw).hex()
    types = [str(action.__struct_config__.tag) for action in body.actions]
    rows.add(schema.transactions, {
        "height": record.height, "position": position, "digest": digest, "party": body.party,
        "reference": body.reference, "time_ms": record.time_ms, "code": outcome.code,
        "types": as_json(types), "memo": body.memo,
    })  # fmt: skip
    step = Step(
        rows, mirror.tables, record.height, position, record.time_ms, body.party,
        body.reference, digest, deque(body.actions), registry.action_decoder.decode,
    )  # fmt: skip
    _happened(step, mirror, registry, outcome.events, writes)
    place = {"height": step.height, "position": step.position}
    for party, relation in audience(rows, step.concerned | {body.party}).items():
        row = {"party": party, "relation": relation, **place}
        rows.add(schema_payments.concerned, row)


def _happened(
    step: Step,
    mirror: Mirror,
    registry: Registry,
    events: Sequence[Event],
    writes: Sequence[Written],
) -> None:
    """Rows as they were written, then what is shown, then what was removed: each finds the rows
    that it speaks of."""
    note_opened(step.rows, events)
    mirror.written(step, writes)
    _events(step, mirror, registry, events)
    mirror.noted(step, events)
    mirror.removed(step, writes, events)


def _events(step: Step, mirror: Mirror, registry: Registry, happened: Sequence[Event]) -> None:
    for number, one in enumerate(happened):
        tag = str(one.__struct_config__.tag)
        place = {"height": step.height, "position": step.position, "number": number}
        step.rows.add(schema.events, {
            **place, "event": tag, "time_ms": step.time_ms, "party": step.party,
            "reference": step.reference, "digest": step.digest, "data": as_json(one),
            "public": type(one) in registry.public_events,
        })  # fmt: skip
        names = names_in(one, type(one)) | mirror.names_of_rows(step, one)
        step.concerned |= names
        whom = audience(step.rows, names | {step.party})
        for party, relation in whom.items():
            row = {"party": party, "relation": relation, **place}
            step.rows.add(schema_payments.event_parties, row)
        mirror.reported(step, number, one, whom)
        mirror.applied(step, one)
        if mirror.books is not None:
            mirror.books.follow(step, one)
