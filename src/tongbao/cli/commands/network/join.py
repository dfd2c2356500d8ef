"""`tongbao network join`: a node's folder for a chain that runs already, trusting nobody."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlsplit

import httpx
import msgspec

from tongbao.cli.client.connect import given_url
from tongbao.cli.client.tokens import hint, token_of, tokens_for
from tongbao.cli.commands.network.files import write_deployment
from tongbao.cli.commands.network.origin import fetch_origin
from tongbao.cli.shell.output import output
from tongbao.files import write_private
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Genesis, read_genesis
from tongbao.kernel.validators import address_of
from tongbao.kernel.wording import Text
from tongbao.modules.governance import seat_statement
from tongbao.node.comet.files import EnginePaths
from tongbao.node.comet.network import (
    NAME,
    Place,
    Ports,
    bracketed,
    entry_of,
    settings_of,
    write_node,
)
from tongbao.node.comet.nodekey import NodeKey
from tongbao.node.comet.settings import PEER, StateSyncFrom
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.sdk import Client, Problem
from tongbao.sdk.calls import RetryPolicy
from tongbao.sdk.network import NetworkStatus

SEAT = "seat.json"
PEERS_TOKENS = "peers.tokens"
ANSWER_S = 15.0


class Known(NamedTuple):
    """What the nodes that were asked say, and what was verified of it."""

    genesis: Genesis
    networks: dict[str, NetworkStatus]
    """By the address that was asked."""
    height: int
    """Newest block that the light client verified from the genesis."""
    digest: str
    """Its hash, hex."""
    confirmed: tuple[str, ...]
    """Other nodes that show the same block."""


def prepare(
    folder: Path, name: str, urls: Sequence[str], genesis: Path | None, digest: str, host: str,
    ports: Ports, power: int, replay: bool, secret: bytes,
) -> None:  # fmt: skip
    """Make the folder and say what comes next; ends the command where anything does not fit."""
    if (folder / "genesis.json").exists() or not NAME.fullmatch(name):
        output.fail(
            "{folder} holds a node already, or {name} has more than small letters, digits and -",
            folder=folder,
            name=f"{name!r}",
        )
    urls = [given_url("--from", one) for one in urls]
    known = _look(urls, genesis, digest)
    sync = _snapshot(known, urls, replay)
    fetched = fetch_origin(NodeHome(folder), known.genesis, urls, _client)
    reported = _make(folder, Place(name, host, ports, secret), known, sync, power)
    reported["origin_fetched"] = fetched
    output.result(reported, lambda: _show(folder, reported, urls[0]))


# ---- asking --------------------------------------------------------------------------------------


def _look(urls: Sequence[str], file: Path | None, digest: str) -> Known:
    """Ask every node, and verify the newest block from the genesis that is trusted."""
    trusted = _trusted(urls[0], file, digest)
    networks: dict[str, NetworkStatus] = {}
    for url in urls:
        with _client(url) as node:
            status, networks[url] = _asked(url, node)
        if networks[url].engine == "solo":
            output.fail(
                "{url} is a chain of one node: `tongbao network init --from-snapshot`"
                " makes a network of it",
                url=url,
            )
        if status.genesis != trusted.digest():
            output.fail(
                "{url} is of another chain: its genesis is {genesis}, not {digest}",
                url=url,
                genesis=status.genesis,
                digest=trusted.digest(),
            )
    height, block, confirmed = _verified(urls, trusted)
    return Known(trusted, networks, height, block, confirmed)


def _client(url: str) -> Client:
    retry = RetryPolicy(attempts=2)
    return Client(url, token=token_of(url), timeout_seconds=ANSWER_S, retry=retry)


def _asked(url: str, node: Client) -> tuple[Any, NetworkStatus]:
    try:
        return node.status(), node.network()
    except (httpx.HTTPError, Problem, msgspec.DecodeError) as fault:
        _silent(url, fault)


def _silent(url: str, fault: Exception) -> NoReturn:
    more = hint(fault.name if isinstance(fault, Problem) else "")
    output.fail("{url} does not answer: {fault}{more}", url=url, fault=fault, more=more)


def _trusted(url: str, file: Path | None, digest: str) -> Genesis:
    """The genesis: from a file, or from a node where it has the digest that was given."""
    if file is None and not digest:
        output.fail(
            "which chain? Give --genesis FILE from a member you trust, or the --digest"
            " you were given; a node alone could show you any chain"
        )
    try:
        with _client(url) as node:
            found = read_genesis(file.read_bytes() if file is not None else node.genesis())
    except Refusal as refusal:
        output.fail("{fault}", fault=refusal)
    except (httpx.HTTPError, Problem) as fault:
        _silent(url, fault)
    if digest and found.digest() != digest.lower():
        output.fail(
            "the genesis has the digest {digest}, not {digest_2}",
            digest=found.digest(),
            digest_2=digest,
        )
    return found


def _verified(urls: Sequence[str], genesis: Genesis) -> tuple[int, str, tuple[str, ...]]:
    """Height and hash of the newest block, verified from the genesis; who else shows it."""
    from tongbao.sdk.light import GatewayProvider, LightClient, TrustedStore

    nodes = [GatewayProvider(url, token=token_of(url)) for url in dict.fromkeys(urls)]
    try:
        light = LightClient(TrustedStore.from_genesis(genesis), nodes[0], nodes[1:])
        reached = light.verify_to()
    except Refusal as refusal:
        output.fail("{fault}", fault=refusal)
    finally:
        for node in nodes:
            node.close()
    return reached.block.height, reached.block.hash().hex(), reached.confirmed


# ---- making --------------------------------------------------------------------------------------


def _snapshot(known: Known, urls: Sequence[str], replay: bool) -> StateSyncFrom:
    """Where to start from a snapshot; nowhere where there is none, or every block is wanted."""
    if replay or not any(one.snapshot_height for one in known.networks.values()):
        return StateSyncFrom()
    servers = [f"{url}/v1/engine" for url in urls]
    if len(servers) == 1:
        servers *= 2  # the engine insists on two; one node asked twice is no second witness
    tokens = PEERS_TOKENS if any(map(token_of, urls)) else ""
    return StateSyncFrom(tuple(servers), known.height, known.digest, tokens_file=tokens)


def _peers(known: Known) -> tuple[str, ...]:
    """Every node that the asked ones know, as id@host:port."""
    found: dict[str, str] = {}
    for url, network in known.networks.items():
        found[network.node] = _reachable(network.address, urlsplit(url).hostname or "")
        for peer in network.peers:
            found.setdefault(peer.id, peer.address)
    named = (f"{one}@{address}" for one, address in found.items())
    return tuple(one for one in named if PEER.fullmatch(one))  # the rest nobody could dial


def _reachable(address: str, host: str) -> str:
    """A node that listens on every address is dialled where it was asked."""
    given, _, port = address.rpartition(":")
    if given in ("0.0.0.0", "[::]", ""):  # noqa: S104 - compared, not listened on
        given = bracketed(host)
    return f"{given}:{port}"


def _make(
    folder: Path, place: Place, known: Known, sync: StateSyncFrom, power: int
) -> dict[str, Any]:
    home = NodeHome(folder)
    EnginePaths(home).make()
    if home.validator_file.exists():
        key = ValidatorKey.load(home.validator_file, place.passphrase)
    else:
        key = ValidatorKey.create(home.validator_file, place.passphrase)
    kept = home.node_key_file.exists()
    own = (NodeKey.load if kept else NodeKey.create)(home, place.passphrase).id
    one_machine = place.host in ("127.0.0.1", "localhost", "::1")
    settings = settings_of(place, _peers(known), one_machine)
    settings = msgspec.structs.replace(settings, state_sync=sync)
    seat = seat_of(known.genesis.chain, place.name, key)
    (folder / SEAT).write_bytes(msgspec.json.format(msgspec.json.encode(seat), indent=2))
    if sync.tokens_file:
        write_private(folder / sync.tokens_file, tokens_for(tuple(known.networks)).encode())
    write_node(home, known.genesis, settings)
    entry = entry_of(place, f"{own}@{bracketed(place.host)}:{place.ports.peers}", settings)
    write_deployment(folder, entry)
    return {
        "folder": str(folder), "chain": known.genesis.chain, "genesis": known.genesis.digest(),
        "party": place.name, "power": power, "peer": entry.peer, "url": entry.url,
        "verified_height": known.height, "verified_hash": known.digest,
        "confirmed_by": list(known.confirmed),
        "peers": list(settings.peers.persistent),
        "from_snapshot": bool(sync.servers), "seat": str(folder / SEAT),
        "address": address_of(key.public).hex(),
    }  # fmt: skip


def seat_of(chain: str, party: str, key: ValidatorKey) -> dict[str, str]:
    """What `--seat` of the governance commands takes: the key, and that it may stand for a seat."""
    proof = key.sign(seat_statement(chain, party, key.public))
    return {
        "party": party, "chain": chain, "public": base64.b64encode(key.public).decode(),
        "proof": base64.b64encode(proof).decode(),
    }  # fmt: skip


def _show(folder: Path, reported: dict[str, Any], url: str) -> None:
    shown = {name: str(reported[name]) for name in ("chain", "genesis", "party", "peer", "url")}
    output.facts(output.text("Node folder {folder}", folder=folder), shown)
    witnesses = ", ".join(reported["confirmed_by"]) or output.text("nobody else")
    output.say(
        "Block {height} is verified from the genesis; confirmed by {witnesses}. The node will"
        " {start}.",
        "green",
        height=reported["verified_height"],
        witnesses=witnesses,
        start=Text("start from a snapshot whose root is proven by a header")
        if reported["from_snapshot"]
        else Text("fetch and execute every block"),
    )
    party, power, seat = reported["party"], reported["power"], reported["seat"]
    output.say("Start it, and wait until it has caught up:")
    output.say("  tongbao node start --home {folder}", folder=folder)
    output.say(
        "It follows the chain and signs no block until the members seat {party}. Ask them"
        " (or a member asks for you):",
        party=party,
    )
    ask = (
        f"  tongbao governance propose admit --party {party} --opener {party} --power {power}"
        f" --seat {seat} --expires-at +7d --url {url}"
    )
    output.say("{ask}", ask=ask)
    output.say(
        "Each member answers: tongbao governance vote --party MEMBER --vote ID"
        " --in-favour. More than two thirds of the power carries it; the engine obeys two"
        " blocks later."
    )
