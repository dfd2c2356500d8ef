"""A client's methods, written once for its two forms: one that waits, and one that is awaited.

A method says what is asked; the form that it is called on asks it. Types follow the form: with
`@asked def block(self, height: int) -> Call[BlockDetail]`, `block(7)` of a form that waits is a
BlockDetail, and of one that is awaited a coroutine of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from functools import wraps
from inspect import iscoroutinefunction
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from tongbao.sdk.calls import Call, Listing
from tongbao.sdk.documents import Document, Row
from tongbao.sdk.walking import Walk

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D", bound=Document | Row)


class Waiting(Protocol):
    """A form that waits for answers."""

    def call(self, call: Call[T]) -> T:
        """Send a call."""
        ...

    def walk(self, listing: Listing[D]) -> Walk[D]:
        """Every item of a list."""
        ...


class Awaited(Protocol):
    """A form whose answers are awaited."""

    async def call(self, call: Call[T]) -> T:
        """Send a call."""
        ...

    def walk(self, listing: Listing[D]) -> AsyncIterator[D]:
        """Every item of a list."""
        ...


class WaitingWorker(Protocol):
    """A form that does work without I/O, waiting for what it wants to know."""

    def _run(self, work: Generator[Any, Any, T]) -> T: ...


class AwaitedWorker(Protocol):
    """A form whose work is awaited."""

    async def _run(self, work: Generator[Any, Any, T]) -> T: ...


class asked(Generic[P, T]):  # noqa: N801 - a decorator, like property
    """A method that one call answers."""

    def __init__(self, method: Callable[Concatenate[Any, P], Call[T]]) -> None:
        """`method` gives the call."""
        self._method = method

    @overload
    def __get__(self, form: None, kind: Any) -> Callable[Concatenate[Any, P], Call[T]]: ...
    @overload
    def __get__(self, form: Waiting, kind: Any) -> Callable[P, T]: ...
    @overload
    def __get__(self, form: Awaited, kind: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, form: Any, kind: Any) -> Any:
        """The method of a form; of the class, what gives the call."""
        return self._method if form is None else _through(form.call, form, self._method)


class walked(Generic[P, D]):  # noqa: N801 - a decorator, like property
    """A method that gives every item of a list, page by page."""

    def __init__(self, method: Callable[Concatenate[Any, P], Listing[D]]) -> None:
        """`method` gives the list."""
        self._method = method

    @overload
    def __get__(self, form: None, kind: Any) -> Callable[Concatenate[Any, P], Listing[D]]: ...
    @overload
    def __get__(self, form: Waiting, kind: Any) -> Callable[P, Walk[D]]: ...
    @overload
    def __get__(self, form: Awaited, kind: Any) -> Callable[P, AsyncIterator[D]]: ...
    def __get__(self, form: Any, kind: Any) -> Any:
        """The method of a form; of the class, what gives the list."""
        return self._method if form is None else _through(form.walk, form, self._method)


class worked(Generic[P, T]):  # noqa: N801 - a decorator, like property
    """A method that is work without I/O, written as a generator of wishes."""

    def __init__(self, method: Callable[Concatenate[Any, P], Generator[Any, Any, T]]) -> None:
        """`method` gives the work."""
        self._method = method

    @overload
    def __get__(
        self, form: None, kind: Any
    ) -> Callable[Concatenate[Any, P], Generator[Any, Any, T]]: ...
    @overload
    def __get__(self, form: WaitingWorker, kind: Any) -> Callable[P, T]: ...
    @overload
    def __get__(self, form: AwaitedWorker, kind: Any) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, form: Any, kind: Any) -> Any:
        """The method of a form; of the class, what gives the work."""
        return self._method if form is None else _through(form._run, form, self._method)


def _through(ask: Callable[[Any], Any], form: Any, method: Callable[..., Any]) -> Any:
    """The method of a form: what `method` gives, handed to `ask`."""
    bound = MethodType(method, form)
    if not iscoroutinefunction(ask):
        return wraps(bound)(lambda *args, **kwargs: ask(bound(*args, **kwargs)))

    @wraps(bound)
    async def awaiting(*args: Any, **kwargs: Any) -> Any:
        return await ask(bound(*args, **kwargs))

    return awaiting
