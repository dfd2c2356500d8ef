"""Clients that pay and read at the same time, through whichever node answers.

A payment keeps its bytes: it is named by (party, reference), so it is sent again to another node
until one of them has an answer, and never twice paid.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from tests.network.faults.hands import Final, Hand, both
from tests.network.faults.history import REFUSED, SETTLED, History, Read, Transfer
from tests.network.faults.processes import AUTHORISATION

from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Signature
from tongbao.modules.payments import BulkTransfer, Line, PaymentsCode
from tongbao.modules.payments import Transfer as Pay
from tongbao.node.clock import utc_ms
from tongbao.scenarios import consortium
from tongbao.sdk.build import build, seal

PARTY = "bank-north"
ASSET = "CNY"
ACCOUNTS = 3
OPENING = 400
MOST = 250
"""So much a transfer moves at most: enough that some are refused for want of money."""
EXPIRES_MS = 3 * 3_600_000
TWICE = 0.25
"""So often a payment is sent by two systems of the company at the same time."""
MARKER = "bank-north/main", "bank-south/main"
_KEYS = tuple(consortium.key_of(PARTY, label) for label in ("maker", "checker"))


def account(group: int, number: int) -> str:
    """An account of a group: those of the bank's employees, three a group."""
    return consortium.employee_account(2 * (group * ACCOUNTS + number + 1))[0]


def envelope(reference: str, action: Pay | BulkTransfer, chain: str) -> bytes:
    """Signed by the bank's two desks."""
    body = build(chain, PARTY, reference, (action,), utc_ms() + EXPIRES_MS)
    signatures = [
        Signature("ed25519", key.public_key().public_bytes_raw(), key.sign(signed_bytes(body)))
        for key in _KEYS
    ]
    return seal(body, signatures)


def opening(groups: int, chain: str, reference: str = "opening") -> bytes:
    """What gives every account its first money."""
    places = [(group, number) for group in range(groups) for number in range(ACCOUNTS)]
    lines = tuple(Line(account(*place), OPENING, reference) for place in places)
    return envelope(reference, BulkTransfer(payer=MARKER[0], asset=ASSET, lines=lines), chain)


