"""What a node shows light clients: blocks with their sets, and rows of the state with proof."""

from __future__ import annotations

from typing import NamedTuple

from tongbao import _core
from tongbao.kernel.light import (
    NOT_ENOUGH_TRUST,
    SUCCESS,
    LightBlock,
    Limits,
    step,
    time_of,
)
from tongbao.node.application import Application

LOOK_BACK = 10
"""How far below the tip blocks with a commit are looked for, and rows proved. More would let a
question cost half a second: the newest four states have their tree, older ones are worked out."""


class ProvenState(NamedTuple):
    """A row after a block, and the block whose header carries the root."""

    height: int
    value: bytes | None
    proof: _core.Proof
    block: LightBlock


def light_block(app: Application, height: int) -> LightBlock | None:
    """The block at a height; None where there is none, or nobody's commit has come yet."""
    if not 1 <= height <= app.tip.height:
        return None
    signed = app.signed_header(height)
    if signed is None:
        return None
    return LightBlock(
        height,
        *signed,
        tuple((one.public, one.power) for one in app.validators_at(height)),
        tuple((one.public, one.power) for one in app.validators_at(height + 1)),
    )


def way_to(app: Application, proving: LightBlock) -> tuple[LightBlock, ...]:
    """The light blocks that lead from the genesis to a block; none where nobody new signed it.

    Raises LookupError where a block between is not here.
    """
    trust, low = app.genesis.trust(), app.genesis.founding_height
    at, ahead, way = trust.known()[0], [proving], list[LightBlock]()
    while ahead:
        verdict = step(at, ahead[-1], Limits(time_of(ahead[-1])))
        if verdict.kind == SUCCESS:
            at = ahead.pop()
            way.append(at)
            continue
        low, high = max(low, at.height), ahead[-1].height
        if verdict.kind != NOT_ENOUGH_TRUST or high == low + 1:
            raise LookupError(f"block {high} after block {at.height}: {verdict.why}")
        between = light_block(app, (low + high) // 2)
        if between is None:
            raise LookupError(f"block {(low + high) // 2}, or its commit, is not here")
        ahead.append(between)
    return tuple(way[:-1])


def newest_light_block(app: Application) -> LightBlock | None:
    """The newest block that somebody signed; an engine's commit comes after its block."""
    top = app.tip.height
    found = (light_block(app, height) for height in range(top, max(top - LOOK_BACK, 0), -1))
    return next((one for one in found if one is not None), None)


def light_block_between(app: Application, low: int, high: int) -> LightBlock | None:
    """The block nearest to the middle between two heights; None where none of them is here.

    Where blocks were pruned, those around changes of validators are left to step over.
    """
    middle = (low + high) // 2
    if middle >= app.oldest_block:
        found = light_block(app, middle) if low < middle < high else None
        if found is not None:
            return found
    heights = [one for one in (*app.turns(), app.oldest_block) if low < one < high]
    near = sorted(heights, key=lambda one: abs(one - middle))
    return next((one for h in near if (one := light_block(app, h)) is not None), None)


def prove_row(app: Application, key: bytes, height: int | None = None) -> ProvenState | None:
    """A row after a block, or after the newest one that can be proved; None where it cannot.

    The state after a block is proved by the next header.
    """
    top = app.tip.height - 1
    provable = range(top, max(top - LOOK_BACK, -1), -1)
    for one in provable if height is None else {height}.intersection(provable):
        block = light_block(app, one + 1)
        proof = None if block is None else _prove(app, key, one, block)
        if block is not None and proof is not None:
            exists = proof["exists"]
            return ProvenState(one, None if exists is None else exists[1], proof, block)
    return None


def _prove(app: Application, key: bytes, height: int, block: LightBlock) -> _core.Proof | None:
    """The proof under the root in `block`'s header, which is that of the block before it."""
    try:
        # Blocks committed together share their state: only the last of them has it for sure.
        if app.state.root_at(height) != _core.header_fields(block.header)["app_hash"]:
            return None
        return app.state.prove(key, height)
    except ValueError:
        return None
