"""A cutting proxy between every two nodes, for machines where namespaces are not allowed.

Every node dials every other one by a port of its own, so the proxy knows both ends of each
connection. A cut stops the bytes of both directions and leaves the connections open, as where a
line breaks; after the healing the bytes go on. What a proxy cannot do is lose them: the engine's
own timeouts meet a connection that is slow, never one that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence

from tests.network.faults.wiring import Place, side_of

from tongbao.node.comet.ports import HOST, free_ports

PIECE = 65_536


class Proxies:
    """All proxies of a network, in a thread of their own."""

    kind = "proxies"

    def __init__(self, nodes: int) -> None:
        """Listen at a port for each ordered pair."""
        self._nodes = range(nodes)
        free = free_ports(2 * nodes)
        self._engines, self._gateways = free[:nodes], free[nodes:]
        self._ports: dict[tuple[int, int], int] = {}
        self._open: dict[tuple[int, int], asyncio.Event] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=10)

    async def _listen(self) -> None:
        for node in self._nodes:
            for other in self._nodes:
                if node == other:
                    continue
                pair = (min(node, other), max(node, other))
                self._open.setdefault(pair, asyncio.Event()).set()
                carry = self._carrier(self._open[pair], self._engines[other])
                server = await asyncio.start_server(carry, HOST, 0)
                self._ports[node, other] = server.sockets[0].getsockname()[1]

    def _carrier(self, clear: asyncio.Event, target: int):  # type: ignore[no-untyped-def]
        async def carry(source: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            await clear.wait()
            try:
                answers, onward = await asyncio.open_connection(HOST, target)
            except OSError:
                back.close()
                return
            await asyncio.gather(
                _pump(source, onward, clear), _pump(answers, back, clear), return_exceptions=True
            )

        return carry

    def place(self, node: int) -> Place:
        """On the loopback address, at ports of its own."""
        return Place((), (HOST, self._engines[node]), (HOST, self._gateways[node]))

    def peer(self, node: int, other: int) -> tuple[str, int]:
        """The proxy between the two."""
        return HOST, self._ports[node, other]

    def cut(self, *parts: Sequence[int]) -> None:
        """Hold the bytes between the parts."""
        sides = [side_of(node, parts) for node in self._nodes]
        self._set({(a, b): sides[a] == sides[b] for a, b in self._open})

    def heal(self) -> None:
        """Let everything flow."""
        self._set(dict.fromkeys(self._open, True))

    def _set(self, clear: dict[tuple[int, int], bool]) -> None:
        async def turn() -> None:
            for pair, flows in clear.items():
                event = self._open[pair]
                event.set() if flows else event.clear()

        asyncio.run_coroutine_threadsafe(turn(), self._loop).result(timeout=10)

    def close(self) -> None:
        """Stop the thread; its connections go with it."""

        async def end() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, clear: asyncio.Event):  # type: ignore[no-untyped-def]
    """Carry one direction until either end closes."""
    try:
        while piece := await source.read(PIECE):
            await clear.wait()
            sink.write(piece)
            await sink.drain()
    except OSError:
        pass
    finally:
        sink.close()
