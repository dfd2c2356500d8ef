"""What a run did: figures that say whether it went everywhere, and a line that replays it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec


class SimulationFault(Exception):
    """Something happened that can never happen. The seed replays it."""

    def __init__(
        self,
        what: str,
        seed: int = 0,
        steps: int = 0,
        step: int = 0,
        report: Report | None = None,
        focus: tuple[str, ...] = (),
    ) -> None:
        """What broke, where, and what the seed had done until then."""
        super().__init__(what)
        self.what = what
        self.seed = seed
        self.steps = steps
        self.step = step
        self.focus = focus
        self.report = report or Report(seeds=[seed])

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes."""
        return type(self), (self.what, self.seed, self.steps, self.step, self.report, self.focus)

    def until_then(self) -> Report:
        """The figures up to the fault, with the line that replays it."""
        return replace(self.report, faults=[str(self)])

    def __str__(self) -> str:
        """One line; its second half replays the fault."""
        return f"seed {self.seed}, step {self.step}: {self.what} | {replay_line(self)}"


def replay_line(fault: SimulationFault) -> str:
    """The command that meets the fault again."""
    focus = f" --modules {','.join(fault.focus)}" if fault.focus else ""
    return f"tongbao sim --seeds {fault.seed} --steps {fault.steps}{focus}"


def ensure(condition: object, what: str) -> None:
    """Fault unless a law holds; `what` says which did not."""
    if not condition:
        raise SimulationFault(what)


@dataclass
class Report:
    """The figures of one run, or of many added up."""

    seeds: list[int] = field(default_factory=list)
    steps: int = 0
    """Envelopes sent."""
    blocks: int = 0
    """Blocks with their seals."""
    done: Counter[str] = field(default_factory=Counter)
    """Kind of action -> how many stand done."""
    refused: Counter[str] = field(default_factory=Counter)
    """Kind of action -> how many stand refused."""
    codes: Counter[int] = field(default_factory=Counter)
    """Refusal code -> how often it answered."""
    mutations: Counter[str] = field(default_factory=Counter)
    """Hostile mutation -> how often it was sent."""
    timers: int = 0
    """Events that time brought."""
    crashes: int = 0
    """Replicas dropped and opened again."""
    torn: int = 0
    """Of these, how many with a torn last write."""
    names_forgotten: int = 0
    """Names that were used again after the chain forgot them."""
    digest: str = ""
    """SHA-256 over the last header and root; the same seed gives the same, anywhere."""
    elapsed_s: float = 0.0
    """Wall-clock seconds, for people; no part of what happened."""
    faults: list[str] = field(default_factory=list)
    """One line a failing seed."""

    @staticmethod
    def decode(raw: bytes) -> Report:
        """A report again from its JSON."""
        return _DECODE(raw)

    def add(self, other: Report) -> None:
        """Add another run's figures to these."""
        self.seeds += other.seeds
        self.faults += other.faults
        for name in ("done", "refused", "codes", "mutations"):
            getattr(self, name).update(getattr(other, name))
        for name in ("steps", "blocks", "timers", "crashes", "torn", "names_forgotten"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def never_reached(self, known: Iterable[int]) -> list[int]:
        """The codes of `known` that never answered."""
        return sorted(set(known) - set(self.codes))

    def never_done(self, tags: Iterable[str]) -> list[str]:
        """The kinds of action of `tags` that never succeeded."""
        return sorted(tag for tag in tags if not self.done[tag])

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        rate = round(self.steps / self.elapsed_s, 1) if self.elapsed_s else None
        return {
            "seeds": len(self.seeds),
            "steps": self.steps,
            "blocks": self.blocks,
            "done": dict(sorted(self.done.items())),
            "refused": dict(sorted(self.refused.items())),
            "codes": {str(code): count for code, count in sorted(self.codes.items())},
            "mutations": dict(sorted(self.mutations.items())),
            "timers": self.timers,
            "crashes": self.crashes,
            "torn_writes": self.torn,
            "names_forgotten": self.names_forgotten,
            "elapsed_s": round(self.elapsed_s, 2),
            "steps_per_second": rate,
            "faults": self.faults,
        }


def _counter(kind: type[Any], plain: Any) -> Any:
    """msgspec reads a Counter's JSON as the dictionary that it is; its keys are texts there."""
    numbered = str(kind).endswith("[int]")
    return Counter({int(key) if numbered else key: value for key, value in plain.items()})


_DECODE = msgspec.json.Decoder(Report, dec_hook=_counter).decode
