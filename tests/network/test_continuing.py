"""A ledger that began embedded goes on as a network of four, with real processes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.network.conftest import Net, quicken, tongbao, until

from tongbao.modules.payments import Transfer
from tongbao.scenarios.consortium import key_of
from tongbao.sdk import Client, Problem
from tongbao.sdk.build import build, seal
from tongbao.sdk.tokens import NODE_FILE

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]


def envelope(chain: str, time_ms: int, reference: str) -> bytes:
    """A payment of the core enterprise, named."""
    from tongbao.kernel.signing import signed_bytes
    from tongbao.kernel.transaction import Signature

    action = Transfer("hengtong/main", "mingda/main", "CNY", 700)
    body = build(chain, "hengtong", reference, [action], time_ms + 600_000)
    keys = [key_of("hengtong", label) for label in ("maker", "checker")]
    return seal(body, [
        Signature("ed25519", k.public_key().public_bytes_raw(), k.sign(signed_bytes(body)))
        for k in keys
    ])  # fmt: skip


def test_an_embedded_ledger_goes_on_as_a_network_and_pays_no_name_twice(
    tmp_path: Path, engine: Path
) -> None:
    solo, snapshot, folder = tmp_path / "solo", tmp_path / "snapshot", tmp_path / "net"
    _pay_on_solo(solo, "invoice-1")
    reported = tongbao("snapshot", "export", snapshot, "--home", solo)
    assert tongbao("snapshot", "verify", snapshot, "--trust", solo / "genesis.json") == reported
    made = tongbao("network", "init", folder, "--from-snapshot", snapshot, "--port", 0)
    assert made["chain"] == "tongbao-demo-2"
    shutil.copytree(solo / "wallet", folder / "wallet")
    net = Net(folder, engine)
    for name in net.names:
        quicken(net.home(name) / "node.toml")
    net.start()
    try:
        net.wait_ready()
        with net.client(net.names[1]) as client:
            status = client.status()
            assert status.height > reported["height"]
            with pytest.raises(Problem) as used:
                client.submit_and_wait(envelope(status.chain, status.time_ms, "invoice-1"))
            assert used.value.name == "NAME_USED"
            paid = client.submit_and_wait(envelope(status.chain, status.time_ms, "invoice-2"))
            assert (paid.code, paid.height > status.height) == (0, True)
            entries = list(client.accounts.entries(account="mingda/main", oldest_first=True))
            forward, *_, newest = entries
            assert (forward.event, newest.payee_reference) == ("ledger.brought_forward", "")
            assert int(newest.balance_minor) == int(forward.balance_minor) + 700
        _another_joins(net, paid.height)
    finally:
        net.stop_all()
    clean = tongbao("audit", "--home", net.home(net.names[0]))
    assert (clean["clean"], clean["transactions"] >= 1) == (True, True)
    altered = snapshot / "chunk-000000"
    altered.write_bytes(altered.read_bytes()[:-1] + b"\x00\x01")
    assert not tongbao("snapshot", "verify", snapshot, status=1)["verified"]


def _another_joins(net: Net, height: int) -> None:
    """It gets what the chain goes on from out of the nodes it asks."""
    secret, name = net.folder / "passphrase", "mingda"
    secret.write_text("a passphrase of its own")
    reported = tongbao("network", "join", net.folder / name, "--name", name, "--from",
                   net.entries[net.names[0]].url, "--passphrase-file", secret, "--digest",
                   net.map.genesis, "--replay", environment={
                       "TONGBAO_TOKEN": (net.home(net.names[0]) / NODE_FILE).read_text(),
                   })  # fmt: skip
    assert reported["origin_fetched"] and (net.folder / name / "origin" / "manifest.json").exists()
    net.add(name, reported["url"], reported["peer"])
    net.start(name, passphrase_file=secret)
    net.wait_ready(name)
    until(lambda: net.height(name) >= height, "the node that joined has the payment")
    with net.client(name) as client:
        forward, *_ = client.accounts.entries(account="mingda/main", oldest_first=True)
        assert forward.event == "ledger.brought_forward"


def _pay_on_solo(home: Path, reference: str) -> None:
    """One payment on the embedded demonstration, which is then stopped."""
    from tongbao.daemon.solo import running
    from tongbao.scenarios.founding import passphrase_of, set_up

    set_up(home)
    with running(home, passphrase_of(home)) as node, Client(node.url) as client:
        status = client.status()
        client.submit_and_wait(envelope(status.chain, status.time_ms, reference))
