"""The one staircase: decode, check, verify, name, then per action signers, admit, apply.

Refusals fall in two kinds. Until the naming party's signature by a live key is proven, a refusal
is *unnamed*: nothing is recorded and the name stays free, so nobody can burn another's references.
After that the transaction stands in the block, done or refused, and its name is used up (law 2). A
missing approval is unnamed too: further people may add their signatures to the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from tongbao.kernel.approvals import live_approvals, require_approvals, require_live_keys
from tongbao.kernel.codes import KernelCode, Refusal, refuse, require
from tongbao.kernel.hashing import state_hash
from tongbao.kernel.identity import Approvals, VerifiedCache
from tongbao.kernel.laws import broken_laws
from tongbao.kernel.names import Name, name_at, record_name_at
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import Suite
from tongbao.kernel.text import is_plain
from tongbao.kernel.transaction import (
    MAX_ACTIONS,
    MAX_ENVELOPE_BYTES,
    MAX_EXPIRY_MS,
    MAX_MEMO,
    MAX_SIGNATURES,
    Body,
    Envelope,
    Event,
    Opened,
    Outcome,
    Transaction,
)
from tongbao.kernel.views import BlockContext, DraftSource, ReadView, Writes, WriteView

MAX_NESTING = 2
_ENCODE = msgspec.json.Encoder().encode
_NUL = b"\\u0000"
"""Its one spelling in canonical JSON."""
_ENVELOPE = msgspec.json.Decoder(Envelope)


class Executed(NamedTuple):
    """An outcome and whether the transaction's name was used up by it."""

    outcome: Outcome[Any]
    encoded: bytes
    named: bool
    fault: str = ""
    """For INTERNAL: the bug, for the node's alarm; no part of the outcome."""
    writes: Writes = ()
    """What it wrote to tables that people list."""


class InternalFault(Exception):
    """A bug met while executing; strict mode raises it, production refuses by INTERNAL."""


# ---- stateless: the bytes alone ------------------------------------------------------------------


