"""`tongbao rtgs` and `tongbao settle` against a running node."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Shell

pytestmark = pytest.mark.xdist_group("cli")
NORTH, SOUTH = "bank-north/main", "bank-south/main"


def test_a_queue_is_opened_paid_through_looked_at_and_netted(shell: Shell) -> None:
    asset = json.dumps(["CNY", 1])
    shell.json("rtgs", "define", "--queue", "desk", "--operator", "central-bank", "--assets", asset,
               "--no-offset")  # fmt: skip
    big = ("--amount", "9000000000", "--asset", "CNY", "--queue", "desk")
    sent = shell.json("rtgs", "submit", *big, "--payer", NORTH, "--payee", SOUTH)
    payment = sent["events"][0]["payment"]
    shell.json("rtgs", "submit", *big, "--payer", SOUTH, "--payee", NORTH, "--priority", 3)
    waits = shell.json("rtgs", "queue", "desk")["items"]
    assert [one["payer"] for one in waits] == [SOUTH, NORTH]
    shell.json("rtgs", "priority", "--payment", payment, "--priority", 0)
    shell.json("rtgs", "reorder", "--payment", payment)
    assert shell.json("rtgs", "show", payment)["position"] == 1
    shell.json("rtgs", "set-limits", "--queue", "desk", "--account", NORTH, "--asset", "CNY",
               "--multilateral-amount", "100,000,000,000")  # fmt: skip
    assert shell.json("rtgs", "limits", "--queue", "desk")["items"][0]["account"] == NORTH
    shell.json("rtgs", "run", "--queue", "desk", "--party", "central-bank")
    [run] = shell.json("rtgs", "runs", "desk")["items"]
    assert (run["count"], run["left"]) == (2, 0)
    assert len(shell.json("rtgs", "payments", "--run", run["run"])["items"]) == 2
    assert "desk" in shell.run("rtgs", "queues")


def test_a_payment_is_cancelled_by_its_payer(shell: Shell) -> None:
    asset = json.dumps(["CNY", 1])
    shell.json("rtgs", "define", "--queue", "till", "--operator", "central-bank", "--assets", asset,
               "--no-at-once")  # fmt: skip
    sent = shell.json("rtgs", "submit", "--queue", "till", "--payer", NORTH, "--payee", SOUTH,
                      "--amount", "1.00", "--asset", "CNY")  # fmt: skip
    payment = sent["events"][0]["payment"]
    shell.json("rtgs", "cancel", "--payment", payment, "--reason", "typed twice")
    assert shell.json("rtgs", "show", payment)["state"] == "cancelled"


def test_a_batch_is_proposed_allocated_approved_and_shown(shell: Shell) -> None:
    legs = [
        json.dumps({"sender": "bank-north", "receiver": "bank-south", "asset": "CNY",
                    "amount": "1.00", "sender_account": NORTH}),
        json.dumps({"sender": "bank-south", "receiver": "bank-north", "asset": "CNY",
                    "amount": "0.90", "sender_account": SOUTH, "receiver_account": NORTH}),
    ]  # fmt: skip
    minor = legs[0].replace("amount", "amount_minor")
    refused = shell.run("settle", "batch", "--proposer", "bank-north", "--steps", minor,
                        "--deadline-at", "+1h", status=1)  # fmt: skip
    assert 'write "amount" in units, as "12.50"' in refused
    sent = shell.json("settle", "batch", "--proposer", "bank-north", "--steps", legs[0], "--steps",
                      legs[1], "--deadline-at", "+1h", "--title", "swap")  # fmt: skip
    batch = sent["events"][0]["batch"]
    shell.json("settle", "allocate", "--batch", batch, "--side", "receive", "--account", SOUTH)
    for party in ("bank-north", "bank-south"):
        shell.json("settle", "approve", "--batch", batch, "--party", party)
    assert shell.json("settle", "show", batch)["state"] == "settled"
    listed = shell.json("settle", "list", "--party", "bank-south")["items"]
    assert batch in [one["batch"] for one in listed]
    assert "swap" in shell.run("settle", "show", batch)
