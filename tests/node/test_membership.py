"""A chain whose validators change: headers, receipts, light clients, audit, read model, engines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.generation import both_keys
from tongbao.kernel.genesis import Genesis, GenesisValidator
from tongbao.kernel.receipts import verify_receipt
from tongbao.kernel.transaction import Opened, Transaction
from tongbao.kernel.validators import Misbehavior, Seat, address_of
from tongbao.modules import protocols
from tongbao.modules.governance import (
    Admit,
    CastVote,
    Change,
    Expel,
    FoundGovernance,
    OpenVote,
    Remove,
    RotateSeatKey,
    SetPower,
    Terms,
    Upgrade,
    seat_owner,
    seat_proof,
    seat_public,
)
from tongbao.modules.governance.changes import parties_concerned
from tongbao.modules.parties import UpdateParty
from tongbao.modules.testing import START_MS, founding
from tongbao.node.application import Application
from tongbao.node.audit import audit
from tongbao.node.composer import CannotSign, commit, compose, in_order
from tongbao.node.solo import SoloEngine
from tongbao.readmodel import ReadModel, SqlQueries, Viewer
from tongbao.simulator.sealing import SimKey, seal

CHAIN = "council"
SEATED = ("central", "bank-a", "bank-b", "watch")
HOUR = 3_600_000
EVERYBODY = tuple(
    SimKey(seat_owner(party), number) for party in (*SEATED, "firm-a") for number in (0, 1)
)


class Council:
    """A ledger with every validator's key in reach."""

    def __init__(self) -> None:
        actions = (*founding(), FoundGovernance(Terms(window_ms=HOUR)))
        validators = tuple(GenesisValidator(p, seat_public(p, 0), 10) for p in SEATED)
        raw = msgspec.Raw(msgspec.json.encode(actions))
        genesis = Genesis(CHAIN, START_MS, validators, actions=raw)
        self.app = Application(_core.State.open(None), genesis, protocols(), strict=True)
        self.time_ms = START_MS
        self._references = 0

    def do(
        self,
        party: str,
        *actions: Transaction,
        by: Sequence[str] = (),
        caught: Sequence[Misbehavior] = (),
    ) -> BlockRecord:
        """A block with one transaction, and its seal."""
        self._references += 1
        self.time_ms += 1_000
        keys = [SimKey(*one) for name in dict.fromkeys((party, *by)) for one in both_keys(name)]
        reference = f"c{self._references}"
        sealed = seal(CHAIN, party, reference, self.time_ms + HOUR, actions, keys)
        [opened] = self.app.prepare([sealed.envelope()])
        assert isinstance(opened, Opened), opened
        composed = compose(self.app, self.time_ms, [opened], *EVERYBODY, misbehavior=caught)
        assert composed.executed[0].outcome.code == 0, composed.executed[0].outcome
        commit(self.app, composed)
        return composed.records[0]

    def decide(self, change: Change, opener: str = "central") -> None:
        """Three of four are for it."""
        ask = OpenVote(opener, change, self.time_ms + HOUR)
        record = self.do(opener, ask, by=parties_concerned(change))
        vote = self.app.registry_of(record).decode_outcome(record.outcomes[0]).events[0].vote
        for party in [one for one in SEATED[:3] if one != opener]:
            self.do(party, CastVote(party, vote, in_favour=True))

    def block(self, height: int) -> BlockRecord:
        record = self.app.block(height)
        assert record is not None
        return record


def rename(number: int = 0) -> Transaction:
    """Anything at all, so that there is a block."""
    return UpdateParty("firm-a", "central", f"Firm {number}", ("core_enterprise",))


def admit(party: str = "firm-a", power: int = 10) -> Admit:
    key = seat_public(party, 0)
    return Admit(party, key, seat_proof(CHAIN, party, key, 0), power)


@pytest.fixture
def council() -> Council:
    return Council()


