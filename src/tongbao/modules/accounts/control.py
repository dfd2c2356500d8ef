"""Switches and limits of an account: freeze, reference required, numbers, what may go out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import HoldingFlag, check_amount, owner_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.accounts.codes import AccountsCode
from tongbao.modules.accounts.events import (
    AccountFrozen,
    AccountUnfrozen,
    IdentifierLinked,
    IdentifierUnlinked,
    LimitsSet,
    ReferenceRequiredSet,
)
from tongbao.modules.accounts.model import MAX_NUMBERS, SCOPE, Limits, check_text, number_of
from tongbao.modules.accounts.open import owner_and_servicer, require_unfrozen
from tongbao.modules.accounts.state import ACCOUNTS, ALIASES, LIMITS, require_account
from tongbao.modules.assets import lift_freeze, set_freeze
from tongbao.modules.parties import has_role


def set_flag(ledger: WriteView, account: str, asset: str, flag: HoldingFlag, on: bool) -> None:
    """Set or clear one switch of a holding."""
    holding = ledger.holding(account, asset)
    require(holding is not None, AccountsCode.HOLDS_NOT, account=account, asset=asset)
    assert holding is not None
    flags = holding.flags | flag if on else holding.flags & ~flag
    ledger.put_holding(account, asset, holding._replace(flags=flags))


class _ByOverseer(Transaction):
    """What the bank that keeps the account, or a supervisor, approves."""

    account: AccountId
    by: PartyId
    """The account's servicer (its owner where it keeps it itself), or a supervisor."""

    def signers(self, view: ReadView) -> Signers:
        """Servicer's or supervisor's."""
        return (Approval(self.by, SCOPE),)

    def admit(self, view: ReadView) -> None:
        """One who may."""
        account = require_account(view, self.account)
        keeper = account.servicer or owner_of(self.account)
        may = self.by == keeper or has_role(view, self.by, "supervisor")
        require(may, AccountsCode.NOT_EMPOWERED, party=self.by, account=self.account)


@transaction(code=2005, scope=SCOPE)
class FreezeAccount(_ByOverseer, tag="accounts.freeze"):
    """Let nothing move in or out, with the legal basis."""

    basis: str

    def check(self) -> None:
        """Shape."""
        check_text("basis", self.basis, 1, 200)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Freeze every holding in this party's name; issuers' own freezes stay apart (`by*`)."""
        account = require_account(ledger, self.account)
        there = {"account": self.account, "by": self.by}
        require(self.by not in account.frozen_by, AccountsCode.ALREADY_FROZEN, **there)
        frozen = replace(account, frozen_by=(*account.frozen_by, self.by))
        ledger.put(ACCOUNTS, self.account, value=frozen)
        for asset, _ in list(ledger.holdings(self.account)):
            set_freeze(ledger, self.account, asset, f"{self.by}*", self.basis)
        yield AccountFrozen(self.account, self.by, self.basis)


@transaction(code=2006, scope=SCOPE)
class UnfreezeAccount(_ByOverseer, tag="accounts.unfreeze"):
    """Lift one's own freeze; others' stand."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Lift it from every holding."""
        account = require_account(ledger, self.account)
        there = {"account": self.account, "by": self.by}
        require(self.by in account.frozen_by, AccountsCode.NOT_FROZEN, **there)
        rest = tuple(by for by in account.frozen_by if by != self.by)
        ledger.put(ACCOUNTS, self.account, value=replace(account, frozen_by=rest))
        for asset, _ in list(ledger.holdings(self.account)):
            lift_freeze(ledger, self.account, asset, f"{self.by}*")
        yield AccountUnfrozen(self.account, self.by)


