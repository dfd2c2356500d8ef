"""Screening and the travel rule: results, envelopes, and what they mean for a payment."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import Digest, Moment, PartyId, Uetr, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.calendar import in_force
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.empowered import (
    PAYMENTS as PAYMENT_SCOPE,
)
from tongbao.modules.corridors.empowered import (
    SCOPE,
    SCREENING,
    nothing_moved,
    payer_side,
    require_one_of,
)
from tongbao.modules.corridors.events import Attested, PaymentStepped, SealingKeyPublished
from tongbao.modules.corridors.model import (
    WAITING,
    Attestation,
    Payment,
    SealingKey,
    Step,
    Terms,
    check_digest,
    check_text,
)
from tongbao.modules.corridors.state import (
    ATTESTATIONS,
    SEALING_KEYS,
    put_payment,
    require_payment,
)
from tongbao.modules.parties import count_ever, require_party

CLEAR, HIT = "clear", "hit"
SCREENING_HIT, SCREENING_MISSING = "SCREENING_HIT", "SCREENING_MISSING"
TRAVEL_RULE_MISSING = "TRAVEL_RULE_MISSING"
"""Why a payment is held."""
X25519_BYTES = 32
MAX_RESULTS = 1_000_000
"""Subjects of whom one party keeps a result: a newer one takes an older one's place."""


def reasons_to_hold(
    view: ReadView, terms: Terms, payment: Payment, amount_minor: int
) -> tuple[str, ...]:
    """Why a payment that measures so much in the send asset has to wait; empty: it need not."""
    reasons: list[str] = []
    screening = in_force(terms.screening, view.time_ms)
    if screening is not None and amount_minor >= screening.from_minor:
        subjects = (payment.originator, payment.beneficiary)
        there: dict[str, Value] = {"corridor": payment.corridor, "source": screening.source}
        require(all(subjects), CorridorsCode.SUBJECT_MISSING, **there)
        verdicts = [_verdict(view, terms, subject) for subject in subjects]
        if HIT in verdicts:
            reasons.append(SCREENING_HIT)
        elif "" in verdicts:
            reasons.append(SCREENING_MISSING)
    travel_rule = in_force(terms.travel_rule, view.time_ms)
    applies = travel_rule is not None and amount_minor >= travel_rule.from_minor
    if applies and not payment.travel_rule:
        reasons.append(TRAVEL_RULE_MISSING)
    return tuple(reasons)


def _verdict(view: ReadView, terms: Terms, subject: str) -> str:
    """`hit` where one of the corridor's screeners found one, else `clear`, or empty: unknown."""
    found = [view.get(ATTESTATIONS, subject, by) for by in terms.screeners]
    live = [one.verdict for one in found if one is not None and one.expires_at_ms > view.time_ms]
    return HIT if HIT in live else CLEAR if CLEAR in live else ""


def require_no_hit_since(view: ReadView, terms: Terms, payment: Payment, since_ms: int) -> None:
    """Refuse where a screener found something about an end after that time, and still says so."""
    for subject in (payment.originator, payment.beneficiary):
        for by in terms.screeners if subject else ():
            found = view.get(ATTESTATIONS, subject, by)
            hit = found is not None and found.verdict == HIT and found.expires_at_ms > view.time_ms
            late = hit and found is not None and found.made_at_ms > since_ms
            require(not late, CorridorsCode.HIT_SINCE, uetr=payment.uetr, party=by)


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
        """Shape."""
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


@transaction(code=7008, scope=SCOPE)
class PublishSealingKey(Transaction, tag="corridors.publish_sealing_key"):
    """State the public key to which travel-rule data for a party is sealed."""

    party: PartyId
    suite: Word
    """`x25519` (RFC 7748), for HPKE (RFC 9180)."""
    public: bytes

    def signers(self, view: ReadView) -> Signers:
        """The party."""
        return (Approval(self.party, SCOPE),)

    def check(self) -> None:
        """Shape."""
        sound = self.suite == "x25519" and len(self.public) == X25519_BYTES
        require(sound, CorridorsCode.BAD_SEALING_KEY)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write it; an older one is replaced."""
        key = SealingKey(self.suite, self.public, ledger.time_ms)
        ledger.put(SEALING_KEYS, self.party, value=key)
        yield SealingKeyPublished(self.party, self.suite, self.public)
        yield nothing_moved(self)


@transaction(code=7009, scope=PAYMENT_SCOPE)
class AttachEnvelope(Transaction, tag="corridors.attach_envelope"):
    """Give a payment that waits the travel-rule envelope that it lacks."""

    uetr: Uetr
    by: PartyId
    """The payer, or the bank that keeps its account."""
    travel_rule: Digest
    """SHA-256 of the sealed envelope, hex."""

    def signers(self, view: ReadView) -> Signers:
        """Who attaches it."""
        return (Approval(self.by, PAYMENT_SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_digest("travel_rule", self.travel_rule, needed=True)

    def admit(self, view: ReadView) -> None:
        """A payment that waits, without one, by its own side."""
        payment = require_payment(view, self.uetr)
        require_one_of(self.by, payer_side(view, payment))
        waits = payment.state in WAITING
        wanted = " or ".join(WAITING)
        there: dict[str, Value] = {"uetr": self.uetr, "state": payment.state, "wanted": wanted}
        require(waits, CorridorsCode.WRONG_STATE, **there)
        require(not payment.travel_rule, CorridorsCode.ENVELOPE_ATTACHED, uetr=self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write its digest; who decides on the payment decides now."""
        payment = require_payment(ledger, self.uetr)
        step = Step("envelope", ledger.time_ms, self.by, note=self.travel_rule)
        steps = (*payment.steps, step)
        changed = replace(payment, travel_rule=self.travel_rule, steps=steps)
        put_payment(ledger, changed)
        yield PaymentStepped(self.uetr, "envelope", payment.state, self.by, note=self.travel_rule)
        yield nothing_moved(self)
