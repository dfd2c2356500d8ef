"""A transaction in a block, as its readers see it."""

from __future__ import annotations

from typing import Any

from tongbao.gateway.encoding import plain, plain_values
from tongbao.gateway.gateway import Gateway
from tongbao.gateway.results import tell
from tongbao.gateway.viewers.showing import body_seen_by, events_seen
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.pipeline import open_envelope
from tongbao.kernel.transaction import Outcome
from tongbao.modules.assets import decimals_in
from tongbao.node.index import digest_at
from tongbao.readmodel import Viewer
from tongbao.sdk.answers import Recorded
from tongbao.sdk.sentences import in_sentences


def recorded_of(record: BlockRecord, position: int, gateway: Gateway, viewer: Viewer) -> Recorded:
    """The document for a transaction in a block, as far as the viewer reads it."""
    application, queries = gateway.application, gateway.services.queries
    registry = application.registry_of(record)
    chain = application.genesis.chain
    opened = open_envelope(record.transactions[position], registry, chain)
    outcome: Outcome[Any] = registry.decode_outcome(record.outcomes[position])
    place, body = (record.height, position), body_seen_by(viewer, queries, opened.body)
    events = events_seen(gateway, viewer, place, opened.body.party, outcome.events)
    decimals = decimals_in(application.view())
    shown = tuple(plain(one) for one in events)
    reported = tell(registry, outcome.code, outcome.values, decimals)
    return Recorded(
        digest=digest_at(record, position).hex(),
        party=opened.body.party,
        reference=opened.body.reference,
        height=record.height,
        position=position,
        time_ms=record.time_ms,
        code=reported.code,
        name=reported.name,
        text=reported.text,
        text_zh=reported.text_zh,
        retry=reported.retry,
        values=plain_values(registry.codes.get(outcome.code), outcome.values),
        events=shown,
        sentences=in_sentences("en", registry.events, shown, decimals),
        sentences_zh=in_sentences("zh", registry.events, shown, decimals),
        body=plain(body),
        signatures=tuple(plain(one) for one in opened.envelope.signatures),
    )
