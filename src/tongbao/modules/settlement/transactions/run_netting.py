from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.model import SCOPE, QueueId, check_text
from tongbao.modules.settlement.netting import OBJECTIVES
from tongbao.modules.settlement.running import DEMAND, begin
from tongbao.modules.settlement.state import BY_PAYER, COUNTERS, counters_of, require_queue


@transaction(code=6016, scope=SCOPE)
class RunNetting(Transaction, tag="settlement.run_netting"):
    """Settle as much as can settle together of what waits in a queue, now."""

    queue: QueueId
    party: PartyId
    """The queue's operator, or one who has a payment in it."""
    objective: str = ""
    """`count` or `value`; empty: the queue's own."""

    def signers(self, view: ReadView) -> Signers:
        """The party."""
        return (Approval(self.party, SCOPE),)

    def check(self) -> None:
        known = self.objective in ("", *OBJECTIVES)
        require(known, SettlementCode.BAD_QUEUE, field="objective")
        check_text("party", self.party, 1, 32)

    def admit(self, view: ReadView) -> None:
        """One who may, and no run under way."""
        queue = require_queue(view, self.queue)
        # Accounts are called `party/name`: the party's first one, if any, comes right after this.
        after = (queue.id, f"{self.party}/")
        row = next(view.scan(BY_PAYER, queue.id, after=after), None)
        may = self.party == queue.operator or (
            row is not None and owner_of(row[0][1]) == self.party
        )
        there = {"queue": self.queue}
        require(may, SettlementCode.NOT_PARTICIPANT, party=self.party, **there)
        counters = counters_of(view, queue.id)
        working = counters.working
        require(not working, SettlementCode.RUN_UNDER_WAY, run=working, **there)
        # The work of one run is bounded; many in a block would make the block dear.
        first = counters.asked_height < view.block.height
        require(first, SettlementCode.ASKED_ALREADY, **there)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """The first block's work; what is left of it follows by itself."""
        queue = require_queue(ledger, self.queue)
        journal = Journal(ledger, "settlement.run_netting", subject=queue.id)
        objective = self.objective or queue.objective
        counters = replace(counters_of(ledger, queue.id), asked_height=ledger.block.height)
        ledger.put(COUNTERS, queue.id, value=counters)
        yield from begin(ledger, journal, queue, DEMAND, objective)
        yield journal.posted()
