"""`tongbao bench settle --engine cometbft`: a network of ours beside the engine's own application.

One run makes both on this machine, one after the other: as many engines of the same build with
the same configuration, the same load, transactions of the same size. The other application is
`kvstore`, which the engine carries inside itself: it keeps a key and a value in memory and checks
nothing, so it shows what the engine alone can do here.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.bench.engine_load import Load
from tongbao.bench.engine_node import STAGES_FILE
from tongbao.bench.settle import BULK_LINES, Bench, Plan, Progress
from tongbao.files import write_private
from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.hashing import content_digest
from tongbao.keyfiles import write_key
from tongbao.node.comet.files import EnginePaths, engine_config, engine_genesis
from tongbao.node.comet.nodekey import NodeKey
from tongbao.node.comet.ports import HOST, free_ports
from tongbao.node.comet.settings import (
    FILE,
    EngineSettings,
    NodeSettings,
    Peers,
    read_settings,
    settings_text,
)
from tongbao.node.home import NodeHome

PASSPHRASE = "of a benchmark"  # noqa: S105 - its keys sign nothing else
READY_S = 120.0
STOP_S = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Seat:
    """One node of either network."""

    home: NodeHome
    rpc: str

    @property
    def paths(self) -> EnginePaths:
        """Where its engine's things lie."""
        return EnginePaths(self.home)


def run_beside_kvstore(
    plan: Plan, validators: int, program: Path, progress: Progress
) -> dict[str, Any]:
    """Measure ours, then the engine's own; the figures that the command prints."""
    folder = Path(tempfile.mkdtemp(prefix="tongbao-bench-"))
    try:
        keys = [
            Ed25519PrivateKey.from_private_bytes(content_digest(f"seat {n}".encode()))
            for n in range(validators)
        ]
        envelopes = found_ours(folder, plan, keys, progress)
        each = plan.transactions / len(envelopes)
        progress("ours", 0, 2)
        with running(seats_of(folder, validators), program, ours=True) as nodes:
            ours = _measured(nodes, envelopes, each)
        ours["stages"] = _stages(folder, validators)
        progress("kvstore", 1, 2)
        seats = _found_kvstore(folder, keys, seats_of(folder, validators)[0])
        with running(seats, program, ours=False) as nodes:
            theirs = _measured(nodes, _as_pairs(envelopes), each)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ratio = ours["transactions_per_second"] / theirs["transactions_per_second"]
    return {
        "engine": "cometbft",
        "validators": validators,
        "shape": plan.shape,
        "accounts": plan.accounts,
        "transactions": plan.transactions,
        "bytes_a_transaction": round(sum(map(len, envelopes)) / len(envelopes)),
        "tongbao": ours,
        "kvstore": theirs,
        "throughput_ratio": round(ratio, 3),
        "bulk_lines": BULK_LINES if plan.shape == "bulk" else 1,
    }


# ---- founding ------------------------------------------------------------------------------------


def seats_of(folder: Path, validators: int) -> list[Seat]:
    """The nodes whose folders `found_ours` has made."""
    homes = [NodeHome(folder / f"node-{n}") for n in range(validators)]
    return [Seat(home, f"http://{read_settings(home.path).engine.rpc}") for home in homes]


def found_ours(
    folder: Path,
    plan: Plan,
    keys: Sequence[Ed25519PrivateKey],
    progress: Progress,
    **settings: int,
) -> list[bytes]:
    """One ledger, copied into every node's folder; the signed envelopes.

    `settings`: `snapshot_interval`, `keep_blocks` where the nodes are to have any.
    """
    seated = tuple(
        GenesisValidator(f"seat-{n}", key.public_key().public_bytes_raw())
        for n, key in enumerate(keys)
    )
    bench = Bench(plan, progress, seated)
    try:
        envelopes = bench.sign()
        genesis = bench.genesis
        bench.app.state.close()
        homes = [NodeHome(folder / f"node-{n}") for n in range(len(keys))]
        for home, key in zip(homes, keys, strict=True):
            EnginePaths(home).make()
            shutil.copytree(bench.folder / "ledger", home.ledger)
            home.genesis_file.write_bytes(genesis.encode())
            EnginePaths(home).genesis.write_bytes(engine_genesis(genesis))
            write_key(home.validator_file, key, PASSPHRASE.encode())
        connect(homes, **settings)
    finally:
        bench.close()
    return envelopes


def connect(homes: Sequence[NodeHome], **more: int) -> list[Seat]:
    """Node keys, addresses and the engine's configuration."""
    ids = [_node_key(EnginePaths(home)) for home in homes]
    ports = free_ports(3 * len(homes))
    peers = [f"{own}@{HOST}:{ports[3 * n]}" for n, own in enumerate(ids)]
    seats = []
    for n, home in enumerate(homes):
        others = tuple(one for place, one in enumerate(peers) if place != n)
        settings = NodeSettings(
            f"node-{n}",
            peers=Peers(listen=f"{HOST}:{ports[3 * n]}", persistent=others, one_machine=True),
            engine=EngineSettings(
                rpc=f"{HOST}:{ports[3 * n + 1]}", metrics=f"{HOST}:{ports[3 * n + 2]}"
            ),
            snapshot_interval=more.get("snapshot_interval", 0),
            keep_blocks=more.get("keep_blocks", 0),
        )
        (home.path / FILE).write_text(settings_text(settings), "utf-8")
        EnginePaths(home).config.write_text(engine_config(settings, syncing=False), "utf-8")
        seats.append(Seat(home, f"http://{settings.engine.rpc}"))
    return seats


def _node_key(paths: EnginePaths) -> str:
    """A node key in the engine's own file, as its own application needs it too; its id."""
    key = NodeKey.generate()
    write_private(paths.node_key, key.engine_form())
    return key.id


