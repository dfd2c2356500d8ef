"""The client for asyncio: the same calls as `Client`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self, TypeVar

import httpx
from httpx_sse import EventSource

from tongbao.sdk import calls
from tongbao.sdk.answers import (
    Block,
    BlockDetail,
    NodeStatus,
    Problem,
    Recorded,
    RefusalCode,
    Result,
    Simulated,
    TransactionType,
)
from tongbao.sdk.calls import AGAIN, Call, Listing, RetryPolicy, Session
from tongbao.sdk.corridors import AsyncCorridors
from tongbao.sdk.documents import (
    Account,
    AccountLimit,
    ApprovalPolicy,
    Asset,
    Document,
    Entry,
    EventItem,
    Hold,
    Holding,
    Party,
    PartyKey,
    Proposal,
    TransactionLine,
)
from tongbao.sdk.network import NetworkStatus
from tongbao.sdk.streaming import EventReader
from tongbao.sdk.transport import PLAIN, read_whole_async

T = TypeVar("T")
D = TypeVar("D", bound=Document)


class AsyncClient:
    """Talks to one node; any number of calls at once."""

    def __init__(
        self,
        url: str,
        *,
        language: str = "en",
        token: str = "",
        timeout_seconds: float = 60.0,
        retry: RetryPolicy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """A client of the node at `url`; `token` where the node asks for one."""
        self.session = Session(language, token)
        self.retry = retry or RetryPolicy()
        self._http = httpx.AsyncClient(
            base_url=url, headers=PLAIN, timeout=timeout_seconds, transport=transport
        )
        self.corridors = AsyncCorridors(self)

    async def __aenter__(self) -> Self:
        """Use it in an `async with` block."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def call(self, call: Call[T]) -> T:
        """Send a call, again where that is safe and may help. Raises Problem or httpx.HTTPError."""
        pauses = self.retry.pauses()
        while True:
            told: str | None = None
            try:
                async with self._http.stream(
                    call.method, call.path, params=call.params, content=call.content,
                    headers=self.session.headers(call),
                ) as answer:  # fmt: skip
                    content = await read_whole_async(answer, call.most_bytes)
                if answer.status_code not in AGAIN:
                    return self.session.read(call, answer.status_code, content)
                told = answer.headers.get("retry-after")
                fault: Exception = calls.read_problem(answer.status_code, content)
            except httpx.TransportError as lost:
                fault = lost
            pause = self.retry.pause(pauses, told)
            if pause is None:
                raise fault
            await asyncio.sleep(pause)

    async def walk(self, listing: Listing[D]) -> AsyncIterator[D]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = await self.call(listing.page(cursor))
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    # ---- transactions --------------------------------------------------------------------------

    async def submit(
        self, envelopes: Iterable[bytes], *, batch: int = calls.BATCH_COUNT, events: bool = False
    ) -> list[Result]:
        """Submit envelopes in batches; one result each, in order, refused ones too."""
        results: list[Result] = []
        for part in calls.batches(envelopes, batch):
            answers: tuple[Result, ...] = await self.call(calls.submit_batch(part, events=events))
            results.extend(answers)
        return results

    async def submit_and_wait(
        self, envelope: bytes, *, idempotency_key: str | None = None
    ) -> Result:
        """Submit one envelope and wait until it is final. Raises Problem where it is refused."""
        return await self.call(calls.submit_one(envelope, idempotency_key))

    async def simulate(self, body: bytes) -> Simulated:
        """What would become of a body now, all approvals given."""
        return await self.call(calls.simulate(body))

    async def transaction(self, digest: str) -> Recorded:
        """A recorded transaction by the digest of its envelope, hex."""
        return await self.call(calls.transaction(digest))

    async def transaction_named(self, party: str, reference: str) -> Recorded:
        """A recorded transaction by its name."""
        return await self.call(calls.transaction_named(party, reference))

    async def receipt(self, digest: str, from_trust: int | None = None) -> bytes:
        """The receipt file of a transaction: `verifier.verify_file` believes or refuses it.

        For who trusts the genesis alone, or the block at height `from_trust`.
        """
        return await self.call(calls.receipt(digest, from_trust))

    # ---- the node and its chain ----------------------------------------------------------------

    async def status(self) -> NodeStatus:
        """Where the node stands."""
        return await self.call(calls.status())

    async def network(self) -> NetworkStatus:
        """The network around the node: validators, peers, what waits."""
        return await self.call(calls.network())

    async def genesis(self) -> bytes:
        """The genesis file. To verify receipts, take it from somebody you trust, not from here."""
        return await self.call(calls.genesis())

    async def block(self, height: int) -> BlockDetail:
        """One block."""
        return await self.call(calls.block(height))

    def blocks(self) -> AsyncIterator[Block]:
        """The blocks, newest first."""
        return self.walk(calls.listing("/v1/blocks", Block))

    async def codes(self) -> tuple[RefusalCode, ...]:
        """Every refusal code with its texts."""
        return await self.call(calls.codes())

    async def transaction_types(self) -> tuple[TransactionType, ...]:
        """Every kind of action with its JSON Schema."""
        return await self.call(calls.transaction_types())

    # ---- lists ---------------------------------------------------------------------------------

    def parties(self, role: str | None = None) -> AsyncIterator[Party]:
        """The parties, by id."""
        return self.walk(calls.listing("/v1/parties", Party, role=role))

    async def party(self, party: str) -> Party:
        """One party."""
        return await self.call(calls.one(f"/v1/parties/{calls.segment(party)}", Party))

    def keys(self, party: str) -> AsyncIterator[PartyKey]:
        """A party's public keys."""
        return self.walk(calls.listing(f"/v1/parties/{calls.segment(party)}/keys", PartyKey))

    def policies(self, party: str) -> AsyncIterator[ApprovalPolicy]:
        """A party's approval policies."""
        path = f"/v1/parties/{calls.segment(party)}/policies"
        return self.walk(calls.listing(path, ApprovalPolicy))

    def proposals(self, party: str, state: str | None = None) -> AsyncIterator[Proposal]:
        """Proposals that a party made or has to approve."""
        path = f"/v1/parties/{calls.segment(party)}/proposals"
        return self.walk(calls.listing(path, Proposal, state=state))

    def accounts(
        self, party: str | None = None, identifier: str | None = None
    ) -> AsyncIterator[Account]:
        """The accounts: all, a party's, or the one that carries a linked number."""
        path = "/v1/accounts"
        return self.walk(calls.listing(path, Account, party=party, identifier=identifier))

    async def account(self, account: str) -> Account:
        """One account, by `party/name`."""
        return await self.call(calls.one(calls.account_path(account), Account))

    async def resolve(self, numbers: Iterable[str]) -> dict[str, str]:
        """The accounts behind IBANs, linked numbers and account ids; unknown ones are left out."""
        known: dict[str, str] = {}
        listed = list(numbers)
        for start in range(0, len(listed), 1000):
            part: dict[str, str] = await self.call(calls.resolve(listed[start : start + 1000]))
            known |= part
        return known

    def holdings(self, account: str) -> AsyncIterator[Holding]:
        """What an account holds."""
        return self.walk(calls.listing(f"{calls.account_path(account)}/holdings", Holding))

    def entries(
        self,
        account: str,
        *,
        asset: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> AsyncIterator[Entry]:
        """An account's lines, oldest first."""
        path = f"{calls.account_path(account)}/entries"
        return self.walk(
            calls.listing(path, Entry, asset=asset, since_ms=since_ms, until_ms=until_ms)
        )

    def holds(self, account: str, state: str | None = None) -> AsyncIterator[Hold]:
        """Holds from or for an account."""
        return self.walk(calls.listing(f"{calls.account_path(account)}/holds", Hold, state=state))

    def limits(self, account: str) -> AsyncIterator[AccountLimit]:
        """An account's limits."""
        return self.walk(calls.listing(f"{calls.account_path(account)}/limits", AccountLimit))

    def transactions(
        self, party: str | None = None, code: int | None = None
    ) -> AsyncIterator[TransactionLine]:
        """What stands in blocks, newest first; of a party, or with a code (0: what was done)."""
        path = "/v1/transactions"
        return self.walk(calls.listing(path, TransactionLine, party=party, code=code))

    def assets(self) -> AsyncIterator[Asset]:
        """The assets, by id."""
        return self.walk(calls.listing("/v1/assets", Asset))

    async def asset(self, asset: str) -> Asset:
        """One asset."""
        return await self.call(calls.one(f"/v1/assets/{calls.segment(asset)}", Asset))

    async def events(
        self,
        after: str | None = None,
        *,
        party: str | None = None,
        account: str | None = None,
        event: str | None = None,
    ) -> AsyncIterator[EventItem]:
        """What happens, endlessly; from now, or after an event id ("0": from the beginning).

        A lost connection is taken up where it broke: no event is missed or told twice.
        """
        reader = EventReader(after, party=party, account=account, event=event)
        pauses = self.retry.pauses()
        while True:
            try:
                async for item in self._stream(reader):
                    pauses = self.retry.pauses()
                    yield item
                fault: Exception = httpx.RemoteProtocolError("the node ended the stream")
            except httpx.TransportError as lost:
                fault = lost
            except Problem as problem:
                if problem.status not in AGAIN:
                    raise
                fault = problem
            pause = self.retry.pause(pauses, None)
            if pause is None:
                raise fault
            await asyncio.sleep(pause)

    async def _stream(self, reader: EventReader) -> AsyncIterator[EventItem]:
        headers = {**self.session.common(), **reader.headers()}
        async with self._http.stream(
            "GET", reader.path, params=reader.params, headers=headers, timeout=reader.timeout
        ) as answer:
            if answer.status_code >= 400:
                raise calls.read_problem(answer.status_code, await answer.aread())
            async for event in EventSource(answer).aiter_sse():
                item = reader.take(event)
                if item is not None:
                    yield item
