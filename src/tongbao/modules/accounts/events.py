"""What the module announces."""

from __future__ import annotations

from tongbao.kernel.transaction import Event


class AccountOpened(Event, tag="accounts.opened"):
    """A new account."""

    account: str
    owner: str
    servicer: str = ""
    title: str = ""
    title_local: str = ""
    reference_required: bool = False


class AssetHeld(Event, tag="accounts.asset_held"):
    """An account can hold an asset from now on."""

    account: str
    asset: str


class AssetDropped(Event, tag="accounts.asset_dropped"):
    """An account no longer holds an asset."""

    account: str
    asset: str


class AccountClosed(Event, tag="accounts.closed"):
    """An account was closed, empty."""

    account: str


class AccountFrozen(Event, tag="accounts.frozen"):
    """Nothing moves in or out of an account."""

    account: str
    by: str
    basis: str


class AccountUnfrozen(Event, tag="accounts.unfrozen"):
    """One freeze of an account was lifted."""

    account: str
    by: str


class ReferenceRequiredSet(Event, tag="accounts.reference_required_set"):
    """Whether payments need a payee reference."""

    account: str
    required: bool


class IdentifierLinked(Event, tag="accounts.identifier_linked"):
    """The outside knows the account by a further number."""

    account: str
    identifier: str


class IdentifierUnlinked(Event, tag="accounts.identifier_unlinked"):
    """A number no longer leads to the account."""

    account: str
    identifier: str


class LimitsSet(Event, tag="accounts.limits_set"):
    """What the account may pay out."""

    account: str
    asset: str
    per_payment: int = 0
    per_day: int = 0
