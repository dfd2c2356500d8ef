"""Values of the module: batches of instructions, queues of payments, runs of the netting."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from tongbao.kernel.codes import require
from tongbao.kernel.fields import (
    AccountId,
    Amount,
    AssetCode,
    Count,
    Duration,
    Field,
    Moment,
    PartyId,
    Reference,
    Text,
    Uetr,
    Whole,
    Word,
)
from tongbao.kernel.money import check_amount, owner_of
from tongbao.kernel.text import is_plain
from tongbao.modules.payments import check_texts, check_uetr
from tongbao.modules.settlement.codes import SettlementCode
from tongbao.modules.settlement.netting import OBJECTIVES

BatchId = Annotated[str, Field("id", "Id of a settlement batch.", of="settlement_batch")]
QueuedId = Annotated[
    str, Field("id", "Id of a payment that was submitted to a queue.", of="queued_payment")
]

SCOPE = "payments"
"""What a key has to be allowed to sign."""

OPERATION = "operations"
"""What a key of a queue's operator has to be allowed to sign."""

MAX_STEPS = 64
MAX_AHEAD_MS = 400 * 24 * 3600 * 1000
DAY_MS = 24 * 3600 * 1000
MAX_QUEUED = 2**96
"""Largest amount of a queued payment: sums over a whole queue stay far within 127 bits."""
MAX_WORK = 50_000
MAX_ASSETS = 16
LOWEST, NORMAL = 9, 5
"""The lowest priority there is, and the usual one."""
PRIORITIES = {"urgent": 0, "high": 3, "normal": 5, "low": 8}
"""Named classes of priority, each with the first of its numbers."""
DELIVER, RECEIVE = "deliver", "receive"
SIDES = (DELIVER, RECEIVE)
REJECT, CARRY = "reject", "carry"
MAX_NAME = 80
"""Characters of the name of an account that is kept before it is looked up."""
_QUEUE = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
_PARTY = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
QueueId = Annotated[str, Field("id", "Id of a queue.", of="queue")]
RunId = Annotated[str, Field("id", "Run of the netting, `queue/number`.", of="netting_run")]


# ---- batches -------------------------------------------------------------------------------------


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One leg: who delivers how much of what to whom."""

    sender: PartyId
    """Party that delivers."""
    receiver: PartyId
    """Party that receives."""
    asset: AssetCode
    amount_minor: Amount
    sender_account: AccountId = ""
    """Account that delivers, where it is known already; else the sender allocates one."""
    receiver_account: AccountId = ""
    """Account that receives, where it is known already."""
    reference: Reference = ""
    """What the receiver knows the leg by."""


class Instruction(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step with its accounts and approvals."""

    step: Step
    delivers: AccountId = ""
    """Account that delivers; empty until it is allocated."""
    receives: AccountId = ""
    """Account that receives; empty until it is allocated."""
    delivery_approved: bool = False
    receipt_approved: bool = False
    reserved_minor: Amount = 0
    """What of the delivering account is set aside for it."""


