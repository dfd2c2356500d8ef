"""Institutions with a node each, on one machine, under test."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from tests.network.faults.disk import small_disk
from tests.network.faults.processes import TOKEN, NodeProcess, clock_file
from tests.network.faults.wiring import Wiring, wire

from tongbao.gateway.viewers.access import GRANTS, Grant, digest_of, write_grants
from tongbao.node.comet.network import read_map
from tongbao.node.comet.ports import free_ports
from tongbao.node.comet.settings import FILE, NodeSettings, read_settings, settings_text

SMALL_DISK_MB = 256
LOOPBACK = "127.0.0.1"


SKEWED = Path(__file__).with_name("skewed.py")
HOSTILE = Path(__file__).with_name("hostile.py")
PROGRAM = (sys.executable, "-c", "from tongbao.cli.main import main; main()")


def tongbao(*words: str) -> str:
    """One command of our own; what it prints."""
    command = [*PROGRAM, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"tongbao {' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Network:
    """All nodes, how they are wired, and the one with the small disk."""

    def __init__(
        self, folder: Path, count: int = 4, wiring: str = "", hostile: Sequence[int] = ()
    ) -> None:
        """Make the folders as an operator would, then move the addresses onto the test's wiring.

        The nodes in `hostile` propose what they must not."""
        self.folder = folder
        self._hostile = hostile
        self._reformed = folder / "reformed"
        tongbao("network", "init", str(folder), "--validators", str(count))
        known = read_map(folder)
        self.chain = known.chain
        self.homes = [folder / one.home for one in known.nodes]
        self._ids = [one.peer.partition("@")[0] for one in known.nodes]
        self.small_disk = count - 1
        self.disk = small_disk(self.homes[self.small_disk], SMALL_DISK_MB)
        try:
            self.wiring: Wiring = wire(count, wiring)
        except BaseException:
            if self.disk is not None:
                self.disk.close()
            raise
        self.nodes = [self._node(place, home) for place, home in enumerate(self.homes)]
        self._asking = ThreadPoolExecutor(2 * count, "heights")

    def _node(self, number: int, home: Path) -> NodeProcess:
        place = self.wiring.place(number)
        settings = read_settings(home)
        peers = tuple(
            "{}@{}:{}".format(self._ids[other], *self.wiring.peer(number, other))
            for other in range(len(self._ids))
            if other != number
        )
        apart = self.wiring.kind == "namespaces"
        rpc, metrics = (26_657, 26_660) if apart else free_ports(2)
        near = place.gateway[0] if apart else LOOPBACK  # in reach of the test, of nobody else
        replace = msgspec.structs.replace
        changed: NodeSettings = replace(
            settings,
            gateway=replace(
                settings.gateway, listen=_joined(place.gateway), behind_proxy=True,
            ),
            peers=replace(
                settings.peers, listen=_joined(place.p2p_listen), external="",
                persistent=peers, one_machine=True,
            ),
            engine=replace(
                settings.engine, rpc=f"{near}:{rpc}", metrics=f"{LOOPBACK}:{metrics}"
            ),
        )  # fmt: skip
        write_grants(home / GRANTS, [Grant(digest_of(TOKEN), "node")])
        (home / FILE).write_text(settings_text(changed), "utf-8")
        log = self.folder / f"{home.name}.log"
        program = [str(SKEWED), str(clock_file(log))]
        if number in self._hostile:
            program = [str(HOSTILE), str(self._reformed)]
        words = ["node", "start", "--home", str(home)]
        command = [*place.prefix, sys.executable, *program, *words]
        return NodeProcess(home, command, f"http://{_joined(place.gateway)}", log)

    def start(self) -> None:
        """Start everybody and wait until there are blocks."""
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_ready()
        self.wait_height(1)

    def wait_height(self, height: int, seconds: float = 30.0) -> None:
        """Until every node has come to a height."""
        until = time.monotonic() + seconds
        while min(self.heights()) < height:
            assert time.monotonic() < until, f"heights {self.heights()}, waiting for {height}"
            time.sleep(0.1)

    def heights(self) -> list[int]:
        """Of every node; -1 where one does not answer. All are asked at the same time."""
        return list(self._asking.map(lambda node: node.height(), self.nodes))

    def reform(self) -> None:
        """Have the hostile nodes propose like everybody else from now on."""
        self._reformed.touch()

    def cannot(self) -> dict[str, str]:
        """Kinds of faults that this machine does not allow, and why."""
        missing = {}
        if self.disk is None:
            missing["disk-full"] = "mounting a small tmpfs is not allowed here"
        return missing

    def fill_disk(self) -> None:
        """Leave no room on the small disk."""
        assert self.disk is not None
        self.disk.fill()

    def free_disk(self) -> None:
        """Give the room on the small disk back."""
        assert self.disk is not None
        self.disk.free()

    def mend(self) -> None:
        """End every fault: heal cables, clocks and disk, and have everybody run."""
        self.wiring.heal()
        if self.disk is not None:
            self.disk.free()
        for node in self.nodes:
            node.set_clock(0)
            node.go_on()
        self.restart_the_dead()

    def restart_the_dead(self, without: Collection[int] = ()) -> None:
        """What an operator's service manager does: start again what has ended or halted."""
        for number, node in enumerate(self.nodes):
            if number in without:
                continue
            status = node.status() if node.alive else None
            if node.alive and (status is None or not status.get("fault")):
                continue
            node.end(seconds=10)
            node.start()

    def stop(self, seconds: float = 30.0) -> None:
        """Stop everybody, all at once."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: node.end(seconds), self.nodes))

    def close(self) -> None:
        """Leave nothing behind but the folders."""
        with contextlib.suppress(Exception):
            self.wiring.heal()
        for node in self.nodes:
            node.go_on()
        self.stop(seconds=10)
        self._asking.shutdown()
        if self.disk is not None:
            self.disk.close()
        self.wiring.close()

    def audits(self) -> list[dict[str, object]]:
        """What `tongbao audit` says of every node; they have to be stopped."""
        with ThreadPoolExecutor(2) as pool:
            reply = pool.map(lambda h: tongbao("--json", "audit", "--home", str(h)), self.homes)
            return [msgspec.json.decode(one) for one in reply]


def _joined(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"
