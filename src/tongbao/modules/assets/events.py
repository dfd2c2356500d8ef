"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.transaction import Event


class AssetDefined(Event, tag="assets.defined"):
    """A new asset."""

    says: ClassVar = "{issuer} defined the asset {asset} ({name}) with {decimals} decimals."

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
        "What {asset} allows was changed: freezing {freezable}, clawback {clawback_allowed}."
    )

    asset: str
    supply_cap: int = 0
    freezable: bool = False
    clawback_allowed: bool = False


class AssetPaused(Event, tag="assets.paused"):
    """The asset moves nowhere until it is resumed."""

    says: ClassVar = "{asset} moves nowhere for now: {reason}."

    asset: str
    reason: str


class AssetResumed(Event, tag="assets.resumed"):
    """The asset moves again."""

    says: ClassVar = "{asset} moves again."

    asset: str


class HolderAuthorised(Event, tag="assets.holder_authorised"):
    """An account was put on the allow-list."""

    says: ClassVar = "{account} was put on the allow-list of {asset}."

    asset: str
    account: str


class HolderRevoked(Event, tag="assets.holder_revoked"):
    """An account was taken off the allow-list."""

    says: ClassVar = "{account} was taken off the allow-list of {asset}."

    asset: str
    account: str


class HoldingFrozen(Event, tag="assets.holding_frozen"):
    """A holding may not move."""

    says: ClassVar = "{by} froze what {account} holds of {asset}: {basis}."

    asset: str
    account: str
    by: str
    basis: str


class HoldingUnfrozen(Event, tag="assets.holding_unfrozen"):
    """One freeze of a holding was lifted."""

    says: ClassVar = "{by} lifted its freeze of what {account} holds of {asset}."

    asset: str
    account: str
    by: str


class ClawedBack(Event, tag="assets.clawed_back"):
    """Taken from a holding back to the issuer."""

    says: ClassVar = (
        "{amount} was taken back from {account} by {by}: {basis}[; broken for it: {broke}]."
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

    says: ClassVar = "{amount} was issued into {account}."

    asset: str
    issuing_account: str
    account: str
    amount_minor: int
    reference: str = ""


class Redeemed(Event, tag="assets.redeemed"):
    """Supply went back to the issuer."""

    says: ClassVar = "{amount} was redeemed from {account}."

    asset: str
    account: str
    issuing_account: str
    amount_minor: int
    reference: str = ""
