"""`tongbao network join`: a node's folder for a chain that runs already, believing nobody."""

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
from tongbao.cli.shell.languages import chinese
from tongbao.cli.shell.output import output
from tongbao.files import write_private
from tongbao.kernel.codes import Refusal
from tongbao.kernel.genesis import Genesis, read_genesis
from tongbao.kernel.validators import address_of
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
from tongbao.sdk.calls import RetryPolicy
from tongbao.sdk.client import Client, Problem
from tongbao.sdk.network import NetworkStatus
from tongbao.words import text_of

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
            f"{folder} holds a node already, or {name!r} has more than small letters, digits and -",
            f"{folder} 中已有节点，或名称 {name!r} 含有小写字母、数字和 - 以外的字符",
        )
    urls = [given_url("--from", one) for one in urls]
    known = _look(urls, genesis, digest)
    sync = _snapshot(known, urls, replay)
    fetched = fetch_origin(NodeHome(folder), known.genesis, urls, _client)
    told = _make(folder, Place(name, host, ports, secret), known, sync, power)
    told["origin_fetched"] = fetched
    output.result(told, lambda: _show(folder, told, urls[0]))


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
                f"{url} is a chain of one node: `tongbao network init --from-snapshot` makes a"
                " network of it",
                f"{url} 是单节点链：可用 `tongbao network init --from-snapshot` 转为网络",
            )
        if status.genesis != trusted.digest():
            output.fail(
                f"{url} is of another chain: its genesis is {status.genesis}, not"
                f" {trusted.digest()}",
                f"{url} 属于另一条链：创世摘要为 {status.genesis}，不是 {trusted.digest()}",
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
    en, zh = hint(fault.name if isinstance(fault, Problem) else "")
    output.fail(f"{url} does not answer: {fault}{en}", f"{url} 没有应答：{chinese(fault)}{zh}")


def _trusted(url: str, file: Path | None, digest: str) -> Genesis:
    """The genesis: from a file, or from a node where it has the digest that was told."""
    if file is None and not digest:
        output.fail(
            "which chain? Give --genesis FILE from a member you trust, or the --digest you were"
            " told; a node alone could show you any chain",
            "是哪条链？请用 --genesis 指定可信成员提供的创世文件，或用 --digest 指定其摘要；"
            "仅凭一个节点，可能被引到任意一条链",
        )
    try:
        with _client(url) as node:
            found = read_genesis(file.read_bytes() if file is not None else node.genesis())
    except Refusal as refusal:
        en, zh = (text_of(refusal, lang) for lang in ("en", "zh"))
        output.fail(en, zh)
    except (httpx.HTTPError, Problem) as fault:
        _silent(url, fault)
    if digest and found.digest() != digest.lower():
        output.fail(
            f"the genesis has the digest {found.digest()}, not {digest}",
            f"创世摘要为 {found.digest()}，不是 {digest}",
        )
    return found


def _verified(urls: Sequence[str], genesis: Genesis) -> tuple[int, str, tuple[str, ...]]:
    """Height and hash of the newest block, verified from the genesis; who else shows it."""
    from tongbao.sdk.light import GatewayProvider, LightClient, TrustedStore

    nodes = [GatewayProvider(url, token=token_of(url)) for url in dict.fromkeys(urls)]
    try:
        light = LightClient(TrustedStore.from_genesis(genesis), nodes[0], nodes[1:])
        believed = light.verify_to()
    except Refusal as refusal:
        en, zh = (text_of(refusal, lang) for lang in ("en", "zh"))
        output.fail(en, zh)
    finally:
        for node in nodes:
            node.close()
    return believed.block.height, believed.block.hash().hex(), believed.confirmed


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


def _show(folder: Path, told: dict[str, Any], url: str) -> None:
    shown = {name: str(told[name]) for name in ("chain", "genesis", "party", "peer", "url")}
    output.facts(output.text(f"Node folder {folder}", f"节点目录 {folder}"), shown)
    witnesses = ", ".join(told["confirmed_by"]) or output.text("nobody else", "无其他节点")
    output.say(
        f"Block {told['verified_height']} is verified from the genesis; confirmed by {witnesses}."
        f" The node will {_start('en', told)}.",
        f"区块 {told['verified_height']} 已从创世验证；确认节点：{witnesses}。"
        f"节点将{_start('zh', told)}。",
        "green",
    )
    party, power, seat = told["party"], told["power"], told["seat"]
    output.say("Start it, and wait until it has caught up:", "启动节点，并等待其追上进度：")
    output.say(f"  tongbao node start --home {folder}", f"  tongbao node start --home {folder}")
    output.say(
        f"It follows the chain and signs no block until the members seat {party}."
        " Ask them (or a member asks for you):",
        f"成员表决授予 {party} 席位之前，节点只跟随、不签块。由本方或某成员发起表决：",
    )
    ask = (
        f"  tongbao governance propose admit --party {party} --opener {party} --power {power}"
        f" --seat {seat} --expires-at +7d --url {url}"
    )
    output.say(ask, ask)
    output.say(
        "Each member answers: tongbao governance vote --party MEMBER --vote ID --in-favour."
        " More than two thirds of the power carries it; the engine obeys two blocks later.",
        "各成员投票：tongbao governance vote --party MEMBER --vote ID --in-favour。"
        "超过三分之二权重即通过，两个区块后生效。",
    )


def _start(language: str, told: dict[str, Any]) -> str:
    if told["from_snapshot"]:
        en, zh = (
            "start from a snapshot whose root is proven by a header",
            "从经区块头证明的快照开始",
        )
    else:
        en, zh = "fetch and execute every block", "获取并执行每个区块"
    return en if language == "en" else zh
