from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import Refusal, require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Reference, Uetr
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.payments import Journal, PaymentsCode, claim_uetr
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.events import PaymentsSettled, PaymentSubmitted
from tongbao.modules.settlement.model import (
    NORMAL,
    SCOPE,
    Queue,
    Queued,
    QueueId,
    between,
    check_pair,
    check_payment,
)
from tongbao.modules.settlement.netting import COUNT
from tongbao.modules.settlement.queueing import enter, partner_of, settle_together
from tongbao.modules.settlement.running import wake_netting
from tongbao.modules.settlement.state import (
    BY_PAYER,
    COUNTERS,
    PAIRS,
    QUEUED,
    counters_of,
    require_queue,
)
from tongbao.modules.settlement.window import select

MAX_RELEASED = 16
"""How many payments that waited one payment may set free; the netting finds the rest."""


OFFSET_LOOKS, OFFSET_TAKES = 32, 6
"""Of what the payee has waiting: how many are looked at, and how many of them may join."""


@transaction(code=6012, scope=SCOPE)
class SubmitPayment(Transaction, tag="settlement.submit"):
    """Pay through a queue: at once where funds, limits and order allow; otherwise it waits."""

    queue: QueueId
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    priority: int = NORMAL
    """0 is the most urgent, 9 the least; 0 to 2 are urgent, 3 and 4 high, 5 to 7 normal."""
    pair: str = ""
    """Label that both sides of a PvP give: the two settle together or not at all."""
    payee_reference: Reference = ""
    uetr: Uetr = ""
    pair_asset: AssetCode = ""
    """With a pair: what the other side brings in return, ..."""
    pair_minor: Amount = 0
    """... exactly so much of it. Both sides say it, and each is what the other stated."""

    def signers(self, view: ReadView) -> Signers:
        """The payer's owner."""
        return (Approval(owner_of(self.payer), SCOPE),)

    def check(self) -> None:
        check_payment(
            self.amount_minor, self.asset, self.priority, self.pair, self.payee_reference, self.uetr
        )
        check_pair(self.pair, self.pair_asset, self.pair_minor)
        require(self.payer != self.payee, PaymentsCode.SAME_ACCOUNT, account=self.payer)

    def admit(self, view: ReadView) -> None:
        """A queue that settles the asset, two holdings, and for a pair the other side or none."""
        queue = require_queue(view, self.queue)
        there = {"asset": self.asset}
        require(queue.weight_of(self.asset), SettlementCode.NOT_IN_QUEUE, queue=self.queue, **there)
        payer = view.holding(self.payer, self.asset)
        require(payer is not None, PaymentsCode.PAYER_UNKNOWN, account=self.payer, **there)
        payee = view.holding(self.payee, self.asset)
        require(payee is not None, PaymentsCode.PAYEE_UNKNOWN, account=self.payee, **there)
        if self.pair:
            self._admit_pair(view)

    def _admit_pair(self, view: ReadView) -> None:
        # Under both their names: nobody else takes the label that the two agreed on.
        of = between(self.payer, self.payee)
        known = view.get(PAIRS, self.queue, of, self.pair) or ()
        require(len(known) < 2, SettlementCode.PAIR_TAKEN, pair=self.pair)
        other = view.get(QUEUED, known[0]) if known else None
        if other is not None:
            mirrored = (
                owner_of(other.payer) == owner_of(self.payee)
                and (other.asset, other.amount_minor) == (self.pair_asset, self.pair_minor)
                and (other.pair_asset, other.pair_minor) == (self.asset, self.amount_minor)
            )  # fmt: skip
            require(mirrored, SettlementCode.PAIR_MISMATCH, pair=self.pair)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Enter; settle alone, with its partner, or with what flows the other way."""
        claim_uetr(ledger, self.uetr)
        journal = Journal(ledger, "settlement.submit", subject=self.queue)
        queue = require_queue(ledger, self.queue)
        counters = counters_of(ledger, queue.id)
        ledger.put(COUNTERS, queue.id, value=replace(counters, back=counters.back + 1))
        payment = Queued(
            ledger.next_id(), queue.id, self.payer, self.payee, self.asset, self.amount_minor,
            self.priority, counters.back, self.pair, self.payee_reference, self.uetr,
            self.pair_asset, self.pair_minor,
        )  # fmt: skip
        first = queue.overtaking or not _waits_before(ledger, payment)
        enter(ledger, payment)
        yield PaymentSubmitted(
            payment.id, queue.id, payment.payer, payment.payee, payment.asset,
            payment.amount_minor, payment.priority, payment.order, payment.pair,
            payment.payee_reference, payment.uetr,
        )  # fmt: skip
        settled = _at_once(ledger, journal, queue, payment) if queue.at_once and first else None
        if settled is not None:
            yield settled
            yield from _released(ledger, journal, queue, (payment.payee, payment.asset))
        wake_netting(ledger, queue)
        yield journal.posted()


def _waits_before(view: ReadView, payment: Queued) -> bool:
    """Whether the payer has one of the asset waiting that is as urgent or more."""
    rows = view.scan(BY_PAYER, payment.queue, payment.payer, payment.asset)
    first = next(rows, None)
    return first is not None and first[0][3] <= payment.priority


def _at_once(
    ledger: WriteView, journal: Journal, queue: Queue, payment: Queued
) -> PaymentsSettled | None:
    """Settle what has just entered, or say by None that it waits."""
    together, how = [payment], "entry"
    if payment.pair:
        partner = partner_of(ledger, payment)
        if partner is None:
            return None
        together, how = [payment, partner], "pair"
    settled = _attempted(ledger, journal, queue, together, how)
    if settled is None and queue.offset and not payment.pair:
        return _offset(ledger, journal, queue, payment)
    return settled


def _released(
    ledger: WriteView, journal: Journal, queue: Queue, credited: tuple[str, str]
) -> Iterator[Event]:
    """Money came in: what waits first at whoever was paid is tried, and so on from there."""
    accounts, released = [credited], 0
    while accounts and released < MAX_RELEASED:
        account, asset = accounts[0]
        row = next(ledger.scan(BY_PAYER, queue.id, account, asset), None)
        payment = ledger.get(QUEUED, row[0][5]) if row is not None else None
        settled = None
        if payment is not None and not payment.pair:
            settled = _attempted(ledger, journal, queue, [payment], "release")
        if payment is None or settled is None:
            accounts.pop(0)
            continue
        yield settled
        released += 1
        accounts.append((payment.payee, payment.asset))


def _attempted(
    ledger: WriteView, journal: Journal, queue: Queue, payments: list[Queued], how: str
) -> PaymentsSettled | None:
    """Settle payments together, or None where a rule stands in the way: they go on waiting."""
    try:
        with journal.attempt():
            return settle_together(ledger, journal, queue, payments, how)
    except Refusal:
        return None


def _offset(
    ledger: WriteView, journal: Journal, queue: Queue, payment: Queued
) -> PaymentsSettled | None:
    """Settle together with payments that flow the other way, first in the payee's queue first."""
    opposite: list[Queued] = []
    rows = ledger.scan(BY_PAYER, queue.id, payment.payee, payment.asset)
    for (key, payee), _ in zip(rows, range(OFFSET_LOOKS), strict=False):
        found = ledger.get(QUEUED, key[5]) if payee == payment.payer else None
        if found is not None and not found.pair:
            opposite.append(found)
        elif not queue.overtaking:
            break
        if len(opposite) == OFFSET_TAKES:
            break
    if not opposite:
        return None
    chosen = select(ledger, queue, [payment, *opposite], COUNT)
    if payment not in chosen:
        return None
    if not queue.overtaking:
        kept = {one.id for one in chosen}
        gap = next((n for n, one in enumerate(opposite) if one.id not in kept), len(opposite))
        chosen = [payment, *opposite[:gap]]
    return _attempted(ledger, journal, queue, chosen, "offset")
