"""The read model says what the ledger says, on every database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
from sqlalchemy.exc import OperationalError
from tests.node.conftest import Ledger
from tests.readmodel.conftest import NODE

from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.money import HOLDING_PREFIX, Holding
from tongbao.modules.accounts import SetLimits
from tongbao.modules.assets import FreezeHolding, PauseAsset, ResumeAsset
from tongbao.modules.parties import ApproveProposal, Propose
from tongbao.modules.payments import BulkTransfer, Hold, Line, PostHold, Transfer, VoidHold
from tongbao.readmodel import BadCursor, ReadModel, ReadModelFault, SqlQueries, behind_block
from tongbao.scenarios import consortium

Opened = Callable[[], tuple[ReadModel, SqlQueries]]


def pay(amount: int, payee: str = "mingda/main", **more: str) -> Transfer:
    return Transfer(payer="hengtong/main", payee=payee, asset="CNY", amount_minor=amount, **more)  # type: ignore[arg-type]


def bulk(first: int, count: int, *, all_or_none: bool = True) -> BulkTransfer:
    lines = tuple(
        Line(consortium.employee_account(n)[0], 100 + n, f"E{n}")
        for n in range(first, first + count)
    )
    return BulkTransfer(payer="hengtong/main", asset="CNY", lines=lines, all_or_none=all_or_none)


def traffic(ledger: Ledger) -> None:
    """Some of everything that moves money."""
    ledger.send("hengtong", pay(1234, remittance="invoice 7", payee_reference="INV-7"))
    ledger.send("hengtong", bulk(1, 20), pay(5), bulk(21, 3))
    ledger.send("hengtong", pay(10**15))
    due = ledger.now() + 3_600_000
    for amount in (300, 400, 500):
        hold = Hold(payer="hengtong/main", payee="yuntu/main", asset="CNY",
                    amount_minor=amount, due_at_ms=due)  # fmt: skip
        held = ledger.send("hengtong", hold).outcome.events[0].hold
        if amount == 400:
            ledger.send("hengtong", PostHold(hold=held, amount_minor=150, final=False))
        if amount == 500:
            ledger.send("yuntu", VoidHold(hold=held, reason="not needed"))
    raw = msgspec.Raw(msgspec.json.encode((bulk(30, 5), pay(9))))
    proposed = ledger.send(
        "hengtong", Propose(proposer="hengtong", actions=raw, expires_at_ms=due), labels=("maker",)
    )
    proposal = proposed.outcome.events[0].proposal
    ledger.send(
        "hengtong", ApproveProposal(party="hengtong", proposal=proposal), labels=("checker",)
    )


def equals_the_ledger(ledger: Ledger, queries: SqlQueries) -> int:
    """Every holding and every account's last entry; how many were compared."""
    compared = 0
    for key, value in ledger.app.state.scan(HOLDING_PREFIX, None, 10_000):
        account, asset = key[1:].decode().split("\0")
        holding = Holding.decode(value)
        [row] = queries.records.every(NODE, "holding", account=account, asset=asset)
        assert int(row["posted_minor"]) == holding.posted, account
        assert int(row["reserved_minor"]) == holding.reserved, account
        entries = queries.records.every(NODE, "entry", account=account)
        assert sum(int(entry["amount_minor"]) for entry in entries) == holding.posted, account
        compared += 1
    return compared


def test_balances_reserves_and_entries_equal_the_ledgers(ledger: Ledger, opened: Opened) -> None:
    traffic(ledger)
    model, queries = opened()
    model.catch_up(ledger.app)
    assert model.height == ledger.app.tip.height
    assert equals_the_ledger(ledger, queries) > 300


def test_following_gives_the_same_rows_as_rebuilding(ledger: Ledger, opened: Opened) -> None:
    model, queries = opened()
    model.follow(ledger.app, ledger.engine.subscribe)
    traffic(ledger)
    assert model.wait_for(ledger.app.tip.height, 20)
    followed = [
        list(queries.records.every(NODE, "entry", account="hengtong/main")),
        queries.events(NODE, limit=1000),
    ]
    model.rebuild(ledger.app)
    assert [
        list(queries.records.every(NODE, "entry", account="hengtong/main")),
        queries.events(NODE, limit=1000),
    ] == followed
    equals_the_ledger(ledger, queries)


