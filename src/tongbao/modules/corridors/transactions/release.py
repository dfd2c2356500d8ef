from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Refusal, require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import decimals_in
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import PaymentStepped
from tongbao.modules.corridors.holding import Decision
from tongbao.modules.corridors.journal import TIMER, journal_of
from tongbao.modules.corridors.model import CLEARED, HELD, Step
from tongbao.modules.corridors.permissions import SCREENING
from tongbao.modules.corridors.screening import TRAVEL_RULE_MISSING
from tongbao.modules.corridors.settling import settle
from tongbao.modules.corridors.state import put_payment, require_payment


@transaction(code=7011, scope=SCREENING)
class ReleasePayment(Decision, tag="corridors.release"):
    """Let a held payment go on: it settles at once as it was signed.

    Where that is no longer possible (the price moved, the quote expired, the corridor is closed) it
    is `cleared`: its money stays aside and its payer may execute it on new terms.
    """

    def admit(self, view: ReadView) -> None:
        """Nothing that it lacks is still missing."""
        super().admit(view)
        payment = require_payment(view, self.uetr)
        lacks = TRAVEL_RULE_MISSING in payment.held_for and not payment.travel_rule
        require(not lacks, CorridorsCode.ENVELOPE_MISSING, uetr=self.uetr)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Settle, or clear and say why it could not settle."""
        payment = require_payment(ledger, self.uetr)
        step = Step("released", ledger.time_ms, self.by, note=self.note)
        payment = replace(payment, steps=(*payment.steps, step))
        journal = journal_of(ledger, "corridors.release", payment)
        try:
            with ledger.attempt():
                settled, reported = settle(ledger, journal, payment, decided=True)
        except Refusal as refusal:
            journal = journal_of(ledger, "corridors.release", payment)
            words = refusal.code.text(refusal.values, decimals_in(ledger))[:140]
            why = Step(CLEARED, ledger.time_ms, reason=str(int(refusal.code)), note=words)
            cleared = replace(payment, state=CLEARED, steps=(*payment.steps, why))
            put_payment(ledger, cleared)
            yield PaymentStepped(payment.uetr, "released", HELD, self.by, note=self.note)
            yield PaymentStepped(payment.uetr, CLEARED, CLEARED, reason=why.reason, note=words)
        else:
            ledger.unschedule(payment.deadline_ms, TIMER, payment.uetr)
            put_payment(ledger, settled)
            yield PaymentStepped(payment.uetr, "released", HELD, self.by, note=self.note)
            yield from reported
        yield journal.posted()
