"""A node that joins a continued chain gets the snapshot from other nodes, and trusts none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.node.test_continuing import Continued, continued

from tongbao.cli.commands.network.origin import fetch_origin
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.server import GatewayServer
from tongbao.gateway.services import NodeServices
from tongbao.gateway.viewers.access import Access, Grant, digest_of
from tongbao.modules import protocols
from tongbao.node.home import NodeHome
from tongbao.node.opening import open_application
from tongbao.node.snapshot import make_missing_ledger
from tongbao.sdk import Client, Problem, origin
from tongbao.sdk.calls import RetryPolicy

__all__ = ["continued"]
TOKEN = "of-a-node"


def client(url: str) -> Client:
    return Client(url, token=TOKEN, retry=RetryPolicy(attempts=1))


class Members:
    """Nodes of the continued chain, each with what it calls its origin."""

    def __init__(self, continued: Continued, stack: ExitStack) -> None:
        self._continued = continued
        self._stack = stack

    def url(self, folder: Path | None) -> str:
        """Where one more of them listens."""
        app = self._continued.app
        services = NodeServices(app, self._continued.old.engine, origin=folder)
        server = GatewayServer(
            services, Settings(access=Access(grants=[Grant(digest_of(TOKEN), "node")])), port=0
        )
        server.start()
        self._stack.callback(server.stop)
        return server.url


@pytest.fixture
def members(continued: Continued) -> Iterator[Members]:
    with ExitStack() as stack:
        yield Members(continued, stack)


def joining(folder: Path, continued: Continued) -> NodeHome:
    home = NodeHome(folder)
    home.path.mkdir()
    home.genesis_file.write_bytes(continued.genesis.encode())
    return home


def test_a_node_that_joins_fetches_the_origin_and_makes_its_store_of_it(
    continued: Continued, members: Members, tmp_path: Path
) -> None:
    """From the first node that has it, whole and right."""
    altered = tmp_path / "altered"
    shutil.copytree(continued.snapshot, altered)
    chunk = altered / "chunk-000000"
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"\x00\x01")
    urls = [members.url(None), members.url(altered), members.url(continued.home.origin)]
    home = joining(tmp_path / "joining", continued)
    assert fetch_origin(home, continued.genesis, urls, client)
    assert {p.name: p.read_bytes() for p in home.origin.iterdir()} == {
        p.name: p.read_bytes() for p in continued.snapshot.iterdir()
    }
    assert not fetch_origin(home, continued.genesis, urls, client)
    assert make_missing_ledger(home)
    app = open_application(home.path, protocols())
    assert app.tip == continued.app.tip
    app.state.close()


@pytest.mark.parametrize("name", ["manifest.json", "genesis.json", "chunk-000000"])
def test_what_is_not_the_snapshot_of_the_genesis_is_not_kept(
    continued: Continued, members: Members, tmp_path: Path, name: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(continued.snapshot, other)
    (other / name).write_bytes(b"{}")
    home = joining(tmp_path / "joining", continued)
    with pytest.raises(SystemExit):
        fetch_origin(home, continued.genesis, [members.url(other)], client)
    assert sorted(p.name for p in home.path.iterdir()) == ["genesis.json"]


def test_a_node_serves_nothing_but_the_snapshot(
    continued: Continued, members: Members, tmp_path: Path
) -> None:
    (continued.home.origin / "chunk-000001").mkdir()
    with client(members.url(continued.home.origin)) as node:
        assert node.call(origin.genesis()) == continued.old.app.genesis.encode()
        for number in (1, 2, 99_999):
            with pytest.raises(Problem) as absent:
                node.call(origin.chunk(number))
            assert absent.value.name == "NO_SUCH_PATH"
        with pytest.raises(Problem):
            node.call(origin.chunk(100_000))
    with client(members.url(tmp_path / "none")) as node, pytest.raises(Problem) as absent:
        node.call(origin.manifest())
    assert absent.value.status == 404


def test_a_chain_that_begins_with_nothing_has_no_origin_to_fetch(
    continued: Continued, tmp_path: Path
) -> None:
    assert not fetch_origin(NodeHome(tmp_path), continued.old.app.genesis, [], client)
