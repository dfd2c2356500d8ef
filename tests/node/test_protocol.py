"""Versions of the rules: agreed by vote for a height, replayed as they were, missed loudly.

Version 2 is the tests' own. It freezes nothing and bends nothing: the payment of version 1 stands
as it is, another one stands beside it, and the registry of version 2 lists that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec.structs
import pytest
from tests.comet.conftest import side_of
from tests.node.conftest import VALIDATOR, Ledger, founded

from tongbao import _core
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import KernelCode, refuse
from tongbao.kernel.protocols import Protocols, Step, UnknownProtocol
from tongbao.kernel.registry import Registry
from tongbao.kernel.transaction import Opened, transaction
from tongbao.kernel.views import ReadView
from tongbao.modules import installed, payments
from tongbao.modules.governance import OpenVote, Upgrade
from tongbao.modules.payments import Transfer
from tongbao.node.answers import Answer, Group, Status
from tongbao.node.audit import audit
from tongbao.node.opening import open_application
from tongbao.node.solo import SoloEngine
from tongbao.readmodel.model import ReadModel
from tongbao.scenarios.consortium import OPERATOR
from tongbao.words import text_of


@transaction(code=Transfer.code, scope=Transfer.scope)
class PlainTransfer(Transfer, tag="payments.transfer"):
    """A payment by the rules of version 2: thirteen is an unlucky number."""

    def admit(self, view: ReadView) -> None:
        """As before, and one refusal more."""
        super().admit(view)
        if self.amount_minor == 13:
            refuse(
                KernelCode.AMOUNT_RANGE, field="amount_minor", amount=13, low=14, high=2**127
            )  # fmt: skip


def version_2() -> Registry:
    """Today's modules, but for the one rule."""
    kinds = tuple(PlainTransfer if k is Transfer else k for k in payments.MODULE.transactions)
    changed = replace(payments.MODULE, transactions=kinds)
    modules = tuple(changed if m is payments.MODULE else m for m in installed())
    return Registry(modules, version=2)


def version_1() -> Registry:
    return Registry(installed(), version=1)


def both() -> Protocols:
    return Protocols([version_1(), version_2()])


def pay(amount: int) -> Transfer:
    return Transfer(payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount)


def agree(ledger: Ledger, ahead: int = 10) -> int:
    """The one validator's member votes for version 2; from which block on."""
    height = ledger.app.tip.height + 1 + ahead
    answer = ledger.send(OPERATOR, OpenVote(OPERATOR, Upgrade(2, height), ledger.now() + 60_000))
    assert answer.outcome.code == 0
    return height


def pay_until(ledger: Ledger, height: int) -> list[Answer]:
    """Payments of 13 until the next block is the one at a height, or after it."""
    answers = []
    while ledger.app.tip.height + 1 < height:
        answers.append(ledger.send("hengtong", pay(13)))
    return answers


@pytest.fixture
def upgraded() -> Iterator[Ledger]:
    """A ledger that stands right before its upgrade."""
    ledger = founded(None, both())
    ledger.engine.start()
    pay_until(ledger, agree(ledger))
    yield ledger
    ledger.engine.stop()


def test_from_the_agreed_height_on_the_new_rule_holds_and_an_audit_replays_both(
    upgraded: Ledger,
) -> None:
    ledger = upgraded
    before = ledger.app.tip.height
    assert (ledger.app.protocol, ledger.app.registry.version) == (2, 2)
    refused = ledger.send("hengtong", pay(13))
    assert refused.outcome.code == KernelCode.AMOUNT_RANGE
    assert ledger.send("hengtong", pay(14)).outcome.code == 0
    report = audit(ledger.app)
    assert (report.findings, report.height) == ((), ledger.app.tip.height)
    assert before < report.height
    versions = [block.protocol for block in blocks(ledger)]
    assert versions == sorted(versions)
    assert {1, 2} == set(versions)
    for block in blocks(ledger)[1:]:
        assert _core.header_fields(block.header)["app_version"] == block.protocol


def blocks(ledger: Ledger) -> list[BlockRecord]:
    found = [ledger.app.block(height) for height in range(ledger.app.tip.height + 1)]
    return [block for block in found if block is not None]


