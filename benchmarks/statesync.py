"""A node joins a ledger of 1,000,000 accounts from a snapshot: how long, and is it the same ledger.

    .venv/bin/python -m benchmarks.statesync --accounts 1000000

Two validators settle until both have made a snapshot; a third node with an empty folder starts
with the hash of one header and the two engines' RPC. The engine proves the state root of the
snapshot's height with its light client; we check every chunk and the root over all rows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.bench.engine import (
    HOST,
    PASSPHRASE,
    Seat,
    found_ours,
    free_ports,
    running,
    seats_of,
)
from tongbao.bench.engine_load import Load
from tongbao.bench.settle import Plan
from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.node.comet.files import EnginePaths, create_node_key, engine_config, node_id
from tongbao.node.comet.install import find
from tongbao.node.comet.settings import (
    FILE,
    EngineSettings,
    NodeSettings,
    Peers,
    StateSyncFrom,
    read_settings,
    settings_text,
)
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.node.opening import open_application

INTERVAL = 10
VALIDATORS = 2


def joiner(folder: Path, seats: list[Seat], height: int, digest: str) -> Seat:
    """The folder of a third node: genesis, a key that signs nothing, and whom to trust."""
    home = NodeHome(folder / "joiner")
    paths = EnginePaths(home)
    paths.make()
    shutil.copy(seats[0].home.genesis_file, home.genesis_file)
    shutil.copy(seats[0].paths.genesis, paths.genesis)
    ValidatorKey.create(home.validator_file, PASSPHRASE.encode())
    create_node_key(paths.node_key)
    peer, rpc, metrics = free_ports(3)
    known = tuple(
        f"{node_id(seat.paths.node_key)}@{read_settings(seat.home.path).peers.listen}"
        for seat in seats
    )
    servers = tuple(seat.rpc.removeprefix("http://") for seat in seats)
    settings = NodeSettings(
        "joiner",
        peers=Peers(listen=f"{HOST}:{peer}", persistent=known, one_machine=True),
        engine=EngineSettings(rpc=f"{HOST}:{rpc}", metrics=f"{HOST}:{metrics}"),
        state_sync=StateSyncFrom(servers, height, digest),
        snapshot_interval=0,
    )
    (home.path / FILE).write_text(settings_text(settings), "utf-8")
    paths.config.write_text(engine_config(settings, syncing=True), "utf-8")
    return Seat(home, f"http://{settings.engine.rpc}")


def snapshots(seat: Seat) -> list[Path]:
    """The snapshots that a node has, oldest first."""
    return sorted(path.parent for path in (seat.home.path / "snapshots").glob("[0-9]*/manifest"))


def settle_until_both_have_one(load: Load, envelopes: list[bytes], seats: list[Seat]) -> float:
    """Seconds until both validators have a snapshot and blocks beyond it."""
    began = time.monotonic()
    at = 0
    while not all(map(snapshots, seats)) or load.height() % INTERVAL < 3:
        load.drive(envelopes[at : at + 20], None)
        at += 20
    return time.monotonic() - began


def root_of(home: NodeHome) -> dict[str, Any]:
    """Height, accounts and root of a stopped node, as its store gives them on opening."""
    began = time.monotonic()
    app = open_application(home.path, Registry(installed()))
    reported = {
        "height": app.tip.height, "rows": len(app.state), "root": app.state.root().hex(),
        "open_seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    app.state.close()
    return reported


def main() -> None:
    """Found, settle, join, compare, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=1_000_000)
    chosen = options.parse_args()
    keys = [Ed25519PrivateKey.generate() for _ in range(VALIDATORS)]
    with tempfile.TemporaryDirectory(prefix="tongbao-statesync-") as scratch:
        folder = Path(scratch)
        plan = Plan("single", chosen.accounts, 4_000)
        envelopes = found_ours(folder, plan, keys, lambda *_: None, snapshot_interval=INTERVAL)
        seats = seats_of(folder, VALIDATORS)
        reported: dict[str, Any] = {"accounts": chosen.accounts}
        with running(seats, find().path, ours=True):
            load = Load([seat.rpc for seat in seats])
            reported["settling_seconds"] = round(
                settle_until_both_have_one(load, envelopes, seats), 1
            )
            newest = snapshots(seats[0])[-1]
            reported["snapshot_bytes"] = sum(p.stat().st_size for p in newest.iterdir())
            reported["chunks"] = len(list(newest.glob("chunk-*")))
            digest = load.ask("block", height="1")["block_id"]["hash"]
            began = time.monotonic()
            third = joiner(folder, seats, 1, digest)
            with running([third], find().path, ours=True):
                reported["joined_seconds"] = round(time.monotonic() - began, 1)
                goal = load.height()
                joined = Load([third.rpc])
                while joined.height() < goal:
                    time.sleep(0.1)
                reported["caught_up_seconds"] = round(time.monotonic() - began, 1)
                joined.close()
                load.drive(envelopes[-20:], None)
                time.sleep(2)
            load.close()
        homes = [*(seat.home for seat in seats), third.home]
        reported["nodes"] = [root_of(home) for home in homes]
        reported["one_root"] = len({one["root"] for one in reported["nodes"]}) == 1
    print(json.dumps(reported, indent=2))


if __name__ == "__main__":
    main()