def test_the_engines_set_changes_two_blocks_after_the_ledger(council: Council) -> None:
    council.decide(admit())
    decided = council.app.tip.height - 1
    sizes = [len(council.app.validators_at(decided + n)) for n in range(4)]
    assert sizes == [4, 4, 5, 5]
    council.do("central", rename())
    heights = range(decided, council.app.tip.height + 1)
    headers = [_core.header_fields(council.block(height).header) for height in heights]
    named = [
        _core.validators_hash(list(council.app.validators_at(height))) for height in heights
    ]  # fmt: skip
    assert [one["validators_hash"] for one in headers] == named
    assert [one["next_validators_hash"] for one in headers[:-1]] == named[1:]
    assert audit(council.app).findings == ()


def test_a_commit_carries_the_validators_in_the_engines_order(council: Council) -> None:
    council.do("central", rename())
    record = council.block(council.app.tip.height)
    votes = _core.commit_fields(record.commit)["signatures"]
    expected = [address_of(one.public) for one in in_order(council.app.validators)]
    assert [address for _, address, _, _ in votes] == expected


def test_with_a_third_of_the_power_missing_nothing_is_signed(council: Council) -> None:
    few = EVERYBODY[:4]
    keys = [SimKey(*one) for one in both_keys("central")]
    sealed = seal(CHAIN, "central", "x", START_MS + HOUR, [rename()], keys)
    [opened] = council.app.prepare([sealed.envelope()])
    assert isinstance(opened, Opened)
    with pytest.raises(CannotSign, match="20 of 40"):
        compose(council.app, START_MS + 1, [opened], *few)
    three = compose(council.app, START_MS + 1, [opened], *EVERYBODY[:6])
    commit(council.app, three)
    votes = _core.commit_fields(three.records[0].commit)["signatures"]
    assert sorted(flag for flag, *_ in votes) == [1, 2, 2, 2]
    assert audit(council.app).findings == ()


def test_the_embedded_engine_refuses_a_ledger_that_others_sign(council: Council) -> None:
    with pytest.raises(CannotSign, match="goes on beside CometBFT"):
        SoloEngine(council.app, EVERYBODY[0])


def test_a_receipt_under_new_validators_is_believed_from_the_genesis(council: Council) -> None:
    """What one window moves leaves enough of those whom the genesis names."""
    council.decide(admit())
    record = council.do("central", rename())
    council.do("central", rename(2))
    receipt = council.app.receipt(record.height, 0)
    assert receipt is not None
    assert len(receipt.validators) == 5
    proven = verify_receipt(receipt, council.app.genesis.trust())
    assert proven.height == record.height
    assert proven.grounds is not None
    assert (proven.grounds.base, proven.grounds.steps) == (0, 1)


def test_a_light_client_follows_in_one_step_whatever_the_window_let_move(council: Council) -> None:
    """13 of 40 may move: 5 join, 3 are given, and from before to after it is one step."""
    council.do("central", rename())
    trusted = council.block(council.app.tip.height)
    council.decide(admit(power=5))
    council.decide(SetPower("bank-a", 13))
    council.decide(SetPower("bank-b", 6))
    for n in range(2):
        council.do("central", rename(n))
    newest = council.block(council.app.tip.height)
    height = council.app.tip.height
    verdict, why = _core.light_step(
        trusted.header, list(council.app.validators_at(trusted.height + 1)),
        newest.header, newest.commit, list(council.app.validators_at(height)),
        list(council.app.validators_at(height + 1)),
        now_ms=newest.time_ms, trusting_s=1_000_000, threshold=(1, 3),
    )  # fmt: skip
    assert (verdict, why) == ("success", "")


