from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import AccountId, Amount, AssetCode
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import PostingFault, check_amount, owner_of
from tongbao.kernel.registry import registry_of
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.events import Redeemed
from tongbao.modules.assets.model import SCOPE, check_text
from tongbao.modules.assets.state import require_asset, require_moving


@transaction(code=3011, scope=SCOPE)
class Redeem(Transaction, tag="assets.redeem"):
    """Give supply back to the issuer."""

    asset: AssetCode
    account: AccountId
    amount_minor: Amount
    reference: str = ""

    def signers(self, view: ReadView) -> Signers:
        """The holder's, as for a payment."""
        return (Approval(owner_of(self.account), "payments"),)

    def check(self) -> None:
        check_amount(self.amount_minor)
        check_text("reference", self.reference, 0, 35)

    def admit(self, view: ReadView) -> None:
        """Moving."""
        require_asset(view, self.asset)
        require_moving(view, self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Post to the issuing account, within the limits of whatever leaves the account."""
        issuing = require_asset(ledger, self.asset).issuing_account
        for count in registry_of(ledger).outflows:
            count(ledger, self.account, self.asset, self.amount_minor)
        fault = ledger.move(self.account, issuing, self.asset, self.amount_minor)
        require(
            fault == 0, AssetsCode.REDEEM_REFUSED,
            amount=str(self.amount_minor), asset=self.asset, account=self.account,
            fault=PostingFault(fault).name if fault else "",
        )  # fmt: skip
        yield Redeemed(self.asset, self.account, issuing, self.amount_minor, self.reference)
