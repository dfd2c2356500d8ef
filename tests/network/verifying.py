"""What those who trust no node see of a network: blocks, receipts, balances."""

from __future__ import annotations

import tomllib

from tests.network.conftest import Net, until

from tongbao.kernel.genesis import Genesis, read_genesis
from tongbao.kernel.receipts import Receipt, verify_receipt
from tongbao.sdk.light import (
    EngineProvider,
    GatewayProvider,
    LightClient,
    Options,
    QuorumReader,
    TrustedStore,
    verify_with_node,
)


def genesis_of(net: Net) -> Genesis:
    """What everyone agrees on."""
    return read_genesis((net.folder / "genesis.json").read_bytes())


def engine_url(net: Net, name: str) -> str:
    """Where the engine beside a node answers."""
    config = tomllib.loads((net.home(name) / "engine" / "config" / "config.toml").read_text())
    return str(config["rpc"]["laddr"]).replace("tcp://", "http://")


def clients_verify_all_of_it(net: Net, names: list[str]) -> None:
    """Skipping and one by one, over gateways and an engine, with every other node as witness."""
    genesis = genesis_of(net)
    gateways = [GatewayProvider(net.entries[name].url, token=net.token(name)) for name in names]
    engine = EngineProvider(engine_url(net, names[0]))
    store = TrustedStore.from_genesis(genesis)
    height = min(net.height(name) for name in names) - 1
    reached = LightClient(store, engine, gateways).verify_to(height)
    assert (reached.base, len(reached.confirmed), reached.faults) == (0, len(names), {})
    each = LightClient(
        TrustedStore.from_genesis(genesis), gateways[1], (engine,), Options(sequential=True)
    ).verify_to(height)
    assert (each.verified, each.block.hash()) == (height, reached.block.hash())
    paid = net.pay(names[0])
    asked = names[1]
    until(lambda: net.height(asked) > paid.height + 1, "the block after the payment is signed")
    with net.client(asked) as node:
        receipt = Receipt.decode(node.receipt(paid.digest))
    for proven in (
        verify_receipt(receipt, genesis.trust()),
        verify_receipt(receipt, store.trust()),
        verify_with_node(receipt, engine, store.trust()),
    ):
        assert proven.height == paid.height
        assert proven.grounds is not None and proven.grounds.signers >= 3
    row = QuorumReader(store, gateways).holding("mingda/main", "CNY")
    assert row.value is not None and row.value.posted > 0
    assert len(row.nodes) >= 3 and not row.faults
