"""Approving a founding, and the node's folder that follows from it."""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path

import msgspec
from tests.comet.ceremony import (
    PARTIES,
    Institution,
    founding,
    holds,
    key_of,
)

from tongbao.kernel.genesis import GenesisCode
from tongbao.kernel.receipts import ReceiptCode
from tongbao.keyfiles import write_key
from tongbao.node.comet.ceremony.approving import (
    approved_by,
    prepare_node,
    require_all,
    require_own_keys,
)
from tongbao.node.comet.ceremony.codes import FoundingCode
from tongbao.node.comet.ceremony.deriving import derive
from tongbao.node.comet.ceremony.documents import (
    Approval,
    Founding,
    Member,
    Proof,
)
from tongbao.node.comet.network import Ports
from tongbao.node.comet.nodekey import NodeKey
from tongbao.node.comet.settings import read_settings
from tongbao.node.home import NodeHome, ValidatorKey
from tongbao.sdk.light.codes import LightCode
from tongbao.words import translated

A, B, C, D = map(Institution, PARTIES)


# ---- approving -----------------------------------------------------------------------------------


def test_the_genesis_stands_when_every_member_has_approved_it() -> None:
    derived = derive("f", founding())
    given = {one.party: one.approval(derived) for one in (A, B, C)}
    assert approved_by(given, derived) == ("bank-a", "bank-b", "bank-c")
    holds(FoundingCode.APPROVAL_MISSING, lambda: require_all(given, derived), "bank-d")
    require_all([*given, "bank-d"], derived)


def test_an_approval_is_for_this_genesis_by_the_keys_that_the_policy_asks() -> None:
    derived = derive("f", founding())

    def given(approval: Approval) -> Callable[[], object]:
        return lambda: approved_by({"a.json": approval}, derived)

    wrong = FoundingCode.OTHER_GENESIS
    for field in ("genesis", "founding", "chain"):
        holds(wrong, given(A.approval(derived, **{field: "other"})), field, "a.json")
    stranger = Institution("stranger")
    holds(FoundingCode.NOT_A_MEMBER, given(stranger.approval(derived)), "stranger")
    holds(FoundingCode.TOO_FEW_KEYS, given(A.approval(derived, "maker")), "given: 1")
    good = A.approval(derived)
    unsealed = msgspec.structs.replace(good, signatures=good.signatures[1:])
    holds(FoundingCode.NOT_SIGNED, given(unsealed), "consensus")
    borrowed = msgspec.structs.replace(B.approval(derived), party="bank-a")
    holds(FoundingCode.STRANGE_SIGNATURE, given(borrowed), "bank-a")
    forged = tuple(Proof(one.key, bytes(64)) for one in good.signatures)
    holds(FoundingCode.NOT_SIGNED, given(msgspec.structs.replace(good, signatures=forged)))


# ---- the node's folder ---------------------------------------------------------------------------


def own_founding(home: NodeHome) -> Founding:
    """All four, where the first one's keys lie in a folder."""
    write_key(home.validator_file, A.consensus, b"secret")
    node = NodeKey.create(home, b"secret")
    member = A.member(node=node.public)
    signed = A.signed(member)
    proofs = (*signed.signatures[:3], Proof(node.public, node.sign(member.statement())))
    return founding(bank_a=msgspec.structs.replace(signed, signatures=proofs))


def test_a_node_is_prepared_from_the_agreed_files_and_its_own_keys_alone(tmp_path: Path) -> None:
    home = NodeHome(tmp_path)
    derived = derive("f", own_founding(home))
    key = ValidatorKey.load(home.validator_file, b"secret")
    require_own_keys(home, key, derived.members["bank-a"])
    entry = prepare_node(home, derived, "bank-a", Ports(8420, 1, 26_657, 26_660))
    settings = read_settings(tmp_path)
    assert home.genesis() == derived.genesis
    assert settings.peers.external == "bank-a.example:26000" and not settings.peers.one_machine
    assert settings.peers.listen == "0.0.0.0:26000"
    assert [one.partition("@")[2] for one in settings.peers.persistent] == [
        "bank-b.example:26001", "bank-c.example:26002", "bank-d.example:26003",
    ]  # fmt: skip
    assert entry.peer.endswith("@bank-a.example:26000")
    assert (tmp_path / "engine" / "config" / "genesis.json").exists()


def test_keys_of_another_folder_are_noticed(tmp_path: Path) -> None:
    home = NodeHome(tmp_path)
    derived = derive("f", own_founding(home))
    other = ValidatorKey(key_of("other"))
    member: Member = derived.members["bank-a"]
    code = FoundingCode.OTHER_KEYS
    holds(code, lambda: require_own_keys(home, other, member), "consensus")
    key = ValidatorKey.load(home.validator_file, b"secret")
    holds(code, lambda: require_own_keys(home, key, A.member()), "node")


# ---- codes ---------------------------------------------------------------------------------------


def test_codes_are_numbers_of_their_own_that_say_the_same_in_both_languages() -> None:
    numbers = [
        int(one) for kind in (FoundingCode, LightCode, GenesisCode, ReceiptCode) for one in kind
    ]
    assert len(set(numbers)) == len(numbers)
    for code in FoundingCode:
        names = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            for text in (code.english, translated(code.template, "zh"))
        ]
        assert names[0] == names[1] and names[0]
