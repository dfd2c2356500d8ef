from __future__ import annotations

from collections.abc import Iterator

from tongbao.kernel.codes import require
from tongbao.kernel.transaction import Event, transaction
from tongbao.kernel.views import ReadView, WriteView
from tongbao.modules.assets.codes import AssetsCode
from tongbao.modules.assets.control import ByIssuer
from tongbao.modules.assets.events import AssetResumed
from tongbao.modules.assets.model import SCOPE
from tongbao.modules.assets.state import PAUSED


@transaction(code=3004, scope=SCOPE)
class ResumeAsset(ByIssuer, tag="assets.resume"):
    """Let a paused asset move again."""

    def admit(self, view: ReadView) -> None:
        """Paused."""
        require(view.has(PAUSED, self.asset), AssetsCode.NOT_PAUSED, asset=self.asset)

    def apply(self, ledger: WriteView) -> Iterator[Event]:
        """Remove the pause."""
        ledger.delete(PAUSED, self.asset)
        yield AssetResumed(self.asset)
