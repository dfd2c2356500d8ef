"""Founding a chain from a file: who takes part and what is there before the first block.

The file is a genesis without what only the start knows: chain, time and validators. `actions` are
applied without approvals before the first block: parties, assets, accounts, opening balances.
"""

from __future__ import annotations

import msgspec

from tongbao import _core
from tongbao.kernel.codes import refuse
from tongbao.kernel.genesis import Genesis, GenesisCode, GenesisValidator, found, read_genesis
from tongbao.kernel.names import DEFAULT_MEMORY_MS
from tongbao.kernel.signing import USUAL_SUITES
from tongbao.modules import protocols


class FoundingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What members who found a network by hand agree on beside its validators."""

    actions: msgspec.Raw
    """JSON array of actions, as in a genesis."""
    name_memory_ms: int = DEFAULT_MEMORY_MS
    suites: tuple[str, ...] = USUAL_SUITES


def founded_by(
    raw: bytes, chain: str, validators: tuple[GenesisValidator, ...], time_ms: int
) -> Genesis:
    """The genesis that a founding file leads to, tried out in memory; a Refusal says why not."""
    try:
        file = msgspec.json.decode(raw, type=FoundingFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(GenesisCode.UNREADABLE, reason=str(fault)[:200])
    made = Genesis(
        chain, time_ms, validators, suites=file.suites,
        name_memory_ms=file.name_memory_ms, actions=file.actions,
    )  # fmt: skip
    genesis = read_genesis(made.encode())
    found(_core.State.open(None).draft(), genesis, protocols().of(genesis.protocol))
    return genesis
