"""The batch desk: upload, check, repair, sign, release, cancel. Each act is one SQL transaction.

Two rules of its own stand beside the ledger's policies: whoever made or changed a file does not
approve it, and a key approves no more of a currency in one file than its limit says.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, delete, func, insert, select, update

from tongbao.kernel.codes import KernelCode, refuse, require
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import KEYS
from tongbao.modules.assets import require_asset
from tongbao.paymentfiles.desk import store as tables
from tongbao.paymentfiles.desk.approving import (
    collected,
    makers_of,
    missing,
    require_within_limit,
    signers_of,
    spend,
    verified,
)
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.desk.orders import Actor, prove
from tongbao.paymentfiles.desk.preparing import Prepared, prepare
from tongbao.paymentfiles.desk.repairing import Change, repaired
from tongbao.paymentfiles.desk.sending import finish
from tongbao.paymentfiles.desk.store import DeskStore
from tongbao.paymentfiles.desk.taken import require_unused, used_at_desk
from tongbao.paymentfiles.earlier import Ids, Used
from tongbao.paymentfiles.plan import reference_of
from tongbao.sdk import desk as sdk
from tongbao.sdk.api_codes import GatewayCode

_MESSAGES: dict[str, msgspec.json.Decoder[Any]] = {
    sdk.REPAIR: msgspec.json.Decoder(sdk.Repair),
    sdk.CHECK: msgspec.json.Decoder(sdk.Timing),
    sdk.RELEASE: msgspec.json.Decoder(sdk.Timing),
    sdk.SIGN: msgspec.json.Decoder(sdk.BatchSignatures),
    sdk.LIMIT: msgspec.json.Decoder(sdk.LimitChange),
}
_ENCODE = msgspec.json.Encoder().encode
_MOST_NAMED = 5
"""Of what a file still needs, in one refusal."""
Row = Mapping[str, Any]


class BatchDesk:
    """One desk before one ledger. Every method may be called from any thread."""

    def __init__(self, store: DeskStore, ledger: DeskLedger) -> None:
        """A desk with its memory."""
        self.store = store
        self.ledger = ledger
        # One act at a time: what it plans with is still so when it is written.
        self._acting = threading.Lock()

    # ---- acts ----------------------------------------------------------------------------------

    def upload(self, raw: bytes) -> tuple[str, bool]:
        """Take a file in: its name, and whether it is new. The same bytes again are the same file.

        DocumentRefused where the file as a whole is refused; Refusal for the rest.
        """
        actor = self._prove(raw, sdk.UPLOAD)
        party = actor.statement.party
        digest = content_digest(actor.order.content).hex()
        with self.store.read() as connection:
            known = _live_file(connection, party, digest)
        if known is not None:
            return known, False
        name = _name(party, digest, self.ledger.now_ms())
        with self._acting:
            return self._taken_in(actor, name, digest)

    def _taken_in(self, actor: Actor, name: str, digest: str) -> tuple[str, bool]:
        content, party = actor.order.content, actor.statement.party
        prepared = self._planned(name, party, content, 0)
        with self.store.write() as connection:
            again = _live_file(connection, party, digest)
            if again is not None:
                return again, False
            self._require_new_message(connection, party, prepared.file.message_id)
            first = reference_of(prepared.file.message_id, 1)
            require(
                not self.ledger.is_used(party, first), DeskCode.ANSWERED_BEFORE,
                message_id=prepared.file.message_id, reference=first, party=party,
            )  # fmt: skip
            connection.execute(
                insert(tables.files).values(
                    file=name, party=party, name=actor.statement.subject, state="open",
                    message=prepared.file.message, message_id=prepared.file.message_id,
                    version=1, digest=digest, uploaded_by=actor.key, uploaded_label=actor.label,
                    created_at_ms=self.ledger.now_ms(), original=content, content=content,
                )
            )  # fmt: skip
            self._write_plan(connection, name, party, prepared)
            self._note(connection, name, actor)
        return name, True

    def check(self, file: str, raw: bytes) -> None:
        """Plan again against the ledger as it stands, for a time."""
        actor = self._prove(raw, sdk.CHECK)
        wanted = _content(actor, sdk.CHECK).at_ms
        known = self._known(file, actor, "open")
        party = known["party"]
        with self._acting:
            prepared = self._planned(file, party, known["content"], wanted)
            with self.store.write() as connection:
                self._advance(connection, file, actor, "open", planned_at_ms=wanted)
                self._write_plan(connection, file, party, prepared)
                self._note(connection, file, actor, new=str(wanted) if wanted else "")

    def repair(self, file: str, raw: bytes) -> None:
        """Change one payment. Takes every signature away: what was signed is no longer meant."""
        actor = self._prove(raw, sdk.REPAIR)
        wanted: sdk.Repair = _content(actor, sdk.REPAIR)
        known = self._known(file, actor, "open")
        party = known["party"]
        content, changes = repaired(known["content"], wanted.item, wanted.set)
        with self._acting:
            prepared = self._planned(file, party, content, known["planned_at_ms"])
            with self.store.write() as connection:
                self._advance(connection, file, actor, "open", content=content)
                signed = tables.signatures
                connection.execute(delete(signed).where(signed.c.file == file))
                self._write_plan(connection, file, party, prepared)
                self._note(connection, file, actor, wanted.item, *changes)

    def sign(self, file: str, raw: bytes) -> None:
        """Keep signatures over batches: a maker's, or an approval within the key's limit."""
        actor = self._prove(raw, sdk.SIGN)
        given: sdk.BatchSignatures = _content(actor, sdk.SIGN)
        known = self._known(file, actor, "open")
        view, now = self.ledger.view(), self.ledger.now_ms()
        with self.store.write() as connection:
            self._advance(connection, file, actor, "open")
            makers = makers_of(connection, file, view)
            new = False
            for number, signed in given.batches.items():
                batch = _batch(connection, file, number)
                there = signers_of(connection, file, number)
                for key, signature in verified(batch, signed, known["party"], view):
                    new = new or key not in makers or key not in there
                    if key not in makers:
                        require_within_limit(connection, known["party"], key, file)
                    row = {"file": file, "batch": number, "key": key}
                    where = [tables.signatures.c[name] == value for name, value in row.items()]
                    connection.execute(delete(tables.signatures).where(*where))
                    connection.execute(
                        insert(tables.signatures).values(
                            **row, signature=_ENCODE(signature).decode(), at_ms=now
                        )
                    )
            fresh = new or not given.batches
            require(fresh, DeskCode.MAKER_APPROVES, key=actor.key, label=actor.label)
            self._note(connection, file, actor)

    def release(self, file: str, raw: bytes) -> None:
        """Let the file go, at once or at a time within which its signatures count."""
        actor = self._prove(raw, sdk.RELEASE)
        wanted: int = _content(actor, sdk.RELEASE).at_ms
        known = self._known(file, actor, "open")
        require_unused(self.store, self.ledger, known)
        view, now = self.ledger.view(), self.ledger.now_ms()
        at = max(wanted, now)
        with self.store.write() as connection:
            self._advance(connection, file, actor, "open", state="released", release_at_ms=at)
            listed = tables.rows(connection, _of(tables.batches, file))
            require(listed, DeskCode.NOTHING_TO_PAY)
            lacking = missing(connection, file, listed, view)
            require(not lacking, DeskCode.NOT_APPROVED, missing=tuple(lacking[:_MOST_NAMED]))
            for batch in listed:
                goes = max(at, batch["due_at_ms"])
                inside = batch["valid_from_ms"] <= goes < batch["valid_until_ms"]
                require(
                    inside, DeskCode.OUTSIDE_WINDOW, since=batch["valid_from_ms"],
                    until=batch["valid_until_ms"], at=goes,
                )  # fmt: skip
                envelope = collected(connection, batch)
                connection.execute(
                    update(tables.batches).where(_is(batch)).values(envelope=envelope)
                )
            self._note(connection, file, actor, new=str(at))

    def cancel(self, file: str, raw: bytes) -> None:
        """Take back what has not been sent. Its ids are free again where nothing was."""
        actor = self._prove(raw, sdk.CANCEL)
        self._known(file, actor, "open", "released")
        with self.store.write() as connection:
            self._advance(connection, file, actor, "open", "released")
            waiting = (tables.batches.c.file == file, tables.batches.c.state == "ready")
            unsent = list(connection.scalars(select(tables.batches.c.batch).where(*waiting)))
            total = connection.scalar(
                select(func.count()).select_from(tables.batches).where(waiting[0])
            )
            connection.execute(update(tables.batches).where(*waiting).values(state="cancelled"))
            stopped = tables.payments.c.state.in_(("ready", "refused"))
            connection.execute(
                update(tables.payments)
                .where(tables.payments.c.file == file, stopped)
                .values(state="cancelled")
            )
            if len(unsent) == total:
                connection.execute(
                    update(tables.files)
                    .where(tables.files.c.file == file)
                    .values(state="cancelled")
                )
                connection.execute(delete(tables.names).where(tables.names.c.file == file))
            else:
                finish(connection, file)
            self._note(connection, file, actor)

    def limit(self, raw: bytes) -> sdk.DeskLimit:
        """Set what a key may approve; two keys of the party sign it."""
        actor = self._prove(raw, sdk.LIMIT)
        wanted: sdk.LimitChange = _content(actor, sdk.LIMIT)
        require(len(actor.keys) >= 2, DeskCode.LIMIT_NEEDS_TWO)
        party = actor.statement.party
        sized = len(wanted.key) <= 64 and len(wanted.currency) <= 64
        require(sized, DeskCode.BAD_STATEMENT, reason="key or currency")
        row = {"party": party, "key": wanted.key, "currency": wanted.currency}
        if wanted.most_minor >= 0:
            # A limit of no key, or in no currency, would hold nobody back.
            view, code = self.ledger.view(), KernelCode.UNKNOWN_KEY
            require(view.has(KEYS, party, wanted.key), code, party=party, key=wanted.key)
            require_asset(view, wanted.currency)
        with self.store.write() as connection:
            where = [tables.limits.c[name] == value for name, value in row.items()]
            connection.execute(delete(tables.limits).where(*where))
            if wanted.most_minor >= 0:
                most = str(wanted.most_minor)
                connection.execute(insert(tables.limits).values(**row, most_minor=most))
            reported = f"{wanted.key} {wanted.currency}"
            change = Change(reported, "", str(wanted.most_minor))
            self._note(connection, f"limits/{party}"[:64], actor, 0, change)
        return sdk.DeskLimit(**row, most_minor=str(wanted.most_minor))

    # ---- parts of acts -------------------------------------------------------------------------

    def _prove(self, raw: bytes, action: str) -> Actor:
        ledger = self.ledger
        return prove(raw, action, ledger.view(), ledger.chain, ledger.now_ms())

    def _planned(self, file: str, party: str, content: bytes, at_ms: int) -> Prepared:
        digest = content_digest(content).hex()

        def used(payer: str, ids: Ids) -> Used:
            there = self.ledger.used_before(payer, ids, digest)
            return there | used_at_desk(self.store, payer, ids, file=file)

        return prepare(content, party, self.ledger, used, at_ms)

    def _known(self, file: str, actor: Actor, *states: str) -> Row:
        """The file, where it is the actor's, unchanged since, and in a state that allows it."""
        with self.store.read() as connection:
            return require_file(connection, file, actor, states)

    def _advance(
        self, connection: Connection, file: str, actor: Actor, *states: str, **values: Any
    ) -> None:
        """Check again inside the transaction, and raise the version."""
        known = require_file(connection, file, actor, states)
        connection.execute(
            update(tables.files)
            .where(tables.files.c.file == file)
            .values(version=known["version"] + 1, **values)
        )

    def _write_plan(
        self, connection: Connection, file: str, party: str, prepared: Prepared
    ) -> None:
        """Payments, batches and used ids of a plan, in the place of the former ones."""
        old = {one["batch"]: one for one in tables.rows(connection, _of(tables.batches, file))}
        batches = list(prepared.batches(file, old))
        same = {one["batch"] for one in batches
                if one["batch"] in old and old[one["batch"]]["body"] == one["body"]}  # fmt: skip
        signed = tables.signatures
        connection.execute(delete(signed).where(signed.c.file == file, signed.c.batch.not_in(same)))
        for table in (tables.payments, tables.batches, tables.names):
            connection.execute(delete(table).where(table.c.file == file))
        _insert(connection, tables.payments, list(prepared.payments(file)))
        _insert(connection, tables.batches, batches)
        _insert(connection, tables.names, list(prepared.names(file, party)))

    def _note(
        self,
        connection: Connection,
        file: str,
        actor: Actor,
        item: int = 0,
        *changes: Change,
        new: str = "",
    ) -> None:
        """Keep who did what, with the proof; a statement that was applied before is refused."""
        spend(connection, actor)
        place = connection.scalar(
            select(func.count()).select_from(tables.acts).where(tables.acts.c.file == file)
        )
        common = {
            "file": file, "action": actor.statement.action, "key": actor.key, "item": item,
            "label": actor.label, "at_ms": self.ledger.now_ms(),
            "statement": actor.order.statement.decode(),
            "signed": _ENCODE(actor.order.signatures).decode(),
        }  # fmt: skip
        reported = [change._asdict() for change in changes] or [{"path": "", "old": "", "new": new}]
        rows = [
            {**common, **one, "act": (place or 0) + n} for n, one in enumerate(reported, start=1)
        ]  # fmt: skip
        connection.execute(insert(tables.acts), rows)

    def _require_new_message(self, connection: Connection, party: str, message_id: str) -> None:
        table = tables.names
        query = select(table.c.file).where(
            table.c.party == party, table.c.kind == "message", table.c.value == message_id
        )
        file = connection.scalar(query)
        if file is not None:
            refuse(DeskCode.MESSAGE_ID_USED, message_id=message_id, file=file)


