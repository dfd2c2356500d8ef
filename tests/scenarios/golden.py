"""The scenarios with inputs that repeat, and the receipts that they leave.

make golden        records the digests in golden_receipts.txt anew
"""

from __future__ import annotations

import itertools
import random
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tongbao import _core
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.server import GatewayServer
from tongbao.gateway.services import NodeServices
from tongbao.gateway.viewers.access import Access, own_token
from tongbao.kernel.blocks import BlockRecord
from tongbao.kernel.codes import KernelCode, Refusal
from tongbao.kernel.genesis import GenesisValidator
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.registry import Registry
from tongbao.modules import installed
from tongbao.node.answers import Answer, Status, original, rejected
from tongbao.node.application import Application
from tongbao.node.clock import Reading
from tongbao.node.composer import commit, compose
from tongbao.node.home import ValidatorKey
from tongbao.readmodel import ReadModel, SqlQueries
from tongbao.scenarios import consortium, gridlock, markets, payroll, remit
from tongbao.scenarios.founding import make_wallet
from tongbao.scenarios.gridlock_queue import Exercise, generated
from tongbao.scenarios.stage import Inputs, Stage, Story
from tongbao.sdk import Client
from tongbao.sdk.wallet import Wallet

GOLDEN = Path(__file__).with_name("golden_receipts.txt")
BEGAN_MS = 1_795_507_200_000
"""2026-11-24 08:00:00 UTC."""
BLOCK_MS = 1_000
SEED = 11


class RepeatingEngine:
    """Makes one block of each submission, as it comes, one second after the block before it.

    The solo engine divides what waits into blocks by how long things take; here nothing depends on
    time, so that the same submissions give the same blocks.
    """

    def __init__(self, app: Application, signer: ValidatorKey) -> None:
        self._app, self._signer = app, signer
        self._listeners: list[Callable[[BlockRecord], None]] = []
        app.clock = self.now_ms

    waiting = 0
    fault: BaseException | None = None

    def now_ms(self) -> int:
        """The time of a block made now."""
        return self._app.tip.time_ms + BLOCK_MS

    def clock(self) -> Reading:
        """That time, which no machine's clock contradicts."""
        return Reading(self.now_ms(), 0)

    def subscribe(self, listener: Callable[[BlockRecord], None]) -> None:
        """Call `listener` with every block."""
        self._listeners.append(listener)

    def submit(self, envelopes: Sequence[bytes], client: str = "") -> Future[list[Answer]]:
        """Answered already."""
        future: Future[list[Answer]] = Future()
        future.set_result(self._block_of(envelopes))
        return future

    def _block_of(self, envelopes: Sequence[bytes]) -> list[Answer]:
        prepared = self._app.prepare(envelopes, self._app.view())
        offered = [one for one in prepared if not isinstance(one, Refusal)]
        composed = compose(self._app, self.now_ms(), offered, self._signer)
        if composed.records:
            commit(self._app, composed)
        executed = iter(zip(offered, composed.executed, strict=True))
        answers: list[Answer] = []
        position = 0
        for one in prepared:
            if isinstance(one, Refusal):
                answers.append(rejected(one, b""))
                continue
            opened, done = next(executed)
            if done.named:
                height = composed.records[0].height
                answer = Answer(Status.RECORDED, done.outcome, opened.digest, height, position)
                position += 1
            elif done.outcome.code == KernelCode.ALREADY_RECORDED:
                answer = original(self._app, opened)
            else:
                answer = Answer(Status.REJECTED, done.outcome, opened.digest, 0, 0)
            answers.append(answer)
        for record in composed.records:
            for listener in self._listeners:
                listener(record)
        return answers


class Silent:
    """Nobody listens."""

    language = "en"

    def say(self, template: str, style: str | None = None, /, **values: Any) -> None:
        """Not a word."""

    def text(self, template: str, /, **values: Any) -> str:
        """In English."""
        return str(template).format(**values)


