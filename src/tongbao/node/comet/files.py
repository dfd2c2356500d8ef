"""The engine's own files: configuration and genesis."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tongbao import _core
from tongbao.kernel.blocks import MAX_BLOCK_BYTES
from tongbao.kernel.genesis import Genesis
from tongbao.kernel.transaction import MAX_ENVELOPE_BYTES
from tongbao.node.comet.settings import NodeSettings, toml_value
from tongbao.node.home import NodeHome

EVIDENCE_BLOCKS = 1_000_000
EVIDENCE_DAYS = 14
"""Evidence of double signing counts while it is younger than either; light clients trust a header
for a shorter time, seven days."""
EVIDENCE_BYTES = 262_144
MEMPOOL_TRANSACTIONS = 20_000
MEMPOOL_BYTES = 64 * 1_048_576
MEGABYTE = 1_048_576
RPC_BODY_BYTES = 12 * MEGABYTE
RPC_BATCH = 1_000
LONGEST_SOCKET = 100
"""Bytes that a unix socket's path may have, with room to spare (sun_path has 108)."""


class EnginePaths:
    """Where the engine's things lie inside a node's folder."""

    def __init__(self, home: NodeHome) -> None:
        """Paths below `home`, made absolute."""
        self.home = home.path.absolute()
        self.root = self.home / "engine"
        self.config = self.root / "config" / "config.toml"
        self.genesis = self.root / "config" / "genesis.json"
        self.node_key = self.root / "config" / "node_key.json"
        self.data = self.root / "data"
        self.run = self.home / "run"
        self.log = self.home / "engine.log"

    def make(self) -> None:
        """Make the folders, for their owner alone."""
        for folder in (self.home, self.root, self.config.parent, self.data, self.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def forget_idle_key(self) -> None:
        """Let the engine make the key anew that it insists on and never signs with (we do).

        It refuses to start where that key is there without its state: so after `data` was moved
        away, to fetch the chain again.
        """
        if not (self.data / "priv_validator_state.json").exists():
            (self.root / "config" / "priv_validator_key.json").unlink(missing_ok=True)

    def socket(self, name: str) -> Path:
        """A unix socket's path that is short enough, however deep the folder lies."""
        path = self.run / name
        if len(os.fsencode(path)) <= LONGEST_SOCKET:
            return path
        # The kernel's own name of an open folder is short; it stays open with the process.
        return Path(f"/proc/self/fd/{os.open(self.run, os.O_PATH | os.O_DIRECTORY)}") / name


# ---- genesis -------------------------------------------------------------------------------------


def engine_genesis(genesis: Genesis) -> bytes:
    """The engine's genesis: the same on every node, made of ours alone, and naming it by digest."""
    time = datetime.fromtimestamp(genesis.time_ms / 1000, UTC)
    value: dict[str, Any] = {
        "genesis_time": time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{genesis.time_ms % 1000:03d}Z",
        "chain_id": genesis.chain,
        "initial_height": str(genesis.founding_height + 1),
        "consensus_params": {
            "block": {"max_bytes": str(MAX_BLOCK_BYTES), "max_gas": "-1"},
            "evidence": {
                "max_age_num_blocks": str(EVIDENCE_BLOCKS),
                "max_age_duration": str(EVIDENCE_DAYS * 86_400 * 10**9),
                "max_bytes": str(EVIDENCE_BYTES),
            },
            "validator": {"pub_key_types": ["ed25519"]},
            "version": {"app": str(genesis.protocol)},
            "abci": {"vote_extensions_enable_height": "0"},
        },
        "validators": [
            {
                "address": _core.validator_address(one.public).hex().upper(),
                "pub_key": {
                    "type": "tendermint/PubKeyEd25519",
                    "value": base64.b64encode(one.public).decode(),
                },
                "power": str(one.power),
                "name": one.name,
            }
            for one in genesis.validators
        ],
        "app_hash": "",
        "app_state": {"genesis": genesis.digest()},
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


# ---- configuration -------------------------------------------------------------------------------


def engine_config(settings: NodeSettings, *, syncing: bool, node_key: Path | str = "") -> str:
    """The engine's config.toml. What is not named keeps the engine's default.

    Sockets are named relative to the node's folder, in which the engine is started. `node_key` is
    where it reads its node key, if not from its own file.
    """
    engine, peers, sync = settings.engine, settings.peers, settings.state_sync
    values: dict[str, str | int | bool] = {
        "proxy_app": "unix://run/abci.sock",
        "priv_validator_laddr": "unix://run/signer.sock",
        "moniker": settings.name,
        "log_level": engine.log_level,
        "log_format": "json",
        "rpc.laddr": f"tcp://{engine.rpc}",
        "rpc.max_body_bytes": RPC_BODY_BYTES,
        "rpc.max_request_batch_size": RPC_BATCH,
        "rpc.max_open_connections": 100,
        "p2p.laddr": f"tcp://{peers.listen}",
        "p2p.external_address": peers.external,
        "p2p.persistent_peers": ",".join(peers.persistent),
        "p2p.persistent_peers_max_dial_period": "10s",
        "p2p.addr_book_strict": not peers.one_machine,
        "p2p.allow_duplicate_ip": peers.one_machine,
        "p2p.max_num_inbound_peers": peers.inbound,
        "p2p.max_num_outbound_peers": peers.outbound,
        "p2p.flush_throttle_timeout": "10ms",
        "p2p.send_rate": 20 * MEGABYTE,
        "p2p.recv_rate": 20 * MEGABYTE,
        "mempool.type": "flood",
        "mempool.recheck": False,
        "mempool.size": MEMPOOL_TRANSACTIONS,
        "mempool.max_txs_bytes": MEMPOOL_BYTES,
        "mempool.cache_size": 2 * MEMPOOL_TRANSACTIONS,
        "mempool.max_tx_bytes": MAX_ENVELOPE_BYTES,
        "statesync.enable": syncing and bool(sync.servers),
        # They may carry tokens, which stand nowhere longer than they are needed.
        "statesync.rpc_servers": ",".join(sync.servers) if syncing else "",
        "statesync.trust_height": sync.trust_height,
        "statesync.trust_hash": sync.trust_hash,
        "statesync.trust_period": f"{sync.trust_period_s}s",
        "statesync.discovery_time": "5s",
        "consensus.timeout_propose": f"{engine.propose_ms}ms",
        "consensus.timeout_propose_delta": f"{engine.step_ms}ms",
        "consensus.timeout_prevote": f"{engine.vote_ms}ms",
        "consensus.timeout_prevote_delta": f"{engine.step_ms}ms",
        "consensus.timeout_precommit": f"{engine.vote_ms}ms",
        "consensus.timeout_precommit_delta": f"{engine.step_ms}ms",
        "consensus.timeout_commit": f"{engine.commit_ms}ms",
        # A block that changed the state is followed at once by one that proves it; else only so
        # often, so that timers fall due and light clients find a fresh header.
        "consensus.create_empty_blocks": False,
        "consensus.create_empty_blocks_interval": f"{engine.idle_block_ms}ms",
        "consensus.peer_gossip_sleep_duration": "20ms",
        "storage.discard_abci_responses": True,
        "tx_index.indexer": "null",
        "instrumentation.prometheus": True,
        "instrumentation.prometheus_listen_addr": engine.metrics,
        **engine.more,
    }
    if node_key:
        values["node_key_file"] = str(node_key)
    return _toml(values)


def _toml(values: dict[str, str | int | bool]) -> str:
    sections: dict[str, list[str]] = {}
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        sections.setdefault(section, []).append(f"{key} = {toml_value(value)}")
    text = "# Written from node.toml at every start: edit that file.\n"
    for section, lines in sections.items():
        text += (f"\n[{section}]\n" if section else "") + "\n".join(lines) + "\n"
    return text
