"""Hostile transactions: each spoils one property of a good one, and names the codes that answer.

The table is the specification: `MUTATIONS[name].codes` are the only answers the ledger may give.
An empty set means that any answer but an exception will do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.transaction import (
    MAX_ACTIONS,
    MAX_ENVELOPE_BYTES,
    MAX_EXPIRY_MS,
    MAX_MEMO,
    MAX_REFERENCE,
    MAX_SIGNATURES,
)
from tongbao.simulator.sealing import Sealed, SimKey, sealed_bytes

C = KernelCode


class Surroundings(NamedTuple):
    """What a spoiler knows: the time of the next block, and what was sent before."""

    time_ms: int
    sent: Sequence[tuple[str, str, bytes]]
    """(party, reference, envelope) of what stands in blocks, oldest first."""


Spoil = Callable[[random.Random, Sealed, Surroundings], bytes | None]


class Mutation(NamedTuple):
    """One way to spoil, and the codes it may be answered with."""

    codes: frozenset[KernelCode]
    spoil: Spoil
    may_stand: bool
    """Whether it may come to stand in a block: it is only another transaction."""


MUTATIONS: dict[str, Mutation] = {}


def mutation(*codes: KernelCode, may_stand: bool = False) -> Callable[[Spoil], Spoil]:
    """Put a spoiler into the table under its own name."""

    def note(spoil: Spoil) -> Spoil:
        MUTATIONS[spoil.__name__.strip("_")] = Mutation(frozenset(codes), spoil, may_stand)
        return spoil

    return note


def _with(sealed: Sealed, **changes: Any) -> bytes:
    return sealed._replace(body=msgspec.structs.replace(sealed.body, **changes)).envelope()


def _resigned(sealed: Sealed, raw_body: bytes) -> bytes:
    return sealed_bytes(raw_body, sealed.signatures(raw_body))


# ---- names and time ------------------------------------------------------------------------------


@mutation(C.ALREADY_RECORDED, C.EXPIRED, C.KEY_NOT_LIVE, C.PARTY_SUSPENDED)
def _replay(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes | None:
    """The very bytes of a transaction that stands in a block."""
    return rng.choice(around.sent)[2] if around.sent else None


@mutation(may_stand=True)
def _other_under_used_name(
    rng: random.Random, sealed: Sealed, around: Surroundings
) -> bytes | None:
    """Other bytes under a name that was used; fine again once the name is forgotten."""
    used = [name for party, name, _ in around.sent[-200:] if party == sealed.body.party]
    return _with(sealed, reference=rng.choice(used)) if used else None


@mutation(C.EXPIRED)
def _expired(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Its time is over: the limit itself is too late."""
    return _with(sealed, expires_at_ms=around.time_ms - rng.choice([0, 1, 86_400_000]))


