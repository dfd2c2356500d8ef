"""Receipts that carry their own way: the light blocks between what is trusted and their header."""

from __future__ import annotations

import msgspec

from tongbao.kernel.codes import Refusal, refuse, require
from tongbao.kernel.light import FOR_EVER_S, LightBlock
from tongbao.kernel.receipts import MAX_PATH, Proven, Receipt, ReceiptCode, Trust, verify_receipt
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.following import Following, Verified
from tongbao.sdk.light.options import Options
from tongbao.sdk.light.providers import AnyProvider, AsyncProvider, Provider
from tongbao.sdk.light.steps import Ask, Steps, run, run_async
from tongbao.sdk.light.store import TrustedStore

PAST = Options(trusting_s=FOR_EVER_S)
"""A receipt is about the past: how long ago does not matter."""


def with_path(receipt: Receipt, node: Provider, trust: Trust) -> Receipt:
    """The receipt with the light blocks that lead to it from the newest trusted block before it.

    Needs no more than `trust` to be trusted afterwards, without a network.
    """
    reached = run(_reach(receipt, node, _store(trust)))
    require(reached.verified <= MAX_PATH, LightCode.TOO_MANY_STEPS, limit=MAX_PATH)
    return msgspec.structs.replace(receipt, path=reached.path[:-1])


def verify_with_node(receipt: Receipt, node: Provider, trust: Trust) -> Proven:
    """Trust a receipt; where the trust does not reach it, ask a node for what lies between.

    The node is not trusted either: all it shows is verified.
    """
    return run(_verify(receipt, node, trust))


async def verify_with_node_async(receipt: Receipt, node: AsyncProvider, trust: Trust) -> Proven:
    """The same, awaited."""
    return await run_async(_verify(receipt, node, trust))


def _verify(receipt: Receipt, node: AnyProvider, trust: Trust) -> Steps[Proven]:
    try:
        return verify_receipt(receipt, trust)
    except Refusal as refusal:
        if refusal.code is not ReceiptCode.NOT_SIGNED:
            raise
    store = _store(trust)
    yield from _reach(receipt, node, store)
    return verify_receipt(receipt, store.trust())


def _reach(receipt: Receipt, node: AnyProvider, store: TrustedStore) -> Steps[Verified]:
    """Verify the block that proves the receipt, with the set after it, which receipts lack."""
    block: LightBlock = yield Ask(node.light_block, (receipt.height + 1,))
    return (yield from Following(store, (node,), PAST).verify(node, block))


def _store(trust: Trust) -> TrustedStore:
    try:
        return TrustedStore(trust)  # in memory: what is learned about the past is not kept
    except ValueError as fault:
        refuse(ReceiptCode.NOT_SIGNED, reason=str(fault)[:200])
