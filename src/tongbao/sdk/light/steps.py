"""Work without I/O: it says what it wants to know and goes on with the answer; who does it waits.

A light client's logic is written once, as generators that give wishes. `run` fulfils them on the
spot, `run_async` awaits them; `drive` and `drive_async` do so with any kind of wishes.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from tongbao.files import write_private
from tongbao.kernel.codes import Refusal

T = TypeVar("T")
W = TypeVar("W")


class Ask(NamedTuple):
    """A question to one node: its method and what is asked. A Refusal is thrown where it asked."""

    method: Callable[..., Any]
    """Gives the answer, or something to await."""
    args: tuple[Any, ...] = ()


class AskAll(NamedTuple):
    """Several questions, answered in any order, at once where that is possible.

    What comes back is a list of answers in their order; a Refusal stands in its answer's place.
    """

    questions: tuple[Ask, ...]


class Write(NamedTuple):
    """A file to replace in one step and to sync."""

    path: Path
    content: bytes


Wish: TypeAlias = Ask | AskAll | Write
Steps: TypeAlias = Generator[Wish, Any, T]
"""Work that ends with a T."""


def drive(work: Generator[W, Any, T], fulfil: Callable[[W], Any], *thrown: type[Exception]) -> T:
    """Do work of any wishes, one after another; faults of `thrown` are its own to deal with."""
    try:
        wish = next(work)
        while True:
            try:
                answer = fulfil(wish)
            except thrown as fault:
                wish = work.throw(fault)
            else:
                wish = work.send(answer)
    except StopIteration as done:
        value: T = done.value
        return value


async def drive_async(
    work: Generator[W, Any, T], fulfil: Callable[[W], Awaitable[Any]], *thrown: type[Exception]
) -> T:
    """The same, awaited."""
    try:
        wish = next(work)
        while True:
            try:
                answer = await fulfil(wish)
            except thrown as fault:
                wish = work.throw(fault)
            else:
                wish = work.send(answer)
    except StopIteration as done:
        value: T = done.value
        return value


def run(steps: Steps[T]) -> T:
    """Do a light client's work, one wish after another."""
    return drive(steps, _fulfil, Refusal)


async def run_async(steps: Steps[T]) -> T:
    """Do it without holding anybody up; several questions are asked at once."""
    return await drive_async(steps, _fulfil_async, Refusal)


def _fulfil(wish: Wish) -> Any:
    match wish:
        case Ask(method, args):
            return method(*args)
        case AskAll(questions):
            return [_tried(one) for one in questions]
        case Write(path, content):
            return write_private(path, content)


def _tried(question: Ask) -> Any:
    try:
        return _fulfil(question)
    except Refusal as refusal:
        return refusal


async def _fulfil_async(wish: Wish) -> Any:
    match wish:
        case Ask(method, args):
            answer = method(*args)
            return await answer if inspect.isawaitable(answer) else answer
        case AskAll(questions):
            return await asyncio.gather(*map(_tried_async, questions))
        case Write(path, content):
            return await asyncio.to_thread(write_private, path, content)


async def _tried_async(question: Ask) -> Any:
    try:
        return await _fulfil_async(question)
    except Refusal as refusal:
        return refusal


def answers_of(found: Sequence[Any]) -> list[Any]:
    """Those that are no Refusal."""
    return [one for one in found if not isinstance(one, Refusal)]
