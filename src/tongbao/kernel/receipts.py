"""Receipts: one JSON file that proves, offline, that a transaction stands in a block with a result.

The chain of proof: validators that may be trusted signed the header after the block (commit):
those of the genesis, or those to whom a path of light blocks leads. That header names the block
before it (last_block_id) and the hash of its results; the block's header names the hash of its
transactions; Merkle paths lead from there to the transaction and to its result, whose data is the
SHA-256 of its place and the typed outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import msgspec

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord, code_of, result_pairs
from tongbao.kernel.codes import Code, Retry, refuse, require
from tongbao.kernel.hashing import chain_hash
from tongbao.kernel.light import (
    NOT_ENOUGH_TRUST,
    SUCCESS,
    LightBlock,
    Limits,
    ValidatorSet,
    genesis_block,
    nearest,
    step,
    time_of,
)
from tongbao.kernel.pipeline import digest_of
from tongbao.kernel.validators import Validator
from tongbao.kernel.wording import Text

FORMAT = "tongbao.receipt/1"
MAX_RECEIPT_BYTES = 8 * 1_048_576
MAX_PATH = 1_000
"""Light blocks in one receipt."""


class ReceiptCode(Code):
    """Why a receipt is not trusted."""

    UNREADABLE = (101, Retry.NEVER, "this is not a receipt: {reason:word}")
    OTHER_CHAIN = (
        102,
        Retry.NEVER,
        "the receipt is of chain {given}; the trusted genesis is of {chain}",
    )
    NOT_SIGNED = (
        103,
        Retry.NEVER,
        "the proving header is not signed by the trusted validators: {reason:word}",
    )
    NOT_LINKED = (104, Retry.NEVER, "the block's header is not the one before the signed header")
    TRANSACTION_NOT_IN_BLOCK = (
        105,
        Retry.NEVER,
        "the transaction is not the one at place {index} of block {height}",
    )
    RESULT_NOT_IN_BLOCK = (
        106,
        Retry.NEVER,
        "the result is not the one at place {index} of block {height}",
    )


Place = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


Path = Annotated[tuple[LightBlock, ...], msgspec.Meta(max_length=MAX_PATH)]


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The file. Transaction and result are kept as text, so that a person can read them."""

    format: str
    chain: str
    height: int
    index: Place
    """Place in the block, from 0."""
    total: Place
    """How many transactions the block has."""
    transaction: str
    """The envelope, verbatim."""
    result: str
    """The outcome, verbatim."""
    transaction_path: tuple[bytes, ...]
    """Merkle aunts, bottom up, to the data hash of `header`."""
    result_path: tuple[bytes, ...]
    """Merkle aunts, bottom up, to the last results hash of `next_header`."""
    header: bytes
    """protobuf header of the block."""
    next_header: bytes
    """protobuf header of the block after it."""
    next_commit: bytes
    """protobuf commit over `next_header`."""
    validators: ValidatorSet
    """(Ed25519 public key, power) of those who signed `next_commit`."""
    path: Path = ()
    """Light blocks, upwards, that lead from validators of an earlier time to these."""

    def encode(self) -> bytes:
        """The file's bytes: indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    @staticmethod
    def decode(raw: bytes) -> Receipt:
        """Read a file; a Refusal says why not."""
        require(
            len(raw) <= MAX_RECEIPT_BYTES,
            ReceiptCode.UNREADABLE,
            reason=Text("larger than {limit} bytes", limit=MAX_RECEIPT_BYTES),
        )
        try:
            receipt = _DECODE(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            refuse(ReceiptCode.UNREADABLE, reason=str(error)[:200])
        require(receipt.format == FORMAT, ReceiptCode.UNREADABLE, reason=receipt.format[:40])
        return receipt


_DECODE = msgspec.json.Decoder(Receipt).decode
_SIGNED = 2
"""Flag of a signature for the block (1: absent, 3: for none)."""


class Trust(NamedTuple):
    """What a verifier starts from: the chain's name, and whom it may trust."""

    chain: str
    validators: tuple[Validator, ...]
    """Those of the genesis; empty where trust began later, at a block."""
    blocks: tuple[LightBlock, ...] = ()
    """Blocks that a light client has verified, in any order."""
    time_ms: int = 0
    """Before the first block; counts where trust wears off with time."""
    before: Trust | None = None
    """In the chain that this one continues, as far as its genesis vouches for it."""
    until: int = 0
    """In a chain that was continued: receipts of blocks below this height are trusted."""

    def known(self) -> tuple[LightBlock, ...]:
        """Everything to step from. Raises ValueError where the validators are none."""
        if not self.validators:
            return self.blocks
        return (genesis_block(self.chain, self.validators, self.time_ms), *self.blocks)


class Grounds(NamedTuple):
    """Why a receipt is trusted."""

    base: int
    """Height of the trusted block it was stepped from; 0 is the genesis."""
    steps: int
    """How many light blocks lead from there to the header that proves; 0: it was trusted itself."""
    signers: int
    """How many validators signed that header."""
    validators: int
    """Of how many."""


class Proven(NamedTuple):
    """What a trusted receipt says."""

    height: int
    position: int
    time_ms: int
    """Block time, UTC milliseconds."""
    digest: bytes
    """SHA-256 of the envelope."""
    envelope: Any
    """The envelope as plain JSON."""
    outcome: Any
    """The outcome as plain JSON: code, values, events."""
    grounds: Grounds | None = None
    """Why it is trusted; None where it only claims."""


