"""`tongbao network found`: what an institution does with keys of its own: request to prepare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tongbao.cli.client.wallets import PassphraseFile, WalletFolder, open_wallet, passphrase
from tongbao.cli.commands.network.found import Out, approved, found, refused, tell_file, write
from tongbao.cli.shell.output import output
from tongbao.kernel.wording import Text, message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tongbao.node.comet.ceremony.deriving import Derived
    from tongbao.node.comet.ceremony.documents import Approval, Member, Proof
    from tongbao.node.comet.network import Ports
    from tongbao.node.comet.nodekey import NodeKey
    from tongbao.node.home import NodeHome, ValidatorKey
    from tongbao.sdk.wallet import PublicKey, Wallet

Home = Annotated[Path, typer.Argument(metavar="HOME", help="The folder of your own node.")]
FoundingFile = Annotated[
    Path, typer.Argument(metavar="FOUNDING", dir_okay=False, help="The founding file.")
]
PEERS_PORT = 26_656


# ---- request -------------------------------------------------------------------------------------


@found.command("request")
def request(
    home: Home,
    chain: Annotated[str, typer.Option(help="Name of the chain that is to be founded.")],
    party: Annotated[str, typer.Option(help="Your id on the ledger: a-z, 0-9, -.")],
    name: Annotated[str, typer.Option(help="Your legal name, in English.")],
    jurisdiction: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2.")],
    address: Annotated[
        str, typer.Option(help="HOST[:PORT] at which the other nodes dial yours; port 26656.")
    ],
    role: Annotated[
        list[str], typer.Option("--role", help="bank, operator, central_bank, ...; again for more.")
    ],
    name_local: Annotated[str, typer.Option(help="Your name in your own language.")] = "",
    lei: Annotated[str, typer.Option(help="Legal entity identifier.")] = "",
    uscc: Annotated[str, typer.Option(help="Unified social credit code, of China.")] = "",
    power: Annotated[int, typer.Option(min=1, help="Voting power that you wish.")] = 10,
    desks: Annotated[
        str, typer.Option(help="Labels of your keys on the ledger, comma between.")
    ] = "maker,checker",
    four_eyes: Annotated[
        str, typer.Option(help="What takes two of them: scopes, comma between; *: all; none.")
    ] = "*",
    out: Out = None,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make your keys here, encrypted, and a signed file for the others that holds no secret.

    Run again, it keeps the keys that are there and writes the file anew.
    """
    from tongbao.kernel.codes import Refusal
    from tongbao.kernel.identity import Policy
    from tongbao.node.comet.ceremony.deriving import try_request
    from tongbao.node.comet.ceremony.documents import Member, Request
    from tongbao.node.home import HomeFault, NodeHome
    from tongbao.sdk.wallet import WalletFault

    node = NodeHome(home)
    if node.exists():
        output.fail("{home} holds a node already", home=home)
    labels = [one.strip() for one in desks.split(",") if one.strip()]
    scopes = [one.strip() for one in four_eyes.split(",") if one.strip() not in ("", "none")]
    secret = passphrase("validator", home / "wallet", passphrase_file)
    purse = open_wallet(home, wallet, passphrase_file)
    try:
        consensus, own = _keys(node, secret)
        keys = [_desk(purse, party, label) for label in labels]
        member = Member(
            chain=chain, party=party, name=name, name_local=name_local, roles=tuple(role),
            jurisdiction=jurisdiction, lei=lei, uscc=uscc,
            keys=tuple(key.ledger_key() for key in keys),
            policies={scope: Policy(keys=2, weight=2) for scope in scopes},
            consensus=consensus.public, node=own.public, address=_with_port(address), power=power,
        )  # fmt: skip
        proofs = _proofs(member.statement(), consensus, own, purse, keys)
        made = Request(member=member, signatures=proofs)
        file = out or home / f"{party}.founding-request.json"
        try_request(file.name, made)
    except Refusal as refusal:
        refused(refusal)
    except (HomeFault, WalletFault, OSError, ValueError) as fault:
        output.fail("{home}: {fault}", home=home, fault=fault)
    write(file, made)
    _tell_request(file, member)


def _with_port(address: str) -> str:
    bracketed = address.endswith("]")
    return address if ":" in address and not bracketed else f"{address}:{PEERS_PORT}"