def test_sets_are_remembered_over_a_restart(tmp_path: Path) -> None:
    council = Council()
    council.decide(admit())
    folder = str(tmp_path / "copy")
    genesis = council.app.genesis
    state = _core.State.open(folder)
    copy = Application(state, genesis, protocols(), strict=True)
    for height in range(1, council.app.tip.height + 1, 2):
        record = council.block(height)
        opened = [one for one in copy.prepare(record.transactions) if isinstance(one, Opened)]
        commit(copy, compose(copy, record.time_ms, opened, *EVERYBODY))
    assert copy.tip == council.app.tip
    sets = copy.validator_sets_from(1)
    state.close()
    again = Application(_core.State.open(folder), genesis, protocols())
    assert again.validator_sets_from(1) == sets
    assert len(again.validators) == 5


def test_an_audit_does_not_believe_the_stores_word_about_the_validators(council: Council) -> None:
    council.decide(admit())
    council.do("central", rename())
    council.app.note_validators(council.app.tip.height + 2, (council.app.validators[0],))
    [finding] = audit(council.app).findings
    assert finding.what == "the seats are not the set that the engine was given"


def test_the_read_model_tells_seats_votes_upgrades_and_evidence(
    council: Council, tmp_path: Path
) -> None:
    caught = Misbehavior("duplicate_vote", address_of(seat_public("watch", 0)), 1, START_MS, 10)
    council.do("central", rename(), caught=[caught])
    council.decide(admit(power=3), "firm-a")
    council.decide(Upgrade(2, 900))
    key = seat_public("bank-a", 1)
    old, new = (seat_proof(CHAIN, "bank-a", key, n) for n in (0, 1))
    council.do("central", OpenVote("central", Remove("bank-b"), council.time_ms + HOUR))
    model = ReadModel(f"sqlite:///{tmp_path}/m.db", protocols(), council.app.genesis.digest())
    model.catch_up(council.app)
    asked = SqlQueries(model).records

    def rows(name: str, **filters: str) -> list[Any]:
        return list(asked.list_rows(Viewer.node(), name, filters, limit=9).items)

    [noted] = rows("evidence", party="watch")
    assert (noted["kind"], noted["state"], noted["height"]) == ("duplicate_vote", "waiting", 1)
    changes = rows("seat_change")
    assert [(one["party"], one["how"]) for one in changes] == [
        ("firm-a", "admitted"), *((p, "founded") for p in sorted(SEATED, reverse=True)),
    ]  # fmt: skip
    states = [(one["what"], one["state"]) for one in rows("vote")]
    assert states == [("remove", "open"), ("upgrade", "carried"), ("admit", "carried")]
    [applied] = rows("vote", party="firm-a")
    assert applied["yes"] == ["central", "bank-a", "bank-b"]
    assert (applied["change"]["change"], applied["change"]["power"]) == ("admit", 3)
    answers = rows("vote_answer", vote=applied["vote"])
    assert [(reply["party"], reply["yes_power"]) for reply in answers] == [
        ("bank-b", 30), ("bank-a", 20), ("central", 10)
    ]  # fmt: skip
    assert [(one["version"], one["height"], one["state"]) for one in rows("upgrade")] == [
        (2, 900, "agreed"), (1, 0, "agreed")
    ]  # fmt: skip
    assert asked.one_row(Viewer.node(), "vote", applied["vote"]) == applied
    assert asked.one_row(Viewer.node(), "vote", "none") is None
    assert asked.one_row(Viewer.node(), "upgrade", "900") == rows("upgrade")[0]
    assert asked.one_row(Viewer.node(), "upgrade", "none") is None
    assert [one["party"] for one in rows("seat")] == ["firm-a", *sorted(SEATED, reverse=True)]
    council.time_ms += HOUR
    council.do("bank-a", RotateSeatKey("bank-a", key, new, old))
    council.time_ms += HOUR
    council.decide(Expel("watch", noted["evidence"]))
    model.catch_up(council.app)
    assert rows("evidence")[0]["state"] == "expelled"
    assert [one["how"] for one in rows("seat_change")[:2]] == ["expelled", "key"]
    assert "watch" not in [one["party"] for one in rows("seat")]
    assert Seat(key, 10) in [Seat(one.public, one.power) for one in council.app.newest_validators]
    model.close()
