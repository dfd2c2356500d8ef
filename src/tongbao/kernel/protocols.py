"""What a chain goes by at a height, as its state says: version of the rules, suites, hash.

The steps stand under the state root, so every replica takes each of them at the same block and an
audit replays old blocks under the rules that were theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tongbao.kernel.names import CHAIN
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import Suite, implementations
from tongbao.kernel.tables import Table
from tongbao.kernel.views import ReadView
from tongbao.kernel.wording import WordedFault

STEPS: Table[int] = Table(
    b"\x08", "protocol_steps", (int,), int, "height -> version of the rules from that block on"
)
FIRST = 1
"""The version of a ledger that names none."""


class Step(NamedTuple):
    """A change of the rules."""

    height: int
    """First block under them."""
    version: int


def steps(view: ReadView) -> tuple[Step, ...]:
    """Every step that was taken or is agreed on, in order of height."""
    return tuple(Step(height, version) for (height,), version in view.scan(STEPS))


def version_at(view: ReadView, height: int) -> int:
    """The version of the rules by which the block at a height is applied."""
    taken = [step.version for step in steps(view) if step.height <= height]
    return taken[-1] if taken else FIRST


def agreed_step(view: ReadView) -> Step | None:
    """The step that is agreed on and still to come after the view's own block, or None."""
    return next((step for step in steps(view) if step.height > view.block.height), None)


def suites_of(view: ReadView) -> tuple[str, ...]:
    """Names of the signature suites that the chain accepts; none before it is founded."""
    return tuple((view.get(CHAIN, "suites") or "").split())


def accepted_suites(view: ReadView) -> Mapping[str, Suite]:
    """The signature suites that the chain accepts, by name."""
    return implementations(suites_of(view))


def state_hash_of(view: ReadView) -> str:
    """Name of the hash under the state root; empty before the chain is founded."""
    return view.get(CHAIN, "hash") or ""


class UnknownProtocol(WordedFault):
    """The next block follows rules that this program does not have: the node has to stop."""

    def __init__(self, version: int, height: int, known: tuple[int, ...]) -> None:
        """`version` holds from block `height` on; `known` is what is installed."""
        self.version = version
        self.height = height
        super().__init__(
            "block {height} follows protocol version {version}, and this program knows {known}:"
            " install a release of Tongbao that lists protocol version {version} and start the"
            " node again; the ledger is intact and stands before block {height}",
            version=version, height=height, known=", ".join(map(str, known)),
        )  # fmt: skip


class Protocols:
    """The rules that this program knows, by version."""

    def __init__(self, registries: Iterable[Registry]) -> None:
        """One registry a version; two of one version are an error at start."""
        self._known: dict[int, Registry] = {}
        for registry in registries:
            if self._known.setdefault(registry.version, registry) is not registry:
                raise ValueError(f"two registries for protocol version {registry.version}")
        if not self._known:
            raise ValueError("no protocol version is installed")
        self._narrowed: dict[tuple[int, tuple[str, ...]], Registry] = {}

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that are known, rising."""
        return tuple(sorted(self._known))

    @property
    def newest(self) -> Registry:
        """The rules of the highest version."""
        return self._known[max(self._known)]

    def knows(self, version: int) -> bool:
        """Whether blocks of this version can be executed."""
        return version in self._known

    def of(self, version: int, height: int = 0, suites: tuple[str, ...] = ()) -> Registry:
        """The rules of a version, on a chain that accepts these suites.

        UnknownProtocol where they are not installed.
        """
        found = self._narrowed.get((version, suites))
        if found is None:
            registry = self._known.get(version)
            if registry is None:
                raise UnknownProtocol(version, height, self.versions)
            found = self._narrowed[version, suites] = registry.accepting(suites)
        return found

    def at(self, view: ReadView, height: int) -> Registry:
        """The rules of the block at a height, by the state before it."""
        return self.of(version_at(view, height), height, suites_of(view))


def as_protocols(rules: Protocols | Registry) -> Protocols:
    """One registry alone is a program that knows one version."""
    return Protocols([rules]) if isinstance(rules, Registry) else rules