class Batch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Instructions that settle together or not at all."""

    id: str
    proposer: PartyId
    """Party that proposed it and may amend or withdraw it."""
    instructions: tuple[Instruction, ...]
    """Its legs, by number, with their accounts and approvals."""
    deadline_at_ms: Moment
    """Block time at which it is cancelled where it has not settled."""
    settle_at_ms: Moment = 0
    """Block time before which it does not settle; 0: as soon as it is complete."""
    receivers_approve: bool = False
    """Whether those who receive have to approve as well."""
    reserve: bool = False
    """Whether approving sets the amount aside."""
    netted: bool = False
    """Whether legs of one asset are netted before they are posted."""
    title: Text = ""
    revision: Count = 0
    """How often it was amended: who approves says of which state of it."""

    @property
    def complete(self) -> bool:
        """Whether every instruction has its accounts and approvals."""
        return self.missing == 0

    @property
    def missing(self) -> int:
        """Accounts and approvals that it waits for."""
        return sum(
            (not one.delivers) + (not one.receives) + (not one.delivery_approved)
            + (self.receivers_approve and not one.receipt_approved)
            for one in self.instructions
        )  # fmt: skip

    @property
    def givers(self) -> tuple[tuple[str, str], ...]:
        """(account, asset) of what is set aside for it, each once."""
        own = ((one.delivers, one.step.asset) for one in self.instructions if one.reserved_minor)
        return tuple(dict.fromkeys(own))

    @property
    def parties(self) -> tuple[str, ...]:
        """Everybody concerned, the proposer first."""
        sides = (p for one in self.instructions for p in (one.step.sender, one.step.receiver))
        return tuple(dict.fromkeys((self.proposer, *sides)))


# ---- queues --------------------------------------------------------------------------------------


class QueueAsset(msgspec.Struct, frozen=True, array_like=True):
    """An asset that a queue settles."""

    asset: AssetCode
    weight: Count = 1
    """What one minor unit counts for where the most value is settled, e.g. a reference rate."""


class Queue(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rules of a real-time gross settlement queue with liquidity saving."""

    id: str
    operator: PartyId
    assets: tuple[QueueAsset, ...]
    """What it settles."""
    objective: Word = "value"
    """What the netting settles the most of: `count` or `value`."""
    at_once: bool = True
    """Whether a payment settles on entry where it can; otherwise it waits for the netting."""
    offset: bool = True
    """Whether a payment on entry may settle together with ones that flow the other way."""
    overtaking: bool = False
    """Whether a payment on entry may settle though its payer's earlier ones wait."""
    netting_every_ms: Duration = 0
    """How often the netting runs while payments wait; 0: on demand alone."""
    day_ends_ms: Duration = -1
    """End of the day, milliseconds after midnight UTC; -1: none."""
    at_close: Word = CARRY
    """What becomes of payments that wait at the end of the day: `reject` or `carry`."""
    work_per_block: Count = 10_000
    """How many payments the netting looks at in one block."""

    def weight_of(self, asset: str) -> int:
        """What a minor unit counts for; 0 where the queue does not settle the asset."""
        return next((one.weight for one in self.assets if one.asset == asset), 0)

    def day_of(self, time_ms: int) -> int:
        """The number of the business day: it ends when the queue closes."""
        return (time_ms - max(self.day_ends_ms, 0)) // DAY_MS