def _keys(node: NodeHome, secret: bytes) -> tuple[ValidatorKey, NodeKey]:
    """Consensus key and node key of the folder, made where they are not there."""
    from tongbao.node.comet.files import EnginePaths
    from tongbao.node.comet.nodekey import NodeKey
    from tongbao.node.home import ValidatorKey

    if not secret:
        output.fail("keys are encrypted at rest: the passphrase is empty")
    EnginePaths(node).make()
    made = node.validator_file.exists()
    consensus = (ValidatorKey.load if made else ValidatorKey.create)(node.validator_file, secret)
    there = node.node_key_file.exists()
    return consensus, (NodeKey.load if there else NodeKey.create)(node, secret)


def _desk(purse: Wallet, party: str, label: str) -> PublicKey:
    known = {key.label: key for key in purse.keys(party)}
    return known.get(label) or purse.create(party, label)


def _proofs(
    statement: bytes, consensus: ValidatorKey, own: NodeKey | None, purse: Wallet,
    keys: Sequence[PublicKey],
) -> tuple[Proof, ...]:  # fmt: skip
    from tongbao.node.comet.ceremony.documents import Proof

    proofs = [Proof(one.key, one.signature) for one in purse.sign_message(statement, keys)]
    proofs.append(Proof(consensus.public, consensus.sign(statement)))
    if own is not None:
        proofs.append(Proof(own.public, own.sign(statement)))
    return tuple(proofs)


def _tell_request(file: Path, member: Member) -> None:
    from tongbao.cli.commands.network.found_show import member_facts

    facts = member_facts(member)

    def show() -> None:
        output.facts(output.text("Request {file}", file=file), facts)
        output.say(
            "It holds no secret: hand it to the coordinator, and tell everybody the"
            " fingerprint on another channel. The keys stay here; back up validator.pem,"
            " node_key.pem and the wallet.",
            "green",
        )

    output.result({"file": str(file), **facts}, show)


# ---- approve -------------------------------------------------------------------------------------


