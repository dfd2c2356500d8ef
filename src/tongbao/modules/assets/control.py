"""The issuer's controls: pause, allow-list, freeze, clawback. Each states its reason."""

from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Digest, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import Holding, HoldingFlag, check_amount
from tongbao.kernel.registry import Broken, registry_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.events import (
    AssetPaused,
    AssetResumed,
    ClawedBack,
    HolderAuthorised,
    HolderRevoked,
    HoldingFrozen,
    HoldingUnfrozen,
)
from tongbao.modules.assets.model import ALLOW_LIST, SCOPE, Asset, check_text
from tongbao.modules.assets.state import PAUSED, lift_freeze, require_asset, set_freeze
from tongbao.modules.parties import has_role

BREAKING = "things broken"
MAX_BROKEN = 1_000
"""Things that the clawbacks of a transaction break at most: so much work is bounded."""


def _holding(view: ReadView, account: str, asset: str) -> Holding:
    holding = view.holding(account, asset)
    require(holding is not None, AssetsCode.HOLDING_UNKNOWN, account=account, asset=asset)
    assert holding is not None
    return holding


class _ByIssuer(Transaction):
    """What the issuer alone approves."""

    asset: AssetCode

    def signers(self, view: ReadView) -> Signers:
        """The issuer's."""
        return (Approval(require_asset(view, self.asset).issuer, SCOPE),)


