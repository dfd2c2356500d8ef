"""What both clients are asked is written once: each form makes its own method of it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tongbao.sdk.async_client import AsyncClient
from tongbao.sdk.client import Client
from tongbao.sdk.corridors import CorridorQuestions
from tongbao.sdk.forms import asked, walked
from tongbao.sdk.questions import Questions

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


def written(room: type[Any]) -> dict[str, Any]:
    return {name: one for name, one in vars(room).items() if isinstance(one, asked | walked)}


def test_what_one_client_waits_for_the_other_awaits(both: tuple[Client, AsyncClient]) -> None:
    waiting, awaited = both
    assert waiting.genesis() == b"/v1/genesis" == asyncio.run(awaited.genesis())
    assert waiting.receipt("ab") == b"/v1/receipts/ab" == asyncio.run(awaited.receipt("ab"))


def test_both_walk_a_list_over_all_its_pages(both: tuple[Client, AsyncClient]) -> None:
    waiting, awaited = both

    async def walk() -> list[str]:
        return [one.party async for one in awaited.parties()]

    assert [one.party for one in waiting.parties()] == ["a", "b", "c"] == asyncio.run(walk())


@pytest.mark.parametrize("room", [Questions, CorridorQuestions])
def test_every_question_has_its_words_and_parameters_in_both_forms(
    room: type[Any], both: tuple[Client, AsyncClient]
) -> None:
    waiting, awaited = both if room is Questions else (both[0].corridors, both[1].corridors)
    for name, one in written(room).items():
        plain = getattr(room, name)
        for form in (waiting, awaited):
            method = getattr(form, name)
            assert method.__doc__ == plain.__doc__
            assert method.__name__ == name
            own = [*inspect.signature(plain).parameters.values()][1:]
            assert [*inspect.signature(method).parameters.values()] == own
        assert not inspect.iscoroutinefunction(getattr(waiting, name))
        is_awaited = inspect.iscoroutinefunction(getattr(awaited, name))
        assert is_awaited == isinstance(one, asked), name
