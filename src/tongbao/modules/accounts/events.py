"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event


class AccountOpened(Event, tag="accounts.opened"):
    """A new account."""

    says: ClassVar = (
        "Account {account} was opened for {owner}[, kept by {servicer}].",
        "为 {owner} 开立账户 {account}[，开户行 {servicer}]。",
    )

    account: str
    owner: str
    servicer: str = ""
    title: str = ""
    title_local: str = ""
    reference_required: bool = False


class AssetHeld(Event, tag="accounts.asset_held"):
    """An account can hold an asset from now on."""

    says: ClassVar = ("Account {account} can hold {asset}.", "账户 {account} 可持有 {asset}。")

    account: str
    asset: str


class AssetDropped(Event, tag="accounts.asset_dropped"):
    """An account no longer holds an asset."""

    says: ClassVar = (
        "Account {account} no longer holds {asset}.",
        "账户 {account} 不再持有 {asset}。",
    )

    account: str
    asset: str


class AccountClosed(Event, tag="accounts.closed"):
    """An account was closed, empty."""

    says: ClassVar = ("Account {account} was closed.", "账户 {account} 已销户。")

    account: str


class AccountFrozen(Event, tag="accounts.frozen"):
    """Nothing moves in or out of an account."""

    says: ClassVar = (
        "{by} froze account {account}: {basis}.",
        "{by} 冻结账户 {account}：{basis}。",
    )

    account: str
    by: str
    basis: str


class AccountUnfrozen(Event, tag="accounts.unfrozen"):
    """One freeze of an account was lifted."""

    says: ClassVar = (
        "{by} lifted its freeze of account {account}.",
        "{by} 解除对账户 {account} 的冻结。",
    )

    account: str
    by: str


class ReferenceRequiredSet(Event, tag="accounts.reference_required_set"):
    """Whether payments need a payee reference."""

    says: ClassVar = (
        "Account {account} takes payments with a payee reference only: {required}.",
        "账户 {account} 仅接收带收款参考号的付款：{required}。",
    )

    account: str
    required: bool


class IdentifierLinked(Event, tag="accounts.identifier_linked"):
    """The outside knows the account by a further number."""

    says: ClassVar = (
        "{identifier} leads to account {account}.",
        "{identifier} 指向账户 {account}。",
    )

    account: str
    identifier: str


class IdentifierUnlinked(Event, tag="accounts.identifier_unlinked"):
    """A number no longer leads to the account."""

    says: ClassVar = (
        "{identifier} no longer leads to account {account}.",
        "{identifier} 不再指向账户 {account}。",
    )

    account: str
    identifier: str


class LimitsSet(Event, tag="accounts.limits_set"):
    """What the account may pay out."""

    says: ClassVar = (
        "Account {account} may pay out {per_payment:money} at once and {per_day:money} a day "
        "(0 is no limit).",
        "账户 {account} 的支付限额（0 为不限）：单笔 {per_payment:money}，每日 {per_day:money}。",
    )

    account: str
    asset: str
    per_payment: int = 0
    per_day: int = 0
