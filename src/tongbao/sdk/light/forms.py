"""Work without I/O as a method of two forms: one that waits for nodes, and one that is awaited."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from inspect import iscoroutinefunction
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

P = ParamSpec("P")
T = TypeVar("T")


class WaitingWorker(Protocol):
    """A form that does work without I/O, waiting for what it wants to know."""

    def _run(self, work: Generator[Any, Any, T]) -> T: ...


class AwaitedWorker(Protocol):
    """A form whose work is awaited."""

    async def _run(self, work: Generator[Any, Any, T]) -> T: ...


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
