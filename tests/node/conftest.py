"""A demonstration ledger with its engine, in memory or on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from tongbao import _core
from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.protocols import Protocols
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Signature, Transaction
from tongbao.modules import protocols
from tongbao.node.answers import Answer
from tongbao.node.application import Application
from tongbao.node.clock import steady_ms, utc_ms
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.node.solo import SoloEngine
from tongbao.scenarios import consortium
from tongbao.sdk.build import build, new_reference, seal

VALIDATOR = ValidatorKey(consortium.key_of("central-bank", "validator"))


@dataclass
class Clocks:
    """The clocks of a machine: how far they are from those of this one."""

    rested: int = 0
    """Milliseconds that went by for both."""
    ahead: int = 0
    """How far the wall clock was set ahead."""

    def wall(self) -> int:
        """UTC milliseconds, as the machine tells them."""
        return utc_ms() + self.rested + self.ahead

    def steady(self) -> int:
        """Milliseconds that nobody sets."""
        return steady_ms() + self.rested


@dataclass
class Ledger:
    """An engine on a ledger, and envelopes for it."""

    app: Application
    engine: SoloEngine
    clocks: Clocks = field(default_factory=lambda: Clocks())

    def now(self) -> int:
        """The ledger's time, as a client reads it."""
        return self.app.time_ms

    def envelope(
        self,
        party: str,
        *actions: Transaction,
        reference: str = "",
        labels: tuple[str, ...] = ("maker", "checker"),
        expires_in_ms: int = 3_600_000,
    ) -> bytes:
        """Signed by desks of the party."""
        chain, expires = self.app.genesis.chain, self.now() + expires_in_ms
        body = build(chain, party, reference or new_reference(), actions, expires)
        keys = [consortium.key_of(party, label) for label in labels]
        signatures = [
            Signature("ed25519", k.public_key().public_bytes_raw(), k.sign(signed_bytes(body)))
            for k in keys
        ]
        return seal(body, signatures)

    def send(self, party: str, *actions: Transaction, **options: object) -> Answer:
        """Submit and wait."""
        return self.submit(self.envelope(party, *actions, **options))  # type: ignore[arg-type]

    def submit(self, envelope: bytes) -> Answer:
        """Submit bytes and wait."""
        return self.engine.submit([envelope]).result(timeout=20)[0]

    def posted(self, account: str) -> int:
        """Balance in CNY."""
        holding = self.app.view().holding(account, "CNY")
        assert holding is not None
        return holding.posted


def founded(
    path: Path | None, rules: Protocols | Registry | None = None, **fields: object
) -> Ledger:
    """A ledger of the demonstration; on disk where a folder is given. `fields` of its genesis."""
    validator = GenesisValidator(consortium.OPERATOR, VALIDATOR.public)
    genesis = replace(consortium.genesis(validator, utc_ms() - 1000), **fields)
    if path is not None:
        path.mkdir(exist_ok=True)
        NodeHome(path).genesis_file.write_bytes(genesis.encode())
    state = _core.State.open(None if path is None else str(path / "ledger"))
    app = Application(state, genesis, rules or protocols(), strict=True)
    clocks = Clocks()
    return Ledger(app, SoloEngine(app, VALIDATOR, clocks.wall, clocks.steady), clocks)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """In memory, running."""
    one = founded(None)
    one.engine.start()
    yield one
    one.engine.stop()


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens the same ledger on disk as often as asked; the test stops what it opened."""
    yield lambda: founded(tmp_path / "home")
