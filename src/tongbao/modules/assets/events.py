"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event


class AssetDefined(Event, tag="assets.defined"):
    """A new asset."""

    says: ClassVar = (
        "{issuer} defined the asset {asset} ({name}) with {decimals} decimals.",
        "{issuer} 定义了资产 {asset}（{name}），小数位 {decimals}。",
    )

    asset: str
    issuer: str
    decimals: int
    kind: str
    name: str
    issuing_account: str
    name_local: str = ""
    policy: str = "open"
    supply_cap: int = 0
    freezable: bool = False
    clawback_allowed: bool = False


class PolicyUpdated(Event, tag="assets.policy_updated"):
    """What may change of a definition did."""

    says: ClassVar = (
        "What {asset} allows was changed: freezing {freezable}, clawback {clawback_allowed}.",
        "{asset} 的规则已变更：可冻结 {freezable}，可追回 {clawback_allowed}。",
    )

    asset: str
    supply_cap: int = 0
    freezable: bool = False
    clawback_allowed: bool = False


class AssetPaused(Event, tag="assets.paused"):
    """The asset moves nowhere until it is resumed."""

    says: ClassVar = ("{asset} moves nowhere for now: {reason}.", "{asset} 暂停流转：{reason}。")

    asset: str
    reason: str


class AssetResumed(Event, tag="assets.resumed"):
    """The asset moves again."""

    says: ClassVar = ("{asset} moves again.", "{asset} 恢复流转。")

    asset: str


class HolderAuthorised(Event, tag="assets.holder_authorised"):
    """An account was put on the allow-list."""

    says: ClassVar = (
        "{account} was put on the allow-list of {asset}.",
        "{account} 列入 {asset} 的许可名单。",
    )

    asset: str
    account: str


class HolderRevoked(Event, tag="assets.holder_revoked"):
    """An account was taken off the allow-list."""

    says: ClassVar = (
        "{account} was taken off the allow-list of {asset}.",
        "{account} 移出 {asset} 的许可名单。",
    )

    asset: str
    account: str


class HoldingFrozen(Event, tag="assets.holding_frozen"):
    """A holding may not move."""

    says: ClassVar = (
        "{by} froze what {account} holds of {asset}: {basis}.",
        "{by} 冻结 {account} 持有的 {asset}：{basis}。",
    )

    asset: str
    account: str
    by: str
    basis: str


class HoldingUnfrozen(Event, tag="assets.holding_unfrozen"):
    """One freeze of a holding was lifted."""

    says: ClassVar = (
        "{by} lifted its freeze of what {account} holds of {asset}.",
        "{by} 解除对 {account} 所持 {asset} 的冻结。",
    )

    asset: str
    account: str
    by: str


class ClawedBack(Event, tag="assets.clawed_back"):
    """Taken from a holding back to the issuer."""

    says: ClassVar = (
        "{amount} was taken back from {account} by {by}: {basis}[; broken for it: {broke}].",
        "{by} 依据 {basis} 从 {account} 追回 {amount}[；为此中止：{broke}]。",
    )

    asset: str
    account: str
    issuing_account: str
    amount_minor: int
    by: str
    basis: str
    document: str = ""
    broke: tuple[str, ...] = ()
    """What had set the money aside and gave way, in order: kind and id."""


class Issued(Event, tag="assets.issued"):
    """New supply came into an account."""

    says: ClassVar = ("{amount} was issued into {account}.", "向 {account} 发行 {amount}。")

    asset: str
    issuing_account: str
    account: str
    amount_minor: int
    reference: str = ""


class Redeemed(Event, tag="assets.redeemed"):
    """Supply went back to the issuer."""

    says: ClassVar = ("{amount} was redeemed from {account}.", "从 {account} 赎回 {amount}。")

    asset: str
    account: str
    issuing_account: str
    amount_minor: int
    reference: str = ""
