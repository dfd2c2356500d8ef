"""What the module announces."""

from __future__ import annotations

from tongbao.kernel.transaction import Event


class AssetDefined(Event, tag="assets.defined"):
    """A new asset."""

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

    asset: str
    supply_cap: int = 0
    freezable: bool = False
    clawback_allowed: bool = False


class AssetPaused(Event, tag="assets.paused"):
    """The asset moves nowhere until it is resumed."""

    asset: str
    reason: str


class AssetResumed(Event, tag="assets.resumed"):
    """The asset moves again."""

    asset: str


class HolderAuthorised(Event, tag="assets.holder_authorised"):
    """An account was put on the allow-list."""

    asset: str
    account: str


class HolderRevoked(Event, tag="assets.holder_revoked"):
    """An account was taken off the allow-list."""

    asset: str
    account: str


class HoldingFrozen(Event, tag="assets.holding_frozen"):
    """A holding may not move."""

    asset: str
    account: str
    by: str
    basis: str


class HoldingUnfrozen(Event, tag="assets.holding_unfrozen"):
    """One freeze of a holding was lifted."""

    asset: str
    account: str
    by: str


class ClawedBack(Event, tag="assets.clawed_back"):
    """Taken from a holding back to the issuer."""

    asset: str
    account: str
    issuing_account: str
    amount_minor: int
    by: str
    basis: str
    document: str = ""


class Issued(Event, tag="assets.issued"):
    """New supply came into an account."""

    asset: str
    issuing_account: str
    account: str
    amount_minor: int
    reference: str = ""


class Redeemed(Event, tag="assets.redeemed"):
    """Supply went back to the issuer."""

    asset: str
    account: str
    issuing_account: str
    amount_minor: int
    reference: str = ""
