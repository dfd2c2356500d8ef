from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.fields import Amount, AssetCode, PartyId, Word
from tongbao.kernel.identity import Approval, Signers
from tongbao.kernel.money import Holding, HoldingFlag, check_amount
from tongbao.kernel.transaction import Event, Transaction, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.kernel.wording import iso_decimals
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.events import AssetDefined
from tongbao.modules.assets.model import (
    ALLOW_LIST,
    CENTRAL_KINDS,
    KINDS,
    OPEN,
    SCOPE,
    Asset,
    check_asset_id,
    check_text,
    is_currency_code,
)
from tongbao.modules.assets.state import ASSETS
from tongbao.modules.parties import has_role


@transaction(code=3001, scope=SCOPE)
class DefineAsset(Transaction, tag="assets.define"):
    """Define an asset with its issuer and the rights the issuer reserves for good."""

    asset: AssetCode
    """Id, unique on the chain: a currency code, or a name like `USDX.ACME`."""
    issuer: PartyId
    decimals: int
    """Minor units to the unit: 2 for yuan and fen."""
    kind: Word
    name: str
    name_local: str = ""
    policy: Word = OPEN
    """`open`, or `allow_list`: then holders need the issuer's authorisation."""
    supply_cap: Amount = 0
    freezable: bool = False
    clawback_allowed: bool = False

    def signers(self, view: ReadView) -> Signers:
        """The issuer's."""
        return (Approval(self.issuer, SCOPE),)

    def check(self) -> None:
        check_asset_id(self.asset)
        require(0 <= self.decimals <= 18, AssetsCode.BAD_DECIMALS, decimals=self.decimals)
        # Who is paid 50.00 JPY for 5000 is cheated: a currency has the decimals of ISO 4217.
        right = iso_decimals(self.asset)
        require(
            right in (None, self.decimals), AssetsCode.CURRENCY_DECIMALS,
            asset=self.asset, right=right or 0, decimals=self.decimals,
        )  # fmt: skip
        known = ", ".join(KINDS)
        require(self.kind in KINDS, AssetsCode.BAD_KIND, kind=self.kind[:32], known=known)
        policies = (OPEN, ALLOW_LIST)
        require(self.policy in policies, AssetsCode.BAD_POLICY, policy=self.policy[:32])
        check_text("name", self.name, 1, 80)
        check_text("name_local", self.name_local, 0, 80)
        check_amount(self.supply_cap, "supply_cap", low=0)

    def admit(self, view: ReadView) -> None:
        """A new id, and an issuer that may issue this kind."""
        require(not view.has(ASSETS, self.asset), AssetsCode.ASSET_EXISTS, asset=self.asset)
        roles = (
            ("central_bank",) if self.kind in CENTRAL_KINDS else ("central_bank", "bank", "issuer")
        )
        may = any(has_role(view, self.issuer, role) for role in roles)
        require(may, AssetsCode.ISSUER_ROLE, party=self.issuer, kind=self.kind)
        # Who reads `EUR` takes it for the euro: no token is called so, unless all agreed on it
        # in the genesis.
        central = view.block.founding or has_role(view, self.issuer, "central_bank")
        own = central or not is_currency_code(self.asset)
        require(own, AssetsCode.CURRENCY_CODE, asset=self.asset, party=self.issuer)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the definition and open the issuing holding."""
        asset = Asset(
            self.asset, self.issuer, self.decimals, self.kind, self.name, self.name_local,
            self.policy, self.supply_cap, self.freezable, self.clawback_allowed,
        )  # fmt: skip
        ledger.put(ASSETS, self.asset, value=asset)
        issuing = Holding(HoldingFlag.ISSUING, 0, 0)
        ledger.put_holding(asset.issuing_account, self.asset, issuing)
        yield AssetDefined(
            self.asset, self.issuer, self.decimals, self.kind, self.name, asset.issuing_account,
            self.name_local, self.policy, self.supply_cap, self.freezable, self.clawback_allowed,
        )  # fmt: skip
