"""What the module announces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from tongbao.kernel.fields import AccountId, Amount, AssetCode, Digest, PartyId, Word
from tongbao.kernel.movements import Moved, Movement, TakeAction
from tongbao.kernel.transaction import Event


class AssetDefined(Event, tag="assets.defined"):
    """A new asset."""

    says: ClassVar = "{issuer} defined the asset {asset} ({name}) with {decimals} decimals."

    asset: AssetCode
    issuer: PartyId
    decimals: int
    kind: Word
    name: str
    issuing_account: AccountId
    name_local: str = ""
    policy: Word = "open"
    supply_cap: Amount = 0
    freezable: bool = False
    clawback_allowed: bool = False


class PolicyUpdated(Event, tag="assets.policy_updated"):
    """What may change of a definition did."""

    says: ClassVar = (
        "What {asset} allows was changed: freezing {freezable}, clawback {clawback_allowed}."
    )

    asset: AssetCode
    supply_cap: Amount = 0
    freezable: bool = False
    clawback_allowed: bool = False


class AssetPaused(Event, tag="assets.paused"):
    """The asset moves nowhere until it is resumed."""

    says: ClassVar = "{asset} moves nowhere for now: {reason}."

    asset: AssetCode
    reason: str


class AssetResumed(Event, tag="assets.resumed"):
    """The asset moves again."""

    says: ClassVar = "{asset} moves again."

    asset: AssetCode


class HolderAuthorised(Event, tag="assets.holder_authorised"):
    """An account was put on the allow-list."""

    says: ClassVar = "{account} was put on the allow-list of {asset}."

    asset: AssetCode
    account: AccountId


class HolderRevoked(Event, tag="assets.holder_revoked"):
    """An account was taken off the allow-list."""

    says: ClassVar = "{account} was taken off the allow-list of {asset}."

    asset: AssetCode
    account: AccountId


class HoldingFrozen(Event, tag="assets.holding_frozen"):
    """A holding may not move."""

    says: ClassVar = "{by} froze what {account} holds of {asset}: {basis}."

    asset: AssetCode
    account: AccountId
    by: PartyId
    basis: str


class HoldingUnfrozen(Event, tag="assets.holding_unfrozen"):
    """One freeze of a holding was lifted."""

    says: ClassVar = "{by} lifted its freeze of what {account} holds of {asset}."

    asset: AssetCode
    account: AccountId
    by: PartyId


class ClawedBack(Event, tag="assets.clawed_back"):
    """Taken from a holding back to the issuer."""

    says: ClassVar = (
        "{amount_minor:money} was taken back from {account} by {by}: {basis}[; broken"
        " for it: {broke}]."
    )

    asset: AssetCode
    account: AccountId
    issuing_account: AccountId
    amount_minor: Amount
    by: PartyId
    basis: str
    document: Digest = ""
    broke: tuple[str, ...] = ()
    """What had set the money aside and gave way, in order: kind and id."""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """Back to the issuer, on the legal basis."""
        texts = {"remittance": self.basis, "document": self.document}
        yield Moved(self.account, self.issuing_account, self.asset, self.amount_minor, texts)


class Issued(Event, tag="assets.issued"):
    """New supply came into an account."""

    says: ClassVar = "{amount_minor:money} was issued into {account}."

    asset: AssetCode
    issuing_account: AccountId
    account: AccountId
    amount_minor: Amount
    reference: str = ""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """From the issuing account."""
        texts = {"payee_reference": self.reference}
        yield Moved(self.issuing_account, self.account, self.asset, self.amount_minor, texts)


class Redeemed(Event, tag="assets.redeemed"):
    """Supply went back to the issuer."""

    says: ClassVar = "{amount_minor:money} was redeemed from {account}."

    asset: AssetCode
    account: AccountId
    issuing_account: AccountId
    amount_minor: Amount
    reference: str = ""

    def movements(self, take_action: TakeAction) -> Iterable[Movement]:
        """To the issuing account."""
        texts = {"payee_reference": self.reference}
        yield Moved(self.account, self.issuing_account, self.asset, self.amount_minor, texts)
