from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Value, require
from tongbao.kernel.fields import Digest, PartyId, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.corridors.codes import CorridorsCode
from tongbao.modules.corridors.events import PaymentStepped
from tongbao.modules.corridors.model import WAITING, Step, check_digest
from tongbao.modules.corridors.permissions import PAYMENTS as PAYMENT_SCOPE
from tongbao.modules.corridors.permissions import nothing_moved, payer_side, require_one_of
from tongbao.modules.corridors.state import put_payment, require_payment


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
