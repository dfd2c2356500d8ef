"""Every refusal code of the module is met by a transaction that breaks its rule, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tongbao.kernel.generation import demo_key
from tongbao.kernel.identity import Policy
from tongbao.kernel.transaction import Transaction
from tongbao.modules.parties import (
    AddKey,
    ApproveProposal,
    PartiesCode,
    Propose,
    RegisterParty,
    ReinstateParty,
    RejectProposal,
    RevokeKey,
    SetPolicy,
    SuspendParty,
    UpdateParty,
    WithdrawProposal,
)
from tongbao.modules.parties.model import MAX_KEYS_EVER, MAX_POLICIES
from tongbao.modules.parties.state import OPEN
from tongbao.modules.parties.transactions.propose import MAX_LIFE_MS, MAX_PROPOSALS
from tongbao.modules.testing import Bench, demo_key_id
from tongbao.words import sentence

LEI = "5493001KJTIIGC8Y1R12"
USCC = "91110000600037341L"


def register(**changes: Any) -> RegisterParty:
    """A good registration, changed."""
    fields: dict[str, Any] = {
        "party": "new", "sponsor": "central", "name": "New", "roles": ("supplier",),
        "jurisdiction": "CN", "keys": (demo_key("new", 0),),
    }  # fmt: skip
    return RegisterParty(**(fields | changes))


def propose(bench: Bench, *actions: Transaction, **changes: Any) -> Propose:
    """Actions put up by firm-a for an hour."""
    raw = msgspec.Raw(msgspec.json.encode(actions or (update("firm-a"),)))
    due = bench.time_ms + 3_600_000
    fields: dict[str, Any] = {"proposer": "firm-a", "actions": raw, "expires_at_ms": due}
    return Propose(**(fields | changes))


def update(party: str = "firm-a", by: str = "central") -> UpdateParty:
    """A new name, which an operator approves."""
    return UpdateParty(party, by, "Renamed", ("supplier",))


def open_proposal(bench: Bench) -> str:
    """The id of a proposal that waits for the operator."""
    first = bench.do("firm-a", propose(bench), signers=[("firm-a", 0)])[0]
    return str(first.proposal)  # type: ignore[attr-defined]


Sent = tuple[Any, ...]
"""Party and actions; signers in a list at the end, where they are not the party's two."""


def _many_policies(bench: Bench) -> tuple[str, SetPolicy]:
    for number in range(MAX_POLICIES):
        scope = f"a_{chr(97 + number // 26)}{chr(97 + number % 26)}"
        bench.do("firm-a", SetPolicy("firm-a", scope, Policy()))
    return "firm-a", SetPolicy("firm-a", "one_more", Policy())


