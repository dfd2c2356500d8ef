"""Making networks' folders, looking at networks, and joining, as typed: without an engine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cli.conftest import TONGBAO, Shell

from tongbao.kernel.genesis import GenesisValidator, read_genesis
from tongbao.kernel.identity import Key
from tongbao.node.comet.install import VARIABLE
from tongbao.node.comet.settings import read_settings
from tongbao.node.home import ValidatorKey
from tongbao.scenarios.consortium import network_genesis

pytestmark = pytest.mark.xdist_group("cli")


def typed(*words: object, status: int = 0, **environment: str) -> Any:
    """What a command says in JSON; it has to end with `status`."""
    done = subprocess.run(
        [str(TONGBAO), "--json", *map(str, words)], capture_output=True, text=True, timeout=60,
        check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stderr


def test_a_demonstration_network_is_complete_and_its_files_need_no_edits(tmp_path: Path) -> None:
    reported = typed("network", "init", tmp_path / "net", "--validators", 2, "--port", 9400)
    assert [one["name"] for one in reported["nodes"]] == ["central-bank", "bank-north"]
    genesis = read_genesis((tmp_path / "net" / "genesis.json").read_bytes())
    assert reported["genesis"] == genesis.digest() and genesis.chain == "tongbao-demo-1"
    assert {one.power for one in genesis.validators} == {10}
    for one in reported["nodes"]:
        home = tmp_path / "net" / one["home"]
        assert read_settings(home).gateway.listen in one["url"]
        for name in ("tongbao.service", "Containerfile"):
            text = (home / name).read_text()
            assert one["name"] in text and "$" not in text.replace("%d", "")
        shown = typed("node", "id", "--home", home)
        assert shown["peer"] == one["peer"] and shown["genesis"] == genesis.digest()
    for one in (tmp_path / "net", *(tmp_path / "net").rglob("*")):
        assert one.stat().st_mode & 0o077 == 0, one
    assert (
        "holds a network already" in typed("network", "init", tmp_path / "net", status=1)["error"]
    )
    (tmp_path / "net" / "network.json").write_text("{")
    assert "put back a copy" in typed("network", "status", tmp_path / "net", status=3)["error"]


def test_a_network_on_machines_of_their_own_is_founded_by_a_file(tmp_path: Path) -> None:
    parties = ("central-bank", "bank-north", "bank-south")
    sample = network_genesis(
        "x", tuple(GenesisValidator(one, os.urandom(32)) for one in parties), 1
    )
    founding, secret = tmp_path / "founding.json", tmp_path / "secret"
    founding.write_bytes(b'{"actions": ' + bytes(sample.actions) + b"}")
    secret.write_text("only the operators know\n")
    reported = typed(
        "network", "init", tmp_path / "net", "--names", ",".join(parties), "--validators", 3,
        "--hosts", "a.example,b.example,c.example", "--chain", "settle-1", "--founding", founding,
        "--passphrase-file", secret,
    )  # fmt: skip
    assert reported["chain"] == "settle-1"
    assert [one["peer"].partition("@")[2] for one in reported["nodes"]] == [
        "a.example:26656", "b.example:26656", "c.example:26656",
    ]  # fmt: skip
    home = tmp_path / "net" / "bank-south"
    ValidatorKey.load(home / "validator.pem", b"only the operators know")
    settings = read_settings(home)
    assert (settings.peers.listen, settings.peers.external) == ("0.0.0.0:26656", "c.example:26656")
    assert not settings.peers.one_machine and settings.gateway.listen == "127.0.0.1:8420"
    assert not (tmp_path / "net" / "wallet").exists() and not (home / "wallet").exists()


def test_what_does_not_fit_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    net = tmp_path / "net"
    few = typed("network", "init", net, "--names", "a,b", "--hosts", "one.example", status=1)
    assert "2 names, 1 hosts" in few["error"] and few["error_zh"]
    bad = tmp_path / "bad.json"
    bad.write_text('{"actions": 3}')
    secret = tmp_path / "secret"
    secret.write_text("s")
    for words in (("--founding", bad, "--passphrase-file", secret), ("--names", "A,B,C,D")):
        typed("network", "init", net, *words, status=1)
        assert not (net / "genesis.json").exists() and not (net / "network.json").exists()
    assert "network init" in typed("network", "status", net, status=1)["error"]
    assert "--url" in typed("network", "status", status=1)["error"]
    assert "scenario" in typed("network", "up", net, "--scenario", "none", status=1)["error"]


def test_the_demonstration_takes_a_window_for_its_votes_and_no_other_genesis_does(
    tmp_path: Path,
) -> None:
    typed("network", "init", tmp_path / "net", "--validators", 1, "--port", 0, "--window", "30s")
    genesis = (tmp_path / "net" / "genesis.json").read_text()
    assert '"window_ms": 30000' in genesis
    founding = tmp_path / "founding.json"
    founding.write_text('{"actions": []}')
    for words in (("--window", "soon"), ("--window", "1h", "--founding", founding)):
        refused = typed("network", "init", tmp_path / "no", *words, status=1)
        assert "--window" in refused["error"] and not (tmp_path / "no").exists()
    long = typed("network", "init", tmp_path / "no", "--window", "31d", status=1)
    assert long["name"] == "BAD_TERMS" and not (tmp_path / "no").exists()


def test_a_file_of_tokens_may_be_named_anywhere_and_has_to_be_one(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("one\ntwo-secret\n")
    for words in (("--token-file", file, "version"), ("version", f"--token-file={file}")):
        refused = typed(*words, status=1)
        assert "line 2" in refused["error"] and "secret" not in refused["error"]
    file.write_text("one\n")
    assert typed("version", "--token-file", file)["tongbao"]
    assert typed("version", "--lang", "zh", TONGBAO_TOKEN_FILE=str(file))["tongbao"]


def test_a_node_without_its_engine_says_how_to_get_one(tmp_path: Path) -> None:
    typed("network", "init", tmp_path / "net", "--validators", 1, "--port", 9500)
    home = tmp_path / "net" / "central-bank"
    bare = {"PATH": "/usr/bin:/bin", "XDG_DATA_HOME": str(tmp_path), VARIABLE: ""}
    reported = typed("node", "start", "--home", home, status=1, **bare)
    assert "tongbao engine install" in reported["error"] and "构建" in reported["error_zh"]
    other = tmp_path / "bin" / "cometbft"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho 1.0.1\n")
    other.chmod(0o755)
    bare["PATH"] = f"{other.parent}:/usr/bin:/bin"
    reported = typed("node", "start", "--home", home, status=1, **bare)
    assert "v1.0.1" in reported["error"] and "v0.38.25" in reported["error"]
    assert (
        "--log-level"
        in typed("node", "start", "--home", home, "--log-level", "loud", status=1, **bare)["error"]
    )


def test_joining_believes_nobody(shell: Shell, tmp_path: Path) -> None:
    url = json.loads((shell.home / "node.json").read_text())["url"]
    genesis = shell.home / "genesis.json"
    secret = tmp_path / "secret"
    secret.write_text("s")
    asked = ["network", "join", tmp_path / "n", "--name", "firm", "--from", url,
             "--passphrase-file", secret]  # fmt: skip
    assert "--digest" in typed(*asked, status=1)["error"]
    assert "has the digest" in typed(*asked, "--digest", "00" * 32, status=1)["error"]
    alone = typed(*asked, "--genesis", genesis, status=1)
    assert "chain of one node" in alone["error"]
    away = typed(
        "network", "join", tmp_path / "n", "--name", "firm", "--from", "http://127.0.0.1:1",
        "--genesis", genesis, "--passphrase-file", secret, status=1,
    )  # fmt: skip
    assert "does not answer" in away["error"]
    assert (
        "small letters"
        in typed(*asked[:3], "--name", "Firm", *asked[5:], "--genesis", genesis, status=1)["error"]
    )
    assert not (tmp_path / "n" / "genesis.json").exists()


def test_a_passphrase_that_cannot_be_read_or_is_none_is_said(tmp_path: Path) -> None:
    asked = ["node", "start", "--home", tmp_path, "--passphrase-file"]
    absent, empty = tmp_path / "absent", tmp_path / "empty"
    empty.write_text("\n")
    assert str(absent) in typed(*asked, absent, status=1)["error"]
    reported = typed(*asked, empty, status=1)
    assert "holds no passphrase" in reported["error"] and "没有口令" in reported["error_zh"]


def test_who_makes_a_key_is_shown_what_a_registration_takes(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    typed("keys", "create", "newbank", "--label", "maker", "--wallet", tmp_path / "wallet",
          "--passphrase-file", secret)  # fmt: skip
    shown = typed("keys", "show", "newbank--maker", "--wallet", tmp_path / "wallet")
    key = msgspec.json.decode(shown["registered"], type=Key)
    assert (key.public.hex(), key.label, key.scopes) == (shown["public"], "maker", ("*",))
    refused = typed(
        "party", "register", "--party", "newbank", "--sponsor", "a", "--name", "New", "--roles",
        "bank", "--jurisdiction", "CN", "--keys", "maker", status=1,
    )  # fmt: skip
    assert "registered" in refused["error"] and "registered" in refused["error_zh"]


def test_whoever_finds_no_node_running_is_told_how_to_start_this_one(tmp_path: Path) -> None:
    typed("network", "init", tmp_path / "net", "--validators", 1, "--port", 0)
    one = tmp_path / "net" / "central-bank"
    for home, words in (
        (tmp_path / "net", f"tongbao network up {tmp_path / 'net'}"),
        (one, f"tongbao node start --home {one}"),
        (tmp_path / "none", f"tongbao dev --home {tmp_path / 'none'}"),
    ):
        reported = typed("status", "--home", home, status=1)
        assert f"`{words}`" in reported["error"] and f"`{words}`" in reported["error_zh"]
