"""Who has approved the genesis, and a member's node folder that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tongbao.kernel.codes import require
from tongbao.kernel.signing import implementations
from tongbao.kernel.wording import Text
from tongbao.node.comet.ceremony.checking import (
    Signing,
    check_signatures,
    keys_to_sign,
    ledger_keys,
)
from tongbao.node.comet.ceremony.codes import FoundingCode
from tongbao.node.comet.ceremony.deriving import Derived
from tongbao.node.comet.ceremony.documents import Approval, Member
from tongbao.node.comet.files import EnginePaths
from tongbao.node.comet.network import NodeEntry, Ports, write_node
from tongbao.node.comet.nodekey import node_id, peer_id
from tongbao.node.comet.settings import EngineSettings, Gateway, NodeSettings, Peers
from tongbao.node.home import NodeHome, ValidatorKey

SCOPE = "governance"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def check_approval(file: str, approval: Approval, derived: Derived, *, whole: bool = True) -> None:
    """It is of a member, for this genesis and this file, with the keys that its policy asks.

    Without `whole` it may still lack keys: a second person is to add them.
    """
    wrong = FoundingCode.OTHER_GENESIS
    for what, found, wanted in (
        ("chain", approval.chain, derived.genesis.chain),
        ("genesis", approval.genesis, derived.genesis.digest()),
        ("founding", approval.founding, derived.founding.digest()),
    ):
        shown = found[:80]
        require(found == wanted, wrong, file=file, what=what, found=shown, wanted=wanted)
    member = derived.members.get(approval.party)
    require(member, FoundingCode.NOT_A_MEMBER, file=file, party=approval.party[:40])
    assert member is not None
    suites = implementations(derived.genesis.suites)
    _check_keys(file, approval, member, keys_to_sign(member, suites), whole=whole)


def _check_keys(
    file: str, approval: Approval, member: Member, signing: Signing, *, whole: bool
) -> None:
    keys = ledger_keys(member)
    known = {public: one for public, one in signing.items() if public != member.node}
    given = check_signatures(file, member.party, approval.statement(), approval.signatures, known)
    if not whole:
        return
    require(
        member.consensus in given, FoundingCode.NOT_SIGNED, file=file, which="consensus",
        key=peer_id(member.consensus), party=member.party,
    )  # fmt: skip
    able = [keys[one] for one in given if one in keys and keys[one].covers(SCOPE)]
    policy = member.approval_policy()
    weight = sum(key.weight for key in able)
    require(
        len(able) >= policy.keys and weight >= policy.weight, FoundingCode.TOO_FEW_KEYS,
        file=file, party=member.party, keys=policy.keys, weight=policy.weight,
        given_keys=len(able), given_weight=weight,
    )  # fmt: skip


def approved_by(approvals: Mapping[str, Approval], derived: Derived) -> tuple[str, ...]:
    """The members whose approvals, by file, hold; a Refusal for the first that does not."""
    found = []
    for file, approval in approvals.items():
        check_approval(file, approval, derived)
        found.append(approval.party)
    return tuple(sorted(set(found)))


def require_all(approved: Iterable[str], derived: Derived) -> None:
    """Every member has approved."""
    missing = ", ".join(sorted(set(derived.members) - set(approved)))
    require(not missing, FoundingCode.APPROVAL_MISSING, parties=missing)


def concerns(derived: Derived) -> Sequence[Text]:
    """What a careful institution would ask about before it approves."""
    members, powers = derived.members, derived.founding.terms.members
    total = sum(powers.values())
    found: list[Text] = []
    for party, member in members.items():
        power = powers[party]
        values = {"party": party, "power": power, "total": total, "wished": member.power}
        if 3 * power > 2 * total:
            found.append(Text("{party} has {power} of {total} power: it decides alone", **values))
        elif 3 * power >= total:
            found.append(Text(
                "{party} has {power} of {total} power: while it is away no block is made", **values
            ))  # fmt: skip
        if power != member.power:
            found.append(Text(
                "{party} wished a power of {wished}, the terms give {power}", **values
            ))  # fmt: skip
        if member.approval_policy().keys < 2:
            found.append(Text("{party} acts in governance with one key alone", party=party))
    if not any("operator" in member.roles for member in members.values()):
        found.append(Text(
            "no member has the role operator: nobody could admit further parties"
        ))  # fmt: skip
    return found


# ---- the folder ----------------------------------------------------------------------------------


def require_own_keys(home: NodeHome, key: ValidatorKey, member: Member) -> None:
    """The folder holds the keys that the founding file names."""
    for which, holds in (
        ("consensus", key.public == member.consensus),
        ("node", node_id(home) == peer_id(member.node)),
    ):
        require(
            holds, FoundingCode.OTHER_KEYS, folder=str(home.path), which=which,
            party=member.party,
        )  # fmt: skip


def prepare_node(home: NodeHome, derived: Derived, party: str, ports: Ports) -> NodeEntry:
    """Settings and both genesis files in the folder of a member; who it is for whoever dials it.

    The port of `ports` for peers is not asked: the founding file has it.
    """
    member = derived.members[party]
    host, _, port = member.address.rpartition(":")
    near = all(one.address.rpartition(":")[0] in LOOPBACK for one in derived.members.values())
    dialled = {name: f"{peer_id(one.node)}@{one.address}" for name, one in derived.members.items()}
    settings = NodeSettings(
        party,
        Gateway(listen=f"127.0.0.1:{ports.gateway}"),
        Peers(
            listen=f"{host if near else '0.0.0.0'}:{port}",  # noqa: S104
            external="" if near else member.address,
            persistent=tuple(peer for name, peer in dialled.items() if name != party),
            one_machine=near,
        ),
        EngineSettings(rpc=f"127.0.0.1:{ports.rpc}", metrics=f"127.0.0.1:{ports.metrics}"),
    )
    EnginePaths(home).make()
    write_node(home, derived.genesis, settings)
    url = f"http://{settings.gateway.listen}"
    return NodeEntry(party, str(home.path), url, dialled[party], settings.engine.metrics)