def open_envelope(raw: bytes, registry: Registry, chain: str) -> Opened:
    """Decode and check shape. Raises Refusal; every refusal here is unnamed."""
    require(
        len(raw) <= MAX_ENVELOPE_BYTES,
        KernelCode.TOO_LARGE,
        size=len(raw),
        limit=MAX_ENVELOPE_BYTES,
    )
    try:
        envelope = _ENVELOPE.decode(raw)
        body = registry.body_decoder.decode(envelope.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refuse(KernelCode.MALFORMED, reason=str(error)[:200])
    if _ENCODE(body) != bytes(envelope.body):
        refuse(KernelCode.NOT_CANONICAL, part="body")
    if _ENCODE(envelope) != raw:
        refuse(KernelCode.NOT_CANONICAL, part="envelope")
    opened = Opened(raw, envelope, body, registry.version)
    _check_body(body, chain)
    _check_signatures(envelope, body, registry.suites)
    _require_no_nul(raw)
    for action in body.actions:
        action.check()
    return opened


def _require_no_nul(raw: bytes) -> None:
    """Refuse a NUL in any text: it closes the parts of a key, and no name or word needs it."""
    if _NUL in raw:
        refuse(KernelCode.MALFORMED, reason="a text holds a NUL character")


def _check_body(body: Body[Any], chain: str) -> None:
    if body.chain != chain:
        refuse(KernelCode.WRONG_CHAIN, given=body.chain[:64], chain=chain)
    check_name("party", body.party, 32)
    check_name("reference", body.reference, 64)
    count = len(body.actions)
    if not 1 <= count <= MAX_ACTIONS:
        refuse(KernelCode.ACTION_COUNT, count=count, limit=MAX_ACTIONS)
    if len(body.memo) > MAX_MEMO:
        rule = f"at most {MAX_MEMO} characters"
        refuse(KernelCode.BAD_NAME, field="memo", value=body.memo[:32], rule=rule)


def check_name(field: str, value: str, longest: int) -> None:
    """Refuse a name that is empty, too long, or holds a control character, blank end or colon."""
    if not (
        0 < len(value) <= longest
        and is_plain(value)
        and value == value.strip(" ")
        and ":" not in value
    ):
        refuse(
            KernelCode.BAD_NAME,
            field=field,
            value=value[:80],
            rule=f"1 to {longest} printable characters, no colon, no blank at the ends",
        )


def _check_signatures(envelope: Envelope, body: Body[Any], suites: Mapping[str, Suite]) -> None:
    signatures = envelope.signatures
    count = len(signatures)
    distinct = count == 1 or len({(s.party or body.party, s.key) for s in signatures}) == count
    if not (1 <= count <= MAX_SIGNATURES and distinct):
        refuse(KernelCode.SIGNATURE_COUNT, count=count, limit=MAX_SIGNATURES)
    for signature in signatures:
        suite = suites.get(signature.suite)
        if suite is None:
            refuse(KernelCode.UNKNOWN_SUITE, suite=signature.suite[:32])
        if (
            len(signature.key) != suite.public_size
            or len(signature.signature) != suite.signature_size
        ):
            refuse(KernelCode.BAD_SIGNATURE, key=signature.key.hex()[:20])


# ---- against the ledger --------------------------------------------------------------------------


def admit_name(view: ReadView, opened: Opened) -> None:
    """The unnamed ladder against the ledger: time, keys, namer, name. Raises Refusal."""
    body = opened.body
    now = view.time_ms
    if body.expires_at_ms <= now:
        refuse(KernelCode.EXPIRED, expires_at_ms=body.expires_at_ms, time_ms=now)
    if body.expires_at_ms > now + MAX_EXPIRY_MS:
        refuse(
            KernelCode.EXPIRES_TOO_LATE, expires_at_ms=body.expires_at_ms, limit_ms=MAX_EXPIRY_MS
        )
    if body.party not in opened.approvals:
        refuse(KernelCode.NAMER_NOT_SIGNED, party=body.party)
    require_live_keys(view, opened.approvals)
    known = name_at(view, opened.name_key)
    if known is not None:
        if known.body_digest == opened.body_digest:
            refuse(KernelCode.ALREADY_RECORDED, height=known.height)
        refuse(
            KernelCode.NAME_USED,
            party=body.party,
            reference=body.reference,
            height=known.height,
        )


def execute(
    draft: DraftSource,
    block: BlockContext,
    registry: Registry,
    opened: Opened,
    index: int,
    *,
    strict: bool = False,
    composing: bool = False,
    verified_cache: VerifiedCache | None = None,
) -> Executed:
    """One verified transaction against the draft: all of it, or none of it and a code.

    While a block is being composed, a transaction that lacks an approval is left out and its name
    stays free. What stands in a finished block uses its name up. `verified_cache` is the block's.
    """
    body = opened.body
    if verified_cache is not None:
        verified_cache.reopen()
    ledger = WriteView(
        draft,
        block,
        registry,
        party=body.party,
        reference=body.reference,
        approvals=opened.approvals,
        verified_cache=verified_cache,
    )
    try:
        admit_name(ledger, opened)
    except Refusal as refusal:
        return _refused(refusal, named=False)
    executed = _attempt(ledger, draft, body.actions, opened.approvals, strict)
    if not composing:
        executed = executed._replace(named=True)
    if executed.named:
        name = Name(block.height, index, block.time_ms, opened.body_digest)
        record_name_at(draft, opened.name_key, name)
    return executed


def _attempt(
    ledger: WriteView,
    draft: DraftSource,
    actions: Sequence[Transaction],
    approvals: Approvals,
    strict: bool,
) -> Executed:
    draft.begin()
    try:
        events = tuple(perform(ledger, actions, approvals))
        check_laws(ledger)
        outcome = Outcome(events=events)
        executed = Executed(outcome, outcome.encode(), True, writes=ledger.writes())
    except Refusal as refusal:
        draft.rollback()
        return _refused(refusal, named=refusal.code is not KernelCode.APPROVAL_MISSING)
    except Exception as fault:
        draft.rollback()
        if strict:
            raise InternalFault(f"{type(fault).__name__}: {fault}") from fault
        refused = _refused(Refusal(KernelCode.INTERNAL, {}), named=True)
        return refused._replace(fault=f"{type(fault).__name__}: {fault}"[:500])
    draft.accept()
    return executed


def _refused(refusal: Refusal, *, named: bool) -> Executed:
    outcome: Outcome[Any] = Outcome(int(refusal.code), refusal.values)
    return Executed(outcome, outcome.encode(), named)


def perform(
    ledger: WriteView, actions: Sequence[Transaction], approvals: Approvals
) -> Iterator[Event]:
    """Signers, admit, apply for each action in turn; later actions see what earlier ones wrote.

    A proposal performs its actions inside a transaction with it, by the approvals it collected: a
    refusal ends the whole transaction.
    """
    require(ledger.depth < MAX_NESTING, KernelCode.NESTED_TOO_DEEP, limit=MAX_NESTING)
    ledger.depth += 1
    for action in actions:
        require_approvals(ledger, action.signers(ledger), approvals)
        action.admit(ledger)
        yield from action.apply(ledger)
    ledger.depth -= 1


def check_laws(ledger: WriteView) -> None:
    """Raise InternalFault where what was written breaks a law of a module."""
    if ledger.touched:
        broken = next(broken_laws(ledger), None)
        if broken is not None:
            raise InternalFault(f"law broken: {broken}")


def simulate(
    draft: DraftSource,
    block: BlockContext,
    registry: Registry,
    body: Body[Any],
    approvals: Approvals | None = None,
) -> Outcome[Any]:
    """What would become of a body now; `approvals` None takes every approval as given.

    Whoever names it then signs with all of its live keys: what a proposal would be approved with.
    The draft is rolled back: nothing is written.
    """
    view = ReadView(draft, block)
    given = live_approvals(view, body.party) if approvals is None else approvals
    ledger = WriteView(
        draft, block, registry, party=body.party, reference=body.reference, approvals=given
    )
    draft.begin()
    try:
        _check_body(body, block.chain)
        _require_no_nul(_ENCODE(body))
        for action in body.actions:
            action.check()
        if approvals is None:
            return Outcome(events=tuple(perform_approved(ledger, body.actions)))
        return Outcome(events=tuple(perform(ledger, body.actions, approvals)))
    except Refusal as refusal:
        return Outcome(int(refusal.code), refusal.values)
    finally:
        draft.rollback()


def perform_approved(ledger: WriteView, actions: Sequence[Transaction]) -> Iterator[Event]:
    """Admit and apply without asking for approvals: the genesis, and dry runs before signing."""
    for action in actions:
        action.admit(ledger)
        yield from action.apply(ledger)


def digest_of(encoded: bytes, index: int, total: int) -> bytes:
    """The data field of a result: SHA-256 of place, number of transactions, encoded outcome.

    A Merkle path alone does not fix a leaf's place (RFC 6962 has no size in it); this does.
    """
    return state_hash(placed_in(encoded, index, total))


def placed_in(encoded: bytes, index: int, total: int) -> bytes:
    """What `digest_of` hashes."""
    return index.to_bytes(4, "big") + total.to_bytes(4, "big") + encoded
