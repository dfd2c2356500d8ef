"""The cuts themselves: that they cut, that they heal, and that nothing is left behind."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from tests.network.faults.namespaces import Namespaces, available, ip
from tests.network.faults.proxies import Proxies

pytestmark = pytest.mark.xdist_group("network")


@pytest.fixture
def proxies() -> Iterator[Proxies]:
    made = Proxies(2)
    yield made
    made.close()


def echo_once(address: tuple[str, int]) -> threading.Thread:
    """A server that sends back what it gets, for one connection."""
    listener = socket.create_server(address)

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, listener:
            while piece := connection.recv(100):
                connection.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_a_proxy_holds_bytes_while_it_is_cut_and_lets_them_go_after(proxies: Proxies) -> None:
    server = echo_once(proxies.place(1).p2p_listen)
    with socket.create_connection(proxies.peer(0, 1), timeout=5) as connection:
        connection.sendall(b"one")
        assert connection.recv(100) == b"one"
        proxies.cut([0])
        connection.sendall(b"two")
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        proxies.heal()
        connection.settimeout(5)
        assert connection.recv(100) == b"two"
    server.join(5)


def test_namespaces_are_cut_and_healed_and_leave_nothing_behind() -> None:
    if not available():
        pytest.skip("this machine does not let us make network namespaces")
    made = Namespaces(2)
    try:
        name = made.place(0).prefix[-1]
        assert reaches(made)
        made.cut([1])
        assert not reaches(made)
        made.heal()
        time.sleep(0.1)
        assert reaches(made)
    finally:
        made.close()
    assert name not in ip("netns", "list")
    assert f"{name[:-2]}a" not in ip("link")


def reaches(made: Namespaces) -> bool:
    """Whether the first can connect to the second; refused counts, for somebody refused."""
    host, port = made.peer(0, 1)
    program = (
        "import socket, sys\n"
        "try: socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1)\n"
        "except ConnectionRefusedError: pass\n"
    )
    command = [*made.place(0).prefix, "python3", "-c", program, host, str(port)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