def _found_kvstore(folder: Path, keys: Sequence[Ed25519PrivateKey], like: Seat) -> list[Seat]:
    """The engine's own application on engines configured like ours, each with its key in a file."""
    homes = [NodeHome(folder / f"kvstore-{n}") for n in range(len(keys))]
    genesis = msgspec.json.decode(like.paths.genesis.read_bytes())
    genesis.pop("app_state")
    for home, key in zip(homes, keys, strict=True):
        paths = EnginePaths(home)
        paths.make()
        paths.genesis.write_bytes(msgspec.json.encode(genesis))
        _write_key(paths, key, genesis["validators"])
    seats = connect(homes)
    for seat in seats:
        text = seat.paths.config.read_text("utf-8")
        text = text.replace('proxy_app = "unix://run/abci.sock"', 'proxy_app = "kvstore"')
        text = text.replace('priv_validator_laddr = "unix://run/signer.sock"\n', "")
        seat.paths.config.write_text(text, "utf-8")
    return seats


def _write_key(
    paths: EnginePaths, key: Ed25519PrivateKey, validators: Sequence[dict[str, Any]]
) -> None:
    public = key.public_key().public_bytes_raw()
    known = base64.b64encode(public).decode()
    own = next(one for one in validators if one["pub_key"]["value"] == known)
    pair = base64.b64encode(key.private_bytes_raw() + public).decode()
    value = {
        "address": own["address"],
        "pub_key": own["pub_key"],
        "priv_key": {"type": "tendermint/PrivKeyEd25519", "value": pair},
    }
    (paths.root / "config" / "priv_validator_key.json").write_bytes(msgspec.json.encode(value))
    state = {"height": "0", "round": 0, "step": 0}
    (paths.data / "priv_validator_state.json").write_bytes(msgspec.json.encode(state))


def _as_pairs(envelopes: Sequence[bytes]) -> list[bytes]:
    """Transactions of the other application, as long as ours: a name, one `=`, a value."""
    pairs = []
    for n, envelope in enumerate(envelopes):
        name = f"k{n}=".encode()
        filler = content_digest(name).hex().encode()
        size = max(1, len(envelope) - len(name))
        pairs.append(name + (filler * (size // len(filler) + 1))[:size])
    return pairs


# ---- running -------------------------------------------------------------------------------------


@dataclass
class Running:
    """The processes of a network."""

    seats: list[Seat]
    processes: list[subprocess.Popen[bytes]]
    ours: bool

    def cpu_seconds(self) -> dict[str, float]:
        """CPU time so far of the engines and of our side."""
        spent = {"engine": 0.0, "tongbao": 0.0}
        for process in self.processes:
            for pid in _family(process.pid):
                name = Path(f"/proc/{pid}/comm").read_text().strip()
                whose = "engine" if name == "cometbft" else "tongbao"
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                spent[whose] += (int(fields[11]) + int(fields[12])) / TICKS
        return spent


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task")
    found = [pid]
    for task in children.iterdir():
        for child in (task / "children").read_text().split():
            found += _family(int(child))
    return found


@contextmanager
def running(seats: list[Seat], program: Path, *, ours: bool) -> Iterator[Running]:
    """All nodes of a network, ready (at a block); ended in order."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for seat in seats:
            home = str(seat.home.path)
            command = [str(program), "start", "--home", str(seat.paths.root)]
            if ours:
                module = "tongbao.bench.engine_node"
                command = [sys.executable, "-m", module, home, str(program), PASSPHRASE]
            with seat.paths.log.with_name("node.log").open("wb") as log:
                processes.append(
                    subprocess.Popen(command, stdout=log, stderr=log, cwd=home)  # noqa: S603
                )
        up = Running(seats, processes, ours)
        _wait_ready(up)
        yield up
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_ready(up: Running) -> None:
    until = time.monotonic() + READY_S
    for seat, process in zip(up.seats, up.processes, strict=True):
        while not _has_block(seat):
            if process.poll() is not None or time.monotonic() > until:
                log = seat.paths.log.with_name("node.log").read_text(errors="replace")
                raise RuntimeError(f"{seat.home.path.name} does not come up: {log[-2000:]}")
            time.sleep(0.2)


def _has_block(seat: Seat) -> bool:
    try:
        reply = httpx.get(f"{seat.rpc}/status", timeout=5, trust_env=False).json()
        return int(reply["result"]["sync_info"]["latest_block_height"]) >= 1
    except (httpx.HTTPError, ValueError, KeyError):
        return False


def _measured(nodes: Running, transactions: Sequence[bytes], each: float) -> dict[str, Any]:
    load = Load([seat.rpc for seat in nodes.seats])
    before = nodes.cpu_seconds()
    began = time.perf_counter()
    try:
        found = load.measure(transactions, each)
    finally:
        load.close()
    spent = {name: value - before[name] for name, value in nodes.cpu_seconds().items()}
    whole = sum(spent.values()) or 1.0
    wall = time.perf_counter() - began
    return found | {
        "cpu_share": {name: round(value / whole, 3) for name, value in spent.items()},
        "cpu_us_a_transaction": {
            name: round(value * 1e6 / len(transactions)) for name, value in spent.items()
        },
        "cores_used": round(whole / wall, 2),
    }


def _stages(folder: Path, validators: int) -> dict[str, float]:
    """Where our side's time went, over all nodes: share of what the stages count."""
    seconds: dict[str, float] = {}
    for n in range(validators):
        for name, value in msgspec.json.decode(
            (folder / f"node-{n}" / STAGES_FILE).read_bytes()
        ).items():
            seconds[name] = seconds.get(name, 0.0) + value
    whole = sum(seconds.values()) or 1.0
    return {name: round(value / whole, 4) for name, value in seconds.items()}
