"""Trust files, witnesses and proven balances on the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.cli.conftest import Shell
from tests.light.engines import Engine

from tongbao import _core
from tongbao.sdk.light.attack import Shown, make_evidence
from tongbao.sdk.tokens import read_people
from tongbao.simulator.headers import HeaderChain, constant

pytestmark = pytest.mark.xdist_group("cli")


def address(shell: Shell) -> str:
    """Where the shell's node listens."""
    return str(json.loads((shell.home / "node.json").read_bytes())["url"])


def pay(shell: Shell) -> str:
    """A payment's digest."""
    sent = shell.json("pay", "send", "hengtong/main", "mingda/main", "1.00", "CNY")
    return str(sent["digest"])


def other(shell: Shell, who: str = "") -> str:
    """The same node by another name, in place of a second one; `who`: with whose token."""
    token = f"{who}:{read_people(shell.home)[who]}@" if who else ""
    return address(shell).replace("127.0.0.1", f"{token}localhost")


def test_trust_is_carried_on_from_the_genesis_and_verifies_receipts(
    shell: Shell, tmp_path: Path
) -> None:
    digest, receipt = pay(shell), tmp_path / "receipt.json"
    store, genesis = tmp_path / "trust", shell.home / "genesis.json"
    first = shell.json(
        "light", "sync", "--store", store, "--trust", genesis, "--witness", other(shell)
    )
    assert (first["from"], first["confirmed"], first["faults"]) == (0, [other(shell)], {})
    pay(shell)
    reported = shell.run("light", "sync", "--store", store)
    assert f"from block {first['height']}" in reported
    assert "No witness" in reported
    shown = shell.json("light", "show", "--store", store, home=False)
    assert (shown["from"], shown["height"] > first["height"]) == (0, True)
    late, given = tmp_path / "late", f"{shown['height']}:{shown['hash']}"
    assert shell.json("light", "sync", "--store", late, "--trust", given)["verified"] == 0
    assert "信任起点" in shell.run("--lang", "zh", "light", "show", "--store", late, home=False)
    shell.run("receipt", "get", digest, "-o", receipt, "--from-trust", 1)
    reported = shell.run("verify", receipt, "--trust", genesis, "--url", address(shell), home=False)
    assert "1 of 1 validators signed" in reported
    assert "genesis that you trust" in reported
    assert "依据" in shell.run("--lang", "zh", "verify", receipt, "--trust", store, home=False)


def test_balances_are_shown_with_proof(shell: Shell) -> None:
    genesis = shell.home / "genesis.json"
    words = ("account", "show", "hengtong/main", "--proof", "--trust", genesis)
    reported = shell.run(*words, "--witness", other(shell, "node"))
    assert "2/2" in reported
    assert "proven" in reported
    proven = shell.json(*words)["holdings"]
    plain = shell.json("account", "show", "hengtong/main")["holdings"]
    assert {h["asset"]: h["posted_minor"] for h in proven} == {
        h["asset"]: h["posted_minor"] for h in plain
    }
    assert all(h["proven_by"] == [address(shell)] for h in proven)


def test_evidence_of_an_attack_is_examined(shell: Shell, tmp_path: Path) -> None:
    chain = HeaderChain(constant(4))
    shown = (Shown("a", chain.block(9)), Shown("b", chain.fork(9).block(9)))
    file = tmp_path / "attack.json"
    file.write_bytes(make_evidence(chain.chain, chain.block(8), *shown, now_ms=0).encode())
    reported = shell.json("light", "evidence", file, home=False)
    assert (reported["height"], len(reported["guilty"])) == (9, 4)
    assert all(one["follows"] for one in reported["blocks"])
    assert "证据成立" in shell.run("--lang", "zh", "light", "evidence", file, home=False)
    file.write_bytes(make_evidence(chain.chain, chain.block(8), *shown[:1] * 2, now_ms=0).encode())
    assert "proves nothing" in shell.run("light", "evidence", file, status=1, home=False)
    file.write_bytes(b"{}")
    assert "no evidence" in shell.run("light", "evidence", file, status=1, home=False)


@contextmanager
def serving(engine: Engine) -> Iterator[str]:
    """An engine on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = engine.relay(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"engine+http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_evidence_of_an_attack_is_handed_to_nodes(shell: Shell, tmp_path: Path) -> None:
    chain, file = HeaderChain(constant(4)), tmp_path / "attack.json"
    shown = (Shown("a", chain.block(9)), Shown("b", chain.fork(9).block(9)))
    file.write_bytes(make_evidence(chain.chain, chain.block(8), *shown, now_ms=0).encode())
    alone = shell.json("light", "report", file, "--url", address(shell), home=False, status=1)
    assert "alone" in alone["refused_by"][address(shell)]
    with serving(Engine(chain=chain)) as url:
        asked = ("light", "report", file, "--url", url, "--witness", address(shell))
        reported = shell.json(*asked, home=False)
        assert reported["taken_by"] == [url.removeprefix("engine+")]
        [one] = reported["reports"]
        assert (one["kind"], one["common_height"], len(one["accused"])) == ("lunatic", 8, 4)
        reply = shell.run("--lang", "zh", *asked, home=False)
        assert "已由" in reply and "未受理" in reply and one["accused"][0]["address"] in reply
    common = {"app_hash": _core.header_fields(chain.block(9).header)["app_hash"]}
    twin = chain.make(9, chain.block(8), reply={**common, "data_hash": bytes(32)})
    shown = (Shown("a", chain.block(9)), Shown("b", twin))
    file.write_bytes(make_evidence(chain.chain, chain.block(8), *shown, now_ms=0).encode())
    with serving(Engine(chain=chain, rounds=1)) as url:
        assert "nobody" in shell.run("light", "report", file, "--url", url, home=False)


def test_what_cannot_be_believed_ends_with_its_code(shell: Shell, tmp_path: Path) -> None:
    store, genesis = tmp_path / "trust", shell.home / "genesis.json"
    wrong = f"1:{'00' * 32}"
    reported = shell.json("light", "sync", "--store", store, "--trust", wrong, status=1)
    assert reported["name"] == "WRONG_HASH"
    assert not store.exists()
    silent = "http://127.0.0.1:9"
    reported = shell.json(
        "light", "sync", "--store", store, "--trust", genesis, "--witness", silent, status=1
    )
    assert reported["name"] == "NOT_CONFIRMED"
    assert silent in reported["error"]
    assert "没有见证节点" in reported["error_zh"]
    reported = shell.run("light", "sync", "--store", store, "--witness", address(shell), status=1)
    assert "twice" in reported
    assert "--trust" in shell.run("account", "show", "hengtong/main", "--proof", status=1)
