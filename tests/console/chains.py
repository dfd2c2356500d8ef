"""Receipts that the scenarios do not have: changing validators, continued chains, odd signatures.

Their chains are of signed headers alone; each is a chain of `tests.light` with another setting.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from tests.console.cases import Case
from tests.differential.zip215 import small_order_encodings
from tests.light.nodes import Shows, after, genesis_store
from tests.light.transacting import TransactingChain

from tongbao import _core
from tongbao.kernel.genesis import Genesis, GenesisValidator, Predecessor
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.light import LightBlock
from tongbao.kernel.receipts import Receipt, Trust
from tongbao.kernel.validators import Validator
from tongbao.sdk.light import LightClient, TrustedStore, with_path
from tongbao.simulator.headers import (
    BLOCK_MS,
    START_MS,
    HeaderChain,
    Member,
    Members,
    Schedule,
    constant,
    rotating,
)

YEAR_MS = 365 * 86_400_000
LAST_MS = 253_402_300_799_000
"""The last second of the year 9999."""


def crafted() -> list[Case]:
    """All of them."""
    makers = (paths, steps, shares, times, contents, places, continued, drawn, weak, trusts)
    return [one for maker in makers for one in maker()]


def genesis_of(chain: HeaderChain, **more: Any) -> Genesis:
    """A genesis that names the validators of block 1."""
    named = tuple(
        GenesisValidator(f"validator-{place}", public, power)
        for place, (public, power) in enumerate(chain.block(1).validators)
    )
    return Genesis(chain.chain, chain.start_ms, named, **more)


def case(kind: str, receipt: Receipt, trust: Genesis | TrustedStore | bytes) -> Case:
    """A case whose trust may still have to be encoded."""
    raw = trust if isinstance(trust, bytes) else trust.encode()
    return Case(kind, receipt.encode(), raw)


def _simple(kind: str, chain: TransactingChain, **more: Any) -> Case:
    path = more.pop("path", ())
    receipt = msgspec.structs.replace(chain.receipt(), path=path)
    return case(kind, receipt, genesis_of(chain, **more))


def paths() -> Iterator[Case]:
    """Validators change every three blocks, and the receipt or the trust file knows how."""
    for every, each in ((3, 1), (3, 2), (1, 1), (100, 1), (10, 4)):
        chain = TransactingChain(rotating(4, every, each))
        node, genesis = Shows(chain, 40), genesis_of(chain)
        bare = chain.receipt()
        carried = with_path(bare, node, genesis.trust())
        yield case("path", carried, genesis)
        yield case("path left out", bare, genesis)
        yield _simple("every block", chain, path=chain.up_to(30))
        yield _simple("every block and the last", chain, path=chain.up_to(31))
        yield _simple("every other block", chain, path=chain.up_to(30)[::2])
        yield _simple("only the first", chain, path=chain.up_to(1))
        store = genesis_store(chain)
        LightClient(store, node, clock=after(chain, 40)).verify_to(40)
        yield case("trust file", bare, store)
        for height in (20, 30, 31, 32):
            late = TrustedStore(Trust(chain.chain, (), (chain.block(height),)))
            yield case(f"trust from block {height}", bare, late)
            yield case("more path than needed", carried, late)


def steps() -> Iterator[Case]:
    """Blocks 1 and 2, where the genesis itself stands for the block before."""

    def moved(height: int) -> Members:
        return tuple(Member(number + (height > 1)) for number in range(4))

    for schedule in (constant(1), constant(4), moved, rotating(3, 1)):
        chain = TransactingChain(schedule)
        chain.height = 1
        yield _simple("block 1", chain)
        yield _simple("block 1 by its path", chain, path=chain.up_to(1))
        bent = msgspec.structs.replace(chain.block(1), next_validators=())
        yield _simple("block 1 without those who follow", chain, path=(bent,))
        wrong = msgspec.structs.replace(chain.block(1), next_validators=chain.block(9).validators)
        yield _simple("block 1 with others who follow", chain, path=(wrong,))
        for height in (0, 2):
            spoiled = msgspec.structs.replace(chain.block(1), height=height)
            yield _simple("block 1 by another height", chain, path=(spoiled,))


class Bent(TransactingChain):
    """Its block after the transaction is made with other options."""

    options: dict[str, Any] = {}

    def make(self, height: int, before: LightBlock | None, **options: Any) -> LightBlock:
        """A block, bent at that height."""
        bent = self.options if height == self.height + 1 else {}
        return super().make(height, before, **{**options, **bent})


def bent(schedule: Schedule, start_ms: int = START_MS, **options: Any) -> Bent:
    """A chain with a bent block."""
    chain = Bent(schedule, start_ms=start_ms)
    chain.options = options
    return chain


def shares() -> Iterator[Case]:
    """Just enough power, and just not enough: two thirds of the own set, a third of the trusted."""
    for powers, signing in (
        ((1, 1, 1), (0, 1)), ((1, 1, 1, 1), (0, 1, 2)), ((1, 1, 1, 1), (0, 1)), ((2, 1), (0,)),
        ((3, 1), (0,)), ((2, 2, 1, 1), (0, 1)), ((3, 2, 1, 1), (0, 1)), ((1,), ()),
        ((2**58, 2**58, 2**58), (0, 1)), ((2**59, 2**58, 1), (0, 1)), ((2**59, 2**59), (0, 1)),
        ((2**60 - 1,), (0,)),
    ):  # fmt: skip
        members = tuple(Member(number, power) for number, power in enumerate(powers))
        signers = [members[place] for place in signing]
        try:
            yield _simple("own share", bent(lambda _, all_=members: all_, signers=signers))
        except ValueError:
            continue  # no validator set at all
    for kept, of in ((1, 3), (1, 2), (2, 3), (2, 6), (3, 6), (1, 4), (2, 4), (0, 3)):
        first = tuple(map(Member, range(of)))
        then = (*first[:kept], *map(Member, range(50, 50 + of - kept)))
        yield _simple("trusted share", bent(lambda h, a=first, b=then: a if h < 31 else b))


def times() -> Iterator[Case]:
    """Blocks before what is trusted, and at the ends of time."""
    for shift in (
        -40 * BLOCK_MS,
        -31 * BLOCK_MS - 1,
        -31 * BLOCK_MS,
        -31 * BLOCK_MS + 1,
        0,
        YEAR_MS,
    ):
        yield _simple("time", bent(constant(4), time_ms=START_MS + 31 * BLOCK_MS + shift))
    for later in (99 * YEAR_MS, 100 * YEAR_MS - 1, 100 * YEAR_MS, 101 * YEAR_MS):
        yield _simple("years later", bent(constant(4), time_ms=START_MS + later - 1))
    for start in (0, 1, LAST_MS - 101 * YEAR_MS, LAST_MS - 100 * YEAR_MS, LAST_MS - YEAR_MS):
        yield _simple("start", TransactingChain(constant(2), start_ms=start))
    end = LAST_MS - 99 * YEAR_MS
    yield _simple(
        "the last second", bent(constant(1), start_ms=end - 31 * BLOCK_MS, time_ms=LAST_MS)
    )
    for reply in (
        {"chain_id": "another"}, {"height": 33}, {"last_block_id": None}, {"app_version": 2**63},
        {"validators_hash": b""}, {"next_validators_hash": b""}, {"app_hash": bytes(99)},
        {"time_ns": 999_999}, {"last_results_hash": b""}, {"evidence_hash": b""},
    ):  # fmt: skip
        yield _simple("header", bent(constant(4), reply=reply))


def contents() -> Iterator[Case]:
    """Transactions and outcomes that are odd JSON, or none."""
    deep = b"[" * 300 + b"]" * 300
    transactions = (
        b"{}", b"[]", b"1", b"no json", b"", b'{"a":1e999}', b'{"a":12345678901234567890}',
        b'"\\ud800"', b'{"a":' + b"9" * 4_301 + b"}", b"-0", b"1.0", deep, deep * 2,
        b'{"__proto__":1,"a":1,"a":2}', '{"memo":"工资 \U0001f4b0 \u2028"}'.encode(),
        b"[" * 5_000 + b"]" * 5_000, b"\xef\xbb\xbf{}", b"1e5", b"[1,2", b"null", b'"\\u0000"',
        b"{} ", b"nul",
    )  # fmt: skip
    for transaction in transactions:
        chain = TransactingChain(constant(1))
        chain.transactions = (transaction,)
        yield _simple("transaction", chain)
    outcomes = (
        b'{"code":7}', b'{"code":4294967295}', b'{"code":1,"code":2}', b'{"code":3,"x":1e999}',
        b'{"x":' + deep + b"}", b'{"\\u0063ode":5}', b' { "code" : 5 } ', b'{"code":-0}',
    )  # fmt: skip
    for outcome in outcomes:
        chain = TransactingChain(constant(1))
        chain.outcomes = (outcome,)
        yield _simple("outcome", chain)
    nested = b'{"x":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    receipt = msgspec.structs.replace(chain.receipt(), result=nested.decode())
    yield case("outcome", receipt, genesis_of(chain))


def places() -> Iterator[Case]:
    """Every place of blocks of several sizes."""
    for count in (2, 3, 5, 8, 13):
        chain = TransactingChain(constant(2))
        chain.transactions = tuple(b'{"n":%d}' % number for number in range(count))
        chain.outcomes = tuple(b'{"code":%d}' % number for number in range(count))
        for index in range(count):
            receipt = chain.receipt(index)
            yield case("place", receipt, genesis_of(chain))
            for index_, total in ((index + 1, count), (index, count + 1), (index, index)):
                moved = msgspec.structs.replace(receipt, index=index_, total=total)
                yield case("another place", moved, genesis_of(chain))


def continued() -> Iterator[Case]:
    """The trusted genesis continues the chain of the receipt."""
    chain = TransactingChain(rotating(4, 3))
    old = genesis_of(chain)
    carried = with_path(chain.receipt(), Shows(chain, 40), old.trust())
    new = HeaderChain(constant(3), "headers-2", START_MS + 90 * BLOCK_MS)
    for height in (29, 30, 31, 32):
        before = Predecessor(
            chain.chain, "0" * 64, height, START_MS, bytes(32), bytes(32), old.validators
        )
        for receipt in (carried, chain.receipt()):
            yield case(f"continued at {height}", receipt, genesis_of(new, predecessor=before))
    first = old.validators[0]
    first = old.validators[0]
    unsound: tuple[dict[str, Any], ...] = (
        {"validators": (msgspec.structs.replace(first, power=2**70),)},
        {"validators": (msgspec.structs.replace(first, power=0),)},
        {"validators": (msgspec.structs.replace(first, public=b""),)},
        {"height": 0}, {"block": b""}, {"genesis": "0"}, {"validators": ()},
        {"app_hash": bytes(31)}, {"chain": "headers-2"}, {"time_ms": START_MS + 90 * BLOCK_MS},
    )  # fmt: skip
    for change in unsound:
        spoiled = msgspec.structs.replace(before, **change)
        yield case("continues unsoundly", carried, genesis_of(new, predecessor=spoiled))


class Drawn(TransactingChain):
    """A chain of which only two blocks are made, with drawn numbers in them."""

    options: dict[str, Any] = {}
    round = 0

    def block(self, height: int) -> LightBlock:
        """A block; the one of the transaction follows nothing."""
        before = self.make(height - 1, None) if height == self.height + 1 else None
        return self.make(height, before)

    def make(self, height: int, before: LightBlock | None, **options: Any) -> LightBlock:
        """The second of the two is drawn."""
        drawn = self.options if height == self.height + 1 else {}
        return super().make(height, before, **{"time_ms": START_MS + 1, **options, **drawn})

    def _commit(
        self, height: int, header: bytes, time_ms: int, members: Members, signing: set[Member]
    ) -> bytes:
        named = (_core.header_hash(header), 2**32 - 1, bytes(32))
        vote = _core.commit_sign_bytes(self.chain, height, self.round, named, time_ms)
        signed = [
            (_core.validator_address(one.public), time_ms, one.key.sign(vote))
            if one in signing
            else (b"", 0, b"")
            for one in members
        ]
        return _core.make_commit(height, self.round, named, signed)


def drawn() -> Iterator[Case]:
    """Numbers of every size, in every field of a header and of a vote."""
    draw = random.Random(38)
    heights = (2, 3, 127, 128, 2**31, 2**32, 2**53 + 1, 2**61, 2**63 - 3, 2**63 - 2)
    for _ in range(60):
        powers = draw.choices((1, 2, 127, 128, 2**31, 2**40), k=draw.randrange(1, 6))
        members = tuple(Member(place, power) for place, power in enumerate(powers))
        chain = Drawn(lambda _, all_=members: all_, draw.choice(("a", "x" * 50, "A-b_c.9")))
        chain.height, chain.round = draw.choice(heights), draw.choice((0, 1, 2**31 - 1))
        chain.options = {
            "signers": [one for one in members if draw.randrange(5)],
            "time_ms": START_MS + draw.choice((2, 999, 1_000, 2**32, 99 * YEAR_MS)),
            "reply": {
                "time_ns": draw.choice((0, 1, 999_999)),
                "app_version": draw.choice((0, 1, 128, 2**32, 2**63, 2**64 - 1)),
                "block_version": draw.choice((0, 11, 2**64 - 1)),
                "app_hash": draw.randbytes(draw.choice((0, 1, 32, 200))),
                "evidence_hash": draw.randbytes(draw.choice((0, 32))),
                "proposer_address": draw.randbytes(20),
            },
        }
        yield _simple("drawn", chain)


class WeakKey:
    """Signs without knowing anything: a point of small order, and s = 0."""

    def __init__(self, signature: bytes) -> None:
        self._signature = signature

    def sign(self, _: bytes) -> bytes:
        """The same for every message."""
        return self._signature


class Weak(TransactingChain):
    """Its only validator has a key of small order, in one of its encodings."""

    public = signature = b""

    def _key(self, member: Member) -> tuple[Any, bytes]:
        return WeakKey(self.signature), self.public


def weak() -> Iterator[Case]:
    """Signatures that hold by ZIP-215 and not by other rules, and some that never hold."""
    encodings = small_order_encodings()
    order = (2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")
    for place, public in enumerate(encodings):
        for r, s in (
            (encodings[-place - 1], bytes(32)), (public, bytes(32)), (public, order),
            (b"\x02" + bytes(31), bytes(32)), (public, b"\xff" * 32),
        ):  # fmt: skip
            chain = Weak(constant(1))
            chain.public, chain.signature = public, r + s
            yield _simple("weak key", chain)
    chain = Weak(constant(1))
    chain.public, chain.signature = b"\x02" + bytes(31), bytes(64)
    yield _simple("no key", chain)


def sealed(file: dict[str, Any], **change: Any) -> dict[str, Any]:
    """A trust file with other content, and the checksum of that."""
    content = {**file["content"], **change}
    digest = content_digest(msgspec.json.encode(content)).hex()
    return {**file, "content": content, "checksum": digest}


def trusts() -> Iterator[Case]:
    """Trust files and genesis files that are sound, and some that are not."""
    chain = TransactingChain(constant(3))
    receipt, genesis, store = chain.receipt(), genesis_of(chain), genesis_store(chain)
    good, kept = msgspec.json.decode(genesis.encode()), msgspec.json.decode(store.encode())
    first = good["validators"][0]
    changes: tuple[Callable[[], Any], ...] = (
        lambda: good, lambda: {**good, "format": "other"}, lambda: {**good, "chain": ""},
        lambda: {**good, "chain": "x" * 51}, lambda: {**good, "chain": "好" * 50},
        lambda: {**good, "validators": []}, lambda: {**good, "validators": [first, first]},
        lambda: {**good, "validators": [{**first, "power": 0}]},
        lambda: {**good, "validators": [{**first, "power": 2**40 + 1}]},
        lambda: {**good, "validators": [{**first, "name": ""}]},
        lambda: {**good, "validators": [{**first, "more": 1}]},
        lambda: {**good, "validators": [{**first, "public": "AA=="}]},
        lambda: {**good, "hash": "md5"}, lambda: {**good, "protocol": 0},
        lambda: {**good, "more": 1},
        lambda: {**good, "time_ms": 2**64}, lambda: {**good, "time_ms": -5},
        lambda: {**good, "time_ms": 1.5}, lambda: [good],
        lambda: {**good, "predecessor": None}, lambda: {"format": "tongbao.genesis/1"},
        lambda: kept, lambda: {**kept, "checksum": "0" * 64}, lambda: {**kept, "more": 1},
        lambda: {**kept, "content": {**kept["content"], "chain": "x"}},
        lambda: {**kept, "content": []}, lambda: sealed(kept, time_ms=2**64),
        lambda: sealed(kept, time_ms=0), lambda: sealed(kept, validators=[]),
        lambda: sealed(kept, blocks=kept["content"]["blocks"] * 1_001),
        lambda: sealed(kept, more=1), lambda: sealed(kept, chain="another"),
        lambda: {"format": kept["format"]}, lambda: {**kept, "format": "tongbao.trust/2"},
    )  # fmt: skip
    for change in changes:
        raw = msgspec.json.encode(change())
        yield case("trust", receipt, raw)
        yield case("trust", receipt, msgspec.json.format(raw, indent=1))
    for raw in (b"", b"{", b"null", genesis.encode()[:-3], store.encode()[:-1], b"\xff"):
        yield case("trust", receipt, raw)
    stranger = TrustedStore(Trust(chain.chain, (Validator(bytes(32), 1),)))
    yield case("trust", receipt, stranger)
