"""Brings about what a schedule says, and heals it again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tests.network.faults.condition import CUT, KILLED, can_decide, combination, hit, parts
from tests.network.faults.network import Network
from tests.network.faults.schedule import Planned, Storm
from tests.network.faults.watch import Watch

RECOVERS_S = 90.0
RESTARTS_S = 4.0
"""A service manager starts a node that ended after so long."""


@dataclass
class Fault:
    """One fault that was injected."""

    kind: str
    nodes: tuple[int, ...]
    began_s: float
    """Seconds since the run began."""
    held_s: float = 0.0
    recovered_s: float = 0.0
    """From the end of its storm until every node stands above the highest block of that moment."""
    resumed_s: float | None = None
    """Of two killed nodes: from the return of one of them to the next block."""


@dataclass
class Nemesis:
    """Injects faults into a network."""

    network: Network
    asked: Callable[[int], int] = lambda client: client
    """Which node a client asks at this moment."""
    began: float = field(default_factory=time.monotonic)
    faults: list[Fault] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    """Kinds that this machine does not allow, with the reason."""
    storms: int = 0
    together_s: dict[str, float] = field(default_factory=dict)
    """Kinds that were at work at the same time, and for how many seconds."""
    together: Counter[str] = field(default_factory=Counter)
    """The same, how often."""

    def __post_init__(self) -> None:
        """Nothing is wrong yet."""
        self.skipped = self.network.cannot()
        self.watch = Watch(self.network.heights, len(self.network.nodes))
        self.broken = self.watch.broken
        self._active: dict[Planned, Fault] = {}
        self._turned = time.monotonic()
        self._looked_after = 0.0

    def rage(self, schedule: Iterable[Storm], seconds: float) -> None:
        """One storm after the other for so long."""
        until = time.monotonic() + seconds
        for storm in schedule:
            if time.monotonic() + storm.calm_s > until:
                return
            time.sleep(storm.calm_s)
            self.storm(*storm.faults)

    def strike(self, kind: str, seconds: float, *nodes: int, choice: int = 0) -> None:
        """One fault alone, to its end."""
        self.storm(Planned(kind, nodes, 0.0, seconds, choice))

    def storm(self, *faults: Planned) -> None:
        """Begin and end every fault at its time, then heal all and wait for everybody."""
        allowed = [fault for fault in faults if fault.kind not in self.skipped]
        steps = [(fault.at_s, False, number) for number, fault in enumerate(allowed)]
        steps += [(fault.ends_s, True, number) for number, fault in enumerate(allowed)]
        began, first = time.monotonic(), len(self.faults)
        running: dict[int, Planned] = {}
        try:
            for at_s, ends, number in sorted(steps):
                self._pass_time(began + at_s)
                if ends:
                    self._end(running.pop(number))
                else:
                    running[number] = self._begin(allowed[number])
        finally:
            self._mend(self.faults[first:])
            self.storms += 1

    def _pass_time(self, until: float) -> None:
        """Sleep, and now and then be the service manager of nodes that end."""
        while (left := until - time.monotonic()) > 0:
            if time.monotonic() - self._looked_after > RESTARTS_S:
                held = hit(self._active, (*KILLED, "pause"))
                self.network.restart_the_dead(without=held)
                self._looked_after = time.monotonic()
            time.sleep(min(0.25, max(0.0, left)))

    def _begin(self, planned: Planned) -> Planned:
        if planned.kind == "kill-asked":
            planned = replace(planned, nodes=(self.asked(planned.choice),))
        fault = Fault(planned.kind, planned.nodes, round(time.monotonic() - self.began, 2))
        self.faults.append(fault)
        self._turn({**self._active, planned: fault})
        self._inject(planned)
        return planned

    def _end(self, planned: Planned) -> None:
        fault = self._active[planned]
        alone = len(self._active) == 1
        left = {one: other for one, other in self._active.items() if one is not planned}
        if planned.kind == "two-killed" and alone:
            self._return_one(planned, fault)
        self._turn(left)
        self._heal(planned)
        fault.held_s = round(time.monotonic() - self.began - fault.began_s, 2)

    def _turn(self, active: dict[Planned, Fault]) -> None:
        """Note what was at work until now, and what is from now on."""
        if len(self._active) > 1:
            named = combination(self._active)
            self.together[named] += 1
            self.together_s[named] = (
                self.together_s.get(named, 0.0) + time.monotonic() - self._turned
            )
        self.watch.turn(tuple(active))
        self._active, self._turned = active, time.monotonic()

    # ---- each kind -----------------------------------------------------------------------------

    def _inject(self, planned: Planned) -> None:
        nodes = [self.network.nodes[number] for number in planned.nodes]
        which = {"kill-ledger": "ours", "kill-engine": "engine"}.get(planned.kind, "all")
        if planned.kind in (*KILLED, "kill-engine"):
            for node in nodes:
                node.kill(which)
        elif planned.kind == "pause":
            for node in nodes:
                node.pause()
        elif planned.kind in CUT:
            self._rewire()
        elif planned.kind == "clock":
            for node in nodes:
                node.set_clock(planned.choice)
        elif planned.kind == "disk-full":
            self.network.fill_disk()
        else:
            raise ValueError(planned.kind)

    def _heal(self, planned: Planned) -> None:
        """End one fault and leave the others as they are."""
        killed, paused = hit(self._active, KILLED), hit(self._active, ("pause",))
        for number in planned.nodes:
            node = self.network.nodes[number]
            if planned.kind in KILLED and number not in killed:
                node.reap()
                node.start()
                if number in paused:
                    node.pause()
            elif planned.kind == "pause" and number not in paused:
                node.go_on()
            elif planned.kind == "clock":
                node.set_clock(0)
        if planned.kind in CUT:
            self._rewire()
        if planned.kind == "disk-full":
            self.network.free_disk()

    def _rewire(self) -> None:
        self.network.wiring.cut(*parts(tuple(self._active), len(self.network.nodes)))

    def _return_one(self, planned: Planned, fault: Fault) -> None:
        """Three of four are enough: blocks come as soon as one is back."""
        first, *others = planned.nodes
        self._turn({replace(planned, nodes=tuple(others)): fault})
        assert can_decide(tuple(self._active), len(self.network.nodes))
        node = self.network.nodes[first]
        goal = max(self.network.heights()) + 1
        began = time.monotonic()
        node.reap()
        node.start()
        while max(self.network.heights()) < goal:
            if time.monotonic() - began > RECOVERS_S:
                self.broken.append(f"{planned.line()}: not resumed by one's return")
                return
            time.sleep(0.2)
        fault.resumed_s = round(time.monotonic() - began, 2)

    def _mend(self, faults: list[Fault]) -> None:
        """Heal whatever is left, and wait for everybody."""
        self._turn({})
        self.network.mend()
        began = time.monotonic()
        goal = max(self.network.heights()) + 1
        while min(self.network.heights()) < goal:
            if time.monotonic() - began > RECOVERS_S:
                kinds = "; ".join(f"{one.kind} {one.nodes}" for one in faults)
                self.broken.append(f"{kinds}: no recovery in {RECOVERS_S} s")
                return
            self.network.restart_the_dead()
            time.sleep(0.2)
        for one in faults:
            one.recovered_s = round(time.monotonic() - began, 2)