@transaction(code=2007, scope=SCOPE)
class SetReferenceRequired(Transaction, tag="accounts.set_reference_required"):
    """Say whether payments into the account need a payee reference."""

    account: AccountId
    required: bool

    def signers(self, view: ReadView) -> Signers:
        """The owner."""
        return (Approval(owner_of(self.account), SCOPE),)

    def admit(self, view: ReadView) -> None:
        """A change."""
        changed = require_account(view, self.account).reference_required != self.required
        require(changed, AccountsCode.NOTHING_CHANGES, account=self.account)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the account and every holding's switch."""
        account = require_account(ledger, self.account)
        ledger.put(ACCOUNTS, self.account, value=replace(account, reference_required=self.required))
        for asset, _ in list(ledger.holdings(self.account)):
            flag = HoldingFlag.REFERENCE_REQUIRED
            set_flag(ledger, self.account, asset, flag, self.required)
        yield ReferenceRequiredSet(self.account, self.required)


@transaction(code=2008, scope=SCOPE)
class LinkIdentifier(Transaction, tag="accounts.link_identifier"):
    """Let an IBAN or account number lead to the account."""

    account: AccountId
    identifier: str
    """In any spelling: capitals, small letters and blanks are one number."""

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def check(self) -> None:
        """Check digits."""
        number_of(self.identifier)

    def admit(self, view: ReadView) -> None:
        """A number nobody has, for an account that a bank keeps: numbers are a bank's to give."""
        account = require_account(view, self.account)
        keeper = account.servicer or owner_of(self.account)
        bank = has_role(view, keeper, "bank") or has_role(view, keeper, "central_bank")
        require(bank, AccountsCode.NUMBER_NOT_OF_BANK, account=self.account, party=keeper)
        room = len(account.identifiers) < MAX_NUMBERS
        require(room, AccountsCode.TOO_MANY_NUMBERS, account=self.account, limit=MAX_NUMBERS)
        number = number_of(self.identifier)
        owner = view.get(ALIASES, number)
        require(
            owner is None, AccountsCode.IDENTIFIER_TAKEN, identifier=number, account=owner or ""
        )

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write both directions."""
        account = require_account(ledger, self.account)
        number = number_of(self.identifier)
        numbers = (*account.identifiers, number)
        ledger.put(ACCOUNTS, self.account, value=replace(account, identifiers=numbers))
        ledger.put(ALIASES, number, value=self.account)
        yield IdentifierLinked(self.account, number)


@transaction(code=2009, scope=SCOPE)
class UnlinkIdentifier(Transaction, tag="accounts.unlink_identifier"):
    """Take a number from the account; not from a frozen one, which would be paid elsewhere then."""

    account: AccountId
    identifier: str

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove both directions."""
        account, number = require_account(ledger, self.account), number_of(self.identifier)
        linked = number in account.identifiers
        unknown = AccountsCode.IDENTIFIER_UNKNOWN
        require(linked, unknown, account=self.account, identifier=number)
        require_unfrozen(ledger, self.account)
        rest = tuple(one for one in account.identifiers if one != number)
        ledger.put(ACCOUNTS, self.account, value=replace(account, identifiers=rest))
        ledger.delete(ALIASES, number)
        yield IdentifierUnlinked(self.account, number)


@transaction(code=2010, scope=SCOPE)
class SetLimits(Transaction, tag="accounts.set_limits"):
    """Say how much of an asset the account may pay out, at once and on a UTC day.

    Both limits are said each time: whoever changes one does not lift the other without a word.
    """

    account: AccountId
    asset: AssetCode
    per_payment: Amount
    """0 is no limit."""
    per_day: Amount
    """0 is no limit."""

    def signers(self, view: ReadView) -> Signers:
        """Owner and servicer."""
        return owner_and_servicer(view, self.account)

    def check(self) -> None:
        """Shape."""
        check_amount(self.per_payment, "per_payment", low=0)
        check_amount(self.per_day, "per_day", low=0)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the limits and the holding's switch."""
        limits = Limits(self.per_payment, self.per_day)
        limited = limits != Limits()
        set_flag(ledger, self.account, self.asset, HoldingFlag.LIMITED, limited)
        if limited:
            ledger.put(LIMITS, self.account, self.asset, value=limits)
        else:
            ledger.delete(LIMITS, self.account, self.asset)
        yield LimitsSet(self.account, self.asset, self.per_payment, self.per_day)
