"""Making the folders of a network: keys, both genesis files, settings; one folder a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec

from tongbao.files import write_private
from tongbao.kernel.genesis import Genesis, GenesisValidator
from tongbao.node.comet.files import EnginePaths, engine_genesis
from tongbao.node.comet.nodekey import NodeKey
from tongbao.node.comet.settings import (
    FILE,
    EngineSettings,
    Gateway,
    NodeSettings,
    Peers,
    settings_text,
)
from tongbao.node.home import DamagedFile, HomeFault, NodeHome, ValidatorKey

MAP = "network.json"
NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,31}$")


class Ports(NamedTuple):
    """The four ports of a node."""

    gateway: int
    peers: int
    rpc: int
    metrics: int


class Place(NamedTuple):
    """A node that is to be: its name, machine, ports and passphrase."""

    name: str
    host: str
    ports: Ports
    passphrase: bytes


class NodeEntry(msgspec.Struct, frozen=True):
    """One node of the map."""

    name: str
    home: str
    """Its folder, relative to the map."""
    url: str
    """Where its gateway listens."""
    peer: str
    """id@host:port, as other nodes dial it."""
    metrics: str
    """host:port of the engine's figures."""


class NetworkMap(msgspec.Struct, frozen=True):
    """`network.json`: which nodes a folder holds. Contains no secret."""

    chain: str
    genesis: str
    """Digest of genesis.json, hex."""
    nodes: tuple[NodeEntry, ...]


def read_map(folder: Path) -> NetworkMap:
    """The map of a network's folder; HomeFault where there is none, DamagedFile where it cannot be
    read."""
    path = folder / MAP
    try:
        return msgspec.json.decode(path.read_bytes(), type=NetworkMap)
    except FileNotFoundError as fault:
        raise HomeFault(
            "{path} is missing: `tongbao network init` makes a network", path=path
        ) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise DamagedFile(
            "{path} is damaged ({fault}): put back a copy of it; the nodes do without it,"
            " and `--url` names each",
            path=path,
            fault=fault,
        ) from fault


Founding = Callable[[tuple[GenesisValidator, ...]], Genesis]
"""Makes the genesis of a chain out of those who sign its blocks."""


def make_network(
    folder: Path, places: Sequence[Place], founding: Founding, one_machine: bool
) -> NetworkMap:
    """Make every node's folder; the map comes last, so a folder that has one is complete."""
    for place in places:
        if not NAME.fullmatch(place.name):
            raise HomeFault(
                "a node's name has small letters, digits and -: {name}", name=f"{place.name!r}"
            )
    if len({place.name for place in places}) != len(places):
        raise HomeFault("two nodes have the same name")
    if (folder / MAP).exists():
        raise HomeFault("{folder} holds a network already", folder=folder)
    homes = [NodeHome(folder / place.name) for place in places]
    # Hardening a passphrase is slow on purpose, and runs without Python's lock.
    with ThreadPoolExecutor() as pool:
        keys = list(pool.map(_create_key, homes, (place.passphrase for place in places)))
    ids = [
        NodeKey.create(home, place.passphrase).id for home, place in zip(homes, places, strict=True)
    ]
    genesis = founding(
        tuple(
            GenesisValidator(place.name, key.public)
            for place, key in zip(places, keys, strict=True)
        )
    )
    dialled = [
        f"{own}@{bracketed(place.host)}:{place.ports.peers}"
        for own, place in zip(ids, places, strict=True)
    ]
    entries = []
    for place, home, own in zip(places, homes, dialled, strict=True):
        others = tuple(one for one in dialled if one != own)
        settings = settings_of(place, others, one_machine)
        write_node(home, genesis, settings)
        entries.append(entry_of(place, own, settings))
    known = NetworkMap(genesis.chain, genesis.digest(), tuple(entries))
    write_private(folder / MAP, msgspec.json.format(msgspec.json.encode(known)))
    return known


def _create_key(home: NodeHome, passphrase: bytes) -> ValidatorKey:
    if home.validator_file.exists():
        raise HomeFault(
            "{validator_file} exists: a validator's key is never overwritten",
            validator_file=home.validator_file,
        )
    EnginePaths(home).make()
    return ValidatorKey.create(home.validator_file, passphrase)


def settings_of(place: Place, others: tuple[str, ...], one_machine: bool) -> NodeSettings:
    """The settings of a new node."""
    ports = place.ports
    host = bracketed(place.host)
    return NodeSettings(
        place.name,
        Gateway(listen=f"127.0.0.1:{ports.gateway}"),
        Peers(
            listen=f"{host if one_machine else '0.0.0.0'}:{ports.peers}",  # noqa: S104
            external="" if one_machine else f"{host}:{ports.peers}",
            persistent=others,
            one_machine=one_machine,
        ),
        EngineSettings(rpc=f"127.0.0.1:{ports.rpc}", metrics=f"127.0.0.1:{ports.metrics}"),
    )


def entry_of(place: Place, own: str, settings: NodeSettings) -> NodeEntry:
    """A node as the map names it."""
    url = f"http://{settings.gateway.listen}"
    return NodeEntry(place.name, place.name, url, own, settings.engine.metrics)


def write_node(home: NodeHome, genesis: Genesis, settings: NodeSettings) -> None:
    """Settings and both genesis files; ours last, so that a folder that has one is complete."""
    write_private(home.path / FILE, settings_text(settings).encode())
    write_private(EnginePaths(home).genesis, engine_genesis(genesis))
    write_private(home.genesis_file, genesis.encode())


def bracketed(host: str) -> str:
    """A host as it stands before a port: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
