from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from tongbao.kernel.codes import Refusal, Value, refuse, require
from tongbao.kernel.fields import APART, AccountId, AssetCode, Digest, Text, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import MAX_AMOUNT, owner_of
from tongbao.kernel.text import is_plain
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import decimals_in, require_moving
from tongbao.modules.payments.bulk_line import MAX_REFERENCE, Line
from tongbao.modules.payments.codes import PaymentsCode
from tongbao.modules.payments.events import BulkTransferred
from tongbao.modules.payments.model import (
    MAX_LINES,
    PAID,
    SCOPE,
    Known,
    check_digest,
    check_text,
    check_texts,
)
from tongbao.modules.payments.posting import charge, refusal_of, require_no_issue
from tongbao.modules.payments.uetrs import find_uetr, write_uetrs

DOUBLED = 0
"""Beside the faults of a posting: a line whose UETR is taken."""


@transaction(code=4002, scope=SCOPE)
class BulkTransfer(Transaction, tag="payments.bulk_transfer"):
    """Pay many from one account: all of them, or (`all_or_none` false) each that can be paid."""

    payer: AccountId
    asset: AssetCode
    lines: Annotated[tuple[Line, ...], APART]
    all_or_none: bool = True
    purpose: Word = ""
    """ISO 20022 external purpose code of every line that has none of its own."""
    document: Digest = ""
    """SHA-256 of the source document, e.g. of the pain.001, hex."""
    remittance: Text = ""
    """What every line that says nothing else is for, in words."""
    category: str = ""
    """ISO 20022 external category purpose code of all lines, e.g. SALA: how they are booked."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        """Shape, line by line."""
        count = len(self.lines)
        require(1 <= count <= MAX_LINES, PaymentsCode.LINE_COUNT, count=count, limit=MAX_LINES)
        check_texts("", self.purpose, self.remittance)
        check_text("category", self.category, 0, 4)
        check_digest(self.document, PaymentsCode.BAD_DOCUMENT)
        for line in self.lines:
            # The common line passes on one test; only another one is looked at rule by rule.
            reference = line.payee_reference
            plain = 0 < line.amount_minor <= MAX_AMOUNT and not line.uetr and line.details is None
            if not (plain and 0 < len(reference) <= MAX_REFERENCE and is_plain(reference)):
                line.check()

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Post every line in the core, and count the total against the payer's limits."""
        require_moving(ledger, self.asset)
        require_no_issue(ledger, self.payer, self.asset)
        named = [place for place, line in enumerate(self.lines) if line.uetr]
        doubled = self._doubled(ledger, named)
        failed = [] if doubled and self.all_or_none else self._move(ledger, doubled)
        failed = sorted(failed + [(place, DOUBLED) for place in doubled])
        if failed and self.all_or_none:
            place, fault = failed[0]
            refusal = self._fault(ledger, place, fault)
            refuse(
                PaymentsCode.LINE_REFUSED, line=place, payee=self.lines[place].payee,
                fault=refusal.code.text(refusal.values, decimals_in(ledger)),
                code=int(refusal.code),
            )  # fmt: skip
        count = len(self.lines) - len(failed)
        if not count:
            one = self._fault(ledger, *failed[0])
            first = one.code.text(one.values, decimals_in(ledger))
            values: dict[str, Value] = {"count": len(self.lines), "fault": first}
            if len({fault for _, fault in failed}) == 1:  # it is why each of them failed
                values["code"] = int(one.code)
            refuse(PaymentsCode.NOTHING_PAID, **values)
        total = sum(line.amount_minor for line in self.lines)
        total -= sum(self.lines[place].amount_minor for place, _ in failed)
        charge(ledger, self.payer, self.asset, total)
        refused = tuple((place, int(self._fault(ledger, place, n).code)) for place, n in failed)
        if named:
            self._name(ledger, named, {place for place, _ in failed})
        yield BulkTransferred(self.payer, self.asset, count, total, refused)

    def _doubled(self, view: ReadView, named: list[int]) -> list[int]:
        """Lines whose UETR names another payment already, or a line before."""
        seen: set[str] = set()
        found = []
        for place in named:
            uetr = self.lines[place].uetr
            if uetr in seen or find_uetr(view, uetr) is not None:
                found.append(place)
            seen.add(uetr)
        return found

    def _move(self, ledger: WriteView, without: list[int]) -> list[tuple[int, int]]:
        """Post the lines but those `without`; the lines that failed, each with its fault."""
        left = set(without)
        places: Sequence[int] = range(len(self.lines))
        lines: Sequence[Line] = self.lines
        if left:
            places = [place for place in places if place not in left]
            lines = [self.lines[place] for place in places]
        failed = ledger.bulk_move(
            self.payer,
            self.asset,
            [line.payee for line in lines],
            [line.amount_minor for line in lines],
            all_or_none=self.all_or_none,
        )
        return [(places[place], fault) for place, fault in failed]

    def _name(self, ledger: WriteView, named: list[int], failed: set[int]) -> None:
        """Keep what each UETR of a line that was paid names, so that it can be returned."""
        now, lines = ledger.time_ms, self.lines
        write_uetrs(ledger, [
            (line.uetr, Known(PAID, self.payer, line.payee, self.asset, line.amount_minor, now,
                              line.payee_reference))
            for line in (lines[place] for place in named if place not in failed)
        ])  # fmt: skip

    def _fault(self, view: ReadView, place: int, fault: int) -> Refusal:
        line = self.lines[place]
        if fault == DOUBLED:
            return Refusal(PaymentsCode.UETR_TAKEN, {"uetr": line.uetr})
        return refusal_of(view, fault, self.payer, line.payee, self.asset, line.amount_minor)
