from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.control import ByIssuer
from tongbao.modules.assets.events import AssetPaused
from tongbao.modules.assets.model import SCOPE, check_text
from tongbao.modules.assets.state import PAUSED


@transaction(code=3003, scope=SCOPE)
class PauseAsset(ByIssuer, tag="assets.pause"):
    """Stop every movement of an asset, with a reason."""

    reason: str

    def check(self) -> None:
        check_text("reason", self.reason, 1, 200)

    def admit(self, view: ReadView) -> None:
        """Not paused yet."""
        paused = view.has(PAUSED, self.asset)
        require(not paused, AssetsCode.ALREADY_PAUSED, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Write the pause."""
        ledger.put(PAUSED, self.asset, value=self.reason)
        yield AssetPaused(self.asset, self.reason)
