"""Sending a plan: sign each batch, submit it, and read what became of its payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongbao.kernel.codes import Code, KernelCode
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import MAX_EXPIRY_MS
from tongbao.paymentfiles.answer import LedgerRefusal, Settled
from tongbao.paymentfiles.earlier import Ids, Used
from tongbao.paymentfiles.plan import Batch
from tongbao.sdk import Client, payment_files
from tongbao.sdk.answers import Problem
from tongbao.sdk.build import build, seal
from tongbao.sdk.wallet import Wallet

LIFE_MS = min(12 * 3600 * 1000, MAX_EXPIRY_MS)
"""How long a signed batch may wait for a second person."""


class HttpDirectory:
    """Asks a node what it knows of numbers, accounts and ids; each number and account once."""

    def __init__(self, client: Client) -> None:
        """A directory of what `client`'s node keeps."""
        self._client = client
        self._accounts: dict[str, str | None] = {}
        self._holding_states: dict[tuple[str, str], str] = {}
        self._assets = {asset.asset: asset.decimals for asset in client.assets.list()}

    def prepare(self, numbers: Sequence[str]) -> None:
        """Look many numbers up at once."""
        fresh = [n for n in dict.fromkeys(numbers) if n and n not in self._accounts]
        known = self._client.accounts.resolve(fresh)
        self._accounts |= {number: known.get(number) for number in fresh}

    def account_of(self, number: str) -> str | None:
        """The ledger's account for an IBAN, a linked number or an account id."""
        if number and number not in self._accounts:
            self.prepare([number])
        return self._accounts.get(number)

    def decimals_of(self, asset: str) -> int | None:
        """Decimals of a currency on this ledger; None where it is not issued."""
        return self._assets.get(asset)

    def look_at(self, accounts: Sequence[str], asset: str) -> None:
        """Look up the standings of many accounts at once."""
        fresh = [one for one in dict.fromkeys(accounts) if (one, asset) not in self._holding_states]
        reported: list[str] = []
        for call in payment_files.holding_states(asset, fresh):
            found = self._client.call(call)
            reported += found
        self._holding_states |= {
            (one, asset): reply for one, reply in zip(fresh, reported, strict=True)
        }

    def holding_state(self, account: str, asset: str) -> str:
        """What stands in the way of an account; empty for nothing."""
        if asset not in self._assets:
            return ""
        if (account, asset) not in self._holding_states:
            self.look_at([account], asset)
        return self._holding_states[account, asset]

    def used_before(self, party: str, ids: Ids, document: str) -> Used:
        """Ids that other files have used, settled or at the node's desk."""
        found = Used()
        for call in payment_files.used(party, ids.end_to_end, ids.uetrs, document):
            reported = self._client.call(call)
            found |= Used(reported.end_to_end, reported.uetrs)
        return found


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch in its envelope."""

    batch: Batch
    body: bytes
    envelope: bytes


def sign(batch: Batch, chain: str, now_ms: int, wallet: Wallet, labels: Sequence[str]) -> Sealed:
    """Build the body of a batch and sign it with keys of the ordering party."""
    expires = now_ms + LIFE_MS
    body = build(chain, batch.party, batch.reference, batch.actions, expires, batch.memo)
    names = [f"{batch.party}--{label}" for label in labels]
    return Sealed(batch, body, seal(body, wallet.sign(body, names, namer=batch.party)))


def send_one(one: Sealed, client: Client, registry: Registry) -> Settled:
    """Submit a batch and wait: what the ledger stated of it."""
    try:
        result = client.submit_and_wait(one.envelope)
    except Problem as problem:
        reply = LedgerRefusal(_code(registry, problem.code), dict(problem.values))
        height = problem.result.height if problem.result else 0
        digest = problem.result.digest if problem.result else ""
        time_ms = client.block(height).time_ms if height else client.status().time_ms
        return Settled(one.batch, height, time_ms, digest, refusal=reply)
    return Settled(
        one.batch, result.height, client.block(result.height).time_ms, result.digest,
        failed=failed_in([len(a.lines) for a in one.batch.actions], result.events, registry),
    )  # fmt: skip


def _code(registry: Registry, number: int) -> Code:
    return registry.codes.get(number, KernelCode.INTERNAL)


def failed_in(
    counts: Sequence[int], events: Sequence[Mapping[str, Any]], registry: Registry
) -> dict[int, LedgerRefusal]:
    """Place of a payment -> why it failed. The n-th bulk event is of the n-th action, which has so
    many lines; they count on through the actions."""
    failed: dict[int, LedgerRefusal] = {}
    bulks = [e for e in events if e.get("event") == "payments.bulk_transferred"]
    start = 0
    for count, event in zip(counts, bulks, strict=True):
        for place, number in event.get("failed", ()):
            failed[start + int(place)] = LedgerRefusal(_code(registry, int(number)))
        start += count
    return failed
