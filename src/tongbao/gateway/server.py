"""The gateway's server: uvicorn in its own thread, on the loopback address unless configured."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import resource
import socket
import ssl
import threading
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn

from tongbao.gateway.app import create_app
from tongbao.gateway.bounds.connections import Keeper
from tongbao.gateway.bounds.settings import Settings
from tongbao.gateway.gateway import Gateway
from tongbao.gateway.services import NodeServices
from tongbao.kernel.wording import WordedFault

log = structlog.get_logger(__name__)
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
START_SECONDS = 20.0
STOP_SECONDS = 5
BACKLOG = 512
"""Connections that are taken in at once: fewer than may be open, so that none of them has to go
before its request is read."""
OTHER_FILES = 1_000
"""Open files beside connections: the store's, the lists', the engine's."""


TLS_SECONDS = 5.0
"""Until a client has shaken hands."""


class ServerFault(WordedFault):
    """The server cannot listen or did not start."""


@dataclass(frozen=True)
class Tls:
    """What a server shows of itself: PEM files, read once as it starts."""

    certificate: Path
    """The server's own certificate first, then those that lead to its authority."""
    key: Path
    """Its private key, not encrypted, its owner's alone."""

    def check(self) -> None:
        """ServerFault where they are not a certificate and its key."""
        for file in (self.certificate, self.key):
            if not file.is_file():
                raise ServerFault("{file}: no such file", file=file)
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.key, password=lambda: "")
        except (OSError, ValueError) as fault:
            raise ServerFault(
                "{certificate} and {key} are not a certificate in PEM and its private key"
                " without passphrase ({fault})",
                certificate=self.certificate,
                key=self.key,
                fault=fault,
            ) from fault


class _Server(uvicorn.Server):
    """uvicorn's server; who opens a connection has to come to an end with TLS in time, too."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bound the handshake: connections are counted and timed from its end on."""
        if self.config.ssl is not None:
            loop: Any = asyncio.get_running_loop()
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=TLS_SECONDS)
        await super().startup(sockets=sockets)


class GatewayServer:
    """Serves one node over HTTP until it is stopped."""

    def __init__(
        self,
        services: NodeServices,
        settings: Settings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        tls: Tls | None = None,
    ) -> None:
        """Bind at once; port 0 takes a free one, and `url` says which. ServerFault if it cannot."""
        settings = settings or Settings()
        if tls is not None:
            tls.check()
        self.tls = tls
        self._socket = _bind(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        if settings.hosts is None and is_loopback(host):
            settings = replace(settings, hosts=(*LOOPBACK_NAMES, _bracketed(host)))
        self.app = create_app(services, settings)
        self.keeper = Keeper(settings.limits)
        self.gateway.metrics.connections = lambda: (len(self.keeper), self.keeper.cut)
        _allow_connections(settings.limits.connections)
        config = uvicorn.Config(
            self.app,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=self.keeper.protocol(),
            backlog=BACKLOG,
            h11_max_incomplete_event_size=settings.limits.header_bytes,
            timeout_keep_alive=math.ceil(settings.limits.idle_seconds),
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=None if tls is None else tls.certificate,
            ssl_keyfile=None if tls is None else tls.key,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)
        self._ended = threading.Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'http' if self.tls is None else 'https'}://{_bracketed(self.host)}:{self.port}"

    @property
    def gateway(self) -> Gateway:
        """What stands behind the endpoints."""
        gateway: Gateway = self.app.state.gateway
        return gateway

    @property
    def healthy(self) -> bool:
        """Whether it serves."""
        return self._server.started and not self._ended.is_set()

    def start(self) -> None:
        """Serve; returns once requests are answered. Raises ServerFault."""
        self._thread.start()
        waited = 0.0
        while not self._server.started:
            if self._ended.wait(0.005) or waited > START_SECONDS:
                self._socket.close()
                raise ServerFault("the gateway did not start on {url}", url=self.url)
            waited += 0.005

    def stop(self) -> None:
        """End streams, finish what is being answered, and close. Safe to call twice."""
        self.gateway.end()
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS + 5)
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except (Exception, SystemExit) as fault:
            log.critical("gateway.ended", error=repr(fault), exc_info=True)
        finally:
            self._ended.set()


def _allow_connections(count: int) -> None:
    """Raise the number of open files where it is lower than connections need; as far as it goes."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + OTHER_FILES
    if least < wanted:
        reachable = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, reachable), most))


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol has to be named: asyncio takes Nagle's delay off such sockets alone, and with it
    # every answer on an open connection would wait some 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        raise ServerFault(
            "cannot listen on {host}:{port}: {strerror}",
            host=host,
            port=port,
            strerror=fault.strerror,
        ) from fault
    return listener


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Whether this machine alone reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
