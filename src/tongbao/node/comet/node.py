"""Everything that runs beside one CometBFT engine: ABCI server, signer, engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tongbao.kernel.blocks import BlockRecord
from tongbao.node.application import Application
from tongbao.node.comet.engine import CometEngine
from tongbao.node.comet.looking import look
from tongbao.node.comet.rpc import EngineRpc
from tongbao.node.comet.server import AbciServer
from tongbao.node.comet.service import AbciService
from tongbao.node.comet.signer import RemoteSigner
from tongbao.node.comet.statesync import StateSync
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.node.view import NetworkView


@dataclass(frozen=True)
class CometSettings:
    """Where the engine is, and what is kept for others."""

    abci_socket: Path
    signer_socket: Path
    rpc_url: str
    snapshot_interval: int = 0
    """Blocks between snapshots; 0 makes none."""
    keep_blocks: int = 0
    """How many blocks ledger and engine keep at least; 0 keeps all."""


class CometNode:
    """Our side of one engine."""

    def __init__(
        self, home: NodeHome, app: Application, key: ValidatorKey, settings: CometSettings
    ) -> None:
        """Put the parts together; nothing runs yet."""
        self.app = app
        self._settings = settings
        self._sync = StateSync(
            app, home.path / "snapshots", home.ledger, settings.snapshot_interval
        )
        self.service = AbciService(app, self._sync, self._on_block, self._retain)
        self.rpc = EngineRpc(settings.rpc_url)
        self.engine = CometEngine(self.service, self.rpc)
        self._server = AbciServer(settings.abci_socket, self.service.answer, self.engine.halt)
        self._signer = RemoteSigner(
            settings.signer_socket, key, home.path / "signed.json", app.genesis.chain,
            self.engine.clock,
        )  # fmt: skip

    def start(self) -> None:
        """Serve; the engine may be started before or after."""
        self.engine.start()
        self._server.start()
        self._signer.start()

    def stop(self) -> None:
        """Stop after the engine was stopped."""
        self._signer.stop()
        self._server.stop()
        self.engine.stop()
        self._sync.finish()
        self.rpc.close()

    def look(self) -> NetworkView:
        """What the engine says of the network; EngineFault where it does not answer."""
        return look(self.rpc)._replace(snapshot_height=self._sync.newest())

    def _on_block(self, record: BlockRecord) -> None:
        self._sync.take(record)
        self.engine.on_block(record)

    def floor(self) -> int:
        """The lowest height that a node which joins from a snapshot here may ask for."""
        if not self._settings.snapshot_interval:
            return self.app.tip.height
        return self._sync.oldest()

    def _retain(self, height: int) -> int:
        keep = self._settings.keep_blocks
        return max(min(height - keep, self.floor()), 0) if keep else 0
