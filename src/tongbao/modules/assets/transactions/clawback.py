from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode, Digest, PartyId
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import HoldingFlag, check_amount
from tongbao.kernel.registry import Broken, registry_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.control import require_holding
from tongbao.modules.assets.events import ClawedBack
from tongbao.modules.assets.model import SCOPE, Asset, check_text
from tongbao.modules.assets.state import require_asset
from tongbao.modules.parties import has_role

BREAKING = "things broken"


MAX_BROKEN = 1_000
"""Things that the clawbacks of a transaction break at most: so much work is bounded."""


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
        check_amount(self.amount_minor)
        check_text("basis", self.basis, 1, 200)
        check_text("document", self.document, 0, 64)

    def admit(self, view: ReadView) -> None:
        """A right reserved, one who may use it, and enough to take."""
        asset = require_asset(view, self.asset)
        require(asset.clawback_allowed, AssetsCode.CLAWBACK_NOT_ALLOWED, asset=self.asset)
        permitted = self.by == asset.issuer or has_role(view, self.by, "supervisor")
        require(permitted, AssetsCode.NOT_PERMITTED, party=self.by, asset=self.asset)
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
        held = require_holding(ledger, self.account, self.asset)
        require(
            held.available >= self.amount_minor, AssetsCode.CLAWBACK_TOO_MUCH,
            account=self.account, asset=self.asset,
            available=str(held.available), amount=str(self.amount_minor),
        )  # fmt: skip
        ledger.put_holding(self.account, self.asset, held._replace(flags=HoldingFlag(0)))
        fault = ledger.move(self.account, asset.issuing_account, self.asset, self.amount_minor)
        if fault:
            raise RuntimeError(f"a clawback that was admitted did not post: {fault}")
        after = require_holding(ledger, self.account, self.asset)
        ledger.put_holding(self.account, self.asset, after._replace(flags=held.flags))
        yield ClawedBack(
            self.asset, self.account, asset.issuing_account, self.amount_minor, self.by,
            self.basis, self.document, tuple(broke),
        )  # fmt: skip

    def _give_way(self, ledger: WriteView) -> Iterator[Broken]:
        """What has set money aside, in the order of the registry, while more has to be free."""
        for reservation in registry_of(ledger).reservations:
            seizures = reservation.give_way(ledger, self.account, self.asset, self.basis)
            while self._within_reach(ledger) < self.amount_minor:
                require(
                    ledger.work.get(BREAKING, 0) < MAX_BROKEN, AssetsCode.CLAWBACK_IN_PARTS,
                    account=self.account, asset=self.asset, limit=MAX_BROKEN,
                    available=str(self._within_reach(ledger)),
                )  # fmt: skip
                broken = next(seizures, None)
                if broken is None:
                    break
                ledger.may_work(BREAKING, MAX_BROKEN)
                yield broken

    def _within_reach(self, view: ReadView) -> int:
        holding = view.holding(self.account, self.asset)
        return 0 if holding is None else holding.available
