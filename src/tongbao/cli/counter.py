"""Where a bank's message is worked through: the node, the keys, the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tongbao.cli.output import output

if TYPE_CHECKING:
    from tongbao.kernel.transaction import Transaction
    from tongbao.sdk.client import Client
    from tongbao.sdk.documents_corridors import PaymentTrack
    from tongbao.sdk.wallet import Wallet


@dataclass
class Counter:
    """One message at the bank's counter."""

    ledger: Client
    purse: Wallet
    decimals: dict[str, int]
    folder: Path
    stem: str
    digest: str
    sign: str
    nonce: str
    seal_to: tuple[str, ...]
    written: dict[str, str] = field(default_factory=dict)

    def submit(self, action: Transaction, party: str, reference: str) -> None:
        """Sign as the policies ask, send, wait. The reference makes a second time harmless."""
        from tongbao.cli.acting import choose_keys
        from tongbao.sdk.build import build, seal

        status = self.ledger.status()
        expires = status.time_ms + 3_600_000
        body = build(status.chain, party, reference, (action,), expires)
        tried = self.ledger.simulate(body)
        keys, missing = choose_keys(self.purse, tried.approvals, party, self.sign)
        if missing:
            output.fail(
                f"keys are missing here: {', '.join(missing)}",
                f"本目录缺少密钥：{'，'.join(missing)}",
            )
        self.ledger.submit_and_wait(seal(body, self.purse.sign(body, keys, namer=party)))

    def track(self, uetr: str) -> PaymentTrack | None:
        """A payment, or None where the ledger does not know it."""
        from tongbao.sdk.answers import Problem

        try:
            return self.ledger.corridors.payment(uetr)
        except Problem as problem:
            if problem.status != 404:
                raise
            return None

    def write(self, kind: str, content: bytes) -> None:
        """Write an answer beside the file."""
        path = self.folder / f"{self.stem}.{kind}.xml"
        path.write_bytes(content)
        self.written[kind.replace(".", "_")] = str(path)


def message_id(now: datetime, mark: str = "") -> str:
    """A new message id."""
    return f"TB{now:%Y%m%d%H%M%S%f}{mark}"[:35]


def tell(counter: Counter, told: dict[str, str]) -> None:
    """Say what became of each part of a message, and which files were written."""

    def showing() -> None:
        for path, word in told.items():
            output.say(f"{path}: {word}", f"{path}：{word}")
        for name in counter.written.values():
            output.say(f"  {name}", f"  {name}")

    output.result({"answers": told, **counter.written}, showing)