BROKEN: dict[PartiesCode, Callable[[Bench], Sent]] = {
    PartiesCode.BAD_PARTY_ID: lambda b: ("central", register(party="No Id")),
    PartiesCode.BAD_TEXT: lambda b: ("central", register(name="")),
    PartiesCode.BAD_ROLE: lambda b: ("central", register(roles=("king",))),
    PartiesCode.BAD_JURISDICTION: lambda b: ("central", register(jurisdiction="China")),
    PartiesCode.BAD_LEI: lambda b: ("central", register(lei="5493001KJTIIGC8Y1R13")),
    PartiesCode.BAD_USCC: lambda b: ("central", register(uscc="91110000600037341X")),
    PartiesCode.PARTY_EXISTS: lambda b: ("central", register(party="firm-a")),
    PartiesCode.IDENTIFIER_TAKEN: lambda b: (
        "central", register(lei=LEI), register(party="newer", lei=LEI),
    ),
    PartiesCode.PARTY_UNKNOWN: lambda b: ("central", update("nobody")),
    PartiesCode.NOT_OPERATOR: lambda b: ("bank-a", register(sponsor="bank-a")),
    PartiesCode.NOT_PERMITTED: lambda b: ("bank-a", SuspendParty("firm-a", "bank-a", "x")),
    PartiesCode.KEY_COUNT: lambda b: ("central", register(keys=())),
    PartiesCode.BAD_KEY: lambda b: ("central", register(keys=(demo_key("new", 0, weight=0),))),
    PartiesCode.KEY_EXISTS: lambda b: ("firm-a", AddKey("firm-a", demo_key("firm-a", 1))),
    PartiesCode.KEY_UNKNOWN: lambda b: ("firm-a", RevokeKey("firm-a", "0" * 20)),
    PartiesCode.LOCK_OUT: lambda b: (
        "firm-a", *(RevokeKey("firm-a", demo_key_id("firm-a", n)) for n in (0, 1)),
        [("firm-a", 0), ("firm-a", 1)],
    ),
    PartiesCode.BAD_POLICY: lambda b: ("firm-a", SetPolicy("firm-a", "payments", Policy(0, 1))),
    PartiesCode.ALREADY_SUSPENDED: lambda b: (
        "watch", SuspendParty("firm-a", "watch", "x"), SuspendParty("firm-a", "watch", "y"),
    ),
    PartiesCode.NOT_SUSPENDED: lambda b: ("watch", ReinstateParty("firm-a", "watch")),
    PartiesCode.PROPOSAL_UNKNOWN: lambda b: ("firm-a", ApproveProposal("firm-a", "none")),
    PartiesCode.PROPOSAL_UNREADABLE: lambda b: (
        "firm-a", propose(b, actions=msgspec.Raw(b'[{"type":"no.such"}]')),
    ),
    PartiesCode.PROPOSAL_NESTED: lambda b: ("firm-a", propose(b, propose(b))),
    PartiesCode.PROPOSAL_EXPIRY: lambda b: (
        "firm-a", propose(b, expires_at_ms=b.time_ms + MAX_LIFE_MS + 2),
    ),
    PartiesCode.APPROVED_ALREADY: lambda b: _approved_twice(b),
    PartiesCode.NOT_CONCERNED: lambda b: (
        "bank-b", RejectProposal("bank-b", open_proposal(b), "no business of mine"),
    ),
    PartiesCode.TOO_MANY_POLICIES: lambda b: _many_policies(b),
    PartiesCode.TOO_MANY_OPEN: lambda b: ("firm-a", propose(b), _opened(b, MAX_PROPOSALS)),
    PartiesCode.TOO_MANY_EVER: lambda b: _every_key_made(b),
    PartiesCode.PROPOSED_TOO_LARGE: lambda b: ("firm-a", _large(b), _opened(b, 2, _large)),
    PartiesCode.NOT_PROPOSER: lambda b: ("bank-b", WithdrawProposal("bank-b", open_proposal(b))),
    PartiesCode.NOT_SIGNED: lambda b: ("bank-b", WithdrawProposal("firm-a", open_proposal(b))),
}  # fmt: skip


def _large(bench: Bench) -> Propose:
    """A third of what the open proposals of a party may take, and more."""
    from tongbao.modules.payments import BulkTransfer, Line

    lines = tuple(Line("firm-b/main", 1, f"{n:035d}") for n in range(8_190))
    actions = msgspec.json.encode((BulkTransfer("firm-b/main", "CNY", lines),) * 2)
    return propose(bench, actions=msgspec.Raw(actions))


def _every_key_made(bench: Bench) -> Sent:
    """As many keys as a party may ever have were counted."""
    bench.put(OPEN, "firm-a", "keys", value=MAX_KEYS_EVER)
    return ("firm-a", AddKey("firm-a", demo_key("firm-a", 2)))


def _opened(
    bench: Bench, count: int, make: Callable[[Bench], Propose] | None = None
) -> list[tuple[str, int]]:
    """So many are open already; who signs the next."""
    alone = [("firm-a", 0)]
    for _ in range(count):
        bench.do("firm-a", (make or propose)(bench), signers=alone)
    return alone


def _approved_twice(bench: Bench) -> Sent:
    """The operator needs two keys; one of them approves, and again."""
    bench.do("central", SetPolicy("central", "parties", Policy(2, 2)))
    proposal = open_proposal(bench)
    one = [("central", 0)]
    bench.do("central", ApproveProposal("central", proposal), signers=one)
    return ("central", ApproveProposal("central", proposal), one)


@pytest.mark.parametrize("code", BROKEN, ids=lambda code: code.name)
def test_each_broken_rule_answers_with_its_code_and_writes_nothing(code: PartiesCode) -> None:
    bench = Bench()
    party, *rest = BROKEN[code](bench)
    signers = rest.pop() if isinstance(rest[-1], list) else None
    values = bench.refuses(code, party, *rest, signers=signers)
    for language in ("en", "zh"):
        assert "{" not in sentence(code.template, values, language)


def test_every_code_of_the_module_is_met() -> None:
    assert set(BROKEN) == set(PartiesCode)