def repeating_inputs() -> Inputs:
    """Inputs of a story that are the same in every run."""
    draw, numbers = random.Random(SEED), itertools.count(1)

    def sealing_key(path: Path, passphrase: bytes) -> bytes:
        private = X25519PrivateKey.from_private_bytes(draw.randbytes(32))
        return private.public_key().public_bytes_raw()

    def seal(payload: Mapping[str, Any], name: str, recipients: Mapping[str, bytes]) -> bytes:
        return msgspec.json.encode((payload, name, recipients))

    return Inputs(
        now_ms=lambda: BEGAN_MS,
        reference=lambda prefix: f"{prefix}{next(numbers):08d}",
        uetr=lambda: str(uuid.UUID(bytes=draw.randbytes(16), version=4)),
        sealing_key=sealing_key,
        seal=seal,
    )


def small_queue() -> Exercise:
    """A gridlock of 84 payments."""
    made = generated(20)
    opening = {bank: held // 50 for bank, held in made.opening.items()}
    return Exercise(made.source, opening, made.payments)


STORIES: dict[str, Callable[[Stage], Story]] = {
    "payroll": payroll.play,
    "gridlock": lambda stage: gridlock.play(stage, small_queue()),
    "remit": remit.play,
}


@contextmanager
def repeating_stage(folder: Path) -> Iterator[tuple[Stage, Application]]:
    """A stage on a ledger in `folder`, which is the same for every caller."""
    key = ValidatorKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    first = GenesisValidator(consortium.OPERATOR, key.public)
    genesis = consortium.genesis(first, BEGAN_MS, markets.founded(BEGAN_MS))
    rules = Registry(installed())
    with ExitStack() as parts:
        application = Application(_core.State.open(str(folder / "ledger")), genesis, rules)
        parts.callback(application.state.close)
        model = ReadModel(f"sqlite:///{folder / 'lists.db'}", rules, genesis.digest())
        parts.callback(model.close)
        engine = RepeatingEngine(application, key)
        model.follow(application, engine.subscribe)
        services = NodeServices(application, engine, SqlQueries(model))
        settings = Settings(idempotency_file=folder / "keys.db", access=Access(folder))
        server = GatewayServer(services, settings, port=0)
        server.start()
        parts.callback(server.stop)
        client = parts.enter_context(Client(server.url, token=own_token(folder)))
        wallet = Wallet(folder / "wallet", make_wallet(folder))
        stage = Stage(client, wallet, folder, genesis.encode(), Silent(), repeating_inputs())
        yield stage, application


@dataclass(frozen=True)
class Played:
    """What a story left on its ledger."""

    story: str
    genesis: bytes
    app_hash: str
    receipts: tuple[bytes, ...]
    """The files that `tongbao verify` takes, in the order of the chain."""

    def lines(self) -> list[str]:
        """For each receipt: story, block, actions, outcome, SHA-256; last the state root."""
        return [*map(self._line, self.receipts), f"{self.story} app_hash {self.app_hash}"]

    def _line(self, raw: bytes) -> str:
        receipt = msgspec.json.decode(raw)
        envelope = msgspec.json.decode(receipt["transaction"])
        tags = [action["type"] for action in envelope["body"]["actions"]]
        kinds = "+".join(f"{tag}x{tags.count(tag)}" for tag in dict.fromkeys(tags))
        code = msgspec.json.decode(receipt["result"]).get("code", 0)
        return f"{self.story} {receipt['height']} {kinds} {code} {content_digest(raw).hex()}"


def play(story: str, folder: Path) -> Played:
    """Play a story with inputs that repeat, in an empty folder."""
    with repeating_stage(folder) as (stage, app):
        STORIES[story](stage)
        receipts = []
        for height in range(1, app.tip.height):
            record = app.block(height)
            for position in range(len(record.transactions) if record else 0):
                receipt = app.receipt(height, position)
                assert receipt is not None
                receipts.append(receipt.encode())
        return Played(story, stage.genesis, app.tip.app_hash.hex(), tuple(receipts))


def main() -> None:
    """Record every story's receipts."""
    lines: list[str] = []
    for story in STORIES:
        folder = Path(tempfile.mkdtemp(prefix="golden"))
        try:
            lines += play(story, folder).lines()
        finally:
            shutil.rmtree(folder)
    GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