class Queued(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payment that waits."""

    id: str
    queue: QueueId
    payer: AccountId
    payee: AccountId
    asset: AssetCode
    amount_minor: Amount
    priority: Count
    """0 is the most urgent, 9 the least."""
    order: Count
    """Its place among those of its priority: the lower comes first."""
    pair: Text = ""
    """Label that it shares with the payment it settles together with (PvP); empty: alone."""
    payee_reference: Reference = ""
    uetr: Uetr = ""
    pair_asset: AssetCode = ""
    """What the other side of the pair brings, ..."""
    pair_minor: Amount = 0
    """... and how much of it."""

    @property
    def pair_of(self) -> str:
        """Whose label the pair's is."""
        return between(self.payer, self.payee)

    @property
    def urgent(self) -> bool:
        """Whether it may use what is reserved for urgent payments, and no limit counts it."""
        return self.priority < PRIORITIES["high"]


def between(payer: str, payee: str) -> str:
    """The two parties of a payment, whichever pays."""
    return "+".join(sorted((owner_of(payer), owner_of(payee))))


class QueueLimits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a participant allows the queue to do with its account; 0 is no limit."""

    multilateral_minor: Amount = 0
    """Most that may flow out, net of what flows in, on a day; urgent payments apart."""
    urgent_reserve_minor: Amount = 0
    """What only urgent payments may use."""


class Position(msgspec.Struct, frozen=True, array_like=True):
    """What flowed out, net, on a day, where a limit counts it."""

    day: int
    net_minor: Amount
    allowed_minor: Amount
    """What the limit allowed when it last changed: the limit, or what it stood at before."""


class Closing(msgspec.Struct, frozen=True, array_like=True):
    """How a netting left an account: the proof that it was feasible."""

    opening_minor: Amount
    """Available before."""
    paid_minor: Amount
    received_minor: Amount
    closing_minor: Amount
    """Available after."""


class Counters(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a queue counts."""

    front: int = 2**40
    """Order of the next payment that is moved to the front, counting down."""
    back: int = 2**40
    """Order of the next payment that enters, counting up."""
    waiting: Count = 0
    """Payments that wait now."""
    settled: Count = 0
    """Payments that settled so far."""
    runs: int = 0
    """Runs of the netting so far."""
    working: RunId = ""
    """The run that is under way."""
    netting_at_ms: Moment = 0
    """When the netting runs next; 0: not set."""
    close_at_ms: Moment = 0
    """When the day ends next; 0: not set."""
    asked_height: int = 0
    """Block in which somebody last asked for the netting: once a block is enough."""


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of the netting that goes on in the next block."""

    id: str
    queue: QueueId
    kind: Word
    """`demand`, `timer` or `close`."""
    objective: Word
    started_at_ms: Moment
    cursor: tuple[int, int, str] | None = None
    """(priority, order, payment) up to which this pass has come; None: at the front."""
    passed: int = 0
    """Passes over the queue that are behind it."""
    gained: int = 0
    """Payments that this pass settled; while closing, those that were rejected."""
    count: Count = 0
    """Payments settled so far."""
    value: Whole = 0
    """Their weighed value."""
    closing: bool = False
    """Whether it now rejects what is left."""


# ---- shapes --------------------------------------------------------------------------------------


def check_text(field: str, value: str, low: int, high: int) -> None:
    """Refuse a text that is too short, too long or holds control characters."""
    fits = low <= len(value) <= high and is_plain(value)
    require(fits, SettlementCode.BAD_TEXT, field=field, low=low, high=high)


def check_steps(steps: tuple[Step, ...]) -> None:
    """Refuse legs that cannot be."""
    count = len(steps)
    require(1 <= count <= MAX_STEPS, SettlementCode.STEP_COUNT, count=count, limit=MAX_STEPS)
    for number, step in enumerate(steps):
        check_amount(step.amount_minor)
        check_text("reference", step.reference, 0, 35)
        for party, account in (
            (step.sender, step.sender_account), (step.receiver, step.receiver_account),
        ):  # fmt: skip
            check_text("account", account, 0, MAX_NAME)
            known = _PARTY.fullmatch(party) and (not account or owner_of(account) == party)
            require(known, SettlementCode.BAD_STEP, number=number, party=party[:40])
        same = step.sender_account and step.sender_account == step.receiver_account
        require(not same, SettlementCode.BAD_STEP, number=number, party=step.sender)


def check_numbers(numbers: tuple[int, ...]) -> None:
    """Refuse numbers of instructions that come twice or below zero."""
    sound = len(set(numbers)) == len(numbers) <= MAX_STEPS and min(numbers, default=0) >= 0
    require(sound, SettlementCode.BAD_NUMBERS)


def check_queue(queue: Queue) -> None:
    """Refuse rules of a queue that cannot be."""
    require(_QUEUE.fullmatch(queue.id), SettlementCode.BAD_QUEUE, field="id")
    names = {one.asset for one in queue.assets}
    sound = 1 <= len(names) == len(queue.assets) <= MAX_ASSETS
    weighed = all(1 <= one.weight <= 10**9 for one in queue.assets)
    require(sound and weighed, SettlementCode.BAD_QUEUE, field="assets")
    require(queue.objective in OBJECTIVES, SettlementCode.BAD_QUEUE, field="objective")
    every = queue.netting_every_ms
    require(every == 0 or 1_000 <= every <= DAY_MS, SettlementCode.BAD_QUEUE,
            field="netting_every_ms")  # fmt: skip
    closes = -1 <= queue.day_ends_ms < DAY_MS and queue.at_close in (REJECT, CARRY)
    require(closes, SettlementCode.BAD_QUEUE, field="close")
    works = 2 <= queue.work_per_block <= MAX_WORK
    require(works, SettlementCode.BAD_QUEUE, field="work_per_block")


def check_payment(
    amount: int, asset: str, priority: int, pair: str, reference: str, uetr: str
) -> None:
    """Refuse a payment for a queue that cannot be."""
    check_amount(amount)
    there = {"amount": str(amount), "asset": asset[:32]}
    require(amount <= MAX_QUEUED, SettlementCode.AMOUNT_TOO_LARGE, **there)
    check_priority(priority)
    check_text("pair", pair, 0, 35)
    check_texts(reference, "", "")
    check_uetr(uetr)


def check_pair(pair: str, pair_asset: str, pair_minor: int) -> None:
    """Refuse a pair of which a side does not say what it wants, or terms without a pair."""
    stated = bool(pair_asset) and 0 < pair_minor <= MAX_QUEUED
    nothing = not pair_asset and not pair_minor
    require(stated if pair else nothing, SettlementCode.PAIR_TERMS)


def check_priority(priority: int) -> None:
    """Refuse a number that is no priority."""
    require(0 <= priority <= LOWEST, SettlementCode.BAD_PRIORITY, priority=priority)
