"""A transaction from actions to the envelope that is sent, in one step."""

from __future__ import annotations

from collections.abc import Sequence

from tongbao.kernel.transaction import Transaction
from tongbao.sdk.answers import NodeStatus
from tongbao.sdk.build import build, new_reference, seal
from tongbao.sdk.wallet import Wallet

HOUR_MS = 3_600_000


def signed(
    wallet: Wallet,
    now: NodeStatus,
    party: str,
    actions: Sequence[Transaction],
    labels: Sequence[str],
    *,
    reference: str = "",
    memo: str = "",
    lasts_ms: int = HOUR_MS,
) -> bytes:
    """The envelope of a party's transaction, signed by its keys with these labels.

    `now` is `client.status()`: the chain, and the time from which it lasts. Without a reference it
    gets a new one. Keep the bytes until they are answered: sending them again is safe.
    """
    name = reference or new_reference()
    body = build(now.chain, party, name, actions, now.time_ms + lasts_ms, memo)
    keys = [f"{party}--{label}" for label in labels]
    return seal(body, wallet.sign(body, keys, namer=party))
