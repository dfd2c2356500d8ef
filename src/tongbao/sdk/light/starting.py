"""From what a person gives, a file or HEIGHT:HASH, to where a light client starts."""

from __future__ import annotations

from pathlib import Path

from tongbao.kernel.codes import refuse, require
from tongbao.kernel.genesis import read_genesis
from tongbao.kernel.light import LightBlock
from tongbao.sdk.light.attack import short_hash
from tongbao.sdk.light.codes import LightCode
from tongbao.sdk.light.providers import AnyProvider, AsyncProvider, Provider
from tongbao.sdk.light.steps import Steps, run, run_async
from tongbao.sdk.light.store import MAX_FILE_BYTES, TrustedStore, is_store


def start(given: str, node: Provider, keep: Path | None = None) -> TrustedStore:
    """What is trusted: the file `keep` if it exists, else `given`.

    `given` is a genesis file, a trust file or HEIGHT:HASH; it also has to fit what `keep` holds.
    Nothing is written yet.
    """
    return run(_start(given, node, keep))


async def start_async(given: str, node: AsyncProvider, keep: Path | None = None) -> TrustedStore:
    """The same, awaited."""
    return await run_async(_start(given, node, keep))


def _start(given: str, node: AnyProvider, keep: Path | None) -> Steps[TrustedStore]:
    known = TrustedStore.open(keep) if keep is not None and keep.exists() else None
    fresh = (yield from _given(given, node, keep)) if given else None
    if known is None:
        return fresh or refuse(LightCode.BAD_TRUST, given="nothing")
    if fresh is not None:
        require(
            fresh.chain == known.chain, LightCode.OTHER_CHAIN, node=str(keep),
            given=known.chain, chain=fresh.chain,
        )  # fmt: skip
        for block in fresh.blocks:
            _add(known, block, str(keep))
    return known


def _add(known: TrustedStore, block: LightBlock, file: str) -> None:
    """Trust one block more; a file that holds another one there is of another history."""
    there = known.nearest(block.height)
    if there is not None and there.height == block.height:
        require(
            there.header == block.header, LightCode.WRONG_HASH, node=file, height=block.height,
            given=short_hash(there), wanted=short_hash(block),
        )  # fmt: skip
    known.add(block)


def _given(given: str, node: AnyProvider, keep: Path | None) -> Steps[TrustedStore]:
    path = Path(given)
    if path.is_file():
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        if is_store(raw):
            return TrustedStore.decode(raw, path)
        return TrustedStore.from_genesis(read_genesis(raw), keep)
    height, _, digest = given.partition(":")
    try:
        return (yield from TrustedStore.shown(int(height), bytes.fromhex(digest), node, keep))
    except ValueError:
        refuse(LightCode.BAD_TRUST, given=given[:100])
