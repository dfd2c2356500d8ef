"""Who acts at the desk: a statement signed by live keys of a party, checked against the ledger."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tongbao.kernel.codes import KernelCode, refuse, require
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import KEYS, SUSPENDED, Key, key_id
from tongbao.kernel.protocols import accepted_suites
from tongbao.kernel.transaction import Signature
from tongbao.kernel.views import ReadView
from tongbao.kernel.wording import Text
from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.sdk.desk import Order, Statement, statement_bytes

CLOCK_MS = 10 * 60 * 1000
"""How far a statement's clock may be from the desk's."""
SCOPE = "payments"
MAX_KEYS = 16
_ORDER = msgspec.json.Decoder(Order)
_STATEMENT = msgspec.json.Decoder(Statement)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, proven."""

    statement: Statement
    keys: dict[str, Key]
    """Key id -> key, of everybody who signed."""
    order: Order

    @property
    def key(self) -> str:
        """The first signer's key id."""
        return next(iter(self.keys))

    @property
    def label(self) -> str:
        """The first signer's label, for people."""
        return self.keys[self.key].label


def prove(raw: bytes, action: str, view: ReadView, chain: str, now_ms: int) -> Actor:
    """The actor of an order: its statement is of this action, chain and time, its content is what
    it says, and every signature is by a live key of the party that may approve payments."""
    try:
        order = _ORDER.decode(raw)
        statement = _STATEMENT.decode(order.statement)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        refuse(DeskCode.BAD_STATEMENT, reason=str(fault)[:200])
    bad = DeskCode.BAD_STATEMENT
    require(
        statement.action == action,
        bad,
        reason=Text(
            "it is about {given}, not {action}", given=statement.action[:20], action=action
        ),
    )
    require(
        statement.chain == chain, KernelCode.WRONG_CHAIN, given=statement.chain[:64], chain=chain
    )
    sized = (
        len(statement.subject) <= 128
        and len(statement.party) <= 64
        and statement.subject.isprintable()
    )
    require(sized and statement.party.isprintable(), bad, reason="subject or party")
    digest = content_digest(order.content).hex()
    require(statement.content == digest, bad, reason="the content is another one")
    away = abs(statement.at_ms - now_ms)
    require(away <= CLOCK_MS, DeskCode.STATEMENT_TIME, seconds=away // 1000)
    count = len(order.signatures)
    require(1 <= count <= MAX_KEYS, bad, reason=Text("1 to {limit} signatures", limit=MAX_KEYS))
    message = statement_bytes(order.statement)
    keys = dict(live(one, statement.party, message, view) for one in order.signatures)
    return Actor(statement, keys, order)


def live(signature: Signature, party: str, message: bytes, view: ReadView) -> tuple[str, Key]:
    """The key behind a signature over a message, by its id; a Refusal where it does not count."""
    name = key_id(signature.suite, signature.key)
    suspended = view.get(SUSPENDED, party)
    why = suspended or ""
    require(suspended is None, KernelCode.PARTY_SUSPENDED, party=party, reason=why)
    key = view.get(KEYS, party, name)
    if key is None:
        refuse(KernelCode.UNKNOWN_KEY, party=party, key=name)
    state = key.state(view.time_ms)
    require(state == "live", KernelCode.KEY_NOT_LIVE, party=party, key=name, state=state)
    require(key.covers(SCOPE), DeskCode.KEY_WITHOUT_SCOPE, key=name)
    suite = accepted_suites(view).get(key.suite)
    if suite is None:
        refuse(KernelCode.UNKNOWN_SUITE, suite=key.suite)
    verified = suite.verify_batch([(signature.key, signature.signature, message)])
    require(verified[0], DeskCode.BAD_STATEMENT_SIGNATURE, key=name)
    return name, key
