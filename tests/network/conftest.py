"""Networks of real processes on this machine: nodes, engines, sockets."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tongbao import _core
from tongbao.cli.commands.network.up import NodeProcess, start_node
from tongbao.kernel.transaction import Transaction
from tongbao.modules.payments import Transfer
from tongbao.node.comet.install import EngineMissing, find, install
from tongbao.node.comet.network import NodeEntry, read_map
from tongbao.scenarios.founding import passphrase_of
from tongbao.sdk import Client, Problem
from tongbao.sdk.answers import Result
from tongbao.sdk.build import build, new_reference, seal
from tongbao.sdk.calls import RetryPolicy
from tongbao.sdk.tokens import NODE_FILE
from tongbao.sdk.wallet import Wallet

TONGBAO = Path(sys.executable).with_name("tongbao")
WAIT_S = 60.0
QUICK = {"snapshot_interval": (1_000, 10), "propose_ms": (2_000, 1_000),
         "idle_block_ms": (5_000, 1_000)}  # fmt: skip
"""Settings as `init` writes them, and by which less time goes by: only waiting is left out. The two
newest snapshots are kept, so they have to last longer than the engine takes to find and fetch one.
"""


def tongbao(
    *words: object,
    status: int = 0,
    seconds: float = 150,
    environment: dict[str, str] | None = None,
) -> Any:
    """The JSON value that a command prints; it has to end with `status`."""
    done = subprocess.run(
        [str(TONGBAO), "--json", *map(str, words)], capture_output=True, text=True,
        timeout=seconds, check=False, env={**os.environ, "NO_COLOR": "1", **(environment or {})},
    )  # fmt: skip
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return json.JSONDecoder().raw_decode(done.stdout)[0] if done.stdout.strip() else {}


def until(true: Callable[[], bool], what: str, seconds: float = WAIT_S) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def processes_of(net: Net, name: str) -> tuple[int, int]:
    """A node's process and its engine's."""
    return net.running[name].process.pid, net.engine_pid(name)


def quicken(file: Path) -> None:
    """Write the quick settings into a node's file."""
    text = file.read_text()
    for name, (usual, quick) in QUICK.items():
        assert f"{name} = {usual}\n" in text, name
        text = text.replace(f"{name} = {usual}\n", f"{name} = {quick}\n")
    file.write_text(text)


def _value(lines: Iterable[str]) -> str:
    """One JSON value of several lines, read as it comes."""
    read = ""
    for line in lines:
        read += line
        if line.startswith("}"):
            break
    return read


