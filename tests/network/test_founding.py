"""Four institutions found a network, each on its own: files change hands, keys never do."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.network.conftest import until
from typer.testing import CliRunner

from tongbao.cli.commands.network.up import NodeProcess, start_node
from tongbao.cli.main import app
from tongbao.node.comet.network import NodeEntry
from tongbao.node.comet.ports import free_ports
from tongbao.sdk import Client
from tongbao.sdk.tokens import NODE_FILE

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("network")]
MEMBERS = ("central-bank", "bank-north", "bank-south", "hengtong")
CHAIN = "settle-1"
ACTIONS = [
    {"type": "assets.define", "asset": "CNY", "issuer": "central-bank", "decimals": 2,
     "kind": "cbdc", "name": "Digital yuan"},
    {"type": "accounts.open", "account": "bank-north/main", "servicer": "", "title": "North",
     "assets": ["CNY"]},
    {"type": "accounts.open", "account": "bank-south/main", "servicer": "", "title": "South",
     "assets": ["CNY"]},
    {"type": "assets.issue", "asset": "CNY", "account": "bank-north/main",
     "amount_minor": 1_000_000, "reference": "opening"},
]  # fmt: skip
T = TypeVar("T")


def tongbao(*words: object) -> Any:
    """The JSON value that a command prints; in this process, since so many would take long."""
    done = CliRunner().invoke(app, ["--json", *map(str, words)])
    assert done.exit_code == 0, (words, done.output, done.exception)
    return json.loads(done.stdout)


def each(act: Callable[[str], T]) -> dict[str, T]:
    """Every institution does its part."""
    return {party: act(party) for party in MEMBERS}


class Ceremony:
    """Four machines, which are folders, and the post between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.post = folder / "post"
        self.post.mkdir()
        self.ports = dict(zip(MEMBERS, free_ports(len(MEMBERS)), strict=True))
        for party in MEMBERS:
            (folder / party).mkdir()
            (folder / party / "secret").write_text(f"only {party} knows")

    def home(self, party: str) -> Path:
        """The node's folder of an institution."""
        return self.folder / party / "node"

    def by(self, party: str, *words: object) -> Any:
        """A command that an institution types on its own machine."""
        own = ["--passphrase-file", self.folder / party / "secret"]
        return tongbao("network", "found", *words, *own)

    def hand_in(self, file: str) -> None:
        """Send a file to everybody."""
        shutil.copy(file, self.post)

    def posted(self, kind: str) -> list[Path]:
        """What everybody has received of a kind."""
        return sorted(self.post.glob(f"*.founding-{kind}.json"))

    def request(self, party: str) -> None:
        """Make keys, and send the request."""
        role = "central_bank" if party == "central-bank" else "bank"
        reported = self.by(
            party, "request", self.home(party), "--chain", CHAIN, "--party", party, "--name",
            party.title(), "--jurisdiction", "CN", "--role", role, "--role", "operator",
            "--address", f"127.0.0.1:{self.ports[party]}",
        )  # fmt: skip
        self.hand_in(reported["file"])

    def approve(self, party: str, digest: str) -> None:
        """Sign the digest that was compared."""
        founding = self.post / "founding.json"
        reported = self.by(party, "approve", self.home(party), founding, "--digest", digest)
        self.hand_in(reported["file"])

    def prepare(self, party: str) -> NodeEntry:
        """The node's folder, from what everybody has approved."""
        founding, approvals = self.post / "founding.json", self.posted("approval")
        reported = self.by(party, "prepare", self.home(party), founding, *approvals, "--port", 0)
        return NodeEntry(party, "node", reported["url"], reported["peer"], "")


@contextmanager
def running(ceremony: Ceremony, entries: dict[str, NodeEntry], engine: Path) -> Iterator[None]:
    """Each node started on its own, as `tongbao node start` does."""
    nodes: list[NodeProcess] = []
    try:
        for party, entry in entries.items():
            secret = ceremony.folder / party / "secret"
            more = ["--engine-path", str(engine), "--passphrase-file", str(secret)]
            nodes.append(start_node(entry, ceremony.home(party), more))
        until(lambda: all(_ready(one) for one in nodes), "all four take transactions")
        yield
    finally:
        for one in nodes:
            one.process.send_signal(signal.SIGTERM)
        for one in nodes:
            assert one.process.wait(40) == 0, one.last_words()


def _ready(one: NodeProcess) -> bool:
    assert one.process.poll() is None, one.last_words()
    return (one.home / "node.json").exists()


def test_four_institutions_found_a_network_without_sharing_a_key(
    tmp_path: Path, engine: Path
) -> None:
    ceremony = Ceremony(tmp_path)
    post = ceremony.post
    (post / "opening.json").write_text(json.dumps({"actions": ACTIONS}))
    tongbao(
        "network", "found", "terms", post / "terms.json", "--chain", CHAIN, "--members",
        ",".join(MEMBERS), "--actions", post / "opening.json", "--agreement", "Contract 7",
    )  # fmt: skip
    each(ceremony.request)
    requests = ceremony.posted("request")
    made = tongbao("network", "found", "assemble", post / "terms.json", *requests)
    digest = made["genesis"]
    seen = each(lambda _: tongbao("network", "found", "check", post / "founding.json"))
    assert {one["genesis"] for one in seen.values()} == {digest}
    assert seen["hengtong"]["missing"] == sorted(MEMBERS) and seen["hengtong"]["may_be_away"] == 13
    each(lambda party: ceremony.approve(party, digest))
    entries = each(ceremony.prepare)
    _no_key_left_its_machine(ceremony)
    with running(ceremony, entries, engine):
        _a_payment_settles_on_every_node(ceremony, entries)


def _no_key_left_its_machine(ceremony: Ceremony) -> None:
    posted = b"".join(path.read_bytes() for path in ceremony.post.iterdir())
    assert b"PRIVATE KEY" not in posted and b"priv_key" not in posted
    genesis = {(ceremony.home(one) / "genesis.json").read_bytes() for one in MEMBERS}
    assert len(genesis) == 1
    for party in MEMBERS:
        keys = [*ceremony.home(party).rglob("*.pem")]
        assert len(keys) == 4 and all(b"ENCRYPTED" in one.read_bytes() for one in keys)
        clear = subprocess.run(
            ["grep", "-rlE", "priv_key|BEGIN PRIVATE", str(ceremony.home(party))],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert clear.stdout == ""


def _a_payment_settles_on_every_node(ceremony: Ceremony, entries: dict[str, NodeEntry]) -> None:
    home, secret = ceremony.home("bank-north"), ceremony.folder / "bank-north" / "secret"
    paid = tongbao(
        "pay", "send", "bank-north/main", "bank-south/main", "12.50", "CNY", "--home", home,
        "--passphrase-file", secret,
    )  # fmt: skip
    for party, entry in entries.items():
        token = (ceremony.home(party) / NODE_FILE).read_text()
        with Client(entry.url, token=token) as node:
            until(lambda node=node: node.status().height >= paid["height"], "it follows", 10)  # type: ignore[misc]
            [held] = node.accounts.holdings(account="bank-south/main")
            assert held.posted_minor == "1250"
            assert {one.name for one in node.network().validators} == set(MEMBERS)
