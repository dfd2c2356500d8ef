"""Files at the desk belong to the party that uploaded them: for others they are not there."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tests.gateway.conftest import Node, maker, payroll, start_node, wallet

from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.viewers.access import Access, Grant, digest_of
from tongbao.sdk import Client
from tongbao.sdk.desk import DeskClient
from tongbao.sdk.wallet import Wallet

__all__ = ["maker", "wallet"]
READS = ("", "/payments", "/batches", "/acts", "/content", "/pain.002", "/camt.054")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("desk")
    grants = [Grant(digest_of(one), party=one, person="one") for one in ("hengtong", "mingda")]
    settings = Settings(desk_file=folder / "desk.db", access=Access(grants=grants))
    yield from start_node(folder, settings)


@pytest.fixture(scope="module")
def file(desk: Node, wallet: Wallet) -> str:
    """One that hengtong uploaded."""
    with Client(desk.url, token="hengtong") as client:
        return DeskClient(client, wallet, "hengtong", "maker").upload(payroll(), "may.xml").file


def read(desk: Node, path: str, token: str) -> httpx.Response:
    shown = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.get(f"{desk.url}/v1/desk/files{path}", headers=shown)


def test_a_file_is_shown_to_its_party_and_to_others_as_what_is_absent(
    desk: Node, file: str
) -> None:
    nothing = "D-000000000000"
    for part in READS:
        own = read(desk, f"/{file}{part}", "hengtong")
        assert own.status_code == (404 if part == "/camt.054" else 200), part
        for token in ("mingda", ""):
            hidden, absent = (read(desk, f"/{one}{part}", token) for one in (file, nothing))
            assert hidden.status_code == absent.status_code == 404
            assert hidden.text == absent.text.replace(nothing, file)


def test_lists_and_acts_are_of_the_own_files_alone(desk: Node, file: str, wallet: Wallet) -> None:
    assert [one["file"] for one in read(desk, "", "hengtong").json()["items"]] == [file]
    for token in ("mingda", ""):
        assert read(desk, "", token).json()["items"] == []
        assert read(desk, "?party=hengtong", token).json()["items"] == []
    as_mingda = {"authorization": "Bearer mingda"}
    refused, absent = (
        httpx.post(f"{desk.url}/v1/desk/files/{one}/cancel", json={}, headers=as_mingda)
        for one in (file, "D-000000000000")
    )
    assert refused.status_code == absent.status_code == 404
    nobody = httpx.post(f"{desk.url}/v1/desk/files/{file}/cancel", json={})
    assert nobody.status_code == 401
