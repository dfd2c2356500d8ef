"""The client is written once, awaited; the blocking one is generated and does the same."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tongbao.sdk import AsyncClient, Client

ROOT = Path(__file__).parents[2]
PAGES = {
    "": b'{"items":[{"party":"a"},{"party":"b"}],"next_cursor":"2"}',
    "2": b'{"items":[{"party":"c"}],"next_cursor":null}',
}


def answering(request: httpx.Request) -> httpx.Response:
    """A page of parties, or the path that was asked for."""
    if request.url.path == "/v1/parties":
        return httpx.Response(200, content=PAGES[request.url.params.get("cursor", "")])
    return httpx.Response(200, content=request.url.path.encode())


@pytest.fixture
def both() -> Iterator[tuple[Client, AsyncClient]]:
    """Both clients of a node that answers with the path."""
    transport = httpx.MockTransport(answering)
    with Client("http://node", transport=transport) as waiting:
        yield waiting, AsyncClient("http://node", transport=transport)


def methods(kind: type[Any]) -> dict[str, Any]:
    return {
        name: one
        for name, one in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


def test_what_one_client_waits_for_the_other_awaits(both: tuple[Client, AsyncClient]) -> None:
    waiting, awaited = both
    assert waiting.genesis() == b"/v1/genesis" == asyncio.run(awaited.genesis())
    assert waiting.receipt("ab") == b"/v1/receipts/ab" == asyncio.run(awaited.receipt("ab"))


def test_both_walk_a_list_over_all_its_pages(both: tuple[Client, AsyncClient]) -> None:
    waiting, awaited = both

    async def walk() -> list[str]:
        return [one.party async for one in awaited.parties.list()]

    assert [one.party for one in waiting.parties.list()] == ["a", "b", "c"] == asyncio.run(walk())


def test_both_give_a_stretch_with_where_it_goes_on(both: tuple[Client, AsyncClient]) -> None:
    waiting, awaited = both
    page = waiting.parties.list().stretch(2)
    assert [one.party for one in page.items] == ["a", "b"] and page.next_cursor == "2"
    assert asyncio.run(awaited.parties.list().stretch(2)) == page


def test_every_question_has_its_words_and_parameters_in_both_forms() -> None:
    waiting, awaited = methods(Client), methods(AsyncClient)
    assert {name.replace("aclose", "close") for name in awaited} == set(waiting)
    for name, method in waiting.items():
        twin = awaited["aclose" if name == "close" else name]
        assert method.__doc__ == twin.__doc__
        assert list(inspect.signature(method).parameters) == list(
            inspect.signature(twin).parameters
        )
        assert not inspect.iscoroutinefunction(method)


def test_the_blocking_client_is_what_the_generator_writes() -> None:
    command = [sys.executable, str(ROOT / "tools" / "sdk.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_module_is_a_namespace_of_typed_lists_and_rows() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        row = b'{"hold":"a:h:2026-11-25.1","amount_minor":"5"}'
        page = b'{"items":[' + row + b'],"next_cursor":null}'
        return httpx.Response(200, content=page if request.url.path.endswith("holds") else row)

    with Client("http://node", transport=httpx.MockTransport(answer)) as client:
        [listed] = client.payments.holds(party="a", state="open")
        shown = client.payments.hold("a:h:2026-11-25.1")
    assert listed == shown and (shown.hold, shown.amount_minor) == ("a:h:2026-11-25.1", "5")
    assert dict(asked[0].url.params) == {"party": "a", "state": "open", "limit": "200"}
    assert asked[1].url.raw_path == b"/v1/holds/a%3Ah%3A2026-11-25.1"
