"""What the module announces."""

from __future__ import annotations

from typing import ClassVar

from tongbao.kernel.fields import AccountId, AccountNumber, Amount, AssetCode, PartyId, ServicerId
from tongbao.kernel.transaction import Event


class AccountOpened(Event, tag="accounts.opened"):
    """A new account."""

    says: ClassVar = "Account {account} was opened for {owner}[, kept by {servicer}]."

    account: AccountId
    owner: PartyId
    servicer: ServicerId = ""
    title: str = ""
    title_local: str = ""
    reference_required: bool = False


class AssetHeld(Event, tag="accounts.asset_held"):
    """An account can hold an asset from now on."""

    says: ClassVar = "Account {account} can hold {asset}."

    account: AccountId
    asset: AssetCode


class AssetDropped(Event, tag="accounts.asset_dropped"):
    """An account no longer holds an asset."""

    says: ClassVar = "Account {account} no longer holds {asset}."

    account: AccountId
    asset: AssetCode


class AccountClosed(Event, tag="accounts.closed"):
    """An account was closed, empty."""

    says: ClassVar = "Account {account} was closed."

    account: AccountId


class AccountFrozen(Event, tag="accounts.frozen"):
    """Nothing moves in or out of an account."""

    says: ClassVar = "{by} froze account {account}: {basis}."

    account: AccountId
    by: PartyId
    basis: str


class AccountUnfrozen(Event, tag="accounts.unfrozen"):
    """One freeze of an account was lifted."""

    says: ClassVar = "{by} lifted its freeze of account {account}."

    account: AccountId
    by: PartyId


class ReferenceRequiredSet(Event, tag="accounts.reference_required_set"):
    """Whether payments need a payee reference."""

    says: ClassVar = "Account {account} takes payments with a payee reference only: {required}."

    account: AccountId
    required: bool


class IdentifierLinked(Event, tag="accounts.identifier_linked"):
    """The outside knows the account by a further number."""

    says: ClassVar = "{identifier} leads to account {account}."

    account: AccountId
    identifier: AccountNumber


class IdentifierUnlinked(Event, tag="accounts.identifier_unlinked"):
    """A number no longer leads to the account."""

    says: ClassVar = "{identifier} no longer leads to account {account}."

    account: AccountId
    identifier: AccountNumber


class LimitsSet(Event, tag="accounts.limits_set"):
    """What the account may pay out."""

    says: ClassVar = (
        "Account {account} may pay out {per_payment:money} at once and {per_day:money} a day "
        "(0 is no limit)."
    )

    account: AccountId
    asset: AssetCode
    per_payment: Amount = 0
    per_day: Amount = 0
