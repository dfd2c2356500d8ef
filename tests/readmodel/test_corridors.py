"""Corridors in the lists: step by step from the blocks, and the same from the state alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.node.test_membership import Council
from tests.readmodel.conftest import NODE

from tongbao.gateway.routes.corridors import _track
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
from tongbao.readmodel import Page, ReadModel, SqlQueries, Viewer
from tongbao.readmodel.mirror import mirror_of

DAY = 24 * 3_600_000
MIRROR = mirror_of(tuple(protocols().newest.records.values()))
LIFE = {"created_at_ms", "created_height", "changed_height"}
"""What only older blocks know, where the state does not say it."""
LISTS = (
    "corridor", "corridor_terms", "corridor_server", "screening_result", "sealing_key",
    "cross_border_payment", "cross_border_return",
)  # fmt: skip


def pay(council: Council, number: int, amount: int, **fields: Any) -> None:
    view = council.app.view()
    corridor, (_, terms) = require_corridor(view, HOME), require_terms(view, HOME)
    costs = price(corridor, terms, (PAYER, PAYEE), "SHAR", send=amount).costs
    action = PayAbroad(HOME, PAYER, PAYEE, uetr(number), amount, costs=costs, remittance="INV 1")
    ends = {"originator": WHO, "beneficiary": WHOM}
    council.do("firm-a", replace(action, **{**ends, **fields}))


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


def rows(model: ReadModel, name: str) -> list[dict[str, Any]]:
    found = SqlQueries(model).records.list_rows(NODE, name, {}, limit=100).items
    unknown = LIFE - ({"created_at_ms"} if MIRROR.records[name].since else set())  # type: ignore[union-attr]
    shown = [{k: v for k, v in row.items() if k not in unknown} for row in found]
    return sorted(shown, key=str)


@pytest.mark.parametrize("name", LISTS)
def test_the_state_says_the_same_rows_as_the_blocks(
    models: tuple[ReadModel, ReadModel], name: str
) -> None:
    followed, began = (rows(model, name) for model in models)
    assert followed
    assert began == followed


def test_a_payment_is_shown_with_every_step_charge_and_return(
    models: tuple[ReadModel, ReadModel],
) -> None:
    followed, began = (_track(SqlQueries(model), NODE, uetr(40)) for model in models)
    assert followed is not None and began is not None
    assert (followed["uetr"], followed["state"], followed["returned_minor"]) == (
        uetr(4), "credited", "1000",
    )  # fmt: skip
    names = [step["step"] for step in followed["steps"]]
    assert names == ["accepted", "settled", "credited", "returned_part"]
    assert all(step["digest"] and step["height"] for step in followed["steps"])
    assert [step["step"] for step in began["steps"]] == names
    assert not any(step["digest"] or step["height"] for step in began["steps"])
    kinds = [charge["kind"] for charge in followed["charges"]]
    assert kinds == ["network", "corridor", "receiving_bank"]
    sent = sum(int(one["amount_minor"]) for one in followed["charges"][:2])
    assert int(followed["debited_minor"]) == 50_000 + sent
    assert followed["returns"][0]["treatment"] == "current_rate"
    assert _track(SqlQueries(models[0]), NODE, uetr(99)) is None
    asked = _track(SqlQueries(models[0]), NODE, uetr(2))
    assert asked is not None and asked["cancellation_by"] == "firm-a"


def test_payments_are_listed_newest_first_by_party_corridor_and_state(
    models: tuple[ReadModel, ReadModel],
) -> None:
    def listed(limit: int = 9, cursor: str | None = None, **filters: str) -> Page:
        asked = SqlQueries(models[0]).records
        return asked.list_rows(NODE, "cross_border_payment", filters, limit=limit, cursor=cursor)

    first = listed(2, party="firm-b")
    rest = listed(cursor=first.next_cursor, party="firm-b")
    assert [row["uetr"] for row in (*first.items, *rest.items)] == [
        uetr(n) for n in (5, 4, 3, 2, 1)
    ]
    assert [row["uetr"] for row in listed(state="cleared").items] == [uetr(3)]
    assert listed(corridor="NOWHERE").items == []
    assert listed(party="firm-c").items == []


def test_who_screens_reads_a_payment_while_it_is_held_and_who_gets_a_charge_the_charge_alone(
    council: Council, models: tuple[ReadModel, ReadModel]
) -> None:
    def reads(party: str, name: str) -> set[str]:
        asked = SqlQueries(models[0]).records
        found = asked.list_rows(Viewer(party), name, {}, limit=99).items
        return {row["uetr"] for row in found}

    pay(council, 6, 5_000, originator="ab" * 32)
    models[0].catch_up(council.app)
    payments = {uetr(n) for n in range(1, 7)}
    assert reads("firm-a", "cross_border_payment") == payments
    assert reads("watch", "cross_border_payment") == {uetr(6)}
    council.do("watch", RefusePayment(uetr(6), "watch", "listed"))
    models[0].catch_up(council.app)
    assert reads("watch", "cross_border_payment") == set()
    assert reads("central", "cross_border_payment") == set()
    assert reads("central", "charge") == {uetr(2), uetr(4), uetr(5)}
    assert reads("firm-a", "charge") == {uetr(2), uetr(4), uetr(5)}


def test_charges_results_and_keys_are_found_by_whom_they_concern(
    models: tuple[ReadModel, ReadModel],
) -> None:
    asked = SqlQueries(models[0]).records

    def listed(name: str, **filters: str) -> list[Any]:
        return list(asked.list_rows(NODE, name, filters, limit=99).items)

    charged = listed("charge", account="central/fees")
    assert {row["uetr"] for row in charged} == {uetr(2), uetr(4), uetr(5)}
    [result] = listed("screening_result", subject=WHO)
    assert result["verdict"] == "clear"
    key = asked.one_row(NODE, "sealing_key", "bank-b")
    assert key is not None
    assert key["suite"] == "x25519"
    [corridor] = listed("corridor", send_asset="CNY")
    servers = listed("corridor_server", corridor=corridor["corridor"])
    assert [one["party"] for one in servers] == ["bank-a", "bank-b"]
    [terms] = listed("corridor_terms", corridor=HOME)
    assert terms["screeners"] == ["watch", "bank-b"]
