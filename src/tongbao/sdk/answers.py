"""What a node answers about transactions, blocks, codes and itself; and problems (RFC 9457)."""

from __future__ import annotations

from typing import Any

import msgspec

from tongbao.sdk.documents import Document


class Result(Document, frozen=True, omit_defaults=True):
    """The answer to one submitted transaction."""

    status: str
    """`recorded`: final, in a block; `duplicate`: it stood there before, this is the original's
    answer; `rejected`: nothing was recorded and its name is still free."""
    digest: str
    """SHA-256 of the envelope, hex."""
    height: int
    """Block, or 0 where nothing was recorded."""
    position: int
    code: int
    """0, or the number of the broken rule."""
    name: str = "OK"
    text: str = ""
    """Why it was refused, in English."""
    text_zh: str = ""
    retry: str = ""
    """`never`, `after_change` or `same_bytes`; empty where nothing was refused."""
    values: dict[str, Any] = {}
    """What the sentence names."""
    events: tuple[dict[str, Any], ...] = ()
    """What happened; batches leave it out unless asked for with `events=true`."""

    @property
    def done(self) -> bool:
        """Whether it did what it says."""
        return self.code == 0 and self.status != "rejected"

    @property
    def final(self) -> bool:
        """Whether it stands in a block, done or refused, for good."""
        return self.height > 0


class Recorded(Document, frozen=True):
    """A transaction that stands in a block, with what became of it."""

    digest: str
    party: str
    reference: str
    height: int
    position: int
    time_ms: int
    """Block time."""
    code: int
    name: str
    text: str = ""
    text_zh: str = ""
    retry: str = ""
    values: dict[str, Any] = {}
    events: tuple[dict[str, Any], ...] = ()
    sentences: tuple[str, ...] = ()
    """What happened, in English: a sentence or more for each event."""
    sentences_zh: tuple[str, ...] = ()
    body: dict[str, Any] = {}
    """What was signed, amounts as strings. The exact bytes stand in the receipt."""
    signatures: tuple[dict[str, Any], ...] = ()

    @property
    def done(self) -> bool:
        """Whether it did what it says."""
        return self.code == 0


class Needed(Document, frozen=True):
    """An approval that an action needs."""

    party: str
    scope: str
    keys: int
    weight: int


class Simulated(Document, frozen=True):
    """What would become of a body now, if everybody who has to approve it did."""

    code: int
    name: str
    height: int
    """Block after which it was tried."""
    text: str = ""
    text_zh: str = ""
    retry: str = ""
    values: dict[str, Any] = {}
    events: tuple[dict[str, Any], ...] = ()
    sentences: tuple[str, ...] = ()
    """What would happen, in English."""
    sentences_zh: tuple[str, ...] = ()
    approvals: tuple[Needed, ...] = ()
    """Whose approval its actions need."""

    @property
    def done(self) -> bool:
        """Whether it would do what it says."""
        return self.code == 0


class NodeStatus(Document, frozen=True):
    """Where a node stands."""

    chain: str
    genesis: str
    """Digest of the genesis, hex."""
    protocol: int
    version: str
    height: int
    time_ms: int
    """The ledger's time: a block made now would bear it, and expiry is measured against it."""
    block: str
    """Hash of the newest block, hex; empty before the first."""
    app_hash: str
    """State root after it, hex."""
    oldest_block: int
    waiting: int
    """Transactions accepted and not yet answered."""
    read_model_height: int | None = None
    """Height of the lists and events; null where the node keeps none."""
    fault: str = ""
    """Why the engine halted; empty while it works."""
    zone: str = "UTC"
    """Time zone of the accounts kept here: a plain requested date of a payment is a day there."""
    next_protocol: int | None = None
    """Version of the rules that is agreed on to follow; null where none is."""
    next_protocol_height: int | None = None
    """First block under it."""
    block_time_ms: int = 0
    """Time of the newest block."""
    clock: str = ""
    """Why the clock of the node's machine is not trusted; empty where it is."""


class Block(Document, frozen=True):
    """Height, time and roots of a block."""

    height: int
    time_ms: int
    hash: str
    app_hash: str
    """State root after it, hex."""
    proposer: str
    transactions: int
    """How many."""


class BlockTransaction(Document, frozen=True):
    """A transaction in a block's list."""

    position: int
    digest: str
    code: int


class BlockDetail(Document, frozen=True):
    """A block with its transactions and what verifies it."""

    height: int
    time_ms: int
    hash: str
    app_hash: str
    proposer: str
    transactions: tuple[BlockTransaction, ...]
    events: tuple[dict[str, Any], ...]
    """What time itself brought, before the first transaction."""
    header: str
    """tendermint.types.Header, protobuf in base64."""
    commit: str
    """tendermint.types.Commit over this block, protobuf in base64."""


class RefusalCode(Document, frozen=True):
    """A refusal code: the stable number of a rule."""

    code: int
    name: str
    retry: str
    text: str
    """Template; the values of a refusal fill it."""
    text_zh: str


class TransactionType(Document, frozen=True):
    """A kind of action."""

    type: str
    code: int
    scope: str
    """Class of action that keys and approval policies speak of."""
    description: str
    schema: dict[str, Any]
    """JSON Schema (2020-12)."""


class ProblemDocument(Document, frozen=True, omit_defaults=True):
    """`application/problem+json`, RFC 9457, with our members."""

    title: str
    status: int
    detail: str
    """The sentence, in the language asked for."""
    code: int
    """Number of the broken rule."""
    name: str
    type: str = "about:blank"
    instance: str = ""
    retry: str = "never"
    values: dict[str, Any] = {}
    detail_zh: str = ""
    errors: tuple[dict[str, Any], ...] = ()
    """For wrong parameters: where, and why."""
    result: Result | None = None
    """For a refused transaction: what stands in the block, or that nothing does."""


class Problem(Exception):
    """A node refused a request; `code` and `name` say which rule, `retry` what may be done."""

    def __init__(self, document: ProblemDocument) -> None:
        """Keep the document."""
        super().__init__(document)
        self.document = document

    def __str__(self) -> str:
        """The sentence with its number."""
        return f"{self.name} ({self.code}): {self.detail}"

    @property
    def code(self) -> int:
        """Number of the broken rule."""
        return self.document.code

    @property
    def name(self) -> str:
        """The broken rule, in capitals: `ACCOUNT_FROZEN`."""
        return self.document.name

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.document.status

    @property
    def title(self) -> str:
        """What kind of problem it is."""
        return self.document.title

    @property
    def detail(self) -> str:
        """The sentence, in the language that the client asks for."""
        return self.document.detail

    @property
    def retry(self) -> str:
        """`never`, `after_change` or `same_bytes`."""
        return self.document.retry

    @property
    def values(self) -> dict[str, Any]:
        """What the sentence names."""
        return self.document.values

    @property
    def result(self) -> Result | None:
        """For a refused transaction: its result."""
        return self.document.result


def problem_of(result: Result) -> Problem:
    """A refused result as a problem."""
    return Problem(
        ProblemDocument(
            title=result.name,
            status=422,
            detail=result.text,
            code=result.code,
            name=result.name,
            retry=result.retry,
            values=result.values,
            detail_zh=result.text_zh,
            result=result,
        )
    )


decode_problem = msgspec.json.Decoder(ProblemDocument).decode
