"""Sending a plan: sign each batch, submit it, and read what became of its payments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongbao.gateway.desk.answer import Said, Settled
from tongbao.gateway.desk.plan import Batch
from tongbao.kernel.codes import Code, KernelCode
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import MAX_EXPIRY_MS
from tongbao.sdk.answers import Problem, Result
from tongbao.sdk.build import build, seal
from tongbao.sdk.client import Client
from tongbao.sdk.wallet import Wallet

LIFE_MS = min(12 * 3600 * 1000, MAX_EXPIRY_MS)
"""How long a signed batch may wait for a second person."""


class HttpDirectory:
    """Asks a node which account stands behind a number, each number once."""

    def __init__(self, client: Client) -> None:
        """A directory of what `client`'s node keeps."""
        self._client = client
        self._accounts: dict[str, str | None] = {}
        self._assets = {asset.asset for asset in client.assets()}

    def prepare(self, numbers: Sequence[str]) -> None:
        """Look many numbers up at once."""
        fresh = [n for n in dict.fromkeys(numbers) if n and n not in self._accounts]
        known = self._client.resolve(fresh)
        self._accounts |= {number: known.get(number) for number in fresh}

    def account_of(self, number: str) -> str | None:
        """The ledger's account for an IBAN, a linked number or an account id."""
        if number and number not in self._accounts:
            self.prepare([number])
        return self._accounts.get(number)

    def has_asset(self, asset: str) -> bool:
        """Whether the currency is issued on this ledger."""
        return asset in self._assets


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch in its envelope."""

    batch: Batch
    body: bytes
    envelope: bytes


def sign(batch: Batch, chain: str, now_ms: int, wallet: Wallet, labels: Sequence[str]) -> Sealed:
    """Build the body of a batch and sign it with keys of the ordering party."""
    memo = f"{batch.group.id}: {len(batch.lines)} payments"[:280]
    body = build(chain, batch.party, batch.reference, batch.actions, now_ms + LIFE_MS, memo)
    names = [f"{batch.party}--{label}" for label in labels]
    return Sealed(batch, body, seal(body, wallet.sign(body, names, namer=batch.party)))


def send(
    sealed: Sequence[Sealed],
    client: Client,
    registry: Registry,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Settled]:
    """Submit batch by batch; a batch that is refused does not hold the others up."""
    settled: list[Settled] = []
    done = 0
    for one in sealed:
        settled.append(_send(one, client, registry))
        done += len(one.batch.lines)
        progress(done)
    return settled


def _send(one: Sealed, client: Client, registry: Registry) -> Settled:
    try:
        result = client.submit_and_wait(one.envelope)
    except Problem as problem:
        said = Said(_code(registry, problem.code), dict(problem.values))
        height = problem.result.height if problem.result else 0
        digest = problem.result.digest if problem.result else ""
        time_ms = client.block(height).time_ms if height else client.status().time_ms
        return Settled(one.batch, height, time_ms, digest, refusal=said)
    return Settled(
        one.batch, result.height, client.block(result.height).time_ms, result.digest,
        failed=_failed(one.batch, result, registry),
    )  # fmt: skip


def _code(registry: Registry, number: int) -> Code:
    return registry.codes.get(number, KernelCode.INTERNAL)


def _failed(batch: Batch, result: Result, registry: Registry) -> dict[int, Said]:
    """The n-th bulk event is of the n-th action; lines count on through the actions."""
    failed: dict[int, Said] = {}
    bulks = [e for e in result.events if e.get("event") == "payments.bulk_transferred"]
    start = 0
    for action, event in zip(batch.actions, bulks, strict=True):
        for place, number in event.get("failed", ()):
            failed[start + place] = Said(_code(registry, number))
        start += len(action.lines)
    return failed
