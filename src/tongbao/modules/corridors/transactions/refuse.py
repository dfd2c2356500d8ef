from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import WriteView
from tongbao.modules.corridors.holding import Decision, stop
from tongbao.modules.corridors.journal import journal_of
from tongbao.modules.corridors.model import REFUSED, Step, check_text
from tongbao.modules.corridors.permissions import SCREENING
from tongbao.modules.corridors.state import require_payment


@transaction(code=7012, scope=SCREENING)
class RefusePayment(Decision, tag="corridors.refuse"):
    """Refuse a held payment, with a reason: its money is free again."""

    reason: str = "RR04"
    """ISO 20022 external status reason; RR04 is a regulatory one."""

    def check(self) -> None:
        super().check()
        check_text("reason", self.reason, 1, 4)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """End it."""
        payment = require_payment(ledger, self.uetr)
        journal = journal_of(ledger, "corridors.refuse", payment)
        step = Step(REFUSED, ledger.time_ms, self.by, self.reason, self.note)
        yield stop(ledger, journal, payment, step)
        yield journal.posted()
