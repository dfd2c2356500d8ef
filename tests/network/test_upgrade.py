"""An upgrade of the rules beside a real engine: the header's version, and a node without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.network.conftest import quicken, tongbao, until
from tests.node.test_protocol import both, version_1

from tongbao import _core
from tongbao.daemon import network as running_network
from tongbao.daemon.network import RunningNetworkNode, running_network_node
from tongbao.kernel.codes import KernelCode
from tongbao.kernel.protocols import Protocols, UnknownProtocol, as_protocols
from tongbao.modules.governance import OpenVote, Upgrade
from tongbao.modules.payments import Transfer
from tongbao.node.comet.install import inspect
from tongbao.scenarios.founding import passphrase_of
from tongbao.sdk import Client, Problem, RetryPolicy
from tongbao.sdk.build import build, new_reference, seal
from tongbao.sdk.wallet import Wallet

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
ONE = "central-bank"


def send(client: Client, wallet: Wallet, party: str, action: object) -> int:
    """The code of a transaction that both desks of a party signed; -1 where nobody answered."""
    status = client.status()
    body = build(status.chain, party, new_reference("U"), [action], status.time_ms + 600_000)  # type: ignore[list-item]
    keys = [wallet.public(f"{party}--{desk}") for desk in ("maker", "checker")]
    try:
        return client.submit_and_wait(seal(body, wallet.sign(body, keys, namer=party))).code
    except Problem as problem:
        return problem.code


def thirteen() -> Transfer:
    return Transfer("hengtong/main", "mingda/main", "CNY", 13)


def test_a_node_without_the_rules_stops_before_the_height_and_one_that_has_them_goes_on(
    tmp_path: Path, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "net"
    tongbao("network", "init", folder, "--validators", 1, "--names", ONE, "--port", 0)
    quicken(folder / ONE / "node.toml")
    wallet, home = Wallet(folder / "wallet", passphrase_of(folder)), folder / ONE
    secret, inside = passphrase_of(home), inspect(engine)

    def running(rules: Protocols) -> object:
        monkeypatch.setattr(running_network, "protocols", lambda: rules)
        return running_network_node(home, secret, inside)

    with (
        running(as_protocols(version_1())) as node,
        Client(node.url, retry=RetryPolicy(attempts=1)) as client,
    ):  # type: ignore[attr-defined]
        until(lambda: client.status().height > 0, "the first block")
        height = client.status().height + 14
        vote = OpenVote(ONE, Upgrade(2, height), client.status().time_ms + 600_000)
        assert send(client, wallet, ONE, vote) == 0
        assert (client.status().next_protocol, client.status().protocol) == (2, 1)
        _until_it_stops(node, client, wallet)
        assert isinstance(node.engine.fault, UnknownProtocol)
        assert client.status().fault.startswith(f"block {height} follows protocol version 2")
        assert node.application.tip.height == height - 1
    with pytest.raises(UnknownProtocol), running(as_protocols(version_1())):  # type: ignore[attr-defined]
        pass
    with running(both()) as node, Client(node.url, retry=RetryPolicy(attempts=1)) as client:  # type: ignore[attr-defined]
        until(lambda: client.status().height >= height, "the first block by the new rules")
        assert send(client, wallet, "hengtong", thirteen()) == KernelCode.AMOUNT_RANGE
        ledger = node.application
        until(lambda: bool(ledger.block(height).header), "the header of that block")
        versions = [
            _core.header_fields(ledger.block(one).header)["app_version"]
            for one in (height - 1, height)
        ]
        assert versions == [1, 2]
        assert client.status().protocol == 2


def _until_it_stops(node: RunningNetworkNode, client: Client, wallet: Wallet) -> None:
    """Payments by the old rules, each of which makes blocks, until the node says that it ends."""
    for _ in range(40):
        if node.engine.fault is not None:
            return
        code = send(client, wallet, "hengtong", thirteen())
        assert code == 0 or node.engine.fault is not None, code
    pytest.fail("the node went on")
