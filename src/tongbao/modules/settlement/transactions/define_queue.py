from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Duration, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset
from tongbao.modules.parties import has_role
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import QueueDefined
from tongbao.modules.settlement.model import (
    CARRY,
    OPERATION,
    Queue,
    QueueAsset,
    QueueId,
    check_queue,
)
from tongbao.modules.settlement.running import end_run, set_clocks, stop_clocks
from tongbao.modules.settlement.state import ORDER, QUEUED, QUEUES


@transaction(code=6010, scope=OPERATION)
class DefineQueue(Transaction, tag="settlement.define_queue"):
    """Open a queue, or change the rules of one's own; payments that wait stay, a netting ends."""

    queue: QueueId
    operator: PartyId
    """Party that operates it: a central bank, or an operator."""
    assets: tuple[QueueAsset, ...]
    objective: str = "value"
    """What the netting settles the most of: `count` or `value`."""
    at_once: bool = True
    """Whether a payment settles on entry where it can."""
    offset: bool = True
    """Whether a payment on entry may settle together with ones that flow the other way."""
    overtaking: bool = False
    """Whether a payment on entry may settle though its payer's earlier ones wait."""
    netting_every_ms: Duration = 0
    """How often the netting runs while payments wait; 0: on demand alone; else from 1,000."""
    day_ends_ms: int = -1
    """End of the day, milliseconds after midnight UTC; -1: none."""
    at_close: str = CARRY
    """What becomes of payments that wait then: `reject` or `carry`."""
    work_per_block: int = 10_000
    """How many payments the netting looks at in one block: 2 to 50,000."""

    def signers(self, view: ReadView) -> Signers:
        """The operator."""
        return (Approval(self.operator, OPERATION),)

    def _rules(self) -> Queue:
        return Queue(
            self.queue, self.operator, self.assets, self.objective, self.at_once, self.offset,
            self.overtaking, self.netting_every_ms, self.day_ends_ms, self.at_close,
            self.work_per_block,
        )  # fmt: skip

    def check(self) -> None:
        check_queue(self._rules())

    def admit(self, view: ReadView) -> None:
        """One who may, assets that are known, and none that payments wait in may go."""
        there = {"party": self.operator, "queue": self.queue}
        roles = ("central_bank", "operator")
        may = any(has_role(view, self.operator, role) for role in roles)
        require(may, SettlementCode.NOT_OPERATOR, **there)
        for one in self.assets:
            require_asset(view, one.asset)
        known = view.get(QUEUES, self.queue)
        if known is not None:
            require(known.operator == self.operator, SettlementCode.NOT_OPERATOR, **there)
            for gone in sorted({a.asset for a in known.assets} - {a.asset for a in self.assets}):
                waits = any(
                    payment is not None and payment.asset == gone
                    for key, _ in view.scan(ORDER, self.queue)
                    for payment in (view.get(QUEUED, key[3]),)
                )
                there = {"asset": gone, "queue": self.queue}
                require(not waits, SettlementCode.ASSET_STAYS, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the rules, and set the clocks anew."""
        rules = self._rules()
        known = ledger.get(QUEUES, self.queue)
        if known is not None:
            yield from end_run(ledger, known)
            stop_clocks(ledger, known)
        ledger.put(QUEUES, self.queue, value=rules)
        set_clocks(ledger, rules)
        yield QueueDefined(
            rules.id, rules.operator, rules.assets, rules.objective, rules.at_once, rules.offset,
            rules.overtaking, rules.netting_every_ms, rules.day_ends_ms, rules.at_close,
            rules.work_per_block,
        )  # fmt: skip
        yield Journal(ledger, "settlement.define_queue", subject=self.queue).posted()
