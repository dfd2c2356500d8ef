"""What the engine says of the network, in our words."""

from __future__ import annotations

from typing import Any

import pytest

from tongbao.cli.commands.network.join import _reachable
from tongbao.node.comet.looking import look
from tongbao.node.comet.settings import PEER


class Engine:
    """Says what it is shown to."""

    url = "http://engine"

    def __init__(self, remote: str) -> None:
        self.remote = remote

    def ask_all(self, methods: object) -> list[Any]:
        """Status, peers, what waits."""
        own = {"version": "0.38.25", "id": "1f" * 20, "listen_addr": "tcp://0.0.0.0:26656"}
        peer = {
            "node_info": {"id": "2e" * 20, "moniker": "b", "listen_addr": "tcp://[::]:26656"},
            "remote_ip": self.remote, "is_outbound": True,
        }  # fmt: skip
        status = {
            "node_info": own, "validator_info": {"address": "AB" * 20},
            "sync_info": {"latest_block_height": "3", "catching_up": False},
        }  # fmt: skip
        return [status, {"peers": [peer]}, {"n_txs": "0", "total_bytes": "0"}]


@pytest.mark.parametrize(
    ("remote", "address"),
    [("10.0.0.2", "10.0.0.2:26656"), ("2001:db8::2", "[2001:db8::2]:26656")],
)
def test_a_peers_address_can_be_dialled_whatever_its_family(remote: str, address: str) -> None:
    [peer] = look(Engine(remote)).peers  # type: ignore[arg-type]
    assert peer.address == address
    assert PEER.fullmatch(f"{peer.id}@{peer.address}")


def test_a_node_that_listens_everywhere_is_dialled_where_it_was_asked() -> None:
    assert _reachable("0.0.0.0:26656", "2001:db8::1") == "[2001:db8::1]:26656"
    assert _reachable("[::]:26656", "node.example") == "node.example:26656"
    assert _reachable("10.0.0.1:26656", "node.example") == "10.0.0.1:26656"
