"""One node of `tongbao bench settle --engine cometbft`: ledger, ABCI server, signer, engine.

What a node runs beside these, gateway and read model, is left out, because the engine's own
application has nothing like it.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import msgspec

from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.node.comet import CometNode, CometSettings
from tongbao.node.comet.files import EnginePaths
from tongbao.node.comet.process import EngineProcess
from tongbao.node.comet.settings import read_settings
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.node.memory import search_rarely
from tongbao.node.opening import open_application

STAGES_FILE = "stages.json"


def run(folder: Path, program: Path, passphrase: bytes) -> None:
    """Run until SIGTERM, then leave the stages' seconds behind."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    home = NodeHome(folder)
    settings, paths = read_settings(folder), EnginePaths(home)
    app = open_application(folder, Registry(installed()))
    rpc = f"http://{settings.engine.rpc}"
    sockets = paths.socket("abci.sock"), paths.socket("signer.sock")
    key = ValidatorKey.load(home.validator_file, passphrase)
    kept = settings.snapshot_interval, settings.keep_blocks
    node = CometNode(home, app, key, CometSettings(*sockets, rpc, *kept))
    process = EngineProcess(program, paths, node.engine.halt)
    search_rarely()
    node.start()
    process.start()
    while not stop.wait(0.5):
        if node.engine.fault is not None:
            sys.exit(f"the node halted: {node.engine.fault}")
    process.stop()
    node.stop()
    (folder / STAGES_FILE).write_bytes(msgspec.json.encode(app.meter.seconds))
    app.state.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].encode())
