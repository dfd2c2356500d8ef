"""The rules of a queue, by its operator; and limits, by its participants."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Duration, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets import require_asset
from tongbao.modules.parties import has_role
from tongbao.modules.payments import Journal
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import LimitsSet, QueueDefined
from tongbao.modules.settlement.model import (
    CARRY,
    MAX_NAME,
    MAX_QUEUED,
    OPERATION,
    SCOPE,
    Queue,
    QueueAsset,
    QueueLimits,
    check_queue,
    check_text,
)
from tongbao.modules.settlement.queueing import limit_of
from tongbao.modules.settlement.running import end_run, set_clocks, stop_clocks
from tongbao.modules.settlement.state import (
    BILATERAL,
    LIMITS,
    NO_LIMITS,
    ORDER,
    POSITIONS,
    QUEUED,
    QUEUES,
    require_queue,
)


@transaction(code=6010, scope=OPERATION)
class DefineQueue(Transaction, tag="settlement.define_queue"):
    """Open a queue, or change the rules of one's own; payments that wait stay, a netting ends."""

    queue: str
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
        """Shape."""
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


@transaction(code=6011, scope=SCOPE)
class SetQueueLimits(Transaction, tag="settlement.set_limits"):
    """Limit what a queue may do with one's account; positions count from now on."""

    queue: str
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
        """Shape."""
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