def make_receipt(
    chain: str,
    record: BlockRecord,
    following: BlockRecord,
    index: int,
    validators: Sequence[Validator],
) -> Receipt:
    """The receipt of one transaction of a block, proven by the block that follows it."""
    results = result_pairs(record.outcomes)
    transactions = list(record.transactions)
    return Receipt(
        format=FORMAT,
        chain=chain,
        height=record.height,
        index=index,
        total=len(transactions),
        transaction=transactions[index].decode(),
        result=record.outcomes[index].decode(),
        transaction_path=tuple(_core.data_path(transactions, index)),
        result_path=tuple(_core.results_path(results, index)),
        header=record.header,
        next_header=following.header,
        next_commit=following.commit,
        validators=tuple((v.public, v.power) for v in validators),
    )


def claims(receipt: Receipt) -> Proven:
    """What a receipt says of itself, unproven; a Refusal where it cannot be read."""
    transaction, result = receipt.transaction.encode(), receipt.result.encode()
    try:
        time_ms = _core.header_fields(receipt.header)["time_ms"]
        envelope, outcome = msgspec.json.decode(transaction), msgspec.json.decode(result)
    except (ValueError, RecursionError) as error:
        refuse(ReceiptCode.UNREADABLE, reason=str(error)[:200])
    digest = chain_hash(transaction)
    return Proven(receipt.height, receipt.index, time_ms, digest, envelope, outcome)


def verify_receipt(receipt: Receipt, trust: Trust) -> Proven:
    """Trust a receipt or refuse it with the first link of the proof that does not hold.

    Needs no node and no network.
    """
    before = trust.before
    if before and receipt.chain == before.chain and receipt.height < before.until:
        trust = before
    require(
        receipt.chain == trust.chain,
        ReceiptCode.OTHER_CHAIN,
        given=receipt.chain[:64],
        chain=trust.chain,
    )
    try:
        _core.verify_commit(
            trust.chain, receipt.next_header, receipt.next_commit, list(receipt.validators)
        )
        header = _core.header_fields(receipt.header)
        following = _core.header_fields(receipt.next_header)
        linked = _core.header_hash(receipt.header)
        proving = LightBlock(
            following["height"], receipt.next_header, receipt.next_commit, receipt.validators, ()
        )
        grounds = verify_path(receipt.path, proving, trust)
    except (ValueError, OverflowError) as error:
        refuse(ReceiptCode.NOT_SIGNED, reason=str(error)[:200])
    require(
        following["last_block_id"] is not None
        and following["last_block_id"][0] == linked
        and following["height"] == header["height"] + 1
        and header["height"] == receipt.height,
        ReceiptCode.NOT_LINKED,
    )
    transaction, result = receipt.transaction.encode(), receipt.result.encode()
    digest = chain_hash(transaction)
    place = {"index": receipt.index, "height": receipt.height}
    require(
        _core.merkle_verify(
            header["data_hash"],
            digest,
            receipt.index,
            receipt.total,
            list(receipt.transaction_path),
        ),
        ReceiptCode.TRANSACTION_NOT_IN_BLOCK,
        **place,
    )
    code = _code_of(result)
    leaf = _core.result_leaf(code, digest_of(result, receipt.index, receipt.total))
    require(
        _core.merkle_verify(
            following["last_results_hash"],
            leaf,
            receipt.index,
            receipt.total,
            list(receipt.result_path),
        ),
        ReceiptCode.RESULT_NOT_IN_BLOCK,
        **place,
    )
    return claims(receipt)._replace(grounds=grounds)


def verify_path(path: Sequence[LightBlock], proving: LightBlock, trust: Trust) -> Grounds:
    """Step from what is trusted, along a path, to the block that proves; a Refusal where it fails.

    Proofs are about the past, so how long ago their headers were made does not matter here. Raises
    ValueError where what is trusted, or a header, cannot be read.
    """
    known = trust.known()
    first = (*path, proving)[0].height
    at = nearest(known, first)
    if at is None:
        refuse(
            ReceiptCode.NOT_SIGNED,
            reason=Text(
                "it is of a time before block {height}, where this trust begins",
                height=min(one.height for one in known),
            ) if known else "nothing is trusted",
        )  # fmt: skip
    base, steps = at.height, 0
    for block in (*path, proving):
        better = nearest(known, block.height)
        if better is not None and better.height > at.height:
            at, base, steps = better, better.height, 0
        if block.height == at.height and block.header == at.header:
            continue
        verdict = step(at, block, Limits(time_of(block)))
        between = {"before": at.height, "height": block.height}
        reason = Text(
            "block {height} after block {before}: {why}", **between, why=verdict.why[:240]
        )
        if verdict.kind == NOT_ENOUGH_TRUST:
            reason = Text(
                "validators changed between block {before} and block {height}, and there is no path"
                " between them", **between,
            )  # fmt: skip
        require(verdict.kind == SUCCESS, ReceiptCode.NOT_SIGNED, reason=reason)
        at, steps = block, steps + 1
    signatures = _core.commit_fields(proving.commit)["signatures"]
    signers = sum(flag == _SIGNED for flag, *_ in signatures)
    return Grounds(base, steps, signers, len(signatures))


def _code_of(result: bytes) -> int:
    try:
        return code_of(result)
    except (msgspec.DecodeError, RecursionError) as error:
        refuse(ReceiptCode.UNREADABLE, reason=str(error)[:200])
