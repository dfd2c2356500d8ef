"""A desk at work: its memory, its acts, its questions, and the thread that sends."""

from __future__ import annotations

from pathlib import Path

from tongbao.paymentfiles.desk.batch_desk import BatchDesk
from tongbao.paymentfiles.desk.ledger import DeskLedger
from tongbao.paymentfiles.desk.listing import DeskQueries
from tongbao.paymentfiles.desk.sending import Sender
from tongbao.paymentfiles.desk.store import DeskStore


class DeskService:
    """Everything of one desk, opened and closed together."""

    def __init__(self, path: Path | None, ledger: DeskLedger) -> None:
        """Open its file; Refusal where that is of another chain or version."""
        self.ledger = ledger
        self.store = DeskStore(path, ledger.chain)
        self.desk = BatchDesk(self.store, ledger)
        self.queries = DeskQueries(self.store, ledger)
        self.sender = Sender(self.store, ledger)

    def start(self) -> None:
        """Send what is due from now on."""
        self.sender.start()

    def release(self, file: str, raw: bytes) -> None:
        """Release, and have the sender look at once."""
        self.desk.release(file, raw)
        self.sender.wake()

    def close(self) -> None:
        """Finish the batch on its way and release the file."""
        self.sender.stop()
        self.store.close()
