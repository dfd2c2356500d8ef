"""A real node behind a real server on the loopback address, with a client of each kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao import _core
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.server import GatewayServer
from tongbao.gateway.services import NodeServices
from tongbao.gateway.viewers.access import Access, Grant, digest_of
from tongbao.iso20022.initiation.example import payroll_file
from tongbao.kernel.genesis import Genesis, GenesisValidator
from tongbao.kernel.registry import Registry
from tongbao.kernel.signing import signed_bytes
from tongbao.kernel.transaction import Signature, Transaction
from tongbao.modules import installed
from tongbao.modules.payments import Transfer
from tongbao.node.application import Application
from tongbao.node.clock import utc_ms
from tongbao.node.home import ValidatorKey
from tongbao.node.solo import SoloEngine
from tongbao.readmodel import ReadModel, SqlQueries
from tongbao.scenarios import consortium
from tongbao.sdk import Client, Problem
from tongbao.sdk.build import build, seal
from tongbao.sdk.desk import DeskClient
from tongbao.sdk.wallet import Wallet

LABELS = (consortium.MAKER, consortium.CHECKER)
_NUMBERS = itertools.count(1)
_SEEDS = itertools.count(1)
PASSPHRASE = b"desk"
TOKEN = "of-the-node"
"""Shown by clients of tests that are not about who reads what: it reads everything."""
AS_NODE = {"authorization": f"Bearer {TOKEN}"}
GRANTS = [Grant(digest_of(TOKEN), "node")]
TODAY = datetime.now(UTC).date()


def sign(body: bytes, party: str, labels: tuple[str, ...] = LABELS) -> bytes:
    """Seal a body with the demonstration's keys of a party."""
    signatures = []
    for label in labels:
        private = consortium.key_of(party, label)
        public = private.public_key().public_bytes_raw()
        signatures.append(Signature("ed25519", public, private.sign(signed_bytes(body))))
    return seal(body, signatures)


def transfer(amount: int = 100, payer: str = "hengtong", payee: str = "mingda") -> Transfer:
    """A payment between two members' main accounts."""
    return Transfer(
        payer=f"{payer}/main", payee=f"{payee}/main", asset="CNY", amount_minor=amount,
        payee_reference="INV-1",
    )  # fmt: skip


def new_body(*actions: Transaction, party: str = "hengtong", reference: str = "") -> bytes:
    """A body with a fresh reference."""
    name = reference or f"test/{next(_NUMBERS)}"
    expires = utc_ms() + 3_600_000
    return build(consortium.CHAIN, party, name, actions or (transfer(),), expires)


def new_envelope(*actions: Transaction, party: str = "hengtong", reference: str = "") -> bytes:
    """A signed transaction with a fresh reference."""
    return sign(new_body(*actions, party=party, reference=reference), party)


@dataclass
class Node:
    """A running node and how to reach it."""

    server: GatewayServer
    application: Application
    engine: SoloEngine
    read_model: ReadModel
    http: httpx.Client
    clients: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the gateway listens."""
        return self.server.url

    def client(self, language: str = "en") -> Client:
        """A new client."""
        client = Client(self.url, language=language, token=TOKEN)
        self.clients.append(client)
        return client


def start_node(
    folder: Path,
    settings: Settings | None = None,
    genesis: Genesis | None = None,
) -> Iterator[Node]:
    """Found the demonstration in a folder and serve it."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key = ValidatorKey(private)
    fresh = consortium.genesis(GenesisValidator(consortium.OPERATOR, key.public), utc_ms() - 1000)
    genesis = genesis or fresh
    registry = Registry(installed())
    application = Application(_core.State.open(str(folder / "ledger")), genesis, registry)
    model = ReadModel(f"sqlite:///{folder / 'readmodel.db'}", registry, genesis.digest())
    engine = SoloEngine(application, key)
    engine.start()
    model.follow(application, engine.subscribe)
    services = NodeServices(application, engine, SqlQueries(model))
    settings = settings or Settings(idempotency_file=folder / "idempotency.db")
    if settings.access is None:
        settings = replace(settings, access=Access(grants=GRANTS))
    server = GatewayServer(services, settings, port=0)
    server.start()
    http = httpx.Client(base_url=server.url, timeout=30, headers=AS_NODE)
    node = Node(server, application, engine, model, http)
    try:
        yield node
    finally:
        for client in node.clients:
            client.close()
        http.close()
        server.stop()
        engine.stop()
        model.close()
        application.state.close()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One node for all tests that leave it sound."""
    yield from start_node(tmp_path_factory.mktemp("node"))


@pytest.fixture
def client(node: Node) -> Client:
    """A blocking client."""
    return node.client()


@pytest.fixture(scope="session")
def desk_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with a desk."""
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(idempotency_file=folder / "idempotency.db", desk_file=folder / "desk.db")
    yield from start_node(folder, settings)


@pytest.fixture(scope="session")
def wallet(tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """The keys of two companies' desks."""
    made = Wallet(tmp_path_factory.mktemp("wallet"), PASSPHRASE)
    for party in ("hengtong", "mingda"):
        for label in (consortium.MAKER, consortium.CHECKER):
            made.add(party, label, consortium.key_of(party, label))
    return made


@pytest.fixture
def maker(desk_node: Node, wallet: Wallet) -> DeskClient:
    """Who makes files."""
    return DeskClient(desk_node.client(), wallet, "hengtong", "maker")


@pytest.fixture
def checker(desk_node: Node, wallet: Wallet) -> DeskClient:
    """Who approves them."""
    return DeskClient(desk_node.client(), wallet, "hengtong", "checker")


def payroll(count: int = 3, **changes: Any) -> bytes:
    """Salaries of the demonstration's employees; every file has ids of its own."""
    numbers = [consortium.employee_account(place)[1] for place in range(1, 6)]
    made = {"day": TODAY, "seed": next(_SEEDS), "debtor_name": "恒通制造", **changes}
    return payroll_file(count, "hengtong/main", numbers, **made)


def refused(act: Callable[[], object]) -> Problem:
    """The problem that an act ends with."""
    with pytest.raises(Problem) as caught:
        act()
    return caught.value
