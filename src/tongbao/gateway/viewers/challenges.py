"""Challenges to those who log in by a ledger key: few at once, each for a minute and one answer."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import NamedTuple

from tongbao.kernel.identity import KEYS, Key
from tongbao.kernel.signing import Suite
from tongbao.kernel.views import ReadView
from tongbao.sdk.login import LoginSigned, login_message

LIFE_MS = 60_000
MOST = 4_096
"""Challenges that wait for an answer; the oldest goes first."""


class Challenge(NamedTuple):
    """Who has to answer, and until when."""

    party: str
    key: str
    expires_at_ms: int


class Challenges:
    """Those that wait. From the event loop alone."""

    def __init__(self) -> None:
        """None waits."""
        self._waiting: OrderedDict[str, Challenge] = OrderedDict()

    def make(self, party: str, key: str, now_ms: int) -> tuple[str, Challenge]:
        """A new one; its nonce says nothing of whether there is such a key."""
        while len(self._waiting) >= MOST:
            self._waiting.popitem(last=False)
        nonce = secrets.token_urlsafe(32)
        self._waiting[nonce] = Challenge(party, key, now_ms + LIFE_MS)
        return nonce, self._waiting[nonce]

    def take(self, nonce: str, now_ms: int) -> Challenge | None:
        """The one of a nonce, which is used up by it; None where it is unknown or over."""
        found = self._waiting.pop(nonce, None)
        return None if found is None or found.expires_at_ms <= now_ms else found


def answered(
    view: ReadView, suites: dict[str, Suite], chain: str, asked: Challenge, given: LoginSigned
) -> Key | None:
    """The live key that signed the answer; None where none did."""
    key = view.get(KEYS, asked.party, asked.key)
    if key is None or key.state(view.time_ms) != "live" or key.suite not in suites:
        return None
    suite = suites[key.suite]
    message = login_message(chain, given.host, asked.party, asked.key, given.nonce)
    if len(given.signature) != suite.signature_size:
        return None
    [signed] = suite.verify_batch([(key.public, given.signature, message)])
    return key if signed else None
