"""A validator's key is changed on a network of real engines, and the chain comes to need it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.network.attacking import an_attack_is_found_and_stands_on_every_ledger
from tests.network.conftest import Net, tongbao, until

from tongbao.scenarios.founding import PASSPHRASE_FILE
from tongbao.sdk import governance

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
A, B, C, D = "central-bank", "bank-north", "bank-south", "hengtong"


def govern(net: Net, *words: object, status: int = 0) -> dict[str, object]:
    """A command of `tongbao governance` on one node, signed with the members' wallet."""
    reach = ("--url", net.entries[A].url, "--wallet", net.folder / "wallet")
    told: dict[str, object] = tongbao("governance", *words, *reach, status=status)
    return told


def test_a_rotated_key_signs_and_the_window_then_holds_further_changes_up(net: Net) -> None:
    net.start()
    net.wait_ready()
    home = net.home(D)
    secret = home / "wallet" / PASSPHRASE_FILE
    fresh, seat = net.folder / "fresh.pem", net.folder / "seat.json"
    tongbao("governance", "prove", D, "--key", fresh, "--create", "--old-key",
            home / "validator.pem", "--passphrase-file", secret, "-o", seat,
            "--url", net.entries[A].url)  # fmt: skip
    govern(net, "rotate-key", "--party", D, "--seat", seat)
    _swap_key(net, fresh)
    # Three of four: with the first killed, the chain goes on only where the new key signs.
    net.kill(A)
    paid = net.pay(B, seconds=60)
    assert paid.code == 0
    net.start(A)
    net.wait_ready(A)
    _window_is_full(net)
    an_attack_is_found_and_stands_on_every_ledger(net, [B, C, A], net.folder)
    _who_attacked_is_expelled_though_the_window_is_full(net)
    net.stop_all()
    for name in (A, D):
        assert tongbao("audit", "--home", net.home(name))["clean"]


def _swap_key(net: Net, fresh: Path) -> None:
    """The node gets its new key while it is stopped, and comes back."""
    net.stop(D)
    shutil.move(fresh, net.home(D) / "validator.pem")
    net.start(D)
    net.wait_ready(D)
    paid = net.pay(A)
    until(lambda: net.height(D) >= paid.height, "the node with the new key follows")


def _window_is_full(net: Net) -> None:
    """One seat of 10 in 40 moved by the rotation; another today would make a half."""
    ask = govern(net, "propose", "remove", "--party", C, "--opener", A, "--expires-at", "+1h")
    vote = ask["events"][0]["vote"]  # type: ignore[index]
    govern(net, "vote", "--party", B, "--vote", vote, "--in-favour")
    told = govern(net, "vote", "--party", D, "--vote", vote, "--in-favour", status=1)
    assert told["name"] == "WINDOW_FULL"
    assert [one["how"] for one in tongbao("governance", "history", "--url", net.entries[A].url)[
        "items"
    ]][:1] == ["key"]  # fmt: skip


def _who_attacked_is_expelled_though_the_window_is_full(net: Net) -> None:
    with net.client(A) as ledger:
        found = list(ledger.walk(governance.evidence(C)))
    ask = govern(net, "propose", "expel", "--party", C, "--evidence", found[0].evidence,
                 "--opener", A, "--expires-at", "+1h")  # fmt: skip
    vote = ask["events"][0]["vote"]  # type: ignore[index]
    govern(net, "vote", "--party", B, "--vote", vote, "--in-favour")
    govern(net, "vote", "--party", D, "--vote", vote, "--in-favour")
    with net.client(A) as ledger:
        newest = next(iter(ledger.walk(governance.seat_changes())))
    assert (newest.party, newest.how) == (C, "expelled")
