"""Routes that are made when the first request for them comes.

FastAPI takes some milliseconds to read what a route asks for, and a node has a hundred of them: a
command that starts a node would wait for all, to use two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class OnDemand(BaseRoute):
    """The routes at a path and below it."""

    def __init__(self, path: str, make: Callable[[], APIRouter]) -> None:
        """`make` is called once, by the first who asks for them."""
        self.path = path
        self._make = make
        self._routes: Sequence[BaseRoute] | None = None

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The routes themselves."""
        if self._routes is None:
            self._routes = self._make().routes
        return self._routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The route that answers; the first that knows the path where none knows the method."""
        found: tuple[Match, Scope] = (Match.NONE, {})
        path = scope["path"] if scope["type"] == "http" else ""
        if path != self.path and not path.startswith(f"{self.path}/"):
            return found
        for route in self.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, child
            if found[0] is Match.NONE:
                found = match, child
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route that matched."""
        await scope["route"].handle(scope, receive, send)


def every(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """All routes, those that are made on demand too."""
    found: list[BaseRoute] = []
    for route in routes:
        found += route.routes if isinstance(route, OnDemand) else [route]
    return found
