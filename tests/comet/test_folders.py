"""A network's folders: keys, both genesis files, settings, the engine's configuration."""

from __future__ import annotations

import base64
import json
import os
import socket
import stat
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import GenesisCode, GenesisValidator, read_genesis
from tongbao.node.comet.files import (
    EnginePaths,
    engine_config,
    engine_genesis,
)
from tongbao.node.comet.founding import founded_by
from tongbao.node.comet.network import Place, Ports, make_network, read_map
from tongbao.node.comet.nodekey import NodeKey, node_id
from tongbao.node.comet.settings import NodeSettings, read_settings, settings_text
from tongbao.node.home import DamagedFile, HomeFault, NodeHome, ValidatorKey
from tongbao.scenarios.consortium import network_genesis

SECRET = b"a passphrase"


def places(*names: str, host: str = "127.0.0.1") -> list[Place]:
    """Nodes that are to be."""
    return [
        Place(name, host, Ports(*range(9000 + 10 * n, 9004 + 10 * n)), SECRET)
        for n, name in enumerate(names)
    ]


def founding(validators: tuple[GenesisValidator, ...]) -> Any:
    """The demonstration."""
    return network_genesis("net-1", validators, 1_700_000_000_123)


def test_every_node_gets_its_own_keys_and_all_the_same_genesis(tmp_path: Path) -> None:
    made = make_network(tmp_path, places("central-bank", "bank-north"), founding, True)
    assert read_map(tmp_path) == made
    homes = [NodeHome(tmp_path / entry.home) for entry in made.nodes]
    keys = [ValidatorKey.load(home.validator_file, SECRET).public for home in homes]
    ids = {node_id(home) for home in homes}
    assert len(set(keys)) == len(ids) == 2
    genesis = homes[0].genesis()
    assert [v.public for v in genesis.validators] == keys
    assert {home.genesis_file.read_bytes() for home in homes} == {genesis.encode()}
    assert {EnginePaths(home).genesis.read_bytes() for home in homes} == {engine_genesis(genesis)}
    for home in homes:
        for secret in (home.validator_file, home.node_key_file, home.path / "node.toml"):
            assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        [peer] = read_settings(home.path).peers.persistent
        assert peer.split("@")[0] in ids - {node_id(home)}


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    make_network(tmp_path, places("central-bank"), founding, True)
    with pytest.raises(HomeFault, match="holds a network already"):
        make_network(tmp_path, places("central-bank"), founding, True)
    (tmp_path / "network.json").unlink()
    with pytest.raises(HomeFault, match="never overwritten"):
        make_network(tmp_path, places("central-bank"), founding, True)


@pytest.mark.parametrize("names", [("a", "a"), ("Upper",), ("with blank",), ("../up",), ("",)])
def test_names_that_cannot_be_folders_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(HomeFault):
        make_network(tmp_path, places(*names), founding, True)
    assert not list(tmp_path.iterdir())


def test_the_engines_genesis_says_what_ours_says_and_names_it(tmp_path: Path) -> None:
    validators = (GenesisValidator("central-bank", b"\x07" * 32, 12),)
    genesis = founding(validators)
    theirs = json.loads(engine_genesis(genesis))
    assert theirs["chain_id"] == "net-1" and theirs["app_state"]["genesis"] == genesis.digest()
    assert theirs["genesis_time"] == "2023-11-14T22:13:20.123Z"
    assert [(v["power"], v["name"]) for v in theirs["validators"]] == [("12", "central-bank")]
    days = int(theirs["consensus_params"]["evidence"]["max_age_duration"]) / 86_400e9
    assert days > NodeSettings("x").state_sync.trust_period_s / 86_400


def test_what_is_written_for_people_reads_back_as_it_was(tmp_path: Path) -> None:
    [place] = places("bank-north", host="2001:db8::1")
    make_network(tmp_path, [place], founding, one_machine=False)
    settings = read_settings(tmp_path / "bank-north")
    assert settings.peers.external == "[2001:db8::1]:9001"
    (tmp_path / "node.toml").write_text(settings_text(settings))
    assert read_settings(tmp_path) == settings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "a"\n[engine]\npropose_ms = 0', "propose_ms"),
        ('name = "a"\nsnapshots = 3', "snapshots"),
        ('name = "a"\nsnapshot_interval = 9', "at least 10"),
        ('name = "a"\n[gateway]\nlisten = "nowhere"', "listen"),
        ('name = "a"\n[peers]\npersistent = ["me@host"]', "persistent"),
        ("name = ", "node.toml"),
        ('name = "A"', "name"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "node.toml").write_text(text)
    with pytest.raises(HomeFault, match=says):
        read_settings(tmp_path)
    with pytest.raises(HomeFault, match="not a network node's folder"):
        read_settings(tmp_path / "absent")


