"""The demonstration consortium: fictional institutions, their keys, accounts and opening money.

Keys are derived from names so that every run of the demonstration is the same. They protect
nothing: a real network makes its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongbao.kernel import identifiers
from tongbao.kernel.genesis import Genesis, GenesisValidator
from tongbao.kernel.hashing import content_digest
from tongbao.kernel.identity import Key, Policy
from tongbao.kernel.transaction import Transaction
from tongbao.modules.accounts import LinkIdentifier, OpenAccount
from tongbao.modules.assets import DefineAsset, Issue
from tongbao.modules.governance import FoundGovernance, Terms
from tongbao.modules.parties import RegisterParty, SetPolicy

CHAIN = "tongbao-demo-1"
EMPLOYEES = 300
YUAN = 100
"""Minor units (fen) of one yuan."""


@dataclass(frozen=True)
class Member:
    """One institution of the demonstration."""

    id: str
    name: str
    name_local: str
    roles: tuple[str, ...]
    servicer: str = ""
    """The bank that keeps its account; banks keep their own."""
    opening_yuan: int = 0
    jurisdiction: str = "CN"

    @property
    def lei(self) -> str:
        """A made-up LEI with right check digits (ISO 17442)."""
        stem = ("00TB00" + self.id.replace("-", "").upper())[:18].ljust(18, "0")
        return stem + identifiers.check_digits(stem)

    @property
    def uscc(self) -> str:
        """A made-up 统一社会信用代码 with a right check digit (GB 32100)."""
        number = int.from_bytes(content_digest(self.id.encode())[:4], "big") % 10**9
        stem = f"91440300{number:09d}"
        return stem + identifiers.uscc_check(stem)


MEMBERS = (
    Member(
        "central-bank", "Demonstration Central Bank", "演示中央银行", ("central_bank", "operator")
    ),
    Member("bank-north", "North Star Bank", "北辰银行", ("bank",), opening_yuan=500_000_000),
    Member("bank-south", "South Sea Bank", "南海银行", ("bank",), opening_yuan=500_000_000),
    Member(
        "hengtong",
        "Hengtong Manufacturing",
        "恒通制造",
        ("core_enterprise",),
        "bank-north",
        80_000_000,
    ),
    Member("mingda", "Mingda Precision", "明达精密", ("supplier",), "bank-north", 2_000_000),
    Member("ruifeng", "Ruifeng Plastics", "瑞丰塑料", ("supplier",), "bank-south", 500_000),
    Member("xinyuan", "Xinyuan Packaging", "鑫源包装", ("supplier",), "bank-south", 100_000),
    Member("yuntu", "Yuntu Logistics", "云途物流", ("logistics",), "bank-south", 1_000_000),
    Member("supervisor", "Demonstration Supervisor", "演示监管局", ("supervisor",)),
)
NEWCOMERS = (
    Member(
        "euro-central", "Demonstration Euro Central Bank", "演示欧元央行", ("central_bank",),
        jurisdiction="DE",
    ),
    Member(
        "hk-central", "Demonstration Monetary Authority", "演示金管局", ("central_bank",),
        jurisdiction="HK",
    ),
    Member("hanse-bank", "Hanse Bank Hamburg", "汉堡汉萨银行", ("bank",), jurisdiction="DE"),
    Member(
        "alster", "Alster Maschinenbau", "阿尔斯特机械", ("core_enterprise",), "hanse-bank",
        jurisdiction="DE",
    ),
    Member("victoria-fx", "Victoria FX", "维多利亚外汇", ("exchange",), jurisdiction="HK"),
    Member("pearl-fx", "Pearl River FX", "珠江外汇", ("exchange",)),
)  # fmt: skip
"""Who comes with the other currencies and the corridor, see `markets`."""
MAKER, CHECKER = "maker", "checker"


def key_of(party: str, label: str) -> Ed25519PrivateKey:
    """The demonstration key of a party's desk: `maker` or `checker`."""
    seed = content_digest(f"{CHAIN}/{party}/{label}".encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(party: str, label: str) -> Key:
    """Its public half, as the ledger keeps it."""
    public = key_of(party, label).public_key().public_bytes_raw()
    return Key("ed25519", public, label=label)


def employee_account(number: int) -> tuple[str, str]:
    """Account and its number at the bank, of an employee of the core enterprise."""
    bank = ("bank-north", "bank-south")[number % 2]
    digits = f"62178800{number:011d}"
    return f"{bank}/{digits}", digits


def main_account(party: str) -> str:
    """The account that each member has."""
    return f"{party}/main"


OPERATOR = "central-bank"
"""Runs the one node: its validator is called like the party, so that it may vote on upgrades."""


def genesis(validator: GenesisValidator, time_ms: int, more: Iterable[Transaction] = ()) -> Genesis:
    """The genesis of the consortium and of what comes with it; deterministic but for validator
    and time."""
    actions = msgspec.json.encode([*_actions(), *more])
    return Genesis(CHAIN, time_ms, (validator,), actions=msgspec.Raw(actions))


def network_members(names: Iterable[str]) -> tuple[Member, ...]:
    """The members whose nodes are called so; other names become operators of a node."""
    known = {member.id: member for member in (*MEMBERS, *NEWCOMERS)}
    return tuple(
        known.get(name) or Member(name, f"Operator {name}", f"节点运营方 {name}", ("operator",))
        for name in names
    )


def network_genesis(
    chain: str,
    validators: tuple[GenesisValidator, ...],
    time_ms: int,
    terms: Terms | None = None,
    more: Iterable[Transaction] = (),
) -> Genesis:
    """The demonstration on a network: each validator is a party's, and their parties vote."""
    signers = network_members(one.name for one in validators)
    extra = [registered(one) for one in signers if one not in (*MEMBERS, *NEWCOMERS)]
    actions = [*_actions(), *more, *extra, FoundGovernance(terms or Terms())]
    return Genesis(chain, time_ms, validators, actions=msgspec.Raw(msgspec.json.encode(actions)))


def _actions() -> Iterator[Transaction]:
    for member in MEMBERS:
        yield registered(member)
    yield from payments_by_two(MEMBERS)
    yield DefineAsset(
        asset="CNY", issuer="central-bank", decimals=2, kind="cbdc", name="Digital yuan",
        name_local="数字人民币", freezable=True, clawback_allowed=True,
    )  # fmt: skip
    for member in MEMBERS:
        yield _opened(member)
    for member in MEMBERS:
        if member.opening_yuan:
            yield Issue(
                asset="CNY", account=main_account(member.id),
                amount_minor=member.opening_yuan * YUAN, reference="opening",
            )  # fmt: skip
    yield from _employees()


def payments_by_two(members: Iterable[Member]) -> Iterator[Transaction]:
    """Whoever pays out of a company's or a bank's account needs a second person (maker-checker)."""
    for member in members:
        yield SetPolicy(party=member.id, applies_to="payments", policy=Policy(keys=2, weight=2))


def registered(member: Member) -> Transaction:
    """A member is registered with its names, roles, identifiers and both of its keys."""
    return RegisterParty(
        party=member.id,
        sponsor="central-bank",
        name=member.name,
        name_local=member.name_local,
        roles=member.roles,
        jurisdiction=member.jurisdiction,
        lei=member.lei,
        uscc=member.uscc if member.jurisdiction == "CN" else "",
        keys=(public_key(member.id, MAKER), public_key(member.id, CHECKER)),
    )


def _opened(member: Member) -> Transaction:
    return OpenAccount(
        account=main_account(member.id), servicer=member.servicer,
        title=member.name, title_local=member.name_local, assets=("CNY",),
    )  # fmt: skip


def _employees() -> Iterator[Transaction]:
    for number in range(1, EMPLOYEES + 1):
        account, digits = employee_account(number)
        yield OpenAccount(
            account=account,
            title=f"Employee {number}",
            title_local=f"员工 {number}",
            assets=("CNY",),
        )
        yield LinkIdentifier(account=account, identifier=digits)
