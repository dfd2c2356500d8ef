from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import LimitsSet
from tongbao.modules.settlement.model import (
    MAX_NAME,
    MAX_QUEUED,
    SCOPE,
    QueueId,
    QueueLimits,
    check_text,
)
from tongbao.modules.settlement.queueing import limit_of
from tongbao.modules.settlement.state import BILATERAL, LIMITS, NO_LIMITS, POSITIONS, require_queue


@transaction(code=6011, scope=SCOPE)
class SetQueueLimits(Transaction, tag="settlement.set_limits"):
    """Limit what a queue may do with one's account; positions count from now on."""

    queue: QueueId
    account: AccountId
    asset: AssetCode
    multilateral_minor: Amount = 0
    """Most that may flow out, net, on a business day; urgent payments apart. 0: no limit."""
    urgent_reserve_minor: Amount = 0
    """What only urgent payments may use."""
    bilateral: tuple[tuple[AccountId, Amount], ...] = ()
    """(counterparty's account, most that may flow to it, net, on a day); 0 lifts the limit."""

    def signers(self, view: ReadView) -> Signers:
        """The account's owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def check(self) -> None:
        check_amount(self.multilateral_minor, "multilateral_minor", 0)
        check_amount(self.urgent_reserve_minor, "urgent_reserve_minor", 0)
        for name in (self.account, *(account for account, _ in self.bilateral)):
            check_text("account", name, 1, MAX_NAME)
        others = {account for account, _ in self.bilateral}
        sound = len(others) == len(self.bilateral) <= 64 and self.account not in others
        amounts = (self.multilateral_minor, self.urgent_reserve_minor,
                   *(limit for _, limit in self.bilateral))  # fmt: skip
        require(
            sound and all(0 <= limit <= MAX_QUEUED for limit in amounts), SettlementCode.BAD_LIMIT
        )

    def admit(self, view: ReadView) -> None:
        """An asset of the queue, and a change."""
        queue = require_queue(view, self.queue)
        there = {"queue": self.queue, "asset": self.asset}
        require(queue.weight_of(self.asset), SettlementCode.NOT_IN_QUEUE, **there)
        known = view.get(LIMITS, self.queue, self.account, self.asset) or NO_LIMITS
        same = known == QueueLimits(self.multilateral_minor, self.urgent_reserve_minor) and all(
            limit_of(view, self.queue, self.account, self.asset, other) == limit
            for other, limit in self.bilateral
        )
        require(not same, SettlementCode.NOTHING_CHANGES)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the limits; a lifted one takes its position with it."""
        here = (self.queue, self.account, self.asset)
        limits = QueueLimits(self.multilateral_minor, self.urgent_reserve_minor)
        if limits == NO_LIMITS:
            ledger.delete(LIMITS, *here)
        else:
            ledger.put(LIMITS, *here, value=replace(limits))
        if not self.multilateral_minor:
            ledger.delete(POSITIONS, *here, "")
        for other, limit in self.bilateral:
            if limit:
                ledger.put(BILATERAL, *here, other, value=limit)
            else:
                ledger.delete(BILATERAL, *here, other)
                ledger.delete(POSITIONS, *here, other)
        yield LimitsSet(
            self.queue, self.account, self.asset, self.multilateral_minor,
            self.urgent_reserve_minor, self.bilateral,
        )  # fmt: skip
        yield Journal(ledger, "settlement.set_limits", subject=self.queue).posted()
