"""Whose an envelope is: registered keys first, which cost a look, then signatures, which cost work.

Nothing here writes, and every refusal is unnamed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tongbao.kernel.approvals import require_live_key
from tongbao.kernel.codes import KernelCode, Refusal, Value, require
from tongbao.kernel.identity import key_id
from tongbao.kernel.pipeline import open_envelope
from tongbao.kernel.signing import Suite, signed_bytes
from tongbao.kernel.transaction import Opened, Signature
from tongbao.kernel.views import ReadView

if TYPE_CHECKING:
    from tongbao.kernel.registry import Registry

FEW_SIGNATURES = 16
"""So many are verified at once, whoever made them."""


def require_known_keys(view: ReadView, one: Opened, known: set[tuple[str, str, bytes]]) -> None:
    """Refuse an envelope that its party did not sign, or with a key that is not live.

    The cheapest question that the state can answer, before any signature is verified: a node asks
    it of what strangers send. `known` holds the keys that were found live at this view.
    """
    namer = one.body.party
    parties = [signature.party or namer for signature in one.envelope.signatures]
    require(namer in parties, KernelCode.NAMER_NOT_SIGNED, party=namer)
    for party, signature in zip(parties, one.envelope.signatures, strict=True):
        question = (party, signature.suite, signature.key)
        if question not in known:
            require_live_key(view, party, key_id(signature.suite, signature.key))
            known.add(question)


def open_all(
    envelopes: Sequence[bytes], registry: Registry, chain: str, view: ReadView | None
) -> list[Opened | Refusal]:
    """Open many envelopes; with a view, refuse those with a key that is not live by it."""
    known: set[tuple[str, str, bytes]] = set()
    found: list[Opened | Refusal] = []
    for raw in envelopes:
        try:
            one = open_envelope(raw, registry, chain)
            if view is not None:
                require_known_keys(view, one, known)
            found.append(one)
        except Refusal as refusal:
            found.append(refusal)
    return found


def verify(opened: Sequence[Opened], registry: Registry) -> list[Refusal | None]:
    """Verify the signatures of many envelopes in one batch a suite; a refusal or None for each.

    Fills `approvals` of those that hold. Needs no state: whether a key is its party's and
    live is asked in the block. Of many signatures one of each envelope comes first, so that an
    envelope without a right one costs one verification.
    """
    verdicts: list[Refusal | None] = [None] * len(opened)
    signatures = [_namers_first(one) for one in opened]
    messages = [signed_bytes(bytes(one.envelope.body)) for one in opened]
    if sum(map(len, signatures)) > FEW_SIGNATURES:
        _verify_some([[given[0]] for given in signatures], messages, verdicts, registry.suites)
        signatures = [
            given[1:] if verdict is None else []
            for given, verdict in zip(signatures, verdicts, strict=True)
        ]
    _verify_some(signatures, messages, verdicts, registry.suites)
    for one, verdict in zip(opened, verdicts, strict=True):
        if verdict is None:
            one.approvals = _approvals(one)
    return verdicts


def _namers_first(one: Opened) -> Sequence[Signature]:
    given, namer = one.envelope.signatures, one.body.party
    own = [s for s in given if not s.party or s.party == namer]
    return given if len(own) == len(given) else [*own, *(s for s in given if s not in own)]


def _verify_some(
    signatures: Sequence[Sequence[Signature]],
    messages: Sequence[bytes],
    verdicts: list[Refusal | None],
    suites: Mapping[str, Suite],
) -> None:
    """Verify some of each envelope's signatures, and note the first of each that is wrong."""
    batches: dict[str, list[tuple[bytes, bytes, bytes]]] = {}
    owners: dict[str, list[int]] = {}
    for position, (given, message) in enumerate(zip(signatures, messages, strict=True)):
        for s in given:
            batches.setdefault(s.suite, []).append((s.key, s.signature, message))
            owners.setdefault(s.suite, []).append(position)
    for suite, batch in batches.items():
        results = suites[suite].verify_batch(batch)
        for position, good, item in zip(owners[suite], results, batch, strict=True):
            if not good and verdicts[position] is None:
                values: dict[str, Value] = {"key": key_id(suite, item[0])}
                verdicts[position] = Refusal(KernelCode.BAD_SIGNATURE, values)


def _approvals(one: Opened) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for s in one.envelope.signatures:
        party = s.party or one.body.party
        found[party] = (*found.get(party, ()), key_id(s.suite, s.key))
    return found
