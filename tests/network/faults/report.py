"""One run from beginning to end, and its figures."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.network.faults import checks
from tests.network.faults.clients import ACCOUNTS, OPENING, Crowd, opening
from tests.network.faults.history import History, verdict
from tests.network.faults.nemesis import Nemesis
from tests.network.faults.network import Network
from tests.network.faults.processes import TOKEN
from tests.network.faults.schedule import KINDS

from tongbao.sdk import Client

QUIET_S = 5.0
"""So long without an acknowledgement counts as not available."""


@dataclass
class Run:
    """A network with clients and faults."""

    network: Network
    checker: Path
    seed: int
    groups: int = 4
    clients_each: int = 2
    pause_s: float = 0.05
    crowd: Crowd = field(init=False)
    history: History = field(init=False)
    nemesis: Nemesis = field(init=False)

    def play(self, faults: Callable[[Nemesis], None]) -> dict[str, Any]:
        """Let `faults` go on in a network that runs, stop it, check; the figures."""
        self.history = History([[OPENING] * ACCOUNTS for _ in range(self.groups)])
        with Client(self.network.nodes[0].url, token=TOKEN) as client:
            result = client.submit_and_wait(opening(self.groups, self.network.chain))
            assert result.done, result
        self.network.wait_height(result.height + 1)
        urls = [node.url for node in self.network.nodes]
        self.crowd = Crowd(
            urls, self.history, self.seed, self.network.chain, self.clients_each, self.pause_s
        )
        began = time.monotonic()
        self.crowd.start()
        self.nemesis = Nemesis(self.network, self.crowd.asked)
        self.nemesis.watch.start()
        try:
            faults(self.nemesis)
        finally:
            self.network.mend()
            self.nemesis.watch.stop()
            self.crowd.stop()
        return self._figures(began, time.monotonic())

    def _figures(self, began: float, ended: float) -> dict[str, Any]:
        top = max(self.network.heights())
        self.network.wait_height(top + 1)
        self._wait_for_read_models(top)
        heights, histories = checks.two_histories(self.network.nodes)
        payments = checks.lost_or_doubled(self.history, self.network.nodes)
        reads = checks.wrong_reads(self.history)
        linear = verdict(self.checker, self.history.lines())
        self.network.stop()
        audits = self.network.audits()
        faults = self.nemesis.faults
        return {
            "seed": self.seed,
            "wiring": self.network.wiring.kind,
            "seconds": round(ended - began, 1),
            "faults": dict(sorted(Counter(one.kind for one in faults).items())),
            "faults_skipped": self.nemesis.skipped,
            "storms": self.nemesis.storms,
            "together": _together(self.nemesis),
            "pairs_met": _pairs(self.nemesis.together),
            "transfers_acknowledged": len(self.history.answered),
            "transfers_settled": sum(t.result == "settled" for t in self.history.transfers),
            "transfers_refused": sum(t.result == "refused" for t in self.history.transfers),
            "transfers_unanswered": sum(not t.attempts for t in self.history.transfers),
            "transfers_sent_twice": self.crowd.sent_twice,
            "reads_plain": sum(not r.marked for r in self.history.reads),
            "reads_marked": sum(r.marked for r in self.history.reads),
            "retries": self.crowd.retries,
            "retried_because": dict(sorted(self.crowd.turned_away.items())),
            "unavailable_s": quiet(self.history.answered, began, ended),
            "max_recovery_s": max((one.recovered_s for one in faults), default=0.0),
            "recovery_s_by_kind": _worst(faults),
            "stillest_with_quorum_s": self.nemesis.watch.stillest_s,
            "without_quorum": {
                "times": self.nemesis.watch.without,
                "stood_still": self.nemesis.watch.stood,
                "resumed_when_one_returned": sum(one.resumed_s is not None for one in faults),
            },
            "heights_compared": heights,
            "two_histories": histories,
            "lost_or_doubled": payments,
            "untrue_reads": reads,
            "surprises": self.crowd.surprises,
            "broken": self.nemesis.broken,
            "audits_clean": [one["clean"] for one in audits],
            "audit_roots": sorted({str(one["root"]) for one in audits}),
            "linearizability": linear,
        }

    def _wait_for_read_models(self, height: int) -> None:
        until = time.monotonic() + 60
        for node in self.network.nodes:
            while int(str((node.status() or {}).get("read_model_height", -1))) < height:
                assert time.monotonic() < until, f"{node.home.name}: the read model stays behind"
                time.sleep(0.1)


def _together(nemesis: Nemesis) -> dict[str, Any]:
    """Which faults were at work at the same moment, how often and for how long."""
    return {
        named: {"times": times, "seconds": round(nemesis.together_s[named], 1)}
        for named, times in sorted(nemesis.together.items())
    }


def _pairs(together: Counter[str]) -> dict[str, Any]:
    """Of all pairs of different kinds, those that overlapped, and those that never did."""
    met = {
        pair
        for named in together
        for pair in itertools.combinations(sorted(kind.split()[-1] for kind in named.split("+")), 2)
    }
    possible = set(itertools.combinations(sorted(KINDS), 2))
    missing = ["+".join(pair) for pair in sorted(possible - met)]
    return {"met": len(met & possible), "of": len(possible), "never": missing}


def _worst(faults: list[Any]) -> dict[str, float]:
    worst: dict[str, float] = {}
    for one in faults:
        worst[one.kind] = max(worst.get(one.kind, 0.0), one.recovered_s)
    return dict(sorted(worst.items()))


def quiet(answered: list[float], began: float, ended: float) -> dict[str, Any]:
    """Windows without an acknowledgement that lasted longer than `QUIET_S`."""
    moments = [began, *sorted(answered), ended]
    gaps = [b - a for a, b in itertools.pairwise(moments)]
    long = [round(gap, 1) for gap in gaps if gap > QUIET_S]
    return {"windows": len(long), "sum": round(sum(long), 1), "longest": round(max(gaps), 1)}


def passed(figures: dict[str, Any]) -> list[str]:
    """What is wrong with a run; nothing where it passed."""
    wrong = [
        f"{name}: {figures[name][:3]}"
        for name in ("two_histories", "lost_or_doubled", "untrue_reads", "surprises", "broken")
        if figures[name]
    ]
    if len(figures["audit_roots"]) != 1 or not all(figures["audits_clean"]):
        wrong.append(f"audits: {figures['audit_roots']} {figures['audits_clean']}")
    if figures["linearizability"]["verdict"] != "linearizable":
        wrong.append(f"history: {figures['linearizability']}")
    if not figures["transfers_settled"]:
        wrong.append("nothing was settled")
    return wrong
