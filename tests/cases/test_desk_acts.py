"""Acts at the desk: signed once, in order, by two people; and its memory of an older version."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.cases.filing import SECOND, case, filed, payment
from tests.gateway.conftest import (  # noqa: F401
    Node,
    checker,
    desk_node,
    maker,
    refused,
    wallet,
)

from tongbao.paymentfiles.desk.codes import DeskCode
from tongbao.scenarios import consortium
from tongbao.sdk import desk as sdk
from tongbao.sdk.desk import DeskClient
from tongbao.sdk.wallet import Wallet

# The fixtures of the gateway's tests are used here by their names.
# ruff: noqa: F811


def limit_order(wallet: Wallet, key: str, most: int) -> sdk.Order:
    content = msgspec.json.encode(sdk.LimitChange(key, "CNY", most))
    reply = sdk.Statement(
        sdk.LIMIT, consortium.CHAIN, "hengtong", key, 0, hashlib.sha256(content).hexdigest(),
        time.time_ns() // 1_000_000,
    )  # fmt: skip
    keys = [wallet.public(f"hengtong--{label}") for label in ("maker", "checker")]
    time.sleep(0.002)
    return sdk.prepare(reply, wallet, keys, content)


def test_an_earlier_limit_is_not_carried_out_again_after_a_later_one(
    desk_node: Node, wallet: Wallet
) -> None:
    client, key = desk_node.client(), wallet.public("hengtong--maker").id
    high, late = limit_order(wallet, key, 10**9), limit_order(wallet, key, 5)
    for order in (high, limit_order(wallet, key, 1)):
        client.call(sdk.order("limits", order, sdk.DeskLimit))
    for order in (high, late):
        problem = refused(
            lambda order=order: client.call(sdk.order("limits", order, sdk.DeskLimit))
        )
        assert problem.code == DeskCode.ORDER_REPLAYED
    limits = {one.key: one.most_minor for one in client.walk(sdk.limits("hengtong"))}
    assert limits[key] == "1"
    client.call(sdk.order("limits", limit_order(wallet, key, -1), sdk.DeskLimit))
    client.call(sdk.order("limits", limit_order(wallet, "x", -1), sdk.DeskLimit))


def test_whoever_made_a_file_does_not_approve_it(maker: DeskClient, checker: DeskClient) -> None:
    taken = maker.sign(maker.upload(filed(payment()), "a.xml"))
    problem = refused(lambda: maker.sign(taken))
    assert problem.code == DeskCode.MAKER_APPROVES
    assert not checker.sign(taken).missing


def test_the_desk_tells_each_currency_apart_and_waits_for_the_instant(
    desk_node: Node, maker: DeskClient
) -> None:
    content = filed(payment("100.00"), payment("7.00", SECOND[1]), batch=True)
    later = datetime.now(UTC) + timedelta(days=2)
    timed = content.replace(
        b"<Dt>" + datetime.now(UTC).date().isoformat().encode() + b"</Dt>",
        f"<DtTm>{later.isoformat(timespec='seconds')}</DtTm>".encode(),
    )
    taken = maker.upload(timed, "a.xml")
    (batch,) = desk_node.client().walk(sdk.batches(taken.file))
    assert batch.totals == {"CNY": "10700"}
    assert batch.due_at_ms == int(later.timestamp()) * 1000


def test_case_d10_the_desk_takes_both_files(maker: DeskClient) -> None:
    for name in ("D10-colon.xml", "D10-dot.xml"):
        assert maker.upload(case(name), name).states == {"ready": 1}


@pytest.fixture(autouse=True)
def _no_limits_are_left(desk_node: Node) -> None:
    """A limit that a test forgot would stop the other tests' approvals."""
    assert not list(desk_node.client().walk(sdk.limits("hengtong")))