@mutation(C.EXPIRED, C.BAD_NAME, C.MALFORMED)
def _before_time_began(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """An expiry below zero or at it."""
    return _with(sealed, expires_at_ms=rng.choice([0, -1, -(2**63)]))


@mutation(C.EXPIRES_TOO_LATE, C.MALFORMED)
def _expires_too_late(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """It would outlive the longest expiry, by an hour or by ages."""
    ahead = rng.choice([MAX_EXPIRY_MS + 3_600_000, 2**62, 2**63 - 1 - around.time_ms])
    return _with(sealed, expires_at_ms=around.time_ms + ahead)


@mutation(C.WRONG_CHAIN)
def _wrong_chain(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Meant for another ledger."""
    return _with(sealed, chain=rng.choice(["", "other", sealed.body.chain + "x", "链" * 99]))


@mutation(C.BAD_NAME)
def _bad_reference(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A reference that is empty, too long, or holds what names may not."""
    bad = ["", "a:b", "a\0b", " a", "a ", "a\nb", "\u202e", "x" * (MAX_REFERENCE + 1)]
    return _with(sealed, reference=rng.choice(bad))


@mutation(C.BAD_NAME)
def _bad_party(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A party whose name cannot be one."""
    return _with(sealed, party=rng.choice(["", "\0", "A:B", "x" * 33, "\u00a0"]))


@mutation(C.BAD_NAME)
def _long_memo(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A memo of one character too many."""
    return _with(sealed, memo="m" * (MAX_MEMO + 1))


# ---- signatures ----------------------------------------------------------------------------------


@mutation(C.UNKNOWN_SUITE)
def _unknown_suite(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A suite that this chain does not take."""
    suite = rng.choice(["sm2", "none", "", "ED25519", "p256"])
    first, *rest = sealed.signatures()
    return sealed_bytes(sealed.raw_body, (msgspec.structs.replace(first, suite=suite), *rest))


@mutation(C.BAD_SIGNATURE)
def _bad_signature(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """One bit of one signature is flipped, or it is of a wrong length."""
    signatures = list(sealed.signatures())
    place = rng.randrange(len(signatures))
    raw = bytearray(signatures[place].signature)
    raw[rng.randrange(64)] ^= 1 << rng.randrange(8)
    spoiled = rng.choice([bytes(raw), bytes(raw[:63]), bytes(raw) + b"\0", b""])
    signatures[place] = msgspec.structs.replace(signatures[place], signature=spoiled)
    return sealed_bytes(sealed.raw_body, signatures)


@mutation(C.BAD_SIGNATURE)
def _signature_of_another_body(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Good signatures, over a body that differs in its memo."""
    other = msgspec.structs.replace(sealed.body, memo="another")
    return sealed_bytes(sealed.raw_body, sealed._replace(body=other).signatures())


@mutation(C.BAD_SIGNATURE)
def _signed_without_prefix(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Signed as another protocol would sign: the body alone."""
    good = sealed.signatures()
    bare = [
        msgspec.structs.replace(s, signature=key.sign(sealed.raw_body))
        for s, key in zip(good, sealed.keys, strict=True)
    ]
    return sealed_bytes(sealed.raw_body, bare)


@mutation(C.UNKNOWN_KEY, C.PARTY_SUSPENDED)
def _key_of_another(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Signed by somebody whose key the ledger does not know as the party's."""
    stranger = SimKey("Stranger", rng.randrange(4))
    (signature,) = Sealed(sealed.body, (stranger,)).signatures()
    mine = msgspec.structs.replace(signature, party="")
    return sealed_bytes(sealed.raw_body, (mine,))


@mutation(C.NAMER_NOT_SIGNED)
def _namer_not_signed(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A stranger signs for itself in another's name."""
    return sealed._replace(keys=(SimKey("Stranger", 0),)).envelope()


@mutation(C.SIGNATURE_COUNT)
def _signature_count(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """None, the same twice, or more than an envelope carries."""
    good = sealed.signatures()
    many = [msgspec.structs.replace(good[0], key=bytes([n]) * 32) for n in range(MAX_SIGNATURES)]
    return sealed_bytes(sealed.raw_body, rng.choice([(), (*good, good[0]), (good[0], *many)]))


@mutation(may_stand=True)
def _one_approval_short(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes | None:
    """One of several signatures is left out; where the policy asks for it, nothing happens."""
    if len(sealed.keys) < 2:
        return None
    keys = list(sealed.keys)
    keys.pop(rng.randrange(len(keys)))
    return sealed._replace(keys=tuple(keys)).envelope()


# ---- spelling ------------------------------------------------------------------------------------


@mutation(C.NOT_CANONICAL)
def _other_spelling(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """The same meaning in other bytes, well signed."""
    raw = sealed.raw_body
    spelled = rng.choice(
        [
            raw.replace(b'"chain":', b'"chain": ', 1),
            raw.replace(b'{"chain"', b'{ "chain"', 1),
            _escaped(raw, sealed.body.party[0]),
            raw[:-1] + b"\n}",
            _reordered(raw),
        ]
    )
    return _resigned(sealed, spelled)


def _escaped(raw: bytes, first: str) -> bytes:
    field = b'"party":"'
    return raw.replace(field + first.encode(), field + b"\\u%04x" % ord(first), 1)


def _reordered(raw: bytes) -> bytes:
    fields: dict[str, msgspec.Raw] = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(dict(reversed(fields.items())))


@mutation(C.NOT_CANONICAL)
def _default_spelled_out(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A default value is written where the one spelling leaves it out."""
    bare = msgspec.json.encode(msgspec.structs.replace(sealed.body, memo=""))
    return _resigned(sealed, bare[:-1] + b',"memo":""}')


@mutation(C.NOT_CANONICAL)
def _duplicate_key(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A field stands twice: which one counts must never be a question."""
    raw = sealed.raw_body
    return _resigned(
        sealed, raw[:-1] + b',"chain":' + msgspec.json.encode(sealed.body.chain) + b"}"
    )


@mutation(C.MALFORMED, C.NOT_CANONICAL)
def _number_as_float(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """The expiry as a decimal fraction, an exponent, a text."""
    number = b'"expires_at_ms":%d' % sealed.body.expires_at_ms
    other = rng.choice([number + b".0", number + b"e0", b'"expires_at_ms":"1"', number + b".5"])
    return _resigned(sealed, sealed.raw_body.replace(number, other, 1))


@mutation(C.MALFORMED)
def _unknown_field(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """A field that nobody reads."""
    return _resigned(sealed, sealed.raw_body[:-1] + b',"extra":1}')


@mutation(C.MALFORMED)
def _unknown_action(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """An action of a kind that the chain does not have."""
    fields = msgspec.json.decode(sealed.raw_body)
    fields["actions"] = [{"type": rng.choice(["no.such", "", "transaction", None, 7])}]
    return _resigned(sealed, msgspec.json.encode(fields))


@mutation(C.MALFORMED)
def _lone_surrogate(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Text that is no text: half of a surrogate pair, or bytes that are not UTF-8."""
    half = rng.choice([b"\\ud800", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf"])
    return sealed.envelope().replace(b'"chain":"', b'"chain":"' + half, 1)


@mutation(C.MALFORMED, C.NOT_CANONICAL)
def _trailing_bytes(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Something stands after the envelope."""
    return sealed.envelope() + rng.choice([b" ", b"\n", b"\0", b"{}", b"x", b"\xff"])


@mutation(C.MALFORMED, C.NOT_CANONICAL)
def _leading_bytes(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Something stands before it."""
    return rng.choice([b" ", b"\xef\xbb\xbf", b"\0", b"0"]) + sealed.envelope()


@mutation(C.MALFORMED)
def _truncated(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """The end is missing."""
    raw = sealed.envelope()
    return raw[: rng.randrange(len(raw))]


@mutation(C.MALFORMED)
def _random_bytes(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Noise."""
    return rng.randbytes(rng.randrange(300))


@mutation(C.MALFORMED)
def _other_json(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Good JSON that is no envelope."""
    return rng.choice(
        [b"null", b"[]", b"{}", b"0", b'"x"', b"true", b'{"body":{},"signatures":[]}']
    )


@mutation(C.MALFORMED)
def _deep_nesting(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """Brackets without end, at the top, in the body, in an action."""
    deep = rng.choice([b"[", b'{"a":', b'{"body":']) * rng.choice([2_000, 100_000])
    fields = b'{"body":%b,"signatures":[]}'
    action = b'{"chain":"x","party":"p","reference":"r","expires_at_ms":1,"actions":[%b]}' % deep
    return rng.choice([deep, fields % deep, fields % action])


@mutation(C.TOO_LARGE)
def _oversize(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """One byte more than is read at all."""
    return _with(sealed, memo="").ljust(MAX_ENVELOPE_BYTES + 1, b" ")


@mutation(C.ACTION_COUNT)
def _action_count(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """No action, or one more than an envelope carries."""
    many = (sealed.body.actions * (MAX_ACTIONS + 1))[: MAX_ACTIONS + 1]
    raw = _with(sealed, actions=rng.choice([(), many]))
    return raw if len(raw) <= MAX_ENVELOPE_BYTES else _with(sealed, actions=())


@mutation()
def _bit_flip(rng: random.Random, sealed: Sealed, around: Surroundings) -> bytes:
    """One bit of the envelope is another one."""
    raw = bytearray(sealed.envelope())
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return bytes(raw)


class Spoiled(NamedTuple):
    """A mutated transaction on its way."""

    name: str
    raw: bytes

    @property
    def mutation(self) -> Mutation:
        """What the table says about it."""
        return MUTATIONS[self.name]


def spoil(rng: random.Random, sealed: Sealed, around: Surroundings) -> Spoiled:
    """A random mutation of a transaction."""
    while True:
        name = rng.choice(list(MUTATIONS))
        raw = MUTATIONS[name].spoil(rng, sealed, around)
        if raw is not None:
            return Spoiled(name, raw)
