"""The engine's own account of the network, in our words."""

from __future__ import annotations

from typing import Any

from tongbao.node.comet.network import bracketed
from tongbao.node.comet.rpc import EngineFault, EngineRpc
from tongbao.node.view import NetworkView, Peer


def look(rpc: EngineRpc) -> NetworkView:
    """Ask the engine; EngineFault where it does not answer, or not as expected."""
    status, net, waiting = rpc.ask_all(("status", "net_info", "num_unconfirmed_txs"))
    try:
        return NetworkView(
            "cometbft",
            str(status["node_info"]["version"]),
            str(status["node_info"]["id"]),
            str(status["node_info"]["listen_addr"]).rpartition("/")[2],
            int(status["sync_info"]["latest_block_height"]),
            bool(status["sync_info"]["catching_up"]),
            tuple(map(_peer, net["peers"])),
            int(waiting["n_txs"]),
            int(waiting["total_bytes"]),
            str(status["validator_info"]["address"]).lower(),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise EngineFault(f"{rpc.url} answers in an unknown form: {fault!r}") from fault


def _peer(reply: dict[str, Any]) -> Peer:
    info = reply["node_info"]
    host, port = str(reply["remote_ip"]), str(info["listen_addr"]).rpartition(":")[2]
    address = f"{bracketed(host)}:{port}"
    return Peer(str(info["id"]), str(info["moniker"])[:64], address, bool(reply["is_outbound"]))