def test_the_engine_gets_limits_and_sockets_and_what_the_operator_adds() -> None:
    settings = NodeSettings("a")
    settings = msgspec.structs.replace(
        settings, engine=msgspec.structs.replace(settings.engine, more={"p2p.pex": False})
    )
    config = tomllib.loads(engine_config(settings, syncing=True))
    assert config["proxy_app"] == "unix://run/abci.sock"
    assert config["priv_validator_laddr"] == "unix://run/signer.sock"
    assert config["mempool"]["recheck"] is False and config["mempool"]["type"] == "flood"
    assert config["consensus"]["create_empty_blocks"] is False
    assert config["statesync"]["enable"] is False  # nobody to start from
    assert config["p2p"]["pex"] is False and config["rpc"]["laddr"] == "tcp://127.0.0.1:26657"


def test_state_sync_is_on_only_while_the_ledger_is_empty() -> None:
    settings = NodeSettings("a")
    sync = msgspec.structs.replace(settings.state_sync, servers=("http://a", "http://b"))
    settings = msgspec.structs.replace(settings, state_sync=sync)
    enabled = [
        tomllib.loads(engine_config(settings, syncing=one))["statesync"]["enable"]
        for one in (True, False)
    ]
    assert enabled == [True, False]


def test_a_socket_is_reachable_however_deep_the_folder_lies(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 6)
    paths = EnginePaths(NodeHome(deep))
    paths.make()
    path = paths.socket("abci.sock")
    assert len(os.fsencode(path)) < 108
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert (paths.run / "abci.sock").is_socket()


def test_a_node_key_is_encrypted_and_told_where_it_is_none(tmp_path: Path) -> None:
    home = NodeHome(tmp_path)
    made = NodeKey.create(home, SECRET)
    assert NodeKey.load(home, SECRET).id == node_id(home) == made.id and len(made.id) == 40
    assert b"ENCRYPTED" in home.node_key_file.read_bytes()
    with pytest.raises(HomeFault, match="wrong passphrase"):
        NodeKey.load(home, b"another")
    with pytest.raises(HomeFault, match="never overwritten"):
        NodeKey.create(home, SECRET)
    other = base64.b64encode(os.urandom(32)).decode()
    for text in ("{}", json.dumps({"id": made.id, "public": other})):
        home.node_id_file.write_text(text)
        with pytest.raises(DamagedFile, match="does not name a node key"):
            node_id(home)
    assert NodeKey.load(home, SECRET).id == node_id(home)  # the key's file makes it anew


def test_a_founding_file_is_tried_out_before_it_becomes_a_genesis() -> None:
    validators = (GenesisValidator("central-bank", b"\x07" * 32),)
    demonstration = founding(validators)
    good = b'{"actions": ' + bytes(demonstration.actions) + b"}"
    assert founded_by(good, "net-1", validators, demonstration.time_ms) == read_genesis(
        demonstration.encode()
    )
    for bad, code in (
        (b"[]", GenesisCode.UNREADABLE),
        (b'{"actions": [], "chain": "x"}', GenesisCode.UNREADABLE),
        (b'{"actions": [], "suites": ["rot13"]}', GenesisCode.UNKNOWN_SUITE),
        (b'{"actions": [], "name_memory_ms": 1}', GenesisCode.MEMORY_TOO_SHORT),
        (b'{"actions": [{"type": "nothing.such"}]}', GenesisCode.UNREADABLE),
    ):
        with pytest.raises(Refusal) as refused:
            founded_by(bad, "net-1", validators, 1)
        assert refused.value.code is code
    unregistered = good.replace(b'"central-bank"', b'"other-bank"')
    with pytest.raises(Refusal):  # its validator is no party
        founded_by(unregistered, "net-1", validators, 1)


def test_the_engine_makes_its_idle_key_anew_where_its_data_was_moved_away(tmp_path: Path) -> None:
    """It signs nothing with it, and does not start where the key is there without its state."""
    paths = EnginePaths(NodeHome(tmp_path / "node"))
    paths.make()
    key = paths.root / "config" / "priv_validator_key.json"
    state = paths.data / "priv_validator_state.json"
    for file in (key, state):
        file.write_text("{}")
    paths.forget_idle_key()
    assert key.exists()
    state.unlink()
    paths.forget_idle_key()
    assert not key.exists()
    paths.forget_idle_key()
