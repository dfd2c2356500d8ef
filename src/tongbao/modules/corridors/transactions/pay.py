from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    Digest,
    Moment,
    Reference,
    RowId,
    Text,
    Uetr,
    Word,
)
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.calendar import require_open
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.costs import bearer_in
from tongbao.modules.corridors.events import PaymentAccepted, PaymentHeld
from tongbao.modules.corridors.journal import TIMER, journal_of
from tongbao.modules.corridors.model import (
    BEARERS,
    CRED,
    HELD,
    RECEIVE,
    SEND,
    SHAR,
    Cost,
    Hops,
    Payment,
    Step,
    Terms,
    check_digest,
    check_text,
)
from tongbao.modules.corridors.permissions import PAYMENTS as SCOPE
from tongbao.modules.corridors.rules import counted, measured, require_rules
from tongbao.modules.corridors.screening import reasons_to_hold
from tongbao.modules.corridors.settling import most_debited, require_servers, settle
from tongbao.modules.corridors.state import (
    PAYMENTS,
    PURPOSE,
    RETURNS,
    put_payment,
    require_corridor,
    require_terms,
)
from tongbao.modules.corridors.terms import MAX_HOLD_MS, check_costs, check_route
from tongbao.modules.payments import check_texts, check_uetr, claim_uetr


@transaction(code=7010, scope=SCOPE)
class PayAbroad(Transaction, tag="corridors.pay"):
    """Pay through a corridor: exact send with the least that arrives, or exact receive.

    What is signed states every charge with its receiver. Charged is what is stated, to the unit;
    where that cannot be, nothing moves. A payment that has to be screened waits with its money
    set aside.
    """

    corridor: str
    payer: AccountId
    payee: AccountId
    uetr: Uetr
    """Unique end-to-end transaction reference, a UUID version 4: names the payment for ever."""
    send_minor: Amount = 0
    """Exact send: the instructed amount in the send asset. DEBT and SHAR come on top of it, CRED
    out of it."""
    receive_minor: Amount = 0
    """Exact receive: what arrives in the receive asset; charges there (SHAR) come out of it."""
    limit_minor: Amount = 0
    """Exact send: least that arrives. Exact receive: most that is converted."""
    bearer: Word = SHAR
    costs: tuple[Cost, ...] = ()
    """Every charge shown, in the order of the schedule: charged to the unit, or refused."""
    route: Hops = ()
    quote: RowId = ""
    """A reserved quote instead of a route."""
    payee_reference: Reference = ""
    purpose: Word = ""
    """ISO 20022 external purpose code."""
    remittance: Text = ""
    document: Digest = ""
    """SHA-256 of the source document, hex."""
    originator: Digest = ""
    """Digest of who pays, by which screening results are found."""
    beneficiary: Digest = ""
    travel_rule: Digest = ""
    """SHA-256 of the sealed travel-rule envelope, hex."""
    deadline_ms: Moment = 0
    """When a hold would end; 0 is as the corridor says."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        require(self.uetr, CorridorsCode.UETR_MISSING)
        check_uetr(self.uetr)
        require(self.payer != self.payee, CorridorsCode.SAME_ACCOUNT, account=self.payer)
        require(self.bearer in BEARERS, CorridorsCode.BAD_BEARER, bearer=self.bearer[:8])
        one = bool(self.send_minor) != bool(self.receive_minor)
        require(one, CorridorsCode.ONE_AMOUNT)
        check_amount(self.send_minor or self.receive_minor)
        check_amount(self.limit_minor, "limit_minor", low=0)
        check_costs(self.costs)
        check_route(self.route)
        check_texts(self.payee_reference, self.purpose, self.remittance)
        for field in ("document", "originator", "beneficiary", "travel_rule"):
            check_digest(field, getattr(self, field))
        check_text("quote", self.quote, 0, 160)

    def admit(self, view: ReadView) -> None:
        """A new name, an open corridor, both banks serving it, the rules of the day."""
        corridor = require_corridor(view, self.corridor)
        version, terms = require_terms(view, self.corridor)
        taken = view.has(PAYMENTS, self.uetr) or view.has(RETURNS, self.uetr)
        require(not taken, CorridorsCode.UETR_USED, uetr=self.uetr)
        require_open(self.corridor, terms, view.time_ms)
        two = corridor.send_asset != corridor.receive_asset
        fits = bool(self.route) != bool(self.quote) if two else not (self.route or self.quote)
        require(fits, CorridorsCode.QUOTE_OR_ROUTE)
        check_amount(self.limit_minor, "limit_minor", low=int(two))
        creditor = bearer_in(terms, self.bearer) == CRED
        require(not (creditor and self.receive_minor), CorridorsCode.CREDITOR_BEARS)
        payment = self._payment(view, version, terms)
        require_servers(view, payment, terms)
        require_rules(view, payment, terms, measured(payment))
        latest = view.time_ms + MAX_HOLD_MS
        require(
            view.time_ms < payment.deadline_ms <= latest, CorridorsCode.DEADLINE_PAST,
            deadline_ms=payment.deadline_ms, latest_ms=latest,
        )  # fmt: skip

    def _payment(self, view: ReadView, version: int, terms: Terms) -> Payment:
        corridor = require_corridor(view, self.corridor)
        two = corridor.send_asset != corridor.receive_asset
        amount = self.send_minor or self.receive_minor
        return Payment(
            uetr=self.uetr, corridor=self.corridor, version=version, state=HELD,
            payer=self.payer, payee=self.payee, send_asset=corridor.send_asset,
            receive_asset=corridor.receive_asset, exact=SEND if self.send_minor else RECEIVE,
            instructed_minor=amount,
            limit_minor=self.limit_minor if two else amount, bearer=self.bearer,
            deadline_ms=self.deadline_ms or view.time_ms + terms.hold_ms,
            costs=self.costs, route=self.route, quote=self.quote,
            payee_reference=self.payee_reference, purpose=self.purpose,
            remittance=self.remittance, document=self.document, originator=self.originator,
            beneficiary=self.beneficiary, travel_rule=self.travel_rule,
            accepted_at_ms=view.time_ms,
            steps=(Step("accepted", view.time_ms, owner_of(self.payer)),),
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Settle it at once, or set its money aside and hold it."""
        version, terms = require_terms(ledger, self.corridor)
        claim_uetr(ledger, self.uetr)
        payment = self._payment(ledger, version, terms)
        journal = journal_of(ledger, "corridors.pay", payment)
        yield _accepted(payment)
        reasons = reasons_to_hold(ledger, terms, payment, measured(payment))
        if reasons:
            aside = most_debited(payment, terms)
            journal.reserve(payment.payer, payment.send_asset, PURPOSE, aside)
            ledger.schedule(payment.deadline_ms, TIMER, payment.uetr)
            step = Step(HELD, ledger.time_ms, reason=" ".join(reasons))
            payment = counted(ledger, payment, measured(payment))
            held = replace(
                payment, held_for=reasons, screeners=terms.screeners, aside_minor=aside,
                steps=(*payment.steps, step),
            )  # fmt: skip
            put_payment(ledger, held)
            yield PaymentHeld(payment.uetr, reasons, aside, payment.send_asset)
        else:
            settled, reported = settle(ledger, journal, payment)
            put_payment(ledger, settled)
            yield from reported
        yield journal.posted()


def _accepted(payment: Payment) -> PaymentAccepted:
    fields = {name: getattr(payment, name) for name in PaymentAccepted.__struct_fields__}
    return PaymentAccepted(**fields)
