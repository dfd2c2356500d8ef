"""What a node is asked: one method a question."""

from __future__ import annotations

from tongbao.sdk.answers import (
    Block,
    BlockDetail,
    NodeStatus,
    Recorded,
    RefusalCode,
    Result,
    Simulated,
    TransactionType,
)
from tongbao.sdk.asynchronous.caller import AsyncCaller
from tongbao.sdk.asynchronous.walking import AsyncWalk
from tongbao.sdk.calls import (
    Call,
    in_order,
    listing,
    one,
    post,
    segment,
)
from tongbao.sdk.documents import (
    Found,
    Row,
    TransactionLine,
)
from tongbao.sdk.network import NetworkStatus


class AsyncQuestions(AsyncCaller):
    """One method a question."""

    # ---- transactions --------------------------------------------------------------------------

    async def submit_and_wait(
        self, envelope: bytes, *, idempotency_key: str | None = None
    ) -> Result:
        """Submit one envelope and wait until it is final. Raises Problem where it is refused."""
        headers = {"Idempotency-Key": f'"{idempotency_key}"'} if idempotency_key else {}
        return await self.call(post("/v1/transactions", envelope, Result, headers))

    async def simulate(self, body: bytes) -> Simulated:
        """What would become of a body now, all approvals given."""
        return await self.call(post("/v1/simulate", body, Simulated))

    async def transaction(self, digest: str) -> Recorded:
        """A recorded transaction by the digest of its envelope, hex."""
        return await self.call(one(f"/v1/transactions/{segment(digest)}", Recorded))

    async def transaction_named(self, party: str, reference: str) -> Recorded:
        """A recorded transaction by its name."""
        return await self.call(
            one(f"/v1/parties/{segment(party)}/transactions/{segment(reference)}", Recorded)
        )

    async def receipt(self, digest: str, from_trust: int | None = None) -> bytes:
        """The receipt file of a transaction: `verifier.verify_file` trusts or refuses it.

        For who trusts the genesis alone, or the block at height `from_trust`.
        """
        params = {} if from_trust is None else {"from_trust": str(from_trust)}
        return await self.call(Call("GET", f"/v1/receipts/{segment(digest)}", bytes, params))

    # ---- the node and its chain ----------------------------------------------------------------

    async def status(self) -> NodeStatus:
        """Where the node stands."""
        return await self.call(one("/v1/status", NodeStatus))

    async def network(self) -> NetworkStatus:
        """The network around the node: validators, peers, what waits."""
        return await self.call(one("/v1/network", NetworkStatus))

    async def genesis(self) -> bytes:
        """The genesis file. To verify receipts, take it from somebody you trust, not from here."""
        return await self.call(Call("GET", "/v1/genesis", bytes))

    async def block(self, height: int) -> BlockDetail:
        """One block."""
        return await self.call(one(f"/v1/blocks/{height}", BlockDetail))

    def blocks(self) -> AsyncWalk[Block]:
        """The blocks, newest first."""
        return self.walk(listing("/v1/blocks", Block))

    async def codes(self) -> tuple[RefusalCode, ...]:
        """Every refusal code with its texts."""
        return await self.call(one("/v1/codes", tuple[RefusalCode, ...]))

    async def transaction_types(self) -> tuple[TransactionType, ...]:
        """Every kind of action with its JSON Schema."""
        return await self.call(one("/v1/transaction-types", tuple[TransactionType, ...]))

    # ---- lists ---------------------------------------------------------------------------------

    def search(
        self, text: str, *, asset: str | None = None, kind: str | None = None
    ) -> AsyncWalk[Found]:
        """Whatever fits an id, an amount, a name, words or a day; the surest first."""
        return self.walk(listing("/v1/search", Found, q=text, asset=asset, kind=kind))

    def rows(
        self, plural: str, /, *, oldest_first: bool = False, **filters: str | int | None
    ) -> AsyncWalk[Row]:
        """Rows of a record, newest first: `rows("holds", party="hengtong", state="open")`.

        Which records there are and what each can be asked for stands in docs/reference.
        """
        from tongbao.kernel.columns import path_of  # loads what only records need

        return self.walk(listing(path_of(plural), Row, **filters, order=in_order(oldest_first)))

    async def row(self, plural: str, key: str) -> Row:
        """One row of a record by its id: `row("holds", "hengtong:h-1:2026-11-25.1")`."""
        from tongbao.kernel.columns import path_of

        return await self.call(one(f"{path_of(plural)}/{segment(key)}", Row))

    def transactions(
        self,
        party: str | None = None,
        code: int | None = None,
        *,
        oldest_first: bool = False,
    ) -> AsyncWalk[TransactionLine]:
        """What stands in blocks, newest first; that a party named or that concerns it, or with a
        code (0: what was done)."""
        order = in_order(oldest_first)
        return self.walk(
            listing("/v1/transactions", TransactionLine, party=party, code=code, order=order)
        )
