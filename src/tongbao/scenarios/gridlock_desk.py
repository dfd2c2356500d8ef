"""The hands of the gridlock story: it opens accounts, submits, nets, and counts what waits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tongbao.kernel.identity import Key
from tongbao.kernel.transaction import MAX_ACTIONS, Transaction
from tongbao.modules.accounts import OpenAccount
from tongbao.modules.assets import Issue
from tongbao.modules.parties import RegisterParty
from tongbao.modules.payments import Transfer
from tongbao.modules.settlement import DefineQueue, QueueAsset, RunNetting, SubmitPayment
from tongbao.scenarios.consortium import CHECKER, MAKER, key_of, public_key
from tongbao.scenarios.gridlock_queue import Exercise, Line
from tongbao.scenarios.stage import Stage, insist
from tongbao.sdk.build import build, seal
from tongbao.sdk.wallet import PublicKey

OPERATOR = "central-bank"
ASSET = "CNY"


@dataclass
class Outcome:
    """How one way of settling the queue came out."""

    way: str
    settled: int = 0
    value_minor: int = 0
    left: int = 0
    closing: list[int] = field(default_factory=list)
    seconds: float = 0.0
    """From the first payment sent to the last answer."""
    netting_seconds: float = 0.0
    """Of these, the runs of the netting."""
    waiting: list[tuple[int, int]] = field(default_factory=list)
    """(payments submitted so far, payments that wait): the queue over time."""


class Desk:
    """All banks' desks in one hand; everything goes over the node's public interface."""

    def __init__(self, stage: Stage, exercise: Exercise) -> None:
        """Register the banks that the ledger does not know yet."""
        self.stage = stage
        self.exercise = exercise
        status = stage.client.status()
        self.chain = status.chain
        self.expires_at_ms = status.time_ms + 6 * 3_600_000
        self.tag = str(status.height)
        """Of this run: the story may be played on one ledger again and again."""
        folder = stage.wallet
        known = {key.name: key for key in folder.keys()}  # noqa: SIM118 - a folder, no mapping
        self.keys: dict[str, list[PublicKey]] = {
            OPERATOR: [known[f"{OPERATOR}--{label}"] for label in (MAKER, CHECKER)]
        }
        registered = {party.party for party in stage.client.parties.list()}
        for bank in exercise.opening:
            if f"{bank}--{MAKER}" not in known:
                stage.wallet.add(bank, MAKER, key_of(bank, MAKER))
            self.keys[bank] = list(stage.wallet.keys(bank))
            if bank not in registered:
                self._do(OPERATOR, [self._registration(bank)])

    def _registration(self, bank: str) -> RegisterParty:
        key: Key = public_key(bank, MAKER)
        return RegisterParty(
            party=bank, sponsor=OPERATOR, name=bank.upper(), roles=("bank",), jurisdiction="SG",
            keys=(key,),
        )  # fmt: skip

    # ---- sending ---------------------------------------------------------------------------------

    def _sealed(self, party: str, actions: Sequence[Transaction], *more: str) -> bytes:
        body = build(
            self.chain, party, self.stage.inputs.reference("G"), actions, self.expires_at_ms
        )
        signers = [key for one in dict.fromkeys((party, *more)) for key in self.keys[one]]
        return seal(body, self.stage.wallet.sign(body, signers, namer=party))

    def _do(self, party: str, actions: Sequence[Transaction], *more: str) -> list[dict[str, Any]]:
        """One transaction that has to be done; its events."""
        result = self.stage.client.submit_and_wait(self._sealed(party, actions, *more))
        insist(result.done, f"{actions[0].__class__.__name__} was refused: {result.text}")
        return list(result.events)

    def account(self, bank: str, way: str) -> str:
        """A bank's account for one way of settling the queue."""
        return f"{bank}/{way}-{self.tag}"

    def fund(self, way: str) -> None:
        """An account for each bank, with what it has at first."""
        for bank, amount in self.exercise.opening.items():
            account = self.account(bank, way)
            self._do(bank, [OpenAccount(account, title=way, assets=(ASSET,))])
            if amount:
                self._do(OPERATOR, [Issue(ASSET, account, amount, "gridlock")])

    def _close(self, outcome: Outcome) -> Outcome:
        """Count what is left, and read the closing balances."""
        outcome.left = len(self.exercise.payments) - outcome.settled
        for bank in self.exercise.opening:
            [held] = self.stage.client.accounts.holdings(account=self.account(bank, outcome.way))
            outcome.closing.append(int(held.posted_minor))
        conserved = sum(outcome.closing) == sum(self.exercise.opening.values())
        insist(conserved and min(outcome.closing) >= 0, "money was made, lost or overdrawn")
        return outcome

    # ---- ways ------------------------------------------------------------------------------------

    def gross(self) -> Outcome:
        """One by one in sequence, with the balances alone: what is short is not paid."""
        outcome = Outcome("gross")
        self.fund(outcome.way)
        envelopes = [self._sealed(line.payer, [self._transfer(line)])
                     for line in self.exercise.payments]  # fmt: skip
        began = time.perf_counter()
        results = self.stage.client.submit(envelopes)
        outcome.seconds = time.perf_counter() - began
        for line, result in zip(self.exercise.payments, results, strict=True):
            if result.done:
                outcome.settled += 1
                outcome.value_minor += line.amount_minor
            sent = len(outcome.waiting) + 1
            outcome.waiting.append((sent, sent - outcome.settled))
        return self._close(outcome)

    def _transfer(self, line: Line) -> Transfer:
        payer, payee = (self.account(bank, "gross") for bank in (line.payer, line.payee))
        return Transfer(payer, payee, ASSET, line.amount_minor, line.reference)

    def queued(
        self, way: str, objective: str, *, live: bool = False, net_every: int = 0
    ) -> Outcome:
        """Through a queue that saves liquidity: netted at the end, or (`live`) as it goes along.

        `live` lets payments settle on entry, by offset and by release, and nets every `net_every`
        payments; otherwise everything waits for one netting.
        """
        outcome = Outcome(way)
        self.fund(way)
        queue = f"{way}-{self.tag}"
        rules = DefineQueue(
            queue, OPERATOR, (QueueAsset(ASSET),), objective, at_once=live, offset=live,
            overtaking=live, work_per_block=50_000,
        )  # fmt: skip
        self._do(OPERATOR, [rules])
        began = time.perf_counter()
        waiting, next_netting = 0, net_every or len(self.exercise.payments)
        for group in _groups(self.exercise.payments):
            actions = [self._submission(queue, way, line) for line in group]
            events = self._do(group[0].payer, actions, *(line.payer for line in group))
            waiting = self._count(outcome, events, waiting)
            if outcome.waiting[-1][0] >= next_netting:
                next_netting += net_every or 1
                waiting = self._net(outcome, queue, waiting)
        outcome.seconds = time.perf_counter() - began
        return self._close(outcome)

    def _submission(self, queue: str, way: str, line: Line) -> SubmitPayment:
        payer, payee = (self.account(bank, way) for bank in (line.payer, line.payee))
        return SubmitPayment(
            queue, payer, payee, ASSET, line.amount_minor, payee_reference=line.reference
        )

    def _net(self, outcome: Outcome, queue: str, waiting: int) -> int:
        began = time.perf_counter()
        events = self._do(OPERATOR, [RunNetting(queue, OPERATOR)])
        outcome.netting_seconds += time.perf_counter() - began
        ended = [event for event in events if event["event"] == "settlement.run_ended"]
        insist(len(ended) == 1, "the netting did not come to its end in one block")
        return self._count(outcome, events, waiting)

    def _count(self, outcome: Outcome, events: Iterable[dict[str, Any]], waiting: int) -> int:
        """Follow the queue: what entered, what settled."""
        sent = outcome.waiting[-1][0] if outcome.waiting else 0
        for event in events:
            if event["event"] == "settlement.payment_submitted":
                sent, waiting = sent + 1, waiting + 1
            elif event["event"] == "settlement.payments_settled":
                waiting -= event["count"]
                outcome.settled += event["count"]
                outcome.value_minor += sum(int(total) for _, total in event["totals"])
            else:
                continue
            outcome.waiting.append((sent, waiting))
        return waiting


def _groups(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """As many as one transaction carries."""
    return [lines[start : start + MAX_ACTIONS] for start in range(0, len(lines), MAX_ACTIONS)]
