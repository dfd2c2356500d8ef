"""Founding by institutions that do not trust one another: what is agreed, signed and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.comet.ceremony import (
    CHAIN,
    FOUR_EYES,
    PARTIES,
    Institution,
    founding,
    holds,
    key_of,
    public,
    terms,
)

from tongbao.kernel.codes import Code, Refusal
from tongbao.kernel.genesis import read_genesis
from tongbao.kernel.identity import Key, Policy
from tongbao.kernel.signing import SUITES
from tongbao.modules import governance
from tongbao.node.comet.ceremony.approving import (
    concerns,
)
from tongbao.node.comet.ceremony.codes import FoundingCode, reported
from tongbao.node.comet.ceremony.deriving import derive, try_request
from tongbao.node.comet.ceremony.documents import (
    Approval,
    Document,
    Founding,
    Proof,
    Request,
    Terms,
)
from tongbao.node.comet.ceremony.reading import read, read_any

A, B, C, D = map(Institution, PARTIES)
ISSUE = {
    "type": "assets.define", "asset": "CNY", "issuer": "bank-a", "decimals": 2,
    "kind": "stablecoin", "name": "Yuan",
}  # fmt: skip


# ---- what is agreed ------------------------------------------------------------------------------


def test_everybody_derives_the_same_genesis_from_the_same_files(tmp_path: Path) -> None:
    made = founding(terms(ISSUE))
    (tmp_path / "founding.json").write_bytes(made.encode())
    loose = msgspec.json.format(made.encode(), indent=7)
    (tmp_path / "loose.json").write_bytes(loose)
    first, second = (
        derive(name, read(tmp_path / name, Founding)) for name in ("founding.json", "loose.json")
    )
    assert first.genesis == second.genesis and first.founding.digest() == made.digest()
    assert second.founding.digest() == made.digest()
    assert read_genesis(first.genesis.encode()) == first.genesis
    assert [(v.name, v.power) for v in first.genesis.validators] == [(p, 10) for p in PARTIES]
    assert "assets.defined" in {type(one).__struct_config__.tag for one in first.events}


def test_the_digest_of_the_founding_covers_addresses_which_the_genesis_does_not_name() -> None:
    one = derive("f", founding())
    other = derive("f", founding(bank_a=A.request(address="elsewhere.example:26656")))
    assert one.genesis.digest() == other.genesis.digest()
    assert one.founding.digest() != other.founding.digest()


def test_power_is_what_the_terms_say_and_a_wish_that_differs_is_pointed_out() -> None:
    agreed = terms(members={"bank-a": 40, "bank-b": 10, "bank-c": 10, "bank-d": 10})
    derived = derive("f", founding(agreed, bank_b=B.request(power=90)))
    assert [one.power for one in derived.genesis.validators] == [40, 10, 10, 10]
    reply = list(concerns(derived))
    assert any("bank-a has 40 of 70 power: while it is away" in one for one in reply)
    assert any("bank-b wished a power of 90, the terms give 10" in one for one in reply)


def test_what_a_careful_institution_would_ask_is_pointed_out() -> None:
    assert concerns(derive("f", founding())) == []
    agreed = terms(members={"bank-a": 90, "bank-b": 10, "bank-c": 10, "bank-d": 10})
    plain = {"roles": ("bank",)}
    derived = derive(
        "f",
        founding(
            agreed, bank_a=A.request(policies={}, power=90, **plain), bank_b=B.request(**plain),
            bank_c=C.request(**plain), bank_d=D.request(**plain),
        ),
    )  # fmt: skip
    reply = " ".join(one for one in concerns(derived))
    assert "decides alone" in reply and "one key alone" in reply and "nobody could admit" in reply


# ---- files ---------------------------------------------------------------------------------------


def test_a_file_is_one_of_the_four_kinds_or_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "bank-a.json"
    request = A.request()
    for document in (request, terms(), founding(), A.approval(derive("f", founding()))):
        path.write_bytes(document.encode())
        assert read_any(path) == document == read(path, type(document))
    cases: list[tuple[Code, bytes, str]] = [
        (FoundingCode.UNREADABLE, b"{", "bank-a.json"),
        (FoundingCode.UNREADABLE, b'{"a":' + b"[" * 60_000, "nested too deep"),
        (FoundingCode.UNREADABLE, b"\xff", "bank-a.json"),
        (FoundingCode.UNKNOWN_VERSION, b"{}", "tongbao.founding-request/1"),
        (FoundingCode.UNKNOWN_VERSION, b'{"format": "tongbao.founding-request/2"}', "request/2"),
        (FoundingCode.UNKNOWN_VERSION, b'{"format": "tongbao.genesis/1"}', "tongbao.genesis/1"),
        (FoundingCode.TOO_LARGE, b" " * (Founding.LIMIT + 1), "bytes"),
    ]
    for code, raw, word in cases:
        path.write_bytes(raw)
        holds(code, lambda: read(path, Request), word)
        if code is not FoundingCode.TOO_LARGE:
            holds(code, lambda: read_any(path))
    path.write_bytes(request.encode() + b" " * Request.LIMIT)
    holds(FoundingCode.TOO_LARGE, lambda: read_any(path), "65536")
    holds(FoundingCode.UNREADABLE, lambda: read(tmp_path / "none.json", Terms), "No such file")
    holds(FoundingCode.UNREADABLE, lambda: read(tmp_path, Terms), "directory")


@pytest.mark.parametrize("kind", [Request, Terms, Founding, Approval])
def test_a_field_that_nobody_knows_is_refused_by_name(kind: type[Document], tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(msgspec.json.encode({"format": kind.FORMAT, "extra": 1}))
    holds(FoundingCode.UNREADABLE, lambda: read(path, kind), "extra", "file.json")
    path.write_bytes(msgspec.json.encode({"format": kind.FORMAT}))
    holds(FoundingCode.UNREADABLE, lambda: read(path, kind), "missing required field")


def test_a_field_of_a_wrong_type_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bank-a.json"
    plain = msgspec.json.decode(A.request().encode())
    plain["member"]["power"] = "ten"
    path.write_bytes(msgspec.json.encode(plain))
    holds(FoundingCode.UNREADABLE, lambda: read(path, Request), "$.member.power")


def test_altered_bytes_of_a_request_never_pass(tmp_path: Path) -> None:
    """Each byte of the signed content in turn: unreadable, refused, or the same content."""
    request = A.request()
    raw = bytearray(msgspec.json.encode(request))
    path = tmp_path / "bank-a.json"
    for place in range(0, len(raw), 7):
        altered = bytes(raw[:place]) + bytes([raw[place] ^ 1]) + bytes(raw[place + 1 :])
        path.write_bytes(altered)
        try:
            found = read(path, Request)
            try_request("bank-a.json", found)
        except Refusal:
            continue
        assert found == request, (place, altered[place - 20 : place + 20])


# ---- a request -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "code", "word"),
    [
        ("chain", "", FoundingCode.OUT_OF_RANGE, "member.chain"),
        ("chain", "x" * 51, FoundingCode.OUT_OF_RANGE, "1-50"),
        ("party", "Bank A", FoundingCode.BAD_FIELD, "member.party"),
        ("name", "", FoundingCode.BAD_FIELD, "member.name"),
        ("name_local", "\n", FoundingCode.BAD_FIELD, "member.name_local"),
        ("roles", ("king",), FoundingCode.BAD_FIELD, "king"),
        ("jurisdiction", "China", FoundingCode.BAD_FIELD, "member.jurisdiction"),
        ("lei", "529900T8BM49AURSDO00", FoundingCode.BAD_FIELD, "check digits"),
        ("uscc", "1", FoundingCode.BAD_FIELD, "member.uscc"),
        ("keys", (), FoundingCode.BAD_FIELD, "member.keys"),
        ("policies", {"*": Policy(keys=99)}, FoundingCode.BAD_FIELD, "member.policies"),
        ("policies", {f"s{n}a": FOUR_EYES for n in "abcdefghijklmnopq"}, FoundingCode.OUT_OF_RANGE,
         "member.policies"),
        ("policies", {"*": Policy(keys=3)}, FoundingCode.OPENING_REFUSED, "could no longer meet"),
        ("consensus", b"short", FoundingCode.OUT_OF_RANGE, "32 bytes"),
        ("node", public(A.consensus), FoundingCode.GIVEN_TWICE, "member.node"),
        ("address", "0.0.0.0:26656", FoundingCode.OUT_OF_RANGE, "host:port"),
        ("address", "a.example", FoundingCode.OUT_OF_RANGE, "member.address"),
        ("address", "a.example:70000", FoundingCode.OUT_OF_RANGE, "70000"),
        ("address", "a.example:1,b.example:2", FoundingCode.OUT_OF_RANGE, "host:port"),
        ("power", 0, FoundingCode.OUT_OF_RANGE, "member.power"),
    ],
)  # fmt: skip
def test_a_request_that_breaks_a_rule_is_told_which(
    field: str, value: Any, code: Code, word: str
) -> None:
    request = A.request(**{field: value})
    holds(code, lambda: try_request("bank-a.json", request), word, "bank-a.json")


def test_every_key_of_a_request_has_to_have_signed_it() -> None:
    good = A.request()
    try_request("f", good)
    for left_out, which in enumerate(("maker", "checker", "consensus", "node")):
        less = tuple(one for n, one in enumerate(good.signatures) if n != left_out)
        request = msgspec.structs.replace(good, signatures=less)
        holds(FoundingCode.NOT_SIGNED, lambda r=request: try_request("f", r), which)  # type: ignore[misc]
    other = msgspec.structs.replace(good, member=A.member(name="Another bank"))
    holds(FoundingCode.NOT_SIGNED, lambda: try_request("f", other), "maker")
    stranger = key_of("nobody")
    proof = Proof(public(stranger), stranger.sign(good.member.statement()))
    more = msgspec.structs.replace(good, signatures=(*good.signatures, proof))
    holds(FoundingCode.STRANGE_SIGNATURE, lambda: try_request("f", more), "bank-a")
    twice = msgspec.structs.replace(good, signatures=good.signatures + good.signatures[:1])
    holds(FoundingCode.GIVEN_TWICE, lambda: try_request("f", twice), "signatures")


def test_a_key_of_another_institution_cannot_be_claimed() -> None:
    """Who has not the private key cannot sign for it; who has signs for itself as well."""
    stolen = A.member(keys=(*A.member().keys, Key("ed25519", public(B.desk("maker")))))
    holds(FoundingCode.NOT_SIGNED, lambda: try_request("f", A.signed(stolen)), "party")


# ---- all together --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", A.member().address),
        ("lei", "529900T8BM49AURSDO55"),
        ("uscc", "91110000600037341L"),
    ],
)
def test_two_members_share_nothing_that_names_them(field: str, value: str) -> None:
    one = A.request(**{field: value})
    made = founding(bank_a=one, bank_b=B.request(**{field: value}))
    holds(FoundingCode.GIVEN_TWICE, lambda: derive("f", made), field, value, "bank-a")


def test_two_members_share_no_key() -> None:
    member = B.member(keys=(*B.member().keys, *A.member().keys[:1]))
    own = B.signed(member)
    lent = Proof(public(A.desk("maker")), A.desk("maker").sign(member.statement()))
    both = msgspec.structs.replace(own, signatures=(*own.signatures, lent))
    try_request("f", both)
    holds(FoundingCode.GIVEN_TWICE, lambda: derive("f", founding(bank_b=both)), "bank-a")


def test_requests_are_exactly_those_of_the_members_in_order() -> None:
    whole = founding()
    few = msgspec.structs.replace(whole, requests=whole.requests[:2])
    holds(FoundingCode.REQUEST_MISSING, lambda: derive("f", few), "bank-c, bank-d")
    turned = msgspec.structs.replace(whole, requests=whole.requests[::-1])
    holds(FoundingCode.NOT_IN_ORDER, lambda: derive("f", turned))
    three = terms(members={"bank-a": 1, "bank-b": 1, "bank-c": 1})
    holds(FoundingCode.NOT_A_MEMBER, lambda: derive("f", founding(three)), "bank-d")
    again = msgspec.structs.replace(whole, requests=(whole.requests[0], *whole.requests))
    holds(FoundingCode.GIVEN_TWICE, lambda: derive("f", again), "party")
    other = founding(bank_a=A.request(chain="other-1"))
    holds(FoundingCode.OTHER_CHAIN, lambda: derive("f", other), "other-1", CHAIN)
    names = {"": "terms.json", "bank-c": "from-c.json"}
    broken = founding(bank_c=C.request(power=0))
    holds(FoundingCode.OUT_OF_RANGE, lambda: derive("f", broken, names), "from-c.json")


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        ({"chain": " "}, FoundingCode.OUT_OF_RANGE, "chain"),
        ({"agreement": "x" * 281}, FoundingCode.BAD_FIELD, "agreement"),
        ({"members": {}}, FoundingCode.OUT_OF_RANGE, "members"),
        ({"members": {"Bank": 1}}, FoundingCode.BAD_FIELD, "members"),
        ({"members": dict.fromkeys(PARTIES, 0)}, FoundingCode.OUT_OF_RANGE, "members.bank-a"),
        ({"suites": ("rot13",)}, FoundingCode.BAD_FIELD, "rot13"),
        ({"name_memory_ms": 1}, FoundingCode.OPENING_REFUSED, "kept"),
        ({"governance": governance.Terms(1, 2)}, FoundingCode.BAD_FIELD, "two thirds"),
        ({"actions": msgspec.Raw(b"{}")}, FoundingCode.UNREADABLE, "actions"),
        ({"actions": msgspec.Raw(b"[1]")}, FoundingCode.UNREADABLE, "actions"),
    ],
)
def test_terms_that_break_a_rule_are_told_which(
    more: dict[str, Any], code: Code, word: str
) -> None:
    holds(code, lambda: derive("terms.json", founding(terms(**more))), word)


def test_the_action_that_the_ledger_refuses_is_named_by_its_place_in_the_terms() -> None:
    opens = [{"type": "accounts.open", "account": f"bank-a/{n}"} for n in range(7)]
    for place in (0, 3, 6):
        wrong = [
            *opens[:place],
            {"type": "accounts.open", "account": "nobody/main"},
            *opens[place:],
        ]
        with pytest.raises(Refusal) as refused:
            derive("terms.json", founding(terms(*wrong)))
        assert reported(refused.value, "en").startswith(f"terms.json, actions[{place}]: the ledger")


@pytest.mark.parametrize(
    ("action", "code", "word"),
    [
        ({"type": "governance.found"}, FoundingCode.GOVERNANCE_TWICE, "governance"),
        ({"type": "no.such"}, FoundingCode.UNREADABLE, "no.such"),
        ({"type": "parties.register", "party": "one"}, FoundingCode.UNREADABLE, "$[0]"),
        ({"type": "assets.issue", "asset": "CNY", "account": "bank-a/main", "amount_minor": 1},
         FoundingCode.OPENING_REFUSED, "CNY"),
        ({"type": "parties.add_key", "party": "bank-a",
          "key": {"suite": "ed25519", "public": "A" * 42 + "A="}},
         FoundingCode.MEMBER_TOUCHED, "keys of bank-a"),
        ({"type": "parties.set_policy", "party": "bank-b", "applies_to": "payments",
          "policy": {}}, FoundingCode.MEMBER_TOUCHED, "policies of bank-b"),
        ({"type": "parties.update", "party": "bank-c", "by": "bank-a", "name": "Mine",
          "roles": []}, FoundingCode.MEMBER_TOUCHED, "names/roles of bank-c"),
        ({"type": "parties.suspend", "party": "bank-d", "by": "bank-a", "reason": "rival"},
         FoundingCode.MEMBER_TOUCHED, "standing of bank-d"),
    ],
)  # fmt: skip
def test_opening_actions_that_the_ledger_or_a_member_would_not_take_are_refused(
    action: dict[str, Any], code: Code, word: str
) -> None:
    holds(code, lambda: derive("terms.json", founding(terms(action))), word, "terms.json")


def test_a_member_brings_keys_of_the_suites_that_the_terms_accept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That this release knows a suite does not mean that the members agreed on it."""
    monkeypatch.setitem(SUITES, "toy", SUITES["ed25519"]._replace(name="toy"))
    other = B.request(keys=tuple(replace(key, suite="toy") for key in B.request().member.keys))
    holds(FoundingCode.BAD_FIELD, lambda: derive("f", founding(bank_b=other)), "toy")
    agreed = terms(suites=("ed25519", "toy"))
    assert derive("f", founding(agreed, bank_b=other)).genesis.suites == ("ed25519", "toy")
