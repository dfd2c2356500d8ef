from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Digest, Moment, PartyId, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import Attested
from tongbao.modules.corridors.model import Attestation, check_digest, check_text
from tongbao.modules.corridors.permissions import SCREENING, nothing_moved
from tongbao.modules.corridors.screening import CLEAR, HIT
from tongbao.modules.corridors.state import ATTESTATIONS
from tongbao.modules.parties import count_ever, require_party

MAX_RESULTS = 1_000_000
"""Subjects of whom one party keeps a result: a newer one takes an older one's place."""


@transaction(code=7007, scope=SCREENING)
class Attest(Transaction, tag="corridors.attest"):
    """State a screening result about somebody, who is known to the ledger by digest alone.

    Whose results count for a corridor its terms say; a newer result replaces the older one.
    """

    subject: Digest
    """SHA-256 of who was screened, hex: see `tongbao.sdk.travel_rule`."""
    by: PartyId
    verdict: Word
    """`clear` or `hit`."""
    list_version: str
    """Which lists, of which day."""
    expires_at_ms: Moment
    note: str = ""

    def signers(self, view: ReadView) -> Signers:
        """Who screened."""
        return (Approval(self.by, SCREENING),)

    def check(self) -> None:
        check_digest("subject", self.subject, needed=True)
        known = self.verdict in (CLEAR, HIT)
        require(known, CorridorsCode.BAD_VERDICT, verdict=self.verdict[:20])
        check_text("list_version", self.list_version, 1, 80)
        check_text("note", self.note, 0, 140)

    def admit(self, view: ReadView) -> None:
        """A party, and a result that holds for a while."""
        require_party(view, self.by)
        require(
            self.expires_at_ms > view.time_ms, CorridorsCode.EXPIRY_PAST,
            expires_at_ms=self.expires_at_ms, time_ms=view.time_ms,
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it."""
        result = Attestation(
            self.verdict, self.list_version, self.expires_at_ms, ledger.time_ms, self.note
        )
        if not ledger.has(ATTESTATIONS, self.subject, self.by):
            count_ever(ledger, self.by, "screening results", MAX_RESULTS)
        ledger.put(ATTESTATIONS, self.subject, self.by, value=result)
        yield Attested(
            self.subject, self.by, self.verdict, self.list_version, self.expires_at_ms, self.note
        )
        yield nothing_moved(self)