def require_file(connection: Connection, file: str, actor: Actor, states: Sequence[str]) -> Row:
    """A file for an act: it is there, the actor's, at the version that was signed, in a state."""
    row = find_file(connection, file)
    statement = actor.statement
    require(statement.subject == file, DeskCode.BAD_STATEMENT, reason="it is about another file")
    own = row["party"] == statement.party
    require(own, DeskCode.NOT_YOUR_FILE, file=file, party=row["party"], other=statement.party)
    allowed = row["state"] in states
    require(allowed, DeskCode.WRONG_STATE, file=file, state=row["state"], action=statement.action)
    same = row["version"] == statement.version
    require(
        same, DeskCode.CHANGED_SINCE, file=file, version=row["version"], given=statement.version
    )
    return row


def find_file(connection: Connection, file: str) -> Row:
    """A file's row, or a Refusal."""
    row = tables.row(connection, _of(tables.files, file))
    if row is None:
        refuse(GatewayCode.NOT_FOUND, kind="desk file", id=file[:80])
    return row


def _batch(connection: Connection, file: str, number: int) -> Row:
    """A batch that waits for signatures."""
    query = _of(tables.batches, file).where(
        tables.batches.c.batch == number, tables.batches.c.state == "ready"
    )
    row = tables.row(connection, query)
    if row is None:
        refuse(DeskCode.BATCH_UNKNOWN, batch=number)
    return row


def _live_file(connection: Connection, party: str, digest: str) -> str | None:
    """A file of these bytes that was not cancelled."""
    table = tables.files
    query = select(table.c.file).where(
        table.c.party == party, table.c.digest == digest, table.c.state != "cancelled"
    )
    return connection.scalar(query)


def _name(party: str, digest: str, now_ms: int) -> str:
    """A name for a file: of its bytes and, since cancelled bytes may come again, of the moment."""
    seed = f"{party}\n{digest}\n{now_ms}".encode()
    return "D-" + content_digest(seed).hex()[:12]


def _content(actor: Actor, action: str) -> Any:
    """The order's content, decoded."""
    try:
        return _MESSAGES[action].decode(actor.order.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(DeskCode.BAD_STATEMENT, reason=str(fault)[:160])


def _of(table: Any, file: str) -> Any:
    return select(table).where(table.c.file == file)


def _is(batch: Row) -> Any:
    table = tables.batches
    return and_(table.c.file == batch["file"], table.c.batch == batch["batch"])


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