@found.command("approve")
def approve(
    home: Home,
    file: FoundingFile,
    digest: Annotated[
        str, typer.Option(help="Digest of the genesis, as you compared it with the others.")
    ],
    party: Annotated[str, typer.Option(help="Who you are; default: whose keys lie here.")] = "",
    sign: Annotated[
        str, typer.Option(help="Labels of the keys to sign with; default: all that lie here.")
    ] = "",
    out: Out = None,
    wallet: WalletFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign the genesis, after you have looked at it with `check`. Adds to signatures there are."""
    from tongbao.kernel.codes import Refusal, require
    from tongbao.node.comet.ceremony.approving import require_own_keys
    from tongbao.node.comet.ceremony.codes import FoundingCode
    from tongbao.node.comet.ceremony.deriving import derive
    from tongbao.node.comet.ceremony.documents import Founding
    from tongbao.node.comet.ceremony.reading import read
    from tongbao.node.home import HomeFault, NodeHome, ValidatorKey
    from tongbao.sdk.wallet import WalletFault

    try:
        derived = derive(file.name, read(file, Founding))
        own = derived.genesis.digest()
        require(
            digest.lower() == own, FoundingCode.OTHER_GENESIS, file=file.name, what="genesis",
            found=own, wanted=digest[:80],
        )  # fmt: skip
        member = _who(home, derived, party)
        secret = passphrase("validator", home / "wallet", passphrase_file)
        key = ValidatorKey.load(NodeHome(home).validator_file, secret)
        require_own_keys(NodeHome(home), key, member)
        purse = open_wallet(home, wallet, passphrase_file)
        path = out or home / f"{member.party}.founding-approval.json"
        made = _approval(path, derived, member, key, purse, sign)
    except Refusal as refusal:
        refused(refusal)
    except (HomeFault, WalletFault, OSError) as fault:
        output.fail("{home}: {fault}", home=home, fault=fault)
    write(path, made)
    text = message("{party} approves genesis {genesis}. Hand it to every member.")
    tell_file(path, Text(text, party=member.party, genesis=own), genesis=own)


def _who(home: Path, derived: Derived, party: str) -> Member:
    """The member whose node key lies in the folder."""
    from tongbao.kernel.codes import require
    from tongbao.node.comet.ceremony.codes import FoundingCode
    from tongbao.node.comet.nodekey import node_id, peer_id
    from tongbao.node.home import NodeHome

    own = node_id(NodeHome(home))
    named = derived.members.get(party)
    if not party:
        named = next((one for one in derived.members.values() if peer_id(one.node) == own), None)
    require(named, FoundingCode.NOT_A_MEMBER, file=str(home), party=party or own)
    assert named is not None
    return named


def _approval(
    path: Path, derived: Derived, member: Member, key: ValidatorKey, purse: Wallet, sign: str
) -> Approval:
    from tongbao.node.comet.ceremony.approving import check_approval
    from tongbao.node.comet.ceremony.documents import Approval
    from tongbao.node.comet.ceremony.reading import read

    made = Approval(
        chain=derived.genesis.chain, party=member.party, genesis=derived.genesis.digest(),
        founding=derived.founding.digest(), signatures=(),
    )  # fmt: skip
    labels = [one.strip() for one in sign.split(",") if one.strip()]
    registered = {one.public for one in member.keys}
    keys = [
        one for one in purse.keys(member.party)
        if one.public in registered and (not labels or one.label in labels)
    ]  # fmt: skip
    given = {one.key: one for one in _proofs(made.statement(), key, None, purse, keys)}
    if path.exists():
        before = read(path, Approval)
        check_approval(path.name, before, derived, whole=False)
        given = {one.key: one for one in before.signatures} | given
    return msgspec.structs.replace(made, signatures=tuple(given.values()))


# ---- prepare -------------------------------------------------------------------------------------


@found.command("prepare")
def prepare(
    home: Home,
    file: FoundingFile,
    approvals: Annotated[
        list[Path], typer.Argument(metavar="APPROVAL...", help="Of every member.")
    ],
    port: Annotated[
        int,
        typer.Option(min=-1, max=60_000,
                     help="Gateway's port, engine's two and three above; 0: free; -1: standard."),
    ] = -1,
    passphrase_file: PassphraseFile = None,
) -> None:  # fmt: skip
    """Prepare your own node's folder from the genesis that every member has approved."""
    from tongbao.cli.commands.network.files import write_deployment, write_monitoring
    from tongbao.kernel.codes import Refusal
    from tongbao.node.comet.ceremony.approving import prepare_node, require_all, require_own_keys
    from tongbao.node.comet.ceremony.deriving import derive
    from tongbao.node.comet.ceremony.documents import Founding
    from tongbao.node.comet.ceremony.reading import read
    from tongbao.node.comet.network import NetworkMap
    from tongbao.node.home import HomeFault, NodeHome, ValidatorKey

    node = NodeHome(home)
    if node.exists():
        output.fail("{home} holds a node already", home=home)
    secret = passphrase("validator", home / "wallet", passphrase_file)
    try:
        founding = read(file, Founding)
        derived = derive(file.name, founding)
        require_all(approved(derived, approvals), derived)
        member = _who(home, derived, "")
        require_own_keys(node, ValidatorKey.load(node.validator_file, secret), member)
        entry = prepare_node(node, derived, member.party, _ports(port, member))
    except Refusal as refusal:
        refused(refusal)
    except (HomeFault, OSError) as fault:
        output.fail("{home}: {fault}", home=home, fault=fault)
    write_deployment(home, entry)
    chain, digest = derived.genesis.chain, derived.genesis.digest()
    write_monitoring(home, NetworkMap(chain, digest, (entry,)))
    _keep_evidence(home, file, approvals)
    value = {
        "home": str(home), "party": member.party, "chain": chain, "genesis": digest,
        "peer": entry.peer, "url": entry.url,
    }  # fmt: skip

    def show() -> None:
        output.facts(output.text("Node folder {home}", home=home), value)
        start = f"tongbao node start --home {home}"
        output.say(
            "Every member has approved. When the others are ready: {start}", "green", start=start
        )

    output.result(value, show)


def _ports(port: int, member: Member) -> Ports:
    from tongbao.node.comet.network import Ports
    from tongbao.node.comet.ports import free_ports

    peers = int(member.address.rpartition(":")[2])
    if port == 0:
        gateway, rpc, metrics = free_ports(3)
        return Ports(gateway, peers, rpc, metrics)
    if port > 0:
        return Ports(port, peers, port + 2, port + 3)
    return Ports(8_420, peers, 26_657, 26_660)


def _keep_evidence(home: Path, file: Path, approvals: Sequence[Path]) -> None:
    """What the genesis came from stays with the node: for auditors, and for who joins later."""
    folder = home / "founding"
    folder.mkdir(exist_ok=True)
    for path in (file, *approvals):
        (folder / path.name).write_bytes(path.read_bytes())
