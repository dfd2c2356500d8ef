"""Blocks are forgotten: what stays verifies, what is gone is reported, and nobody is cut off."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.node.conftest import Ledger
from tests.node.test_membership import Council, rename

from tongbao.gateway.light_paths import LightPaths
from tongbao.kernel.codes import Refusal
from tongbao.kernel.light import NOT_ENOUGH_TRUST, LightBlock, Limits, Verdict, step
from tongbao.kernel.receipts import verify_receipt
from tongbao.modules.governance import SetPower
from tongbao.node.application import Application
from tongbao.node.audit import audit
from tongbao.node.comet.settings import NodeSettings
from tongbao.node.light import light_block, light_block_between
from tongbao.node.pruning import LEAST_KEPT, Pruner, prune_slice
from tongbao.node.verify import verify_newest
from tongbao.sdk.light import LightClient, LightCode, TrustedStore
from tongbao.sdk.light.bundling import PAST


def council() -> Council:
    """A chain of some fifty blocks in which powers changed three times."""
    made = Council()
    for power in (12, 14, 16):
        for _ in range(6):
            made.do("central", rename(made.app.tip.height))
        made.decide(SetPower("watch", power))
    for _ in range(6):
        made.do("central", rename(made.app.tip.height))
    return made


def wary(at: LightBlock, block: LightBlock, limits: Limits) -> Verdict:
    """Believes over a change of validators only from one block to the next: the worst case."""
    apart = block.height > at.height + 1 and block.validators != at.next_validators
    return Verdict(NOT_ENOUGH_TRUST) if apart else step(at, block, limits)


def prune(app: Application, below: int) -> int:
    """All that may go below a height."""
    count = 0
    while done := prune_slice(app, below, 8)[0]:
        count += done
    return count


def test_light_clients_step_over_what_was_pruned_and_receipts_of_what_stayed_verify() -> None:
    app = council().app
    turns = app.turns()
    assert len(turns) >= 6
    newest, below = app.tip.height, app.tip.height - 6
    before = light_block(app, turns[0])
    assert prune(app, below) == below - 1
    assert app.oldest_block == app.state.block_from(1) == below and app.state.block(0)
    assert light_block(app, turns[0]) == before  # header and commit stayed
    assert light_block(app, turns[0] - 2) is None and app.block(turns[0]) is None
    store = TrustedStore.from_genesis(app.genesis)
    paths = LightPaths(app)
    clock = lambda: app.tip.time_ms  # noqa: E731
    reached = LightClient(store, paths, (), PAST, clock=clock, judge=wary).verify_to(newest)
    assert (reached.base, reached.block.height) == (0, newest)
    assert {one.height for one in reached.path[:-1]} <= {*turns, below}
    assert reached.verified >= 4
    made = app.receipt(newest - 1, 0)
    assert made is not None
    proven = verify_receipt(paths.provable(made), app.genesis.trust())
    assert proven.height == newest - 1
    assert app.receipt(3, 0) is None
    middle = light_block_between(app, 0, newest)
    assert middle is not None and middle.height in turns
    assert light_block_between(app, turns[0], turns[0] + 1) is None
    with pytest.raises(Refusal) as caught:
        paths.between(1, 2)
    assert caught.value.code is LightCode.NO_ANSWER
    verify_newest(app)


def test_the_audit_of_a_pruned_ledger_says_from_where_it_holds_and_finds_what_was_altered() -> None:
    app = council().app
    below = app.tip.height - 20
    prune(app, below)
    report = audit(app)
    assert (report.base, report.findings) == (below, ())
    assert report.blocks == app.tip.height - below + 1 and report.transactions > 5
    record = app.block(below + 3)
    assert record is not None
    app.state.prune([below + 3], [], [])
    [finding] = audit(app).findings
    assert finding.height == below + 3 and "missing" in finding.what


def test_a_block_that_the_engine_has_not_signed_yet_is_not_forgotten() -> None:
    made = council()
    app = made.app
    low = app.state.block_from(1)
    record = app.block(low + 2)
    assert record is not None
    shown = app.block

    def unsigned(height: int) -> object:
        found = shown(height)
        if found is None or height != low + 2:
            return found
        return type(found)(
            found.height, found.time_ms, b"", (b"", 0, b""), b"", found.app_hash, (), (), b""
        )

    app.block = unsigned  # type: ignore[method-assign,assignment]
    assert prune(app, app.tip.height) == 2
    assert prune(app, app.tip.height) == 0


def test_a_pruner_follows_the_chain_and_leaves_what_somebody_needs(ledger: Ledger) -> None:
    needed = [10]
    pruner = Pruner(ledger.app, 1, lambda: needed[0])
    ledger.engine.subscribe(pruner.on_block)
    pruner.start()
    try:
        pay(ledger, 40)
        _until(lambda: ledger.app.oldest_block == 10)
        needed[0] = 10_000
        pay(ledger, 30)
        _until(lambda: ledger.app.oldest_block > 30)
        assert ledger.app.tip.height - ledger.app.oldest_block >= LEAST_KEPT - 1
    finally:
        pruner.stop()
    low = ledger.app.oldest_block
    ledger.app.reopen(ledger.app.state)
    assert ledger.app.oldest_block == low


def pay(ledger: Ledger, count: int) -> None:
    """A block for each payment, and its seal."""
    from tongbao.modules.payments import Transfer

    for _ in range(count):
        ledger.send("hengtong", Transfer("hengtong/main", "mingda/main", "CNY", 1))


def _until(true: object) -> None:
    end = time.monotonic() + 20
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_settings_keep_all_or_enough(tmp_path: Path) -> None:
    assert NodeSettings("a").keep_blocks == 0
    assert NodeSettings("a", keep_blocks=LEAST_KEPT).keep_blocks == LEAST_KEPT
    with pytest.raises(ValueError, match="at least"):
        NodeSettings("a", keep_blocks=LEAST_KEPT - 1)