@transaction(code=3003, scope=SCOPE)
class PauseAsset(_ByIssuer, tag="assets.pause"):
    """Stop every movement of an asset, with a reason."""

    reason: str

    def check(self) -> None:
        """Shape."""
        check_text("reason", self.reason, 1, 200)

    def admit(self, view: ReadView) -> None:
        """Not paused yet."""
        paused = view.has(PAUSED, self.asset)
        require(not paused, AssetsCode.ALREADY_PAUSED, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the pause."""
        ledger.put(PAUSED, self.asset, value=self.reason)
        yield AssetPaused(self.asset, self.reason)


@transaction(code=3004, scope=SCOPE)
class ResumeAsset(_ByIssuer, tag="assets.resume"):
    """Let a paused asset move again."""

    def admit(self, view: ReadView) -> None:
        """Paused."""
        require(view.has(PAUSED, self.asset), AssetsCode.NOT_PAUSED, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove the pause."""
        ledger.delete(PAUSED, self.asset)
        yield AssetResumed(self.asset)


class _AllowList(_ByIssuer):
    """A change of an asset's allow-list."""

    account: AccountId

    def admit(self, view: ReadView) -> None:
        """An allow-list asset that the account holds."""
        asset = require_asset(view, self.asset)
        require(asset.policy == ALLOW_LIST, AssetsCode.NOT_ALLOW_LIST, asset=self.asset)
        _holding(view, self.account, self.asset)

    def _is_authorised(self, view: ReadView) -> bool:
        return HoldingFlag.AUTHORISED in _holding(view, self.account, self.asset).flags


@transaction(code=3005, scope=SCOPE)
class AuthoriseHolder(_AllowList, tag="assets.authorise_holder"):
    """Put an account on the allow-list."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Set the holding's switch."""
        there = {"account": self.account, "asset": self.asset}
        require(not self._is_authorised(ledger), AssetsCode.ALREADY_AUTHORISED, **there)
        holding = _holding(ledger, self.account, self.asset)
        flags = holding.flags | HoldingFlag.AUTHORISED
        ledger.put_holding(self.account, self.asset, holding._replace(flags=flags))
        yield HolderAuthorised(self.asset, self.account)


@transaction(code=3006, scope=SCOPE)
class RevokeHolder(_AllowList, tag="assets.revoke_holder"):
    """Take an account off the allow-list; what it holds stays where it is."""

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Clear the holding's switch."""
        there = {"account": self.account, "asset": self.asset}
        require(self._is_authorised(ledger), AssetsCode.NOT_AUTHORISED, **there)
        holding = _holding(ledger, self.account, self.asset)
        flags = holding.flags & ~HoldingFlag.AUTHORISED
        ledger.put_holding(self.account, self.asset, holding._replace(flags=flags))
        yield HolderRevoked(self.asset, self.account)


@transaction(code=3007, scope=SCOPE)
class FreezeHolding(_ByIssuer, tag="assets.freeze_holding"):
    """Freeze what an account holds of the asset, with the legal basis."""

    account: AccountId
    basis: str
    """Legal basis: law, court order, contract clause."""

    def check(self) -> None:
        """Shape."""
        check_text("basis", self.basis, 1, 200)

    def admit(self, view: ReadView) -> None:
        """A right the issuer has reserved."""
        asset = require_asset(view, self.asset)
        require(asset.freezable, AssetsCode.FREEZE_NOT_ALLOWED, asset=self.asset)
        # Frozen, it could take nothing back: no redemption, no clawback. Pausing stops an asset.
        issuing = self.account == asset.issuing_account
        require(not issuing, AssetsCode.ISSUING_STAYS, account=self.account, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Freeze in the issuer's name."""
        issuer = require_asset(ledger, self.asset).issuer
        set_freeze(ledger, self.account, self.asset, issuer, self.basis)
        yield HoldingFrozen(self.asset, self.account, issuer, self.basis)


@transaction(code=3008, scope=SCOPE)
class UnfreezeHolding(_ByIssuer, tag="assets.unfreeze_holding"):
    """Lift the issuer's freeze; others' freezes stand."""

    account: AccountId

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Lift in the issuer's name."""
        issuer = require_asset(ledger, self.asset).issuer
        lift_freeze(ledger, self.account, self.asset, issuer)
        yield HoldingUnfrozen(self.asset, self.account, issuer)


@transaction(code=3009, scope=SCOPE)
class Clawback(Transaction, tag="assets.clawback"):
    """Take an amount back to the issuer, frozen or not, on a stated legal basis.

    It reaches money that is set aside as well: whatever set it aside gives way, in the order that
    the modules declare, until there is enough. The event names what was broken.
    """

    asset: AssetCode
    account: AccountId
    amount_minor: Amount
    by: PartyId
    """Who takes it back: the issuer or a supervisor."""
    basis: str
    document: Digest = ""
    """SHA-256 of the order or ruling, hex."""

    def signers(self, view: ReadView) -> Signers:
        """Who takes it back."""
        return (Approval(self.by, SCOPE),)

    def check(self) -> None:
        """Shape."""
        check_amount(self.amount_minor)
        check_text("basis", self.basis, 1, 200)
        check_text("document", self.document, 0, 64)

    def admit(self, view: ReadView) -> None:
        """A right reserved, one who may use it, and enough to take."""
        asset = require_asset(view, self.asset)
        require(asset.clawback_allowed, AssetsCode.CLAWBACK_NOT_ALLOWED, asset=self.asset)
        empowered = self.by == asset.issuer or has_role(view, self.by, "supervisor")
        require(empowered, AssetsCode.NOT_EMPOWERED, party=self.by, asset=self.asset)
        holding = view.holding(self.account, self.asset)
        own = holding is not None and HoldingFlag.ISSUING in holding.flags
        require(not own, AssetsCode.ISSUING_STAYS, account=self.account, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Free what is set aside, as far as needed; move past the switches; set them again."""
        asset: Asset = require_asset(ledger, self.asset)
        broke: list[str] = []
        for broken in self._give_way(ledger):
            broke.append(broken.what)
            yield from broken.events
        held = _holding(ledger, self.account, self.asset)
        require(
            held.available >= self.amount_minor, AssetsCode.CLAWBACK_TOO_MUCH,
            account=self.account, asset=self.asset,
            available=str(held.available), amount=str(self.amount_minor),
        )  # fmt: skip
        ledger.put_holding(self.account, self.asset, held._replace(flags=HoldingFlag(0)))
        fault = ledger.move(self.account, asset.issuing_account, self.asset, self.amount_minor)
        if fault:
            raise RuntimeError(f"a clawback that was admitted did not post: {fault}")
        after = _holding(ledger, self.account, self.asset)
        ledger.put_holding(self.account, self.asset, after._replace(flags=held.flags))
        yield ClawedBack(
            self.asset, self.account, asset.issuing_account, self.amount_minor, self.by,
            self.basis, self.document, tuple(broke),
        )  # fmt: skip

    def _give_way(self, ledger: WriteView) -> Iterator[Broken]:
        """What has set money aside, in the order of the registry, while more has to be free."""
        for reservation in registry_of(ledger).reservations:
            ways = reservation.give_way(ledger, self.account, self.asset, self.basis)
            while self._within_reach(ledger) < self.amount_minor:
                require(
                    ledger.work.get(BREAKING, 0) < MAX_BROKEN, AssetsCode.CLAWBACK_IN_PARTS,
                    account=self.account, asset=self.asset, limit=MAX_BROKEN,
                    available=str(self._within_reach(ledger)),
                )  # fmt: skip
                broken = next(ways, None)
                if broken is None:
                    break
                ledger.may_work(BREAKING, MAX_BROKEN)
                yield broken

    def _within_reach(self, view: ReadView) -> int:
        holding = view.holding(self.account, self.asset)
        return 0 if holding is None else holding.available
