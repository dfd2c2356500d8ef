from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import PostingFault, check_amount
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.events import Issued
from tongbao.modules.assets.model import SCOPE, check_text
from tongbao.modules.assets.state import outstanding, require_asset, require_moving


@transaction(code=3010, scope=SCOPE)
class Issue(Transaction, tag="assets.issue"):
    """Bring new supply into an account, within the cap."""

    asset: AssetCode
    account: AccountId
    amount_minor: Amount
    reference: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The issuer's."""
        return (Approval(require_asset(view, self.asset).issuer, SCOPE),)

    def check(self) -> None:
        check_amount(self.amount_minor)
        check_text("reference", self.reference, 0, 35)

    def admit(self, view: ReadView) -> None:
        """Moving, and within the cap."""
        asset = require_asset(view, self.asset)
        require_moving(view, self.asset)
        supply = outstanding(view, asset)
        require(
            asset.supply_cap == 0 or supply + self.amount_minor <= asset.supply_cap,
            AssetsCode.CAP_EXCEEDED,
            asset=self.asset, supply=str(supply), amount=str(self.amount_minor),
            cap=str(asset.supply_cap),
        )  # fmt: skip

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Post from the issuing account."""
        issuing = require_asset(ledger, self.asset).issuing_account
        fault = ledger.move(
            issuing, self.account, self.asset, self.amount_minor, referenced=bool(self.reference)
        )
        require(
            fault == 0, AssetsCode.ISSUE_REFUSED,
            amount=str(self.amount_minor), asset=self.asset, account=self.account,
            fault=PostingFault(fault).name if fault else "",
        )  # fmt: skip
        yield Issued(self.asset, issuing, self.account, self.amount_minor, self.reference)
