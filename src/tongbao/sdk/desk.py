"""The batch desk: what it answers, what people sign for it, and a client that signs.

Nobody logs in: every act at the desk is a statement that a key of the party signs, and the desk
asks the ledger whether that key is live. Payments themselves are signed as the ledger wants them,
batch by batch, and the desk only keeps the signatures until they are enough. Keys stay here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tongbao.kernel.hashing import content_digest
from tongbao.kernel.transaction import Signature
from tongbao.sdk import Client, calls
from tongbao.sdk.calls import Call, Listing
from tongbao.sdk.documents import Amount, Document
from tongbao.sdk.wallet import PublicKey, Wallet

PATH = "/v1/desk"
STATEMENT_PREFIX = b"tongbao/desk/1\n"
"""Stands before a statement in what is signed, so that it is never a transaction."""
UPLOAD, CHECK, REPAIR, SIGN = "upload", "check", "repair", "sign"
RELEASE, CANCEL, LIMIT = "release", "cancel", "limit"
_ENCODE = msgspec.json.Encoder().encode


class DeskFile(Document, frozen=True):
    """A payment file on the desk."""

    file: str
    """Its name at the desk, e.g. `D-4f0c21a9be77`."""
    party: str
    name: str
    message: str
    message_id: str
    state: str
    """`open`, `released`, `done` or `cancelled`."""
    version: int
    """Rises with every act; a statement says which version it speaks of."""
    payments: int
    digest: str
    """SHA-256 of the file as it was uploaded, hex."""
    uploaded_by: str
    """Key id."""
    uploaded_label: str
    created_at_ms: int
    planned_at_ms: int = 0
    """When it is meant to go; 0 is at once. Signatures count within 24 hours around it."""
    release_at_ms: int = 0
    """From when on it goes, once released."""
    states: dict[str, int] = {}
    """State of a payment -> how many are in it."""
    totals: dict[str, Amount] = {}
    """Currency -> sum of what is to be paid or was paid."""
    missing: tuple[str, ...] = ()
    """What it still lacks before it can be released, in English."""
    missing_zh: tuple[str, ...] = ()


class DeskPayment(Document, frozen=True):
    """One payment of a file."""

    file: str
    item: int
    """Its number in the file, from 1."""
    path: str
    line: int
    end_to_end_id: str
    uetr: str
    currency: str
    amount_minor: Amount
    creditor: str
    creditor_account: str
    state: str
    """`refused`, `ready`, `sending`, `settled`, `rejected` or `cancelled`."""
    batch: int = 0
    """Number of its batch; 0 where it is in none."""
    reason: str = ""
    """ISO external status reason code."""
    rule: str = ""
    text: str = ""
    text_zh: str = ""
    height: int = 0
    settled_at_ms: int = 0
    digest: str = ""
    """Of the transaction: the receipt's name."""


class DeskBatch(Document, frozen=True):
    """Payments that go under one transaction, and who signed it."""

    file: str
    batch: int
    reference: str
    payments: int
    currency: str
    total_minor: Amount
    """Its sum in `currency`; where it pays several, both are empty or 0 and `totals` says it."""
    body: bytes
    """What a transaction signature is made over."""
    state: str
    """`ready`, `sending`, `settled` or `refused`."""
    totals: dict[str, Amount] = {}
    """Currency -> sum; amounts of two currencies are never added."""
    due_at_ms: int = 0
    """Not before, whatever the release says: the requested execution date."""
    valid_from_ms: int = 0
    valid_until_ms: int = 0
    """The ledger takes it from then and before then."""
    keys_needed: int = 1
    weight_needed: int = 1
    signed_by: tuple[str, ...] = ()
    """Key ids."""
    makers: tuple[str, ...] = ()
    """Those of them that made or changed the file: they do not approve it."""
    digest: str = ""
    height: int = 0
    code: int = 0
    text: str = ""
    text_zh: str = ""


class DeskAct(Document, frozen=True):
    """Something that was done at the desk: kept for ever."""

    file: str
    act: int
    action: str
    key: str
    label: str
    at_ms: int
    item: int = 0
    path: str = ""
    old: str = ""
    new: str = ""


class DeskLimit(Document, frozen=True):
    """What one key may approve: the total of one file in one currency."""

    party: str
    key: str
    currency: str
    most_minor: Amount


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody does at the desk."""

    action: str
    chain: str
    party: str
    subject: str
    """The file's name on the desk; of an upload the name that it comes with."""
    version: int
    """The file's version that the signer saw; 0 for an upload or a limit."""
    content: str
    """SHA-256 of the order's content, hex."""
    at_ms: int


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A signed statement with what it is about."""

    statement: bytes
    signatures: tuple[Signature, ...]
    content: bytes = b""


class Repair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content of a repair: paths below the payment's element, and their new texts."""

    item: int
    set: dict[str, str]
    """An empty text removes the element."""


class Timing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content of a check or release."""

    at_ms: int = 0


class BatchSignatures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content of a signing: signatures over the bodies of batches."""

    batches: dict[int, tuple[Signature, ...]]


class LimitChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Content of a limit; `most_minor` -1 takes it away."""

    key: str
    currency: str
    most_minor: int


def statement_bytes(statement: bytes) -> bytes:
    """The message that a signature over a statement signs."""
    return STATEMENT_PREFIX + statement


def order(call: str, prepared: Order, answer: type[Any] = DeskFile) -> Call[Any]:
    """A signed order as a request; `call` is the path below /v1/desk."""
    return Call(
        "POST", f"{PATH}/{call}", msgspec.json.Decoder(answer).decode, content=_ENCODE(prepared)
    )


def files(*, state: str | None = None, party: str | None = None) -> Listing[DeskFile]:
    """The files, newest first."""
    return calls.listing(f"{PATH}/files", DeskFile, state=state, party=party)


def file(name: str) -> Call[DeskFile]:
    """One file."""
    return calls.one(_path(name), DeskFile)


def payments(name: str, *, state: str | None = None) -> Listing[DeskPayment]:
    """The payments of a file, in its order."""
    return calls.listing(_path(name, "payments"), DeskPayment, state=state)


def batches(name: str) -> Listing[DeskBatch]:
    """The batches of a file, with the bodies that are signed."""
    return calls.listing(_path(name, "batches"), DeskBatch)


def acts(name: str) -> Listing[DeskAct]:
    """What was done with a file, oldest first."""
    return calls.listing(_path(name, "acts"), DeskAct)


def limits(party: str | None = None) -> Listing[DeskLimit]:
    """What the keys of a party may approve."""
    return calls.listing(f"{PATH}/limits", DeskLimit, party=party)


def document(name: str, kind: str) -> Call[bytes]:
    """`content` (the file as it stands now), `pain.002`, `camt.054`: XML."""
    return Call("GET", _path(name, kind), bytes)


def _path(name: str, *more: str) -> str:
    return "/".join((f"{PATH}/files", calls.segment(name), *more))


class DeskClient:
    """Acts at the desk for one person: signs with a key of a wallet."""

    def __init__(self, client: Client, wallet: Wallet, party: str, label: str) -> None:
        """`label` is the key's, e.g. `maker`; several with commas sign a limit together."""
        self.client = client
        self.wallet = wallet
        self.party = party
        self.keys = tuple(wallet.public(f"{party}--{one}") for one in label.split(",") if one)

    def upload(self, content: bytes, name: str) -> DeskFile:
        """Hand a pain.001 in. The same bytes again give the same file."""
        made: DeskFile = self._do(UPLOAD, name, 0, content, "files")
        return made

    def check(self, known: DeskFile, at_ms: int = 0) -> DeskFile:
        """Plan the file again against the ledger as it stands; `at_ms` is when it is to go.
        Signatures over batches that came out the same stay."""
        return self._act(CHECK, known, _ENCODE(Timing(at_ms)))

    def repair(self, known: DeskFile, item: int, changes: Mapping[str, str]) -> DeskFile:
        """Change one payment: path below its element -> text. Takes all signatures away."""
        return self._act(REPAIR, known, _ENCODE(Repair(item, dict(changes))))

    def sign(self, known: DeskFile) -> DeskFile:
        """Sign every batch: as maker of the file, or as the person who approves it."""
        signed: dict[int, tuple[Signature, ...]] = {}
        for batch in self.client.walk(batches(known.file)):
            if batch.state == "ready":
                signed[batch.batch] = self.wallet.sign(batch.body, self.keys, namer=self.party)
        return self._act(SIGN, known, _ENCODE(BatchSignatures(signed)))

    def release(self, known: DeskFile, at_ms: int = 0) -> DeskFile:
        """Let the file go, at once or at a time."""
        return self._act(RELEASE, known, _ENCODE(Timing(at_ms)))

    def cancel(self, known: DeskFile) -> DeskFile:
        """Take the file back: what has not been sent will not be."""
        return self._act(CANCEL, known, b"")

    def limit(self, key: str, currency: str, most_minor: int) -> DeskLimit:
        """Set what a key may approve; two people sign it."""
        content = _ENCODE(LimitChange(key, currency, most_minor))
        reported: DeskLimit = self._do(LIMIT, key, 0, content, "limits", DeskLimit)
        return reported

    def _act(self, action: str, known: DeskFile, content: bytes) -> DeskFile:
        where = f"files/{calls.segment(known.file)}/{action}"
        reported: DeskFile = self._do(action, known.file, known.version, content, where)
        return reported

    def _do(
        self,
        action: str,
        subject: str,
        version: int,
        content: bytes,
        where: str,
        answer: type[Any] = DeskFile,
    ) -> Any:
        digest = content_digest(content).hex()
        now = time.time_ns() // 1_000_000
        chain = self.client.status().chain
        statement = Statement(action, chain, self.party, subject, version, digest, now)
        prepared = prepare(statement, self.wallet, self.keys, content)
        return self.client.call(order(where, prepared, answer))


def prepare(
    statement: Statement, wallet: Wallet, keys: Sequence[PublicKey], content: bytes = b""
) -> Order:
    """Sign a statement with keys of a wallet."""
    raw = _ENCODE(statement)
    return Order(raw, wallet.sign_message(statement_bytes(raw), keys), content)


def follow(client: Client, name: str, *, pauses: Iterator[float]) -> Iterator[DeskFile]:
    """The file each time it changed, until it is done or cancelled; `pauses` sleeps between."""
    last = -1
    while True:
        found = client.call(file(name))
        if found.version != last:
            last = found.version
            yield found
        if found.state in ("done", "cancelled") or next(pauses, None) is None:
            return
