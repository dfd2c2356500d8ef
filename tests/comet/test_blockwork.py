"""Blocks as the engine has them made: proposed, judged, applied, committed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.comet.conftest import Side, pay, side_of
from tests.node.conftest import founded

from tongbao.kernel.codes import KernelCode
from tongbao.kernel.transaction import MAX_ENVELOPE_BYTES
from tongbao.node.comet.blockwork import ACCEPT, MAX_BLOCK_TRANSACTIONS, REJECT, HaltFault


def spoiled(envelope: bytes) -> bytes:
    """The envelope with another signature."""
    opened = msgspec.json.decode(envelope)
    opened["signatures"][0]["signature"] = opened["signatures"][1]["signature"]
    return msgspec.json.encode(opened)


def test_a_proposal_holds_what_was_offered_in_its_order(side: Side) -> None:
    offered = [side.envelope(pay(n)) for n in (1, 2, 3)]
    asked = side.block(offered)
    assert side.ask("prepare_proposal", **asked) == {"txs": offered}
    assert side.ask("process_proposal", **asked) == {"status": ACCEPT}


def test_a_proposer_drops_what_cannot_be_opened_and_what_may_still_come_good(side: Side) -> None:
    good = side.envelope(pay(5))
    early = side.envelope(pay(6), expires_in_ms=25 * 3_600_000)
    offered = [b"rubbish", good, spoiled(side.envelope()), early]
    assert side.ask("prepare_proposal", **side.block(offered)) == {"txs": [good]}


def test_what_no_later_block_can_take_may_stand_in_a_block_and_leaves_the_mempools(
    side: Side,
) -> None:
    first, other = side.envelope(pay(1), reference="r"), side.envelope(pay(2), reference="r")
    asked = side.block([first, other])
    assert side.ask("prepare_proposal", **asked)["txs"] == [first, other]
    assert side.ask("process_proposal", **asked) == {"status": ACCEPT}
    results = side.decide([first, other])["results"]
    assert [one["code"] for one in results] == [0, KernelCode.NAME_USED]
    located = side.ledger.app.locate(side.work._verified.open([first])[0].digest)
    assert located == (1, 0)


def test_a_replayed_transaction_changes_neither_balances_nor_where_it_is_found(side: Side) -> None:
    envelope = side.envelope(pay(9))
    side.decide([envelope])
    balance, digest = side.ledger.posted("mingda/main"), side.work._verified.open([envelope])
    results = side.decide([envelope])["results"]
    assert [one["code"] for one in results] == [KernelCode.ALREADY_RECORDED]
    assert side.ledger.posted("mingda/main") == balance
    assert side.ledger.app.locate(digest[0].digest) == (1, 0)


@pytest.mark.parametrize(
    "what", ["rubbish", "bad signature", "expires too late", "another chain", "oversize"]
)
def test_a_proposal_of_what_may_not_stand_is_rejected(side: Side, what: str) -> None:
    foreign = msgspec.json.decode(side.envelope())
    foreign["body"]["chain"] = "other"
    bad = {
        "rubbish": b"\x00\xff" * 100,
        "bad signature": spoiled(side.envelope()),
        "expires too late": side.envelope(expires_in_ms=25 * 3_600_000),
        "another chain": msgspec.json.encode(foreign),
        "oversize": side.envelope()[:-1] + b" " * MAX_ENVELOPE_BYTES + b"}",
    }[what]
    assert side.ask("process_proposal", **side.block([side.envelope(), bad])) == {"status": REJECT}
    assert side.ask("process_proposal", **side.block([side.envelope()])) == {"status": ACCEPT}


def test_a_transaction_past_its_expiry_may_stand_and_moves_nothing(side: Side) -> None:
    stale, balance = side.envelope(expires_in_ms=-5_000), side.ledger.posted("mingda/main")
    asked = side.block([stale])
    assert side.ask("process_proposal", **asked) == {"status": ACCEPT}
    results = side.decide([stale])["results"]
    assert [one["code"] for one in results] == [KernelCode.EXPIRED]
    assert side.ledger.posted("mingda/main") == balance
    assert side.ledger.app.locate(side.work._verified.open([stale])[0].digest) is None


def test_a_proposal_of_too_many_transactions_is_rejected(side: Side) -> None:
    txs = [b"x"] * (MAX_BLOCK_TRANSACTIONS + 1)
    assert side.ask("process_proposal", **side.block(txs)) == {"status": REJECT}


def test_a_block_comes_out_the_same_whether_proposed_judged_or_only_decided(
    tmp_path: Path,
) -> None:
    # One founding, copied: each node has its own store, and meets the block in another way.
    sides = [side_of(founded(None), tmp_path / str(n)) for n in range(1)]
    first = sides[0]
    envelopes = [first.envelope(pay(n + 1)) for n in range(5)]
    asked = first.block(envelopes)
    draft_root = first.work._apply(asked, first.work._verified.open(envelopes)).root
    assert first.ask("prepare_proposal", **asked)["txs"] == envelopes
    assert first.ask("process_proposal", **asked)["status"] == ACCEPT
    answer = first.ask("finalize_block", **asked)
    assert answer["app_hash"] == draft_root
    first.ask("commit")
    assert first.ledger.app.state.root() == draft_root
    assert [block.height for block in first.blocks] == [1]


def test_another_time_or_other_evidence_is_another_block(side: Side) -> None:
    envelopes = [side.envelope()]
    asked = side.block(envelopes)
    side.ask("process_proposal", **asked)
    later = asked | {"time_ns": asked["time_ns"] + 5_000_000}
    side.ask("finalize_block", **later)
    side.ask("commit")
    assert side.blocks[0].time_ms == later["time_ns"] // 1_000_000


def test_a_finished_block_uses_up_the_name_of_a_transaction_that_lacks_an_approval(
    side: Side,
) -> None:
    late = side.envelope(pay(), labels=("maker",), reference="late")
    results = side.decide([late])["results"]
    assert results[0]["code"] == KernelCode.APPROVAL_MISSING
    assert side.ledger.app.locate_name("hengtong", "late") is not None


def test_a_decided_block_that_does_not_follow_halts_the_node(side: Side) -> None:
    with pytest.raises(HaltFault, match="does not follow"):
        side.ask("finalize_block", **side.block([], height=9))
    with pytest.raises(HaltFault, match="cannot be opened"):
        side.ask("finalize_block", **side.block([b"rubbish"]))
    with pytest.raises(HaltFault, match="before it has decided"):
        side.ask("commit")


def test_an_empty_block_leaves_the_state_root_alone(side: Side) -> None:
    side.decide([side.envelope()])
    root = side.ledger.app.state.root()
    assert side.decide([])["app_hash"] == root


def test_check_answers_each_transaction_with_its_code(side: Side) -> None:
    good, bad = side.envelope(), spoiled(side.envelope())
    alone = side.envelope(labels=("maker",))
    calls = [("check_tx", {"tx": tx, "recheck": False}) for tx in (good, bad, alone, b"{")]
    answers = side.service.answer([*calls, ("flush", {})])
    assert answers[4][0] == "flush"
    codes = [answer["code"] for _, answer in answers[:4]]
    assert codes[0] == 0
    assert codes[1] == KernelCode.BAD_SIGNATURE
    assert codes[2] == KernelCode.APPROVAL_MISSING
    assert codes[3] == KernelCode.MALFORMED


def test_info_tells_where_the_ledger_stands(side: Side) -> None:
    reply = side.ask("info", version="0.38.25")
    assert (reply["last_block_height"], reply["last_block_app_hash"]) == (0, b"")
    side.decide([side.envelope()])
    reply = side.ask("info", version="0.38.25")
    assert reply["last_block_height"] == 1
    assert reply["last_block_app_hash"] == side.ledger.app.state.root()


def test_the_chain_begins_only_where_engine_and_ledger_agree(side: Side) -> None:
    app = side.ledger.app
    validators = [{"public": v.public, "power": v.power} for v in app.genesis.validators]
    asked = {
        "chain_id": app.genesis.chain, "validators": validators, "initial_height": 1,
        "app_state": msgspec.json.encode({"genesis": app.genesis.digest()}),
        "max_bytes": 4_194_304, "max_gas": -1, "time_ns": 0,
    }  # fmt: skip
    assert side.ask("init_chain", **asked) == {"app_hash": app.state.root()}
    for change in (
        {"chain_id": "x"}, {"validators": []}, {"initial_height": 2}, {"max_bytes": 1},
        {"app_state": b'{"genesis":"00"}'}, {"app_state": b"{}"},
    ):  # fmt: skip
        with pytest.raises(HaltFault):
            side.ask("init_chain", **(asked | change))