def test_a_block_is_projected_exactly_once(ledger: Ledger, opened: Opened) -> None:
    traffic(ledger)
    records = [ledger.app.block(height) for height in range(ledger.app.tip.height + 1)]
    blocks = [record for record in records if record is not None]
    model, queries = opened()
    model.apply(blocks[:3])
    model.apply(blocks[:5])
    again, _ = opened()
    assert again.height == 4
    again.apply(blocks)
    assert model.height == 4
    with pytest.raises(ReadModelFault, match="missing"):
        model.apply(blocks[7:])
    equals_the_ledger(ledger, queries)


def test_a_crash_between_rows_leaves_the_block_unprojected(
    ledger: Ledger, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic(ledger)
    model, queries = opened()
    first = ledger.app.block(0)
    second = ledger.app.block(1)
    assert first is not None
    assert second is not None
    model.apply([first])
    from tongbao.readmodel import model as module

    def dies(rows: object, record: BlockRecord, *others: object) -> None:
        original(rows, record, *others)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    original = module.project
    monkeypatch.setattr(module, "project", dies)
    with pytest.raises(KeyboardInterrupt):
        model.apply([second])
    monkeypatch.undo()
    assert model.height == 0
    model.catch_up(ledger.app)
    equals_the_ledger(ledger, queries)


def test_another_genesis_is_refused(ledger: Ledger, opened: Opened, url: str) -> None:
    opened()
    other = consortium.genesis(GenesisValidator("x", bytes(32)), 5)
    with pytest.raises(ReadModelFault, match="another genesis"):
        ReadModel(url, ledger.app.registry, other.digest())


def test_lists_page_through_everything_once(ledger: Ledger, opened: Opened) -> None:
    model, queries = opened()
    model.catch_up(ledger.app)
    seen: list[str] = []
    cursor = None
    while True:
        page = queries.records.list_rows(NODE, "account", {}, limit=37, cursor=cursor)
        seen += [row["account"] for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) == consortium.EMPLOYEES + len(consortium.MEMBERS)


@pytest.mark.parametrize("cursor", ["", "x", "!!", "WzFd", "W10", "bnVsbA", "eyJhIjoxfQ"])
def test_a_cursor_that_the_list_did_not_make_is_refused(
    ledger: Ledger, opened: Opened, cursor: str
) -> None:
    model, queries = opened()
    model.catch_up(ledger.app)
    with pytest.raises(BadCursor):
        queries.records.list_rows(NODE, "account", {}, limit=5, cursor=cursor)


def test_accounts_are_found_by_party_number_and_id(ledger: Ledger, opened: Opened) -> None:
    model, queries = opened()
    model.catch_up(ledger.app)
    account, number = consortium.employee_account(7)
    found = list(queries.records.every(NODE, "account", identifier=number))
    assert [(row["account"], row["identifiers"]) for row in found] == [(account, [number])]
    of_party = queries.records.every(NODE, "account", party="yuntu")
    assert [row["account"] for row in of_party] == ["yuntu/main"]
    asked = [number, "yuntu/main", "nobody/main", "123"]
    assert queries.resolve(asked) == {number: account, "yuntu/main": "yuntu/main"}


def test_entries_carry_what_a_statement_needs(ledger: Ledger, opened: Opened) -> None:
    traffic(ledger)
    model, queries = opened()
    model.catch_up(ledger.app)
    of = {"account": "mingda/main", "oldest_first": True}
    [_, first, *_] = queries.records.every(NODE, "entry", **of)
    assert (first["amount_minor"], first["payee_reference"]) == ("1234", "INV-7")
    assert (first["counterparty"], first["remittance"]) == ("hengtong/main", "invoice 7")
    when = first["time_ms"]
    [before] = queries.records.every(NODE, "entry", **of, until_ms=when)
    assert str(int(before["balance_minor"]) + 1234) == first["balance_minor"]
    later = queries.records.every(NODE, "entry", **of, since_ms=when + 1)
    assert all(entry["time_ms"] > when for entry in later)


def test_states_of_assets_holds_and_proposals_follow(ledger: Ledger, opened: Opened) -> None:
    traffic(ledger)
    model, queries = opened()
    model.catch_up(ledger.app)
    states = {
        row["amount_minor"]: row["state"]
        for row in queries.records.list_rows(NODE, "hold", {"account": "yuntu/main"}, limit=9).items
    }
    assert states == {"300": "open", "400": "open", "500": "released"}
    proposal = next(queries.records.every(NODE, "proposal", party="hengtong"))
    assert (proposal["state"], proposal["actions"]) == (
        "executed", ["payments.bulk_transfer", "payments.transfer"],
    )  # fmt: skip
    assert sum(map(len, proposal["approvals"].values())) == 2 and "content" not in proposal
    ledger.send("central-bank", PauseAsset(asset="CNY", reason="drill"))
    frozen = FreezeHolding(asset="CNY", account="yuntu/main", basis="order 1")
    ledger.send("central-bank", frozen)
    limit = SetLimits(account="yuntu/main", asset="CNY", per_payment=5, per_day=50)
    model.catch_up(ledger.app)
    paused = queries.records.one_row(NODE, "asset", "CNY")
    assert paused is not None
    assert (paused["state"], paused["reason"]) == ("paused", "drill")
    [held] = queries.records.every(NODE, "holding", account="yuntu/main")
    [freeze] = queries.records.every(NODE, "freeze", account="yuntu/main")
    assert held["flags"] == ["frozen"]
    assert (freeze["by"], freeze["basis"]) == ("central-bank", "order 1")
    ledger.send("central-bank", ResumeAsset(asset="CNY"))
    envelope = ledger.envelope("yuntu", limit)
    assert ledger.submit(envelope).outcome.code == 15  # the servicer has to agree too
    model.catch_up(ledger.app)
    resumed = queries.records.one_row(NODE, "asset", "CNY")
    assert resumed is not None
    assert (resumed["state"], resumed["reason"]) == ("active", "")


def test_events_go_on_from_an_id_and_filter(ledger: Ledger, opened: Opened) -> None:
    model, queries = opened()
    model.catch_up(ledger.app)
    newest = behind_block(queries.height())
    traffic(ledger)
    model.catch_up(ledger.app)
    page = queries.events(NODE, limit=1000, after=newest)
    assert page.items[0]["event"] == "payments.transferred"
    assert page.next_cursor == behind_block(queries.height())
    assert not queries.events(NODE, limit=10, after=page.next_cursor).items
    kinds = {
        e["event"] for e in queries.events(NODE, limit=1000, after=newest, event="payments").items
    }
    assert kinds
    assert all(kind.startswith("payments.") for kind in kinds)
    held = queries.events(NODE, limit=1000, after=newest, account="yuntu/main").items
    assert held
    assert all("yuntu/main" in msgspec.json.encode(e["data"]).decode() for e in held)
    with pytest.raises(BadCursor):
        queries.events(NODE, limit=1, after="1.x.2")


def test_a_name_is_remembered_for_ever(ledger: Ledger, opened: Opened) -> None:
    ledger.send("hengtong", pay(3), reference="R-77")
    model, queries = opened()
    model.catch_up(ledger.app)
    where = queries.named(NODE, "hengtong", "R-77")
    assert where is not None
    assert where["height"] == ledger.app.tip.height - 1
    assert queries.named(NODE, "hengtong", "R-78") is None
    newest = queries.transactions(NODE, limit=1, party="hengtong").items[0]
    assert (newest["reference"], newest["types"]) == ("R-77", ["payments.transfer"])


def test_a_database_that_cannot_be_written_for_a_while_is_written_again_later(
    ledger: Ledger, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.readmodel.model.AGAIN_S", 0.05)
    model, queries = opened()
    apply, refused = model.apply, [3]

    def full(records: Sequence[BlockRecord]) -> None:
        if refused[0]:
            refused[0] -= 1
            raise OperationalError("INSERT", {}, OSError("database or disk is full"))
        apply(records)

    monkeypatch.setattr(model, "apply", full)
    model.follow(ledger.app, ledger.engine.subscribe)
    ledger.send("hengtong", pay(77))
    assert model.wait_for(ledger.app.tip.height, 20) and not refused[0]
    assert model.fault is None
    assert equals_the_ledger(ledger, queries)


def test_lists_that_lack_a_pruned_block_say_which_and_what_to_do(
    ledger: Ledger, opened: Opened
) -> None:
    model, _ = opened()
    for amount in range(1, 4):
        ledger.send("hengtong", pay(amount))

    class Pruned:
        tip = ledger.app.tip

        def block(self, height: int) -> BlockRecord | None:
            return None if height == 2 else ledger.app.block(height)

    with pytest.raises(ReadModelFault, match=r"need block 2, .*readmodel\.db.*state_sync"):
        model.catch_up(Pruned())
