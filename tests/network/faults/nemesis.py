"""What goes wrong, drawn from one seed: so many faults of every kind, one after the other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.network.faults.network import Network

RECOVERS_S = 90.0
SETTLES_S = 3.0
"""After a quorum is gone, the blocks under way may still be finished for so long."""


@dataclass
class Fault:
    """One fault that was injected."""

    kind: str
    nodes: tuple[int, ...]
    began_s: float
    """Seconds since the run began."""
    held_s: float = 0.0
    recovered_s: float = 0.0
    """From the healing until every node stands above the highest block of that moment."""
    quorum: bool = True
    """Whether more than two thirds of the power could still go on."""
    stood_still: bool | None = None
    """Without a quorum: whether no node came to a new block."""
    resumed_s: float | None = None
    """Of two killed nodes: from the return of one of them to the next block."""


@dataclass
class Nemesis:
    """Injects faults into a network until its time is over."""

    network: Network
    seed: int
    began: float = field(default_factory=time.monotonic)
    faults: list[Fault] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    """Kinds that this machine does not allow, with the reason."""
    broken: list[str] = field(default_factory=list)
    """What a fault did that it must not do."""

    def __post_init__(self) -> None:
        """Draw from the seed alone."""
        self._random = random.Random(self.seed)
        self._kinds: dict[str, Callable[[Fault], None]] = {
            "kill": self._kill, "kill-ledger": self._kill_ours, "kill-engine": self._kill_engine,
            "pause": self._pause, "isolate": self._isolate, "halves": self._halves,
            "two-killed": self._kill, "all-killed": self._kill,
            "clock": self._skew, "disk-full": self._fill,
        }  # fmt: skip
        self.skipped = self.network.cannot()

    def kinds(self) -> list[str]:
        """The kinds that this machine allows."""
        return [kind for kind in self._kinds if kind not in self.skipped]

    def rage(self, seconds: float, pause: tuple[float, float], hold: tuple[float, float]) -> None:
        """Draw faults for so long; every kind comes once before one comes again."""
        until = time.monotonic() + seconds
        deck: list[str] = []
        while time.monotonic() < until:
            time.sleep(self._random.uniform(*pause))
            if not deck:
                deck = self.kinds()
                self._random.shuffle(deck)
            self.strike(deck.pop(), self._random.uniform(*hold))

    def strike(self, kind: str, seconds: float, nodes: Sequence[int] = ()) -> Fault:
        """One fault: inject, hold, heal, and wait until everybody has recovered."""
        chosen = tuple(nodes) or self._choose(kind)
        fault = Fault(kind, chosen, round(time.monotonic() - self.began, 2))
        everyone = len(self.network.nodes)
        hit = 0 if kind in ("clock",) else len(chosen)
        fault.quorum = 3 * (everyone - hit) > 2 * everyone
        began = time.monotonic()
        try:
            self._kinds[kind](fault)
            self._hold(fault, seconds)
        finally:
            fault.held_s = round(time.monotonic() - began, 2)
            if kind == "two-killed":
                self._return_one(fault)
            self._mend(fault)
        self.faults.append(fault)
        return fault

    def _choose(self, kind: str) -> tuple[int, ...]:
        everyone = range(len(self.network.nodes))
        if kind == "disk-full":
            return (self.network.small_disk,)
        count = {"halves": len(everyone) // 2, "two-killed": 2, "all-killed": len(everyone)}
        return tuple(sorted(self._random.sample(everyone, count.get(kind, 1))))

    def _hold(self, fault: Fault, seconds: float) -> None:
        if fault.quorum:
            time.sleep(seconds)
            return
        time.sleep(min(SETTLES_S, seconds))
        before = self.network.heights()
        time.sleep(max(0.0, seconds - SETTLES_S))
        after = self.network.heights()
        fault.stood_still = all(b <= a for a, b in zip(before, after, strict=True) if a >= 0)
        if not fault.stood_still:
            self.broken.append(f"{fault.kind}: new blocks without a quorum: {before} {after}")

    def _return_one(self, fault: Fault) -> None:
        """Three of four are enough: blocks come as soon as one is back."""
        node = self.network.nodes[fault.nodes[0]]
        goal = max(self.network.heights()) + 1
        began = time.monotonic()
        node.reap()
        node.start()
        while max(self.network.heights()) < goal:
            if time.monotonic() - began > RECOVERS_S:
                self.broken.append(f"{fault.kind} {fault.nodes}: not resumed by one's return")
                return
            time.sleep(0.2)
        fault.resumed_s = round(time.monotonic() - began, 2)

    def _mend(self, fault: Fault) -> None:
        self.network.mend()
        began = time.monotonic()
        goal = max(self.network.heights()) + 1
        while min(self.network.heights()) < goal:
            if time.monotonic() - began > RECOVERS_S:
                self.broken.append(f"{fault.kind} {fault.nodes}: no recovery in {RECOVERS_S} s")
                return
            self.network.restart_the_dead()
            time.sleep(0.2)
        fault.recovered_s = round(time.monotonic() - began, 2)

    # ---- kinds ---------------------------------------------------------------------------------

    def _kill(self, fault: Fault) -> None:
        for node in fault.nodes:
            self.network.nodes[node].kill()

    def _kill_ours(self, fault: Fault) -> None:
        for node in fault.nodes:
            self.network.nodes[node].kill("ours")

    def _kill_engine(self, fault: Fault) -> None:
        for node in fault.nodes:
            self.network.nodes[node].kill("engine")

    def _pause(self, fault: Fault) -> None:
        for node in fault.nodes:
            self.network.nodes[node].pause()

    def _isolate(self, fault: Fault) -> None:
        self.network.wiring.cut(fault.nodes)

    def _halves(self, fault: Fault) -> None:
        self.network.wiring.cut(fault.nodes)

    def _skew(self, fault: Fault) -> None:
        for node in fault.nodes:
            self.network.nodes[node].set_clock(self._random.choice([-7_200, -30, 30, 7_200]))

    def _fill(self, fault: Fault) -> None:
        self.network.fill_disk()