@dataclass
class Crowd:
    """All clients of a run."""

    urls: Sequence[str]
    history: History
    seed: int
    chain: str
    clients_each: int = 2
    pause_s: float = 0.05
    retries: int = 0
    """Attempts beyond the first."""
    sent_twice: int = 0
    """Payments that two systems sent at the same time through different nodes."""
    surprises: list[str] = field(default_factory=list)
    """Answers that nothing in the plan explains."""
    turned_away: dict[str, int] = field(default_factory=dict)
    """Answers that nothing was recorded, by name of the code; the client asks another node."""
    people: list[Person] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Begin: so many clients a group."""
        for number in range(len(self.history.openings) * self.clients_each):
            person = Person(self, number, number % len(self.history.openings))
            self.people.append(person)
            thread = threading.Thread(target=person.live, name=f"client-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, seconds: float = 60.0) -> None:
        """Begin nothing new, and wait for what is under way."""
        self._stop.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.1, until - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            self.surprises.append("a payment was not answered by any node to the end")

    @property
    def stopping(self) -> bool:
        """Whether nothing new is to begin."""
        return self._stop.is_set()

    def asked(self, client: int) -> int:
        """Which node a client asks now."""
        return self.people[client % len(self.people)].hand.node

    def twice(self) -> None:
        """Note a payment that two systems sent at the same time."""
        with self._lock:
            self.sent_twice += 1

    def surprise(self, what: str) -> None:
        """Note an answer that should not have come."""
        with self._lock:
            self.surprises.append(what)

    def again(self, turned_away: str = "") -> None:
        """Note an attempt after the first, and the code that caused it."""
        with self._lock:
            self.retries += 1
            if turned_away:
                self.turned_away[turned_away] = self.turned_away.get(turned_away, 0) + 1


class Person:
    """One client: one operation at a time."""

    def __init__(self, crowd: Crowd, number: int, group: int) -> None:
        self._crowd = crowd
        self._number = number
        self._group = group
        self._random = random.Random(crowd.seed * 1_000 + number)
        self.hand = self._hand(faithful=number % 2 == 0)
        """The one it mostly uses."""
        self._other = self._hand(faithful=False)
        self._done = 0

    def _hand(self, faithful: bool) -> Hand:
        dice = random.Random(self._random.random())
        return Hand(self._crowd.urls, dice, faithful, self._crowd.again)

    def live(self) -> None:
        """Pay and read until it is over."""
        while not self._crowd.stopping:
            self._done += 1
            kind = self._random.random()
            if kind < 0.65:
                self._transfer()
            else:
                self._read(marked=kind < 0.85)
            self._crowd._stop.wait(self._random.uniform(0.5, 1.5) * self._crowd.pause_s)
        self.hand.close()
        self._other.close()

    def _name(self) -> str:
        return f"s{self._crowd.seed}-c{self._number}-{self._done}"

    def _transfer(self) -> None:
        from_, to = self._random.sample(range(ACCOUNTS), 2)
        amount = self._random.randint(1, MOST)
        pay = Pay(
            payer=account(self._group, from_), payee=account(self._group, to), asset=ASSET,
            amount_minor=amount,
        )  # fmt: skip
        reference = self._name()
        sealed = envelope(reference, pay, self._crowd.chain)
        one = Transfer(self._group, self._number, from_, to, amount, reference, time.monotonic_ns())
        self._crowd.history.called(one)
        reported = self._reported(sealed)
        result, one.attempts = reported.result, reported.attempts
        if result is None:
            return
        one.digest, one.height, one.position = result.digest, result.height, result.position
        if result.code not in (0, PaymentsCode.INSUFFICIENT_FUNDS):
            self._crowd.surprise(f"{reference}: {result.name}")
            return
        one.result = REFUSED if result.code else SETTLED
        one.return_ns = reported.at_ns
        self._crowd.history.acknowledged()

    def _reported(self, sealed: bytes) -> Final:
        """The answer to a payment; now and then it is sent by both hands at the same time."""
        if self._random.random() >= TWICE:
            return self.hand.until_final(sealed)
        first, second = both(self.hand, self._other, sealed)
        self._crowd.twice()
        if first.result and second.result and first.place() != second.place():
            self._crowd.surprise(f"two answers to one payment: {first} {second}")
        return min((one for one in (first, second) if one.result), key=_when, default=first)

    def _read(self, marked: bool) -> None:
        """One balance from one node: as it stands there, or not before a marker of our own.

        The marker is a payment of one fen outside all groups: it makes sure that the node has come
        to a block that was decided after the read began.
        """
        number = self._random.randrange(ACCOUNTS)
        call_ns = time.monotonic_ns()
        least = 0
        if marked:
            pay = Pay(payer=MARKER[0], payee=MARKER[1], asset=ASSET, amount_minor=1)
            sealed = envelope(self._name(), pay, self._crowd.chain)
            result = self.hand.until_final(sealed).result
            if result is None or result.code:
                return
            least = result.height
        for _ in range(20):
            if self._crowd.stopping and not marked:
                return
            node = self._random.randrange(len(self._crowd.urls))
            seen = self._holding(node, account(self._group, number), least)
            if seen is not None:
                height, balance = seen
                self._crowd.history.seen(
                    Read(
                        self._group, self._number, number, balance, node, marked, height, call_ns,
                        time.monotonic_ns(),
                    )
                )  # fmt: skip
                return
            self._crowd.again()
            self._crowd._stop.wait(0.1)

    def _holding(self, node: int, held: str, least: int) -> tuple[int, int] | None:
        headers = dict(AUTHORISATION)
        if least:
            headers["Tongbao-At-Least-Height"] = str(least)
        url = f"{self._crowd.urls[node]}/v1/holdings?account={held}"
        try:
            answer = self.hand.clients[node]._http.get(url, headers=headers)
            if answer.status_code != 200:
                return None
            [holding] = [one for one in answer.json()["items"] if one["asset"] == ASSET]
        except (httpx.HTTPError, ValueError):
            return None
        return int(answer.headers["Tongbao-Height"]), int(holding["posted_minor"])


def _when(reported: Final) -> int:
    return reported.at_ns