class Net:
    """A network's folder and the nodes that run."""

    def __init__(self, folder: Path, engine: Path) -> None:
        self.folder = folder
        self.engine = engine
        self.map = read_map(folder)
        self.entries = {entry.name: entry for entry in self.map.nodes}
        self.names = list(self.entries)
        self.running: dict[str, NodeProcess] = {}
        self.up_status = -1
        self.tokens: dict[str, str] = {}
        """Of the gateways that ask for one, by node."""
        self._http = httpx.Client(verify=False, trust_env=False)
        self.wallet = Wallet(folder / "wallet", passphrase_of(folder))

    # ---- processes -----------------------------------------------------------------------------

    def home(self, name: str) -> Path:
        """A node's folder."""
        return self.folder / self.entries[name].home

    def add(self, name: str, url: str, peer: str) -> None:
        """A node that joined: its folder lies beside the others."""
        self.entries[name] = NodeEntry(name, name, url, peer, "")

    def start(self, *names: str, passphrase_file: Path | None = None) -> None:
        """Start nodes."""
        for name in names or self.names:
            more = ["--engine-path", str(self.engine)]
            if passphrase_file is not None:
                more += ["--passphrase-file", str(passphrase_file)]
            self.running[name] = start_node(self.entries[name], self.home(name), more)

    def engine_pid(self, name: str) -> int:
        """The engine beside a node."""
        return int(json.loads((self.home(name) / "node.json").read_text())["engine_pid"])

    def kill(self, name: str) -> None:
        """End a node and its engine as a power cut does; whoever started the node."""
        reply = json.loads((self.home(name) / "node.json").read_text())
        for pid in (int(reply["pid"]), int(reply["engine_pid"])):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        ours = self.running.pop(name, None)
        if ours is not None:
            ours.process.wait(10)
        until(lambda: not alive(int(reply["pid"])), f"{name} is gone", 10)

    def stop(self, name: str) -> int:
        """Ask a node to end; its status."""
        process = self.running.pop(name).process
        process.send_signal(signal.SIGTERM)
        return process.wait(40)

    def stop_all(self) -> None:
        """Ask every node to end, all at once."""
        for one in self.running.values():
            one.process.send_signal(signal.SIGTERM)
        for name in list(self.running):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.running[name].process.wait(40)
            self.running.pop(name).process.kill()

    @contextlib.contextmanager
    def up(self, *words: object) -> Iterator[dict[str, Any]]:
        """`tongbao network up`, shown as JSON once all nodes are ready; stopped at the end."""
        command = [str(TONGBAO), "--json", "network", "up", str(self.folder), *map(str, words)]
        command += ["--engine-path", str(self.engine)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                yield json.loads(_value(process.stdout))
            finally:
                process.send_signal(signal.SIGINT)
                self.up_status = process.wait(60)

    # ---- asking --------------------------------------------------------------------------------

    def client(self, name: str, seconds: float = 10.0) -> Client:
        """A client of one node that asks once."""
        retry = RetryPolicy(attempts=1)
        token = self.token(name)
        return Client(self.entries[name].url, token=token, timeout_seconds=seconds, retry=retry)

    def token(self, name: str) -> str:
        """By which a node knows the test as one of its own."""
        own = self.home(name) / NODE_FILE
        return self.tokens.get(name) or (own.read_text() if own.exists() else "")

    def token_lines(self, names: Iterable[str]) -> str:
        """A file of tokens for some gateways."""
        return "".join(f"{self.entries[one].url} {self.tokens[one]}\n" for one in names)

    def log(self, name: str) -> str:
        """What a node and its engine wrote."""
        files = (self.home(name) / one for one in ("node.log", "engine.log"))
        return "".join(one.read_text() for one in files if one.exists())

    def signed(self, name: str, address: str, height: int = 0) -> bool:
        """Whether a validator signed a block; default: the newest whose commit a node has."""
        with self.client(name) as node:
            detail = node.block(height or node.status().height - 1)
        if not detail.commit:
            return False
        found = _core.commit_fields(base64.b64decode(detail.commit))["signatures"]
        return any(one[1].hex() == address for one in found)

    def height(self, name: str) -> int:
        """Newest block of a node; -1 where it does not answer."""
        try:
            with self.client(name, 2.0) as node:
                return node.status().height
        except (httpx.HTTPError, Problem):
            return -1

    def ready(self, name: str) -> bool:
        """Whether a node takes transactions."""
        assert self.running[name].process.poll() is None, self.running[name].last_words()
        try:
            answer = self._http.get(f"{self.entries[name].url}/readyz", timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.json()["height"] > 0

    def wait_ready(self, *names: str) -> None:
        """Until nodes take transactions."""
        for name in names or self.names:
            until(lambda one=name: self.ready(one), f"{name} is ready")  # type: ignore[misc]

    def envelope(self, amount_minor: int = 100) -> bytes:
        """A payment of the core enterprise to a supplier, signed by both desks."""
        action = Transfer(
            payer="hengtong/main", payee="mingda/main", asset="CNY", amount_minor=amount_minor
        )
        return self.sealed("hengtong", action)

    def sealed(self, party: str, action: Transaction) -> bytes:
        """An action of a member, signed by both desks."""
        expires = int(time.time() * 1000) + 600_000
        body = build(self.map.chain, party, new_reference("N"), (action,), expires)
        keys = [f"{party}--maker", f"{party}--checker"]
        return seal(body, self.wallet.sign(body, keys, namer=party))

    def act(self, name: str, party: str, action: Transaction) -> Result:
        """Send a member's action to a node and wait until it is final."""
        with self.client(name, 30.0) as node:
            return node.submit_and_wait(self.sealed(party, action))

    def hand_in(self, name: str, envelope: bytes) -> int:
        """Send a payment and do not wait; the HTTP status."""
        url = f"{self.entries[name].url}/v1/transactions?wait=false"
        headers = {"content-type": "application/json"}
        answer = self._http.post(url, content=envelope, headers=headers, timeout=10)
        return answer.status_code

    def pay(self, name: str, envelope: bytes | None = None, seconds: float = 30.0) -> Result:
        """Send a payment to a node and wait until it is final."""
        with self.client(name, seconds) as node:
            return node.submit_and_wait(envelope or self.envelope())


@pytest.fixture(scope="session")
def engine() -> Path:
    """The engine's binary, built where it is not there."""
    try:
        return find().path
    except EngineMissing:
        try:
            return Path(install().path)
        except EngineMissing as missing:
            pytest.skip(f"no engine: {missing}")


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory, engine: Path) -> Iterator[Net]:
    """Four validators' folders; a test starts what it needs."""
    folder = tmp_path_factory.mktemp("network") / "net"
    tongbao("network", "init", folder, "--validators", 4, "--port", 0)
    for file in folder.glob("*/node.toml"):
        quicken(file)
    made = Net(folder, engine)
    try:
        yield made
    finally:
        made.stop_all()