def test_an_audit_notices_a_block_that_was_carried_out_by_other_rules(upgraded: Ledger) -> None:
    upgraded.send("hengtong", pay(14))
    height = upgraded.app.tip.height
    block = upgraded.app.block(height)
    assert block is not None
    forged = msgspec.structs.replace(block, protocol=1)
    real = upgraded.app.block
    upgraded.app.block = lambda h: forged if h == height else real(h)  # type: ignore[method-assign]
    [finding] = audit(upgraded.app).findings
    assert finding.what == "it was applied by protocol 1, and 2 holds"


def test_what_was_sent_before_the_upgrade_and_stands_after_it_goes_by_the_new_rule() -> None:
    """Read by version 1, put into the first block of version 2: it is read again."""
    ledger = founded(None, both())
    ledger.engine.start()
    height = agree(ledger)
    [early] = ledger.app.prepare([ledger.envelope("hengtong", pay(13))])
    assert isinstance(early, Opened)
    assert early.protocol == 1
    pay_until(ledger, height)
    ledger.engine.stop()
    group = Group([early.raw])
    ledger.engine._make_block([(group, 0, early)])
    assert group.future.result(timeout=5)[0].outcome.code == KernelCode.AMOUNT_RANGE


def test_a_node_without_the_rules_stops_before_the_height_and_says_what_to_install(
    tmp_path: Path,
) -> None:
    ledger = founded(tmp_path / "home", version_1())
    ledger.engine.start()
    height = agree(ledger)
    assert ledger.app.agreed_step == Step(height, 2)
    while ledger.engine.fault is None:
        try:
            ledger.send("hengtong", pay(13))
        except Exception:  # the engine has halted
            break
    ledger.engine.stop()
    fault = ledger.engine.fault
    assert isinstance(fault, UnknownProtocol)
    assert (fault.version, fault.height) == (2, height)
    assert f"block {height} follows protocol version 2, and this program knows 1" in str(fault)
    assert "install a release of Tongbao that lists protocol version 2" in str(fault)
    assert f"区块 {height} 起须按协议版本 2 执行" in text_of(fault, "zh")
    assert ledger.app.tip.height == height - 1
    ledger.app.state.close()
    with pytest.raises(UnknownProtocol):
        open_application(tmp_path / "home", version_1())

    app = open_application(tmp_path / "home", both(), strict=True)
    again = Ledger(app, SoloEngine(app, VALIDATOR))
    again.engine.start()
    assert again.send("hengtong", pay(14)).status is Status.RECORDED
    again.engine.stop()
    assert audit(app).findings == ()


def test_a_read_model_reads_every_block_by_the_rules_of_that_block(
    upgraded: Ledger, tmp_path: Path
) -> None:
    upgraded.send("hengtong", pay(14))
    model = ReadModel(f"sqlite:///{tmp_path}/model.db", both(), upgraded.app.genesis.digest())
    model.catch_up(upgraded.app)
    assert model.height == upgraded.app.tip.height
    model.close()


def test_the_engine_is_told_the_version_of_the_next_header(tmp_path: Path) -> None:
    side = side_of(founded(None, both()), tmp_path)
    assert side.ask("info", version="x", abci_version="", block_version=0, p2p_version=0)[
        "app_version"
    ] == 1  # fmt: skip
    app = side.ledger.app
    vote = OpenVote(OPERATOR, Upgrade(2, 11), side.ledger.now() + 60_000)
    answers = [side.decide([side.ledger.envelope(OPERATOR, vote)])]
    while app.tip.height < 10:
        answers.append(side.decide([]))
    assert [one["app_version"] for one in answers] == [0] * 9 + [2]
    answer = side.decide([side.envelope(pay(13))])
    assert answer["app_version"] == 0
    assert answer["results"][0]["code"] == KernelCode.AMOUNT_RANGE


def test_beside_an_engine_a_node_without_the_rules_ends_after_the_last_block_it_can(
    tmp_path: Path,
) -> None:
    side = side_of(founded(None, version_1()), tmp_path)
    vote = OpenVote(OPERATOR, Upgrade(2, 11), side.ledger.now() + 60_000)
    side.decide([side.ledger.envelope(OPERATOR, vote)])
    with pytest.raises(UnknownProtocol, match="block 11 follows protocol version 2"):
        while True:
            side.decide([])
    assert side.ledger.app.tip.height == 10
    assert len(side.blocks) == 10
