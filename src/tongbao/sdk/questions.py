"""What a node is asked: the methods that `Client` and `AsyncClient` have alike."""

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
from tongbao.sdk.calls import (
    Call,
    Listing,
    account_path,
    in_order,
    listing,
    one,
    post,
    segment,
)
from tongbao.sdk.documents import (
    Account,
    AccountLimit,
    ApprovalPolicy,
    Asset,
    Entry,
    Found,
    Holding,
    Party,
    PartyKey,
    Proposal,
    Row,
    TransactionLine,
)
from tongbao.sdk.documents_payments import LedgerPayment
from tongbao.sdk.forms import asked, walked
from tongbao.sdk.network import NetworkStatus


class Questions:
    """One method a question; of `AsyncClient` the answers are awaited."""

    # ---- transactions --------------------------------------------------------------------------

    @asked
    def submit_and_wait(
        self, envelope: bytes, *, idempotency_key: str | None = None
    ) -> Call[Result]:
        """Submit one envelope and wait until it is final. Raises Problem where it is refused."""
        headers = {"Idempotency-Key": f'"{idempotency_key}"'} if idempotency_key else {}
        return post("/v1/transactions", envelope, Result, headers)

    @asked
    def simulate(self, body: bytes) -> Call[Simulated]:
        """What would become of a body now, all approvals given."""
        return post("/v1/simulate", body, Simulated)

    @asked
    def transaction(self, digest: str) -> Call[Recorded]:
        """A recorded transaction by the digest of its envelope, hex."""
        return one(f"/v1/transactions/{segment(digest)}", Recorded)

    @asked
    def transaction_named(self, party: str, reference: str) -> Call[Recorded]:
        """A recorded transaction by its name."""
        return one(f"/v1/parties/{segment(party)}/transactions/{segment(reference)}", Recorded)

    @asked
    def receipt(self, digest: str, from_trust: int | None = None) -> Call[bytes]:
        """The receipt file of a transaction: `verifier.verify_file` believes or refuses it.

        For who trusts the genesis alone, or the block at height `from_trust`.
        """
        params = {} if from_trust is None else {"from_trust": str(from_trust)}
        return Call("GET", f"/v1/receipts/{segment(digest)}", bytes, params)

    # ---- the node and its chain ----------------------------------------------------------------

    @asked
    def status(self) -> Call[NodeStatus]:
        """Where the node stands."""
        return one("/v1/status", NodeStatus)

    @asked
    def network(self) -> Call[NetworkStatus]:
        """The network around the node: validators, peers, what waits."""
        return one("/v1/network", NetworkStatus)

    @asked
    def genesis(self) -> Call[bytes]:
        """The genesis file. To verify receipts, take it from somebody you trust, not from here."""
        return Call("GET", "/v1/genesis", bytes)

    @asked
    def block(self, height: int) -> Call[BlockDetail]:
        """One block."""
        return one(f"/v1/blocks/{height}", BlockDetail)

    @walked
    def blocks(self) -> Listing[Block]:
        """The blocks, newest first."""
        return listing("/v1/blocks", Block)

    @asked
    def codes(self) -> Call[tuple[RefusalCode, ...]]:
        """Every refusal code with its texts."""
        return one("/v1/codes", tuple[RefusalCode, ...])

    @asked
    def transaction_types(self) -> Call[tuple[TransactionType, ...]]:
        """Every kind of action with its JSON Schema."""
        return one("/v1/transaction-types", tuple[TransactionType, ...])

    # ---- lists ---------------------------------------------------------------------------------

    @walked
    def parties(self, role: str | None = None) -> Listing[Party]:
        """The parties, by id."""
        return listing("/v1/parties", Party, role=role)

    @asked
    def party(self, party: str) -> Call[Party]:
        """One party."""
        return one(f"/v1/parties/{segment(party)}", Party)

    @walked
    def keys(self, party: str) -> Listing[PartyKey]:
        """A party's public keys."""
        return listing(f"/v1/parties/{segment(party)}/keys", PartyKey)

    @walked
    def policies(self, party: str) -> Listing[ApprovalPolicy]:
        """A party's approval policies."""
        return listing(f"/v1/parties/{segment(party)}/policies", ApprovalPolicy)

    @walked
    def proposals(self, party: str, state: str | None = None) -> Listing[Proposal]:
        """Proposals that a party made or has to approve."""
        return listing(f"/v1/parties/{segment(party)}/proposals", Proposal, state=state)

    @walked
    def accounts(self, party: str | None = None, identifier: str | None = None) -> Listing[Account]:
        """The accounts: all, a party's, or the one that carries a linked number."""
        return listing("/v1/accounts", Account, party=party, identifier=identifier)

    @asked
    def account(self, account: str) -> Call[Account]:
        """One account, by `party/name`."""
        return one(account_path(account), Account)

    @walked
    def holdings(self, account: str) -> Listing[Holding]:
        """What an account holds."""
        return listing(f"{account_path(account)}/holdings", Holding)

    @walked
    def all_holdings(
        self, *, party: str | None = None, account: str | None = None, asset: str | None = None
    ) -> Listing[Holding]:
        """What accounts hold: all of them, a party's, an account's, of an asset."""
        return listing("/v1/holdings", Holding, party=party, account=account, asset=asset)

    @walked
    def search(
        self, text: str, *, asset: str | None = None, kind: str | None = None
    ) -> Listing[Found]:
        """Whatever fits an id, an amount, a name, words or a day; the surest first."""
        return listing("/v1/search", Found, q=text, asset=asset, kind=kind)

    @asked
    def payment(self, uetr: str) -> Call[LedgerPayment]:
        """One payment within the ledger, by its UETR or that of a return of it."""
        return one(f"/v1/payments/{segment(uetr)}", LedgerPayment)

    @walked
    def entries(
        self,
        account: str,
        *,
        asset: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        oldest_first: bool = False,
    ) -> Listing[Entry]:
        """An account's lines, newest first."""
        path, order = f"{account_path(account)}/entries", in_order(oldest_first)
        return listing(path, Entry, asset=asset, since_ms=since_ms, until_ms=until_ms, order=order)

    @walked
    def rows(
        self, plural: str, /, *, oldest_first: bool = False, **filters: str | int | None
    ) -> Listing[Row]:
        """Rows of a record, newest first: `rows("holds", party="hengtong", state="open")`.

        Which records there are and what each can be asked for stands in docs/reference.
        """
        from tongbao.kernel.records import path_of  # loads what only records need

        return listing(path_of(plural), Row, **filters, order=in_order(oldest_first))

    @asked
    def row(self, plural: str, key: str) -> Call[Row]:
        """One row of a record by its id: `row("holds", "hengtong:h-1:2026-11-25.1")`."""
        from tongbao.kernel.records import path_of

        return one(f"{path_of(plural)}/{segment(key)}", Row)

    @walked
    def limits(self, account: str) -> Listing[AccountLimit]:
        """An account's limits."""
        return listing(f"{account_path(account)}/limits", AccountLimit)

    @walked
    def transactions(
        self,
        party: str | None = None,
        code: int | None = None,
        *,
        oldest_first: bool = False,
    ) -> Listing[TransactionLine]:
        """What stands in blocks, newest first; that a party named or that concerns it, or with a
        code (0: what was done)."""
        order = in_order(oldest_first)
        return listing("/v1/transactions", TransactionLine, party=party, code=code, order=order)

    @walked
    def assets(self) -> Listing[Asset]:
        """The assets, by id."""
        return listing("/v1/assets", Asset)

    @asked
    def asset(self, asset: str) -> Call[Asset]:
        """One asset."""
        return one(f"/v1/assets/{segment(asset)}", Asset)
