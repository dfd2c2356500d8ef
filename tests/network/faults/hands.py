"""How a client gets an answer to a payment: it asks node after node, with the same bytes."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import httpx
from tests.network.faults.processes import TOKEN

from tongbao.sdk import Client, Problem, RetryPolicy
from tongbao.sdk.answers import Result

TIMEOUT_S = 4.0
PATIENCE_S = 600.0
ONCE = RetryPolicy(attempts=1)


class Final(NamedTuple):
    """What a node stated of a payment in the end."""

    result: Result | None
    """None where no node had an answer."""
    attempts: int
    at_ns: int

    def place(self) -> tuple[object, ...]:
        """What has to be the same whoever asks: result, name of the bytes, place in the chain."""
        one = self.result
        return () if one is None else (one.code, one.digest, one.height, one.position)


class Hand:
    """Connections to every node, and a habit: to stay with a node until it fails, or to roam."""

    def __init__(
        self, urls: Sequence[str], dice: random.Random, faithful: bool, again: Callable[[str], None]
    ) -> None:
        """`again` is shown why there is an attempt after the first."""
        self.clients = [
            Client(url, token=TOKEN, timeout_seconds=TIMEOUT_S, retry=ONCE) for url in urls
        ]
        self._dice = dice
        self._faithful = faithful
        self._again = again
        self.node = dice.randrange(len(urls))
        """Which it asks now."""

    def until_final(self, sealed: bytes) -> Final:
        """Ask until the payment stands in a block.

        That one node records nothing (`rejected`) is not the last word: another may have handed
        the same bytes on.
        """
        attempts = 0
        patience = time.monotonic() + PATIENCE_S
        while time.monotonic() < patience:
            attempts += 1
            if not self._faithful:
                self.node = self._dice.randrange(len(self.clients))
            try:
                result = self.clients[self.node].submit_and_wait(sealed)
                return Final(result, attempts, time.monotonic_ns())
            except Problem as problem:
                if problem.result is not None and problem.result.final:
                    return Final(problem.result, attempts, time.monotonic_ns())
                reply = problem.name
            except httpx.HTTPError as lost:
                reply = type(lost).__name__
            self._again(reply)
            self.node = (self.node + self._dice.randrange(1, len(self.clients))) % len(self.clients)
            time.sleep(self._dice.uniform(0.05, 0.3))
        return Final(None, attempts, time.monotonic_ns())

    def close(self) -> None:
        """Let go of the connections."""
        for client in self.clients:
            client.close()


def both(one: Hand, other: Hand, sealed: bytes) -> tuple[Final, Final]:
    """Two systems of one company send the same payment at the same time, neither knowing."""
    reported: list[Final] = []
    second = threading.Thread(
        target=lambda: reported.append(other.until_final(sealed)), daemon=True
    )
    second.start()
    first = one.until_final(sealed)
    second.join(PATIENCE_S)
    return first, reported[0] if reported else Final(None, 0, time.monotonic_ns())
