"""Corridors in the lists: step by step from the blocks, and the same from the state alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Table, select
from tests.node.test_membership import Council
from tests.readmodel.conftest import NODE

from tongbao.modules import protocols
from tongbao.modules.corridors import (
    AnswerCancellation,
    AskCancellation,
    Attest,
    ConfirmCredit,
    DefineCorridor,
    PayAbroad,
    PublishSealingKey,
    RefusePayment,
    ReleasePayment,
    ReturnPayment,
    ReturnTerms,
    Serve,
    price,
    require_corridor,
    require_terms,
)
from tongbao.modules.corridors.tests.setting import (
    ENVELOPE,
    HOME,
    PAYEE,
    PAYER,
    SCREENED,
    WHO,
    WHOM,
    accounts,
    uetr,
)
from tongbao.readmodel import ReadModel, SqlQueries
from tongbao.readmodel import schema_corridors as schema

DAY = 24 * 3_600_000
ONLY_BLOCKS_KNOW = {"digest", "settled_digest", "height", "set_by", "set_at_ms"}
TABLES = (
    schema.corridors, schema.terms, schema.servers, schema.results, schema.sealing_keys,
    schema.payments, schema.steps, schema.charges, schema.returns,
)  # fmt: skip


def pay(council: Council, number: int, amount: int, **fields: Any) -> None:
    view = council.app.view()
    corridor, (_, terms) = require_corridor(view, HOME), require_terms(view, HOME)
    costs = price(corridor, terms, (PAYER, PAYEE), "SHAR", send=amount).costs
    action = PayAbroad(HOME, PAYER, PAYEE, uetr(number), amount, costs=costs, remittance="INV 1")
    council.do("firm-a", replace(action, originator=WHO, beneficiary=WHOM, **fields))


@pytest.fixture(scope="module")
def council() -> Council:
    """A ledger on which payments went every way."""
    council = Council()
    for action in accounts():
        owner, servicer = action.account.split("/")[0], action.servicer  # type: ignore[attr-defined]
        council.do(owner, action, by=[servicer] if servicer else [])
    council.do("central", DefineCorridor(HOME, "CNY", "CNY", "central", SCREENED))
    council.do("bank-a", Serve(HOME, "bank-a"))
    council.do("bank-b", Serve(HOME, "bank-b"))
    council.do("bank-b", PublishSealingKey("bank-b", "x25519", b"k" * 32))
    pay(council, 1, 3_000)
    council.do("watch", RefusePayment(uetr(1), "watch", "listed"))
    pay(council, 2, 4_000)
    council.do("watch", ReleasePayment(uetr(2), "watch", "no match"))
    pay(council, 3, 4_000, costs=())
    council.do("watch", ReleasePayment(uetr(3), "watch", "no match"))
    for subject in (WHO, WHOM):
        council.do("watch", Attest(subject, "watch", "clear", "UN 1", council.time_ms + DAY))
    pay(council, 4, 50_000, travel_rule=ENVELOPE)
    council.do("bank-b", ConfirmCredit(uetr(4), "bank-b", 49_000))
    back = ReturnTerms(uetr(40), "current_rate", 1_000)
    council.do("firm-b", ReturnPayment(uetr(4), back, "FOCR", "partly"))
    pay(council, 5, 900)
    council.do("firm-a", AskCancellation(uetr(5), "firm-a", "DUPL"))
    whole = ReturnTerms(uetr(50), "beneficiary_currency")
    council.do("firm-b", AnswerCancellation(uetr(5), "firm-b", True, "CUST", back=whole))
    council.do("firm-a", AskCancellation(uetr(2), "firm-a", "DUPL", "again"))
    return council


@pytest.fixture(scope="module")
def models(
    council: Council, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ReadModel, ReadModel]]:
    """One that followed every block, and one that began with the state."""
    folder: Path = tmp_path_factory.mktemp("corridors")
    followed, began = (
        ReadModel(f"sqlite:///{folder}/{name}.db", protocols(), council.app.genesis.digest())
        for name in ("followed", "began")
    )
    followed.catch_up(council.app)
    began.begin_with_state(council.app)
    yield followed, began
    followed.close()
    began.close()


def rows(model: ReadModel, table: Table) -> list[dict[str, Any]]:
    order = list(table.primary_key.columns)
    with model.engine.connect() as connection:
        found = connection.execute(select(table).order_by(*order)).mappings()
        return [{k: v for k, v in row.items() if k not in ONLY_BLOCKS_KNOW} for row in found]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_state_tells_the_same_rows_as_the_blocks(
    models: tuple[ReadModel, ReadModel], table: Table
) -> None:
    followed, began = (rows(model, table) for model in models)
    assert followed
    assert began == followed


def test_a_payment_is_told_with_every_step_charge_and_return(
    models: tuple[ReadModel, ReadModel],
) -> None:
    asked = SqlQueries(models[0]).corridors
    one = asked.payment(NODE, uetr(40))
    assert one is not None
    assert (one["uetr"], one["state"], one["returned_minor"]) == (uetr(4), "credited", "1000")
    names = [step["step"] for step in one["steps"]]
    assert names == ["accepted", "settled", "credited", "returned_part"]
    assert all(step["digest"] and step["height"] for step in one["steps"])
    assert [charge["kind"] for charge in one["charges"]] == [
        "network", "corridor", "receiving_bank",
    ]  # fmt: skip
    sent = sum(int(c["amount_minor"]) for c in one["charges"][:2])
    assert int(one["debited_minor"]) == 50_000 + sent
    assert one["returns"][0]["treatment"] == "current_rate"
    assert asked.payment(NODE, uetr(99)) is None


def test_payments_are_listed_newest_first_by_party_corridor_and_state(
    models: tuple[ReadModel, ReadModel],
) -> None:
    asked = SqlQueries(models[0]).corridors
    first = asked.payments(NODE, limit=2, party="firm-b")
    rest = asked.payments(NODE, limit=9, party="firm-b", cursor=first.next_cursor)
    listed = [row["uetr"] for row in (*first.items, *rest.items)]
    assert listed == [uetr(n) for n in (5, 4, 3, 2, 1)]
    assert [row["uetr"] for row in asked.payments(NODE, limit=9, state="cleared").items] == [
        uetr(3)
    ]
    assert asked.payments(NODE, limit=9, corridor="NOWHERE").items == []
    assert asked.payments(NODE, limit=9, party="firm-c").items == []
    two = asked.payment(NODE, uetr(2))
    assert two is not None
    assert two["cancellation_by"] == "firm-a"


def test_charges_results_and_keys_are_found_by_whom_they_concern(
    models: tuple[ReadModel, ReadModel],
) -> None:
    asked = SqlQueries(models[0]).corridors
    charged = asked.charges(NODE, "central/fees", limit=9).items
    assert {row["uetr"] for row in charged} == {uetr(2), uetr(4), uetr(5)}
    [result] = asked.screening(NODE, WHO, limit=9).items
    assert result["verdict"] == "clear"
    key = asked.sealing_key(NODE, "bank-b")
    assert key is not None
    assert key["suite"] == "x25519"
    [corridor] = asked.corridors(NODE, limit=9, send_asset="CNY").items
    assert corridor["servers"] == ["bank-a", "bank-b"]
    [terms] = asked.terms(NODE, HOME, limit=9).items
    assert terms["terms"]["screeners"] == ["watch", "bank-b"]
