"""Held payments: why they wait, and how they end."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import PartyId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.registry import Broken
from tongbao.kernel.transaction import Event, Transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import PaymentStepped
from tongbao.modules.corridors.journal import TIMER, journal_of
from tongbao.modules.corridors.model import (
    ENDED,
    HELD,
    MAX_STEPS,
    REFUSED,
    WAITING,
    Payment,
    Step,
    check_text,
)
from tongbao.modules.corridors.permissions import SCREENING, require_screener
from tongbao.modules.corridors.rules import uncounted
from tongbao.modules.corridors.state import (
    PURPOSE,
    WAITING_BY_PAYER,
    put_payment,
    require_payment,
    terms_of,
)
from tongbao.modules.payments import Journal


def require_state(payment: Payment, *wanted: str) -> None:
    """Refuse where a payment is in another state."""
    require(
        payment.state in wanted, CorridorsCode.WRONG_STATE,
        uetr=payment.uetr, state=payment.state, wanted=" or ".join(wanted),
    )  # fmt: skip


def require_short(payment: Payment) -> None:
    """Refuse what would let the record of a payment grow without end."""
    count = len(payment.steps)
    there: dict[str, Value] = {"uetr": payment.uetr, "limit": MAX_STEPS}
    require(count < MAX_STEPS, CorridorsCode.TOO_MANY_STEPS, **there)


def stop(ledger: WriteView, journal: Journal, payment: Payment, step: Step) -> PaymentStepped:
    """End a payment that waits: its money is free again, and it counts for no day.

    The step's name is its last state.
    """
    ledger.unschedule(payment.deadline_ms, TIMER, payment.uetr)
    journal.release(payment.payer, payment.send_asset, PURPOSE, payment.aside_minor)
    steps = (*payment.steps, step)
    payment = uncounted(ledger, payment)
    stopped = replace(payment, state=step.name, aside_minor=0, cancellation=None, steps=steps)
    put_payment(ledger, stopped)
    return PaymentStepped(payment.uetr, step.name, step.name, step.by, step.reason, step.note)


class Decision(Transaction):
    """What one of the corridor's screeners, or a supervisor, decides on a held payment."""

    uetr: Uetr
    by: PartyId
    note: str
    """Why, in words."""

    def signers(self, view: ReadView) -> Signers:
        """Who decides."""
        return (Approval(self.by, SCREENING),)

    def check(self) -> None:
        check_text("note", self.note, 1, 140)

    def admit(self, view: ReadView) -> None:
        """A held payment, by one who may."""
        payment = require_payment(view, self.uetr)
        require_screener(view, terms_of(view, payment), self.by)
        require_state(payment, HELD)


def hold_ends(ledger: WriteView, uetr: str) -> Iterator[Event]:
    """Timer: nobody decided in time, or the payer did not execute: the money is free again."""
    payment = require_payment(ledger, uetr)
    require_state(payment, *WAITING)
    journal = journal_of(ledger, TIMER, payment)
    yield stop(ledger, journal, payment, Step(ENDED, ledger.time_ms, reason="deadline"))
    yield journal.posted()


def give_way(ledger: WriteView, account: str, asset: str, why: str) -> Iterator[Broken]:
    """Refuse the waiting payments of an account for a lawful order, the next to end first."""
    for (_, _, _, uetr), _ in list(ledger.scan(WAITING_BY_PAYER, account, asset)):
        payment = require_payment(ledger, uetr)
        journal = journal_of(ledger, "assets.clawback", payment)
        step = Step(REFUSED, ledger.time_ms, "", "RR04", f"clawback: {why}"[:140])
        reported = stop(ledger, journal, payment, step)
        yield Broken(f"payment {uetr}", (reported, journal.posted()))
